#!/usr/bin/env bash
# Everything that a change must pass: formatting, lints, documentation, and all tests on SQLite
# and on Postgres, and what schemathesis makes up. Needs the Rust toolchain and Python; installs the
# programs of Postgres and SQLite, and fetches nats-server, on Debian and its kin where they are
# missing. Ends with the line "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

failures=()
features=tenantry/nats,tenantry/otel
nats=target/nats-server

# Runs one check, and goes on whatever it finds, so that one run shows everything.
check() {
    local name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || failures+=("$name")
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# The same places where the test kit looks.
has_postgres() {
    [ -n "${TENANTRY_TEST_PG_BIN:-}" ] || command -v pg_ctl >/dev/null ||
        compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null
}

# The tests start servers of their own; a running one that nobody asked for is not left.
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

run_tests() {
    cargo test --workspace --locked --no-fail-fast 2>&1 | tee "$log"
}

# What a build with the features has besides; the libraries are built for them already.
run_features() {
    cargo test --workspace --locked --features "$features" --test it -- nats:: otel:: settings:: 2>&1 |
        tee -a "$log"
}

run_mutants() {
    ./scripts/mutants-isolation.sh 2>&1 | tee -a "$log"
}

# Adds up one word of the runner's lines: "test result: ok. 12 passed; 0 failed; ...".
total() {
    awk -v word="$1" '/^test result: / { for (i = 2; i <= NF; i++) if ($i ~ "^" word) n += $(i - 1) }
        END { print n + 0 }' "$log"
}

missing=()
has_postgres || missing+=(postgresql)
command -v sqlite3 >/dev/null || missing+=(sqlite3)
if [ "${#missing[@]}" != 0 ] && command -v apt-get >/dev/null; then
    install "${missing[@]}" || true
fi
if ! has_postgres || ! command -v sqlite3 >/dev/null; then
    echo 'The tests need the programs of PostgreSQL (initdb, pg_ctl, postgres, pg_dump), version 13' >&2
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

log=$(mktemp)
trap 'rm -f "$log"' EXIT

check 'formatting' cargo fmt --all --check
check 'lints' cargo clippy --workspace --all-targets --locked -- -D warnings
check 'lints of features' cargo clippy --workspace --all-targets --locked --features "$features" -- -D warnings
check 'documentation' env RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
check 'what comes from outside' ./scripts/deny.sh
check 'tests' run_tests
check 'tests of features' run_features
check 'tests without the tenant filter' run_mutants
check 'the OpenAPI document against a running server' ./scripts/schemathesis.sh

passed=$(total passed)
failed=$(total failed)
if [ "$passed" = 0 ] && [ "$failed" = 0 ]; then
    failures+=('no test ran')
fi
echo
for name in "${failures[@]}"; do
    echo "FAILED: $name"
done
echo "$passed passed, $failed failed"
[ "${#failures[@]}" = 0 ]
