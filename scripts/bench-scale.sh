#!/usr/bin/env bash
# The cost of ten times as many organizations: two databases on one Postgres with 1,000,000 projects
# each, in 1,000 and in 10,000 organizations, and a server on each. wrk measures both in turn.
#
#   ROUNDS=9 SECONDS_EACH=4 CONNECTIONS=64 ORGANIZATIONS=1000 ./scripts/bench-scale.sh [scenario...]
#
# Prints, for each scenario, the CPU time per request in us, server and Postgres together, on
# each database, and the median of the rounds' ratios.
# Needs wrk, curl and the Postgres binaries.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench/lib.sh

ORGANIZATIONS=${ORGANIZATIONS:-1000}
PROJECTS=${PROJECTS:-$((1000000 / ORGANIZATIONS))}
scenarios=("$@")
[ $((PROJECTS % 10)) = 0 ] || die 'PROJECTS, per organization, must be a multiple of ten'
[ $# != 0 ] || scenarios=(session_list token_list read_one foreign_id organizations create)

build
start_postgres
sql postgres --command 'CREATE DATABASE tenfold OWNER tenantry_owner'
populate tenantry "$ORGANIZATIONS" "$PROJECTS"
populate tenfold $((10 * ORGANIZATIONS)) $((PROJECTS / 10))

export TENANTRY__SERVER__WORKERS=${WORKERS:-$(nproc)} TENANTRY__DATABASE__CONNECTIONS=${DB_CONNECTIONS:-2}
serve tenantry "$bench/tenantry"
once=$address once_pid=${servers[-1]}
sign_in_users tenantry "$once" "$bench/users.once" "$ORGANIZATIONS" "$PROJECTS"
serve tenfold "$bench/tenantry"
tenfold=$address tenfold_pid=${servers[-1]}
sign_in_users tenfold "$tenfold" "$bench/users.tenfold" $((10 * ORGANIZATIONS)) $((PROJECTS / 10))

connections=${CONNECTIONS:-64}
echo
echo "$ORGANIZATIONS organizations and $((10 * ORGANIZATIONS)), $PEOPLE users and" \
    "$((ORGANIZATIONS * PROJECTS)) projects each; $connections connections, the medians of ${ROUNDS:-9} rounds"
echo
echo '| scenario | us | us, ten times the organizations | ratio | from | to |'
echo '|---|---|---|---|---|---|'
for scenario in "${scenarios[@]}"; do
    for round in $(seq "${ROUNDS:-9}"); do
        order=(once tenfold once)
        for server in "${order[@]:round % 2:2}"; do
            pid=${server}_pid
            measure "${!server}" "${!pid}" "$bench/users.$server" "$scenario" "$connections" |
                awk '{ print $4 + $5 }' >>"$bench/$server.$scenario"
        done
    done
    paste "$bench/tenfold.$scenario" "$bench/once.$scenario" | awk '{ print $1 / $2 }' |
        sort -n >"$bench/ratios"
    printf '| %s | %.0f | %.0f | %.2f | %.2f | %.2f |\n' "$scenario" "$(median <"$bench/once.$scenario")" \
        "$(median <"$bench/tenfold.$scenario")" "$(median <"$bench/ratios")" \
        "$(head -1 "$bench/ratios")" "$(tail -1 "$bench/ratios")"
done
