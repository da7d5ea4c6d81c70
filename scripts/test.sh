#!/usr/bin/env bash
# Everything that a change must pass: formatting, lints, documentation, and all tests on SQLite
# and on Postgres, and what schemathesis makes up. Needs the Rust toolchain and Python; installs the
# programs of Postgres and SQLite, and fetches nats-server, on Debian and its kin where they are
# missing. Ends with the line "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

failures=()
times=()
# One build serves everything: the features add code, and faults are chosen at run time.
features=tenantry/nats,tenantry/otel,tenantry-core/mutants
nats=target/nats-server

# Runs one check and continues whatever its outcome, so that one run shows every failure.
check() {
    local name=$1 start=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    "$@" || failures+=("$name")
    times+=("$(printf '%5d s  %s' $((SECONDS - start)) "$name")")
}

# The same places where the test kit looks.
has_postgres() {
    [ -n "${TENANTRY_TEST_PG_BIN:-}" ] || command -v pg_ctl >/dev/null ||
        compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null
}

# The tests start servers of their own; the package must not start one.
install() {
    local settings=/etc/postgresql-common/createcluster.d status=0
    as_root mkdir -p "$settings"
    echo 'create_main_cluster = false' |
        as_root tee "$settings/tenantry-tests.conf" >/dev/null
    as_root apt-get update -q &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends "$@" || status=$?
    as_root rm -f "$settings/tenantry-tests.conf"
    return "$status"
}

# The same places where the tests of the relay look.
has_nats() {
    [ -n "${TENANTRY_TEST_NATS_SERVER:-}" ] || command -v nats-server >/dev/null ||
        [ -x /usr/sbin/nats-server ] || [ -x "$nats/usr/sbin/nats-server" ]
}

# Debian's package starts a service, so it is unpacked and not installed.
fetch_nats() {
    local folder status=0
    folder=$(mktemp -d)
    chmod 755 "$folder"
    (cd "$folder" && apt-get download -q nats-server) ||
        { as_root apt-get update -q && (cd "$folder" && apt-get download -q nats-server); } &&
        mkdir -p "$nats" && dpkg-deb --extract "$folder"/nats-server*.deb "$nats" || status=$?
    rm -rf "$folder"
    return "$status"
}

build_tests() {
    cargo test --workspace --locked --features "$features" --no-run --quiet
}

# All test programs share one pool of processes where cargo-nextest is there; it runs no examples
# of the documentation.
run_tests() {
    if [ "$nextest" = yes ]; then
        cargo nextest run --workspace --locked --features "$features" 2>&1 | tee "$log"
    else
        cargo test --workspace --locked --features "$features" --no-fail-fast --all-targets 2>&1 |
            tee "$log"
    fi
}

run_examples() {
    cargo test --workspace --locked --features "$features" --doc 2>&1 | tee -a "$log"
}

# What ships by default must build without the features.
lint_default() {
    cargo clippy --workspace --locked -- -D warnings
}

# Adds up one word of the runners' last lines:
# "test result: ok. 12 passed; 0 failed; ..." and "Summary [...] 12 tests run: 12 passed, 0 failed".
total() {
    sed 's/\x1b\[[0-9;]*m//g' "$log" |
        awk -v word="$1" '/^test result: |^ *Summary / { for (i = 2; i <= NF; i++)
            if ($i ~ "^" word || (word == "failed" && $i ~ "^timed")) n += $(i - 1) }
            END { print n + 0 }'
}

missing=()
has_postgres || missing+=(postgresql)
command -v sqlite3 >/dev/null || missing+=(sqlite3)
if [ "${#missing[@]}" != 0 ] && command -v apt-get >/dev/null; then
    install "${missing[@]}" || true
fi
if ! has_postgres || ! command -v sqlite3 >/dev/null; then
    echo 'The tests need the programs of PostgreSQL (initdb, pg_ctl, postgres, pg_dump), version 15' >&2
    echo 'or later, and sqlite3; no server has to run. Debian: apt-get install postgresql sqlite3.' >&2
    echo "Elsewhere: name the folder of PostgreSQL's in TENANTRY_TEST_PG_BIN." >&2
    exit 1
fi
export PATH="${TENANTRY_TEST_PG_BIN:+$TENANTRY_TEST_PG_BIN:}$PATH"

if ! has_nats && command -v apt-get >/dev/null; then
    fetch_nats || true
fi
if ! has_nats; then
    echo 'The tests need the program nats-server, version 2.9 or later; no server has to run.' >&2
    echo 'Debian: apt-get install nats-server. Elsewhere: name it in TENANTRY_TEST_NATS_SERVER.' >&2
    exit 1
fi

# The tests of mail send to a server of PyPI.
python_tools smtp scripts/smtp/requirements.txt

log=$(mktemp)
trap 'rm -f "$log"' EXIT

nextest=no
if programs; then
    PATH=$PWD/target/tools/programs/bin:$PATH
    nextest=yes
elif cargo nextest --version >/dev/null 2>&1; then
    nextest=yes
fi

check 'formatting' cargo fmt --all --check
check 'dependencies' ./scripts/deny.sh
check 'lints' cargo clippy --workspace --all-targets --locked --features "$features" -- -D warnings
check 'lints of the default build' lint_default
check 'documentation' env RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
check 'a renamed copy' env SHORT=1 ./scripts/renamed.sh
check 'build of the tests' build_tests
check 'tests' run_tests
check 'examples of the documentation' run_examples
check 'linters of the OpenAPI document' ./scripts/openapi-lint.sh
check 'schemathesis against a running server' env NO_BUILD=1 SHORT=1 ./scripts/schemathesis.sh
for database in sqlite postgres; do
    check "people in a browser, on $database" env PROGRAM=target/debug/tenantry ./scripts/browser.sh "$database"
done
check 'the API of a build without pages and passkeys' ./scripts/api-alone.sh sqlite

passed=$(total passed)
failed=$(total failed)
if [ "$passed" = 0 ] && [ "$failed" = 0 ]; then
    failures+=('no test ran')
fi
printf '\nWall time:\n'
printf '%s\n' "${times[@]}" "$(printf '%5d s  all' "$SECONDS")"
echo
for name in "${failures[@]}"; do
    echo "FAILED: $name"
done
echo "$passed passed, $failed failed"
[ "${#failures[@]}" = 0 ]
