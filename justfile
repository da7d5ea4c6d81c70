# Every recipe is one line that also works without just.

# List the recipes.
default:
    @just --list --unsorted

# Start the server; the first start creates the database.
dev:
    cargo run

# Everything that a change must pass, as CI runs it.
test:
    ./scripts/test.sh

# Apply pending migrations.
migrate:
    cargo run -- migrate up

# Fill the database with demo data.
seed:
    cargo run -- seed

# Format the sources.
fmt:
    cargo fmt --all

# Run clippy.
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Check that everything compiles.
check:
    cargo check --workspace --all-targets --locked

# Build the API documentation.
doc:
    cargo doc --workspace --no-deps --locked

# Call the routes of one module as every kind of caller, and print the table: just callers projects.
callers module:
    TENANTRY_CALLERS={{module}} cargo test --locked -p tenantry --test it callers::run -- --nocapture

# Run each membership race 500 times, on both databases.
races rounds="500":
    TENANTRY_RACE_ROUNDS={{rounds}} cargo test --locked -p tenantry-organizations --test it races -- --nocapture

# Remove the tenant filter, operation by operation: the tests must fail, row-level security must hold.
mutants-isolation:
    ./scripts/mutants-isolation.sh

# Generate requests from the OpenAPI document, as every kind of caller: on SQLite or Postgres.
schemathesis backend="sqlite":
    ./scripts/schemathesis.sh {{backend}}

# Kill a server twenty times under load, on each database: no event or job may be lost or handled twice.
events-kills:
    TENANTRY_KILLS=20 cargo test --release --package tenantry --test it kills -- --nocapture

# Stop and start Postgres twenty times under load: responses during the outage, time to recover.
outages:
    TENANTRY_OUTAGES=20 cargo test --release --package tenantry --test it lifecycle::a_database -- --nocapture

# Stop one of two servers twenty times for a minute under load: the other serves everyone else.
stops:
    TENANTRY_STOPS=20 cargo test --release --package tenantry --test it stops -- --nocapture

# One tenant, account or address attacks, another one measures: what it notices, on each database.
fairness seconds="10":
    TENANTRY_FAIRNESS={{seconds}} cargo test --release --package tenantry --test it fairness -- --nocapture --test-threads 1

# Forgotten passwords, logins and signups with known and unknown addresses: equal responses and times.
indistinguishable pairs="10000":
    TENANTRY_PAIRS={{pairs}} cargo test --release --package tenantry --test it indistinguishable -- --nocapture --test-threads 1

# Slow clients, many logins and overload, at a multiple of the tests' size: the latency of other callers.
pressure times="20":
    TENANTRY_PRESSURE={{times}} cargo test --release --package tenantry --test it pressure -- --nocapture --test-threads 1

# A hundred thousand events from eight writers, delivered by three processes, on each database.
events-throughput:
    TENANTRY_EVENTS=100000 cargo test --release --package tenantry-domain-events --test it throughput -- --nocapture --test-threads 1

# Ten thousand jobs of one organization, due at a moment: the delay of another one's job, on each database.
jobs-turns:
    TENANTRY_JOBS=10000 cargo test --release --package tenantry-domain-events --test it turns -- --nocapture --test-threads 1

# The delivery delay of a listener beside one that fails and one that hangs, and without them.
events-neighbours:
    TENANTRY_DELAY_SECONDS=30 cargo test --release --package tenantry-domain-events --test it delay -- --nocapture --test-threads 1

# The cost of recording an event compared with a bare insert, on each database.
events-cost:
    TENANTRY_COST_ROUNDS=40 cargo test --release --package tenantry-domain-events --test it cost -- --nocapture --test-threads 1

# Run the stories of people in Chromium: on SQLite or Postgres; `pictures` renews docs/pages.
browser what="sqlite":
    ./scripts/browser.sh {{what}}

# Add passkeys and log in with them by another library, which must accept and refuse the same.
passkeys:
    ./scripts/passkeys.sh

# Build the server without its pages and passkeys, and test the API of that build.
api-alone:
    ./scripts/api-alone.sh

# Lint the OpenAPI document with Redocly and Spectral.
openapi-lint:
    ./scripts/openapi-lint.sh

# Give the project a product's own name: just rename acme-billing. See docs/your-product.md.
rename name:
    python3 scripts/rename.py {{name}}

# Rename a copy, build it and run its program.
renamed:
    ./scripts/renamed.sh

# All long proofs, one after the other, for an hour or more; `just test` runs their short forms.
proofs: schemathesis races events-kills outages stops fairness indistinguishable pressure events-throughput events-neighbours events-cost jobs-turns deletion-proof

# Measure the cost of row-level security: a release build, a throwaway Postgres, wrk.
bench-rls:
    ./scripts/bench-rls.sh

# Delete an organization with a million rows, and print its time and memory.
deletion-proof:
    ./scripts/deletion-proof.sh

# Create the roles and the database on a Postgres, as its administrator: just postgres-roles postgres://…
postgres-roles url:
    psql --set ON_ERROR_STOP=1 --file scripts/postgres-roles.sql {{url}}

# Measure performance relative to the floor: a release build, a throwaway Postgres, wrk.
bench *scenarios:
    ./scripts/bench.sh {{scenarios}}

# Measure the cost of ten times as many organizations: a release build, a throwaway Postgres, wrk.
bench-scale *scenarios:
    ./scripts/bench-scale.sh {{scenarios}}

# Check licences, sources, duplicates and advisories of all dependencies.
deny:
    ./scripts/deny.sh
