#!/usr/bin/env bash
# Performance relative to a floor: minimal hand-written code that does the same work on the same
# Postgres (scripts/bench/floor). wrk measures both in turn, round by round.
#
#   ROUNDS=5 SECONDS_EACH=4 CONNECTIONS="16 64" ORGANIZATIONS=1000 ./scripts/bench.sh [scenario...]
#
# It measures the shipped build (PROFILE=dist, 8 % less server time than PROFILE=release);
# PROFILE=dev is a quick check that the script runs.
# BEFORE=path/to/another/build is measured as well, to compare a change. It has a database of its own,
# because its tables may be others.
#
# Prints, for each scenario: requests per second, the 50th and the 99th percentile in ms, CPU time
# per request in us (server and Postgres), and the median ratio to the floor. Then round trips,
# memory, and the time from start to the first response.
# Needs wrk, curl, python3 and the Postgres binaries.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench/lib.sh

ORGANIZATIONS=${ORGANIZATIONS:-1000}
PROJECTS=${PROJECTS:-$((1000000 / ORGANIZATIONS))}
WORKERS=${WORKERS:-$(nproc)}
DB_CONNECTIONS=${DB_CONNECTIONS:-2}
scenarios=("$@")
[ $# != 0 ] || scenarios=(session_list token_list read_one foreign_id organizations page_projects page_login create)

build
# The floor is always optimized.
cargo build --release --locked --manifest-path scripts/bench/floor/Cargo.toml \
    --target-dir "$target/floor"
cp "$target/floor/release/tenantry-floor" "$bench/"

start_postgres
[ -z "${BEFORE:-}" ] || sql postgres --command 'CREATE DATABASE empty TEMPLATE tenantry'
populate tenantry "$ORGANIZATIONS" "$PROJECTS"

export TENANTRY__SERVER__WORKERS=$WORKERS TENANTRY__DATABASE__CONNECTIONS=$DB_CONNECTIONS
names=(ours floor)
if [ -n "${BEFORE:-}" ]; then
    names+=(before)
    sql postgres --command 'CREATE DATABASE before TEMPLATE empty'
    populate before "$ORGANIZATIONS" "$PROJECTS" "$BEFORE"
    serve before "$BEFORE"
    before=$address before_pid=${servers[-1]} before_users=$bench/users-before
    sign_in_users before "$before" "$before_users" "$ORGANIZATIONS" "$PROJECTS"
fi
serve tenantry "$bench/tenantry"
ours=$address ours_pid=${servers[-1]}
PORT=$(free_port)
DATABASE_URL=$(url postgres tenantry) SECRET=$TENANTRY__SESSION__SECRET PORT=$PORT \
    WORKERS=$WORKERS CONNECTIONS=$DB_CONNECTIONS "$bench/tenantry-floor" >"$bench/floor.log" 2>&1 &
servers+=($!)
floor=http://127.0.0.1:$PORT floor_pid=${servers[-1]}

ours_users=$bench/users floor_users=$bench/users
sign_in_users tenantry "$ours" "$ours_users" "$ORGANIZATIONS" "$PROJECTS"

# Equal responses are a precondition of the comparison.
IFS=$'\t' read -r cookie token slug own foreign <"$ours_users"
response() { curl -s "$@" | sed 's/,"next_cursor":.*//' | md5sum; }
assert_equal() {
    [ "$(response "${@:2}" "$ours$1")" = "$(response "${@:2}" "$floor$1")" ] ||
        die "different responses: $1: $(curl -s "${@:2}" "$ours$1") $(curl -s "${@:2}" "$floor$1")"
}
assert_equal /api/projects -H "Cookie: $cookie"
assert_equal /api/projects -H "Authorization: Bearer $token"
assert_equal "/api/projects/$own" -H "Cookie: $cookie"
assert_equal /api/organizations -H "Cookie: $cookie"
for name in "${names[@]}"; do
    users=${name}_users
    IFS=$'\t' read -r its_cookie _ _ _ its_foreign <"${!users}"
    status=$(curl -s -o /dev/null -w '%{http_code}' -H "Cookie: $its_cookie" \
        "${!name}/api/projects/$its_foreign")
    [ "$status" = 404 ] || die "a foreign id gets $status from $name"
done

resident() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$1/status"; }
ratio() { paste -d' ' "$bench/$3.$1" "$bench/floor.$1" | awk -v c="$2" '{ print $c / $(c + 5) }' | median; }

at_rest=$(resident "$ours_pid")
echo
echo "$ORGANIZATIONS organizations, $PEOPLE users, $((ORGANIZATIONS * PROJECTS)) projects;" \
    "$WORKERS workers of $DB_CONNECTIONS connections; the medians of ${ROUNDS:-5} rounds"
echo
echo '| scenario | connections | server | requests/s | p50 ms | p99 ms | server us | Postgres us | of the floor | p99 over it |'
echo '|---|---|---|---|---|---|---|---|---|---|'
for connections in ${CONNECTIONS:-16 64}; do
    for scenario in "${scenarios[@]}"; do
        name=$scenario.$connections
        compare=("${names[@]}")
        # The floor has no pages, and neither has every earlier build.
        case $scenario in page_*) compare=(ours) ;; esac
        for round in $(seq "${ROUNDS:-5}"); do
            order=("${compare[@]}" "${compare[@]}")
            for server in "${order[@]:round % ${#compare[@]}:${#compare[@]}}"; do
                pid=${server}_pid users=${server}_users
                measure "${!server}" "${!pid}" "${!users}" "$scenario" "$connections" \
                    >>"$bench/$server.$name"
            done
        done
        for server in "${compare[@]}"; do
            column() { cut -d' ' -f"$1" "$bench/$server.$name" | median; }
            compared='| 1 | 1 |'
            [ "$scenario" = "${scenario#page_}" ] || compared='| – | – |'
            [ "$server" = floor ] || [ "${#compare[@]}" = 1 ] ||
                compared=$(printf '| %.2f | %.1f |' "$(ratio "$name" 1 "$server")" \
                    "$(ratio "$name" 3 "$server")")
            printf '| %s | %d | %s | %.0f | %.1f | %.1f | %.0f | %.0f %s\n' "$scenario" \
                "$connections" "$server" "$(column 1)" "$(column 2)" "$(column 3)" \
                "$(column 4)" "$(column 5)" "$compared"
        done
    done
done
echo
echo "Memory: $at_rest MB at rest, $(resident "$ours_pid") MB after this load (floor: $(resident "$floor_pid") MB)"

# Round trips of single requests, on another server behind a counting proxy.
kill "$ours_pid" && wait "$ours_pid" || true
proxy=$(free_port)
mkfifo "$bench/requests" "$bench/replies"
python3 scripts/bench/trips.py "$proxy" "$PGPORT" <"$bench/requests" >"$bench/replies" &
servers+=($!)
exec 8>"$bench/requests" 9<"$bench/replies"
until (: <"/dev/tcp/127.0.0.1/$proxy") 2>/dev/null; do sleep 0.1; done
real=$PGPORT
PGPORT=$proxy serve tenantry "$bench/tenantry"
PGPORT=$real
curl -s -o /dev/null -H "Cookie: $cookie" "$address/api/projects"
echo
echo '| request | round trips | of these, after the response, when a connection returns to the pool |'
echo '|---|---|---|'
# The dispatcher queries, too; the idle count is subtracted.
trips_of() {
    local trips ends
    echo >&8; read -r trips ends <&9
    for _ in $(seq 20); do curl -s -o /dev/null "$@"; sleep 0.1; done
    echo >&8; read -r trips ends <&9
    echo "$trips $ends"
}
count() {
    local what=$1 idle busy
    shift
    # Warm-up: opens the connections and prepares the statements.
    trips_of "$@" >/dev/null
    idle=$(trips_of "$address/health/live")
    busy=$(trips_of "$@")
    awk -v w="$what" -v i="$idle" -v b="$busy" 'BEGIN { split(i, x, " "); split(b, y, " ")
        printf "| %s | %.1f | %.1f |\n", w, (y[1] - x[1]) / 20, (y[2] - x[2]) / 20 }'
}
count session_list -H "Cookie: $cookie" "$address/api/projects"
count token_list -H "Authorization: Bearer $token" "$address/api/projects"
count read_one -H "Cookie: $cookie" "$address/api/projects/$own"
count create -H "Cookie: $cookie" -H 'Content-Type: application/json' -d '{"name": "One more"}' \
    "$address/api/projects"
exec 8>&- 9<&-

# From the start of the process to the first response.
kill "${servers[-1]}" && wait "${servers[-1]}" || true
starts() {
    local port begun
    port=$(free_port)
    begun=$(date +%s%N)
    on tenantry env TENANTRY__SERVER__PORT="$port" "$bench/tenantry" serve >/dev/null 2>&1 &
    servers+=($!)
    until curl -s -o /dev/null "http://127.0.0.1:$port/health/live"; do :; done
    echo $((($(date +%s%N) - begun) / 1000000))
    kill "${servers[-1]}" && wait "${servers[-1]}" || true
}
echo
echo "From start to first response: $(for _ in 1 2 3 4 5; do starts; done | median) ms"

# The embedded database: one organization in a file, without a floor.
DATABASE_URL="sqlite://$bench/tenantry.db?mode=rwc" TENANTRY__SERVER__PORT=0 \
    "$bench/tenantry" serve >"$bench/sqlite.log" 2>&1 &
servers+=($!)
embedded_pid=$!
address=
for _ in $(seq 100); do
    address=$(awk '/listens on/ { print $NF }' "$bench/sqlite.log")
    [ -z "$address" ] || break
    sleep 0.1
done
[ -n "$address" ] || die 'the server does not start on SQLite'
post() { curl -s -b "$bench/jar" -c "$bench/jar" -H 'Content-Type: application/json' "$address$1" -d "$2"; }
post /api/auth/signup '{"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"}' >/dev/null
organization=$(post /api/organizations '{"name": "Acme"}' | sed 's/^{"id":"\([^"]*\)".*/\1/')
token=$(post /api/tokens "{\"name\": \"bench\", \"organization_id\": \"$organization\"}" |
    sed 's/.*"token":"\([^"]*\)".*/\1/')
for n in $(seq 100); do
    own=$(post /api/projects "{\"name\": \"Project $n\"}" | sed 's/^{"id":"\([^"]*\)".*/\1/')
done
cookie=tenantry_session=$(awk '$6 == "tenantry_session" { print $7 }' "$bench/jar")
foreign=00000000-0000-7000-8000-000000000000
users=$bench/users-embedded
printf '%s\t%s\t%s\t%s\t%s\n' "$cookie" "$token" acme "$own" "$foreign" >"$users"
echo
echo '| SQLite, 16 connections | requests/s | p50 ms | p99 ms | server us |'
echo '|---|---|---|---|---|'
for scenario in "${scenarios[@]}"; do
    measure "$address" "$embedded_pid" "$users" "$scenario" 16 |
        awk -v s="$scenario" '{ printf "| %s | %.0f | %.1f | %.1f | %.0f |\n", s, $1, $2, $3, $4 }'
done
