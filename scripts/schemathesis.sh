#!/usr/bin/env bash
# Sends a running server requests that its OpenAPI document allows and forbids, as every kind of
# caller in the demo data: no response may be a 5xx, and none may violate the document.
#
#   scripts/schemathesis.sh              on SQLite
#   scripts/schemathesis.sh postgres     on a throwaway Postgres
#   scripts/schemathesis.sh sqlite owner as one caller only
#
# Each caller has its own server and database, so deletions do not affect other callers.
# SECONDS_EACH bounds the time per caller, 45 by default. With SHORT set, a third of the callers,
# which changes with each commit, runs all phases, and the others the boundary values only.
# Needs Python 3.10 or later with venv and, the first time, a package index for pip.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

backend=${1:-sqlite}
only=${2:-}
export SECONDS_EACH=${SECONDS_EACH:-45}
root=$PWD
home=target/schemathesis
program=$root/target/debug/tenantry
if [ "$backend" = postgres ]; then
    . scripts/bench/lib.sh
    start_postgres
fi
mkdir -p "$home"
work=$(mktemp -d "$root/$home/run.XXXX")

# The settings of one caller's server.
settings() {
    if [ "$backend" = postgres ]; then
        DATABASE_URL=$(url tenantry_app "st_$1")
        TENANTRY__DATABASE__MIGRATION_URL=$(url tenantry_owner "st_$1")
        export TENANTRY__DATABASE__MIGRATION_URL
    else
        DATABASE_URL="sqlite://$work/$1.db?mode=rwc"
    fi
    TENANTRY__SESSION__SECRET=$(od -An -N48 -tx1 /dev/urandom | tr -d ' \n')
    export DATABASE_URL TENANTRY__SESSION__SECRET TENANTRY__SERVER__PORT=0 RUST_LOG=warn
    # No rate limits: all requests come from one address.
    export TENANTRY__LIMITS__LOGIN_PER_MINUTE=0 TENANTRY__LIMITS__LOGIN_PER_HOUR_ACCOUNT=0
    export TENANTRY__LIMITS__SIGNUP_PER_MINUTE=0
    export TENANTRY__LIMITS__INVITATIONS_PER_HOUR=0 TENANTRY__LIMITS__MAILS_PER_HOUR=0
    export TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER=0
    export TENANTRY__LIMITS__REQUESTS_PER_MINUTE_ORGANIZATION=0
}

# The password of every demo user.
password=tenantry-demo

post() {
    curl -sS --fail -b "$work/$1.jar" -c "$work/$1.jar" -H 'Content-Type: application/json' \
        "$address$2" -d "$3"
}

# The id in a response.
id_of() { sed 's/^{"id":"\([^"]*\)".*/\1/'; }

# The caller's credential, as schemathesis configuration.
credential() {
    case $1 in
    anonymous) printf '[auth]\nauto-signup = false\n' ;;
    token)
        local token
        token=$(post token /api/tokens "{\"name\": \"CI\", \"organization_id\": \"$ACME\"}" |
            sed 's/.*"token":"\([^"]*\)".*/\1/')
        printf '[auth.openapi.token]\nbearer = "%s"\n' "$token"
        ;;
    *)
        # A new login whenever the session has ended: logout is among the tested operations.
        printf '[auth.dynamic.openapi.session]\npath = "/api/auth/login"\n'
        printf 'payload = { email = "%s", password = "%s" }\n' "$2" "$password"
        printf 'extract_from = "cookie"\nextract_selector = "tenantry_session"\n'
        ;;
    esac
}

# Runs as one caller: run_caller NAME ADDRESS [schemathesis arguments]; prints failures.
run_caller() {
    local name=$1 email=$2 status=0
    shift 2
    settings "$name"
    "$program" migrate up >/dev/null
    "$program" seed >/dev/null
    if [ "$name" = staff ]; then
        "$program" user create --email staff@example.com --name Staff --staff --password-stdin \
            <<<"$password" >/dev/null
    fi
    "$program" serve >"$work/$name.out" 2>"$work/$name.log" &
    server=$!
    trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
    for _ in $(seq 100); do
        address=$(grep -o 'http://[0-9.]*:[0-9]*' "$work/$name.out" | head -1 || true)
        [ -z "$address" ] || break
        sleep 0.1
    done
    : >"$work/$name.jar"
    post "$name" /api/auth/login \
        "{\"email\": \"olivia@example.com\", \"password\": \"$password\"}" >/dev/null
    ACME=$(curl -sS -b "$work/$name.jar" "$address/api/organizations/current" | id_of)
    {
        sed "s/{ACME}/$ACME/" scripts/schemathesis/config.toml
        credential "$name" "$email"
    } >"$work/$name.toml"
    # schemathesis writes its cache to the working directory.
    cd "$work"
    "$root/target/tools/schemathesis/bin/schemathesis" --config-file "$name.toml" run \
        "${document:-$address/api/openapi.json}" --url "$address" \
        --phases "${phases:-coverage,fuzzing,stateful}" --max-time "$SECONDS_EACH" \
        --continue-on-failure \
        --seed "${SEED:-$RANDOM}" "$@" >"$work/$name.report" 2>&1 || status=$?
    # A run that generated no requests proves nothing.
    grep -E '[1-9][0-9]* generated' "$work/$name.report" | sed "s/^/$name: /" || status=1
    if [ "$status" != 0 ]; then cat "$work/$name.report"; fi
    return "$status"
}

# Self-test: a wrong document must be reported.
self_test() {
    local document=$work/self_test.json phases=coverage SECONDS_EACH=180
    "$program" openapi | python3 -c '
import json, sys
document = json.load(sys.stdin)
document["components"]["schemas"]["Project"]["properties"]["name"]["type"] = "integer"
del document["components"]["schemas"]["Project"]["properties"]["name"]["$ref"]
json.dump(document, sys.stdout)' >"$document"
    if run_caller self_test mia@example.com --include-operation-id list_projects >"$work/self_test.text"; then
        echo 'schemathesis does not report a wrong document:'
        cat "$work/self_test.text"
        return 1
    fi
    grep -q 'Response violates schema' "$work/self_test.report"
}

python_tools schemathesis scripts/schemathesis/requirements.txt
[ -n "${NO_BUILD:-}" ] || cargo build -q --locked --package tenantry

# Only the owner tries `leave`, which the last owner cannot do; other callers would lose their
# membership. `change_user` could disable the superuser's own account.
callers=(
    'self_test'
    'anonymous -'
    'viewer victor@example.com --exclude-operation-id leave_organization'
    'member mia@example.com --exclude-operation-id leave_organization'
    'admin adam@example.com --exclude-operation-id leave_organization'
    'owner olivia@example.com'
    'superuser root@example.com --exclude-operation-id change_user'
    'staff staff@example.com'
    'token -'
)
# Which callers run all phases in the short form.
turn=0
if [ -n "${SHORT:-}" ]; then
    turn=$((16#$(git rev-parse --short=6 HEAD 2>/dev/null || date +%j)))
fi
failed=0
running=()
await() {
    wait "${running[0]}" || failed=1
    running=("${running[@]:1}")
}
for caller in "${callers[@]}"; do
    read -ra words <<<"$caller"
    if [ -n "$only" ] && [ "$only" != "${words[0]}" ]; then continue; fi
    if [ "$backend" = postgres ]; then
        sql postgres --command "CREATE DATABASE st_${words[0]} OWNER tenantry_owner"
    fi
    if [ -n "${SHORT:-}" ]; then
        phases=coverage
        if [ $((turn++ % 3)) = 0 ]; then phases=coverage,fuzzing,stateful; fi
    fi
    if [ "${words[0]}" = self_test ]; then (self_test) & else (run_caller "${words[@]}") & fi
    running+=($!)
    if [ "${#running[@]}" = 3 ]; then await; fi
done
while [ "${#running[@]}" != 0 ]; do await; done
[ "$failed" = 0 ] && rm -rf "$work"
exit "$failed"
