#!/usr/bin/env bash
# Everything that a change must pass: formatting, lints, documentation, and all tests on SQLite
# and on Postgres, and what schemathesis makes up. Needs the Rust toolchain and Python; installs the
# programs of Postgres on Debian and its kin where they are missing. Ends with the line "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

failures=()

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

# The tests start a cluster of their own; a running server that nobody asked for is not left.
install_postgres() {
    local settings=/etc/postgresql-common/createcluster.d status=0
    as_root mkdir -p "$settings"
    echo 'create_main_cluster = false' |
        as_root tee "$settings/tenantry-tests.conf" >/dev/null
    as_root apt-get update -q &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends postgresql || status=$?
    as_root rm -f "$settings/tenantry-tests.conf"
    return "$status"
}

run_tests() {
    cargo test --workspace --locked --no-fail-fast 2>&1 | tee "$log"
}

run_mutants() {
    ./scripts/mutants-isolation.sh 2>&1 | tee -a "$log"
}

# Adds up one word of the runner's lines: "test result: ok. 12 passed; 0 failed; ...".
total() {
    awk -v word="$1" '/^test result: / { for (i = 2; i <= NF; i++) if ($i ~ "^" word) n += $(i - 1) }
        END { print n + 0 }' "$log"
}

if ! has_postgres && command -v apt-get >/dev/null; then
    install_postgres || true
fi
if ! has_postgres; then
    echo 'The tests need the programs of PostgreSQL (initdb, pg_ctl, postgres), version 13 or' >&2
    echo 'later; no server has to run. Debian: apt-get install postgresql. Elsewhere: name their' >&2
    echo 'folder in TENANTRY_TEST_PG_BIN.' >&2
    exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

check 'formatting' cargo fmt --all --check
check 'lints' cargo clippy --workspace --all-targets --locked -- -D warnings
check 'documentation' env RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
check 'tests' run_tests
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
