#!/usr/bin/env bash
# The cost of the policies of row-level security on the list of projects, at saturation: two servers,
# measured in turn over many rounds.
#
#   shipped  the release build
#   open     the same build on a copy of the database whose policies allow everything
#
# The databases are on one throwaway Postgres. Needs wrk, curl and the Postgres binaries.
# The last two columns compare within each round: the median of the rounds' ratios.
#   ROUNDS=20 SECONDS_EACH=2 CONNECTIONS="16 64" ./scripts/bench-rls.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench/lib.sh

build() {
    CARGO_PROFILE_RELEASE_DEBUG=false cargo build --release --locked -p tenantry "${@:2}"
    cp "${CARGO_TARGET_DIR:-target}/release/tenantry" "$bench/$1"
}

command -v wrk >/dev/null || die 'needs wrk: apt-get install wrk'
build shipped

start_postgres
(on tenantry "$bench/shipped" migrate up)
echo 'correct horse battery' | on tenantry "$bench/shipped" user create \
    --email first@example.com --name First --password-stdin
sql tenantry --file scripts/bench/fill.sql
serve tenantry "$bench/shipped"
shipped=$address
sign_in "$shipped" 240
kill "${servers[0]}"
wait "${servers[0]}" || true
servers=()

sql postgres --command 'CREATE DATABASE open TEMPLATE tenantry'
for table in projects organization_members; do
    sql open --command "DROP POLICY tenant_isolation ON $table;
        CREATE POLICY tenant_isolation ON $table USING (true) WITH CHECK (true)"
done
sql open --command 'VACUUM ANALYZE'
serve tenantry "$bench/shipped"; shipped=$address
serve open "$bench/shipped"; open=$address

path=/api/projects
cookie=$(head -1 "$bench/cookies")
for server in "$shipped" "$open"; do
    curl -s -f -H "Cookie: $cookie" "$server$path" | md5sum
done | uniq | wc -l | grep -qx 1 || die 'the servers do not return the same response'

# The ratio of one server's column to another's in the same round: the median.
ratio() {
    paste -d' ' "$bench/$1" "$bench/$2" | awk -v c="$3" '{ print $c / $(c + 3) }' | median
}

echo 'CPU time per request in us, total and Postgres; then relative to `open`:'
printf '%11s %-9s %10s %7s %8s %11s %7s\n' \
    connections server requests/s all Postgres throughput all
for connections in ${CONNECTIONS:-16 64}; do
    for round in $(seq "${ROUNDS:-20}"); do
        # Each round starts with the other server.
        order=(shipped open shipped)
        for server in "${order[@]:round % 2:2}"; do
            load "${!server}" "$path" "$connections" "${SECONDS_EACH:-2}" >>"$bench/$server.$connections"
        done
    done
    for server in open shipped; do
        column() { cut -d' ' -f"$1" "$bench/$server.$connections" | median; }
        against=("$server.$connections" "open.$connections")
        printf '%11d %-9s %10.0f %7.0f %8.0f %11.3f %7.3f\n' "$connections" "$server" \
            "$(column 1)" "$(column 2)" "$(column 3)" \
            "$(ratio "${against[@]}" 1)" "$(ratio "${against[@]}" 2)"
    done
done
