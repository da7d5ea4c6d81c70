# Every recipe is one line that works without just, too.

# The recipes.
default:
    @just --list --unsorted

# Start the server; on first start this creates the database.
dev:
    cargo run

# Everything that a change must pass, as CI runs it.
test:
    ./scripts/test.sh

# Bring the database to the newest tables.
migrate:
    cargo run -- migrate up

# Fill the database with the demo world.
seed:
    cargo run -- seed

# Format the sources.
fmt:
    cargo fmt --all

# Look for mistakes that compile.
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# See whether everything compiles.
check:
    cargo check --workspace --all-targets --locked

# Build the documentation of the code.
doc:
    cargo doc --workspace --no-deps --locked

# Run each race for members 500 times, on both databases.
races rounds="500":
    TENANTRY_RACE_ROUNDS={{rounds}} cargo test --locked -p tenantry-organizations --test it races -- --nocapture

# Take the tenant's filter out, operation by operation; the tests must notice, Postgres must hold.
mutants-isolation:
    ./scripts/mutants-isolation.sh

# Ask a server all that its OpenAPI document allows and forbids, as everybody: on SQLite or Postgres.
schemathesis backend="sqlite":
    ./scripts/schemathesis.sh {{backend}}

# Kill a server twenty times under load, on each database; nothing may be lost or done twice.
events-kills:
    TENANTRY_KILLS=20 cargo test --release --package tenantry --test it kills -- --nocapture

# Stop and start a Postgres twenty times under load: how it is answered meanwhile, how soon it heals.
outages:
    TENANTRY_OUTAGES=20 cargo test --release --package tenantry --test it lifecycle::a_database -- --nocapture

# Slow clients, many logins, too many requests, so many times what the tests take: what others notice.
pressure times="20":
    TENANTRY_PRESSURE={{times}} cargo test --release --package tenantry --test it pressure -- --nocapture --test-threads 1

# A hundred thousand events from eight writers, told by three processes, on each database.
events-throughput:
    TENANTRY_EVENTS=100000 cargo test --release --package tenantry-domain-events --test it throughput -- --nocapture --test-threads 1

# How late a listener hears beside one that fails and one that never ends, and without them.
events-neighbours:
    TENANTRY_DELAY_SECONDS=30 cargo test --release --package tenantry-domain-events --test it delay -- --nocapture --test-threads 1

# What recording an event costs, against a bare insert, on each database.
events-cost:
    TENANTRY_COST_ROUNDS=40 cargo test --release --package tenantry-domain-events --test it cost -- --nocapture --test-threads 1

# Measure what row-level security costs: a release build, a throwaway Postgres, wrk.
bench-rls:
    ./scripts/bench-rls.sh

# Delete an organization with a million rows, and show time and memory of it.
deletion-proof:
    ./scripts/deletion-proof.sh

# Make the two roles and the database on a Postgres, as its administrator: just postgres-roles postgres://…
postgres-roles url:
    psql --set ON_ERROR_STOP=1 --file scripts/postgres-roles.sql {{url}}

# Measure how fast it is beside a floor: a release build, a throwaway Postgres, wrk.
bench *scenarios:
    ./scripts/bench.sh {{scenarios}}

# Measure what ten times the organizations cost: a release build, a throwaway Postgres, wrk.
bench-scale *scenarios:
    ./scripts/bench-scale.sh {{scenarios}}

# Look at licences, sources, duplicates and advisories of everything that comes from outside.
deny:
    ./scripts/deny.sh
