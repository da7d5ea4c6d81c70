# Shared by the benchmarks: a throwaway Postgres, servers on it, signed-in users.
# Sourced; expects `set -euo pipefail` and the repository's root as working directory.

bench=$(mktemp -d)
export PGHOST=127.0.0.1 PGPASSWORD
PGPASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
TENANTRY__SESSION__SECRET=$(od -An -N48 -tx1 /dev/urandom | tr -d ' \n')
export TENANTRY__SESSION__SECRET TENANTRY__LOG__FORMAT=json RUST_LOG=warn
# No rate limits: all requests come from one address.
export TENANTRY__LIMITS__LOGIN_PER_MINUTE=0 TENANTRY__LIMITS__LOGIN_PER_HOUR_ACCOUNT=0
export TENANTRY__LIMITS__SIGNUP_PER_MINUTE=0
export TENANTRY__LIMITS__INVITATIONS_PER_HOUR=0
export TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER=0
export TENANTRY__LIMITS__REQUESTS_PER_MINUTE_ORGANIZATION=0
servers=()
PEOPLE=${PEOPLE:-10000}
SIGNED_IN=${SIGNED_IN:-500}

die() { echo "$1" >&2; exit 1; }

# Postgres refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

cleanup() {
    local pid
    for pid in "${servers[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" || true; done
    if [ -d "$bench/data" ]; then as_postgres "$pg/pg_ctl" stop -s -m fast -D "$bench/data" || true; fi
    rm -rf "$bench"
}
trap cleanup EXIT

free_port() {
    local port
    while port=$((20000 + RANDOM % 20000)) && (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}

# Builds the shipped profile, or PROFILE, as `$bench/tenantry`.
build() {
    local profile=${PROFILE:-dist} folder
    command -v wrk >/dev/null || die 'needs wrk: apt-get install wrk'
    target=$(realpath "${CARGO_TARGET_DIR:-target}")
    folder=$profile
    [ "$profile" != dev ] || folder=debug
    cargo build --profile "$profile" --locked -p tenantry
    cp "$target/$folder/tenantry" "$bench/"
}

# Starts a cluster with the roles and the database `tenantry`.
start_postgres() {
    pg=${TENANTRY_TEST_PG_BIN:-$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' | sort -V | tail -1)")}
    [ -x "$pg/pg_ctl" ] || die 'needs the programs of PostgreSQL: apt-get install postgresql'
    chmod 711 "$bench"
    mkdir "$bench/data"
    echo "$PGPASSWORD" >"$bench/password"
    if [ "$(id -u)" = 0 ]; then chown postgres "$bench/data" "$bench/password"; fi
    PGPORT=$(free_port)
    export PGPORT
    as_postgres "$pg/initdb" --pgdata "$bench/data" --username postgres --no-sync --locale C.UTF-8 \
        --encoding UTF8 --auth password --pwfile "$bench/password" >"$bench/initdb.log" 2>&1
    as_postgres "$pg/pg_ctl" start -s -w -D "$bench/data" -l /dev/null -o "-p $PGPORT \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=256MB \
        -c fsync=off -c autovacuum=off"
    sql postgres --file scripts/postgres-roles.sql
    sql postgres --command "ALTER ROLE tenantry_owner PASSWORD '$PGPASSWORD';
        ALTER ROLE tenantry_app PASSWORD '$PGPASSWORD'"
}

# As the superuser: sql DATABASE psql's arguments...
sql() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname "$@" >/dev/null
}

url() { echo "postgres://$1:$PGPASSWORD@$PGHOST:$PGPORT/$2"; }

# on DATABASE PROGRAM ARGUMENTS...: replaces this shell, so use it in a subshell or with `&`.
on() {
    DATABASE_URL=$(url tenantry_app "$1")
    TENANTRY__DATABASE__MIGRATION_URL=$(url tenantry_owner "$1")
    export DATABASE_URL TENANTRY__DATABASE__MIGRATION_URL
    exec "${@:2}"
}

# Starts a program as a server on a database and sets `address`.
serve() {
    local log
    log=$(mktemp "$bench/server.XXXX")
    on "$1" env TENANTRY__SERVER__PORT=0 "$2" serve >"$log" 2>&1 &
    servers+=($!)
    for _ in $(seq 100); do
        address=$(awk '/listens on/ { print $NF }' "$log")
        [ -z "$address" ] || return 0
        sleep 0.1
    done
    cat "$log" >&2
    die 'the server does not start'
}

# populate DATABASE ORGANIZATIONS PROJECTS [PROGRAM]: creates the tables, the organizations with
# PROJECTS projects each, and PEOPLE users.
populate() {
    local program=${4:-$bench/tenantry}
    (on "$1" "$program" migrate up)
    echo 'correct horse battery' | on "$1" "$program" user create \
        --email first@example.com --name First --password-stdin
    sql "$1" --set organizations="$2" --set people="$PEOPLE" --set projects="$3" \
        --file scripts/bench/world.sql
}

# sign_in_users DATABASE SERVER FILE ORGANIZATIONS PROJECTS: signs in SIGNED_IN users and writes a
# line for each: cookie, token, slug, an own project, a foreign project.
sign_in_users() {
    local n=0 cookie slug organization token
    sign_in "$2" "$SIGNED_IN"
    while read -r cookie; do
        n=$((n + 1))
        slug=org-$((n % $4))
        organization=$(curl -s -H "Cookie: $cookie" -H "X-Organization-Slug: $slug" \
            "$2/api/organizations/current" | sed 's/^{"id":"\([^"]*\)".*/\1/')
        token=$(curl -s -H "Cookie: $cookie" -H 'Content-Type: application/json' "$2/api/tokens" \
            -d "{\"name\": \"bench\", \"organization_id\": \"$organization\"}" |
            sed 's/.*"token":"\([^"]*\)".*/\1/')
        printf '%s\t%s\t%s\n' "$cookie" "$token" "$slug"
    done <"$bench/cookies" >"$bench/signed_in"
    paste "$bench/signed_in" <(projects_of 0 "$@") <(projects_of 1 "$@") >"$3"
    grep -qvP '^tenantry_session=[^\t]+\ttnt_[^\t]+\torg-\d+\t[0-9a-f-]{36}\t[0-9a-f-]{36}$' "$3" &&
        die 'the users of the benchmark are incomplete'
    return 0
}

# A project for each user, of the organization at an offset from the user's own.
projects_of() {
    psql --no-psqlrc --quiet --tuples-only --no-align --username postgres --dbname "$2" --command \
        "SELECT p.id FROM generate_series(1, $SIGNED_IN) n
        JOIN organizations o ON o.slug = 'org-' || (n + $1) % $5
        JOIN projects p ON p.organization_id = o.id AND p.name = 'Project ' || 1 + n % $6
        ORDER BY n"
}

# Signs in the first users; their cookies are the lines of a file.
sign_in() {
    local n answer
    : >"$bench/cookies"
    for n in $(seq "$2"); do
        answer=$(curl -s -o /dev/null -D - "$1/api/auth/login" -H 'Content-Type: application/json' \
            -d "{\"email\": \"user$n@example.com\", \"password\": \"correct horse battery\"}")
        sed -n 's/^set-cookie: \([^;]*_session=[^;]*\);.*/\1/Ip' <<<"$answer" >>"$bench/cookies"
    done
    [ "$(wc -l <"$bench/cookies")" = "$2" ] || die "the login failed: $answer"
}

# The CPU time of processes so far, in microseconds: ps's arguments select them.
cpu() {
    ps -o pid= "$@" | awk -v hz="$(getconf CLK_TCK)" '
        { file = "/proc/" $1 "/stat"; if ((getline line <file) > 0) { sub(/.*\) /, "", line)
          split(line, f, " "); n += f[12] + f[13] } close(file) } END { printf "%d", n * 1e6 / hz }'
}

# The same for Postgres, including closed connections.
postgres_cpu() {
    local postmaster
    postmaster=$(head -1 "$bench/data/postmaster.pid")
    sed 's/.*) //' "/proc/$postmaster/stat" | awk -v hz="$(getconf CLK_TCK)" \
        -v live="$(cpu --ppid "$postmaster")" '{ printf "%d", live + ($14 + $15) * 1e6 / hz }'
}

# load SERVER PATH CONNECTIONS SECONDS: prints requests per second, and the CPU time per request in
# microseconds, total and Postgres. CPU time is the better figure on a shared machine.
load() {
    local result count servers_before postgres_before
    servers_before=$(cpu --pid "${servers[*]}")
    postgres_before=$(postgres_cpu)
    result=$(BENCH_PATH=$2 BENCH_COOKIES=$bench/cookies \
        wrk -t2 -c"$3" -d"$4s" -s scripts/bench/requests.lua "$1" | sed -n 's/^RESULT //p')
    [ "${result##* }" = 0 ] || die "requests failed: $result"
    count=$(cut -d' ' -f2 <<<"$result")
    awk -v rate="${result%% *}" -v n="$count" \
        -v s="$(($(cpu --pid "${servers[*]}") - servers_before))" \
        -v p="$(($(postgres_cpu) - postgres_before))" \
        'BEGIN { print rate, (s + p) / n, p / n }'
}

# measure SERVER PID USERS SCENARIO CONNECTIONS: requests per second, the 50th and the 99th percentile
# in ms, CPU time per request in us, server and Postgres.
measure() {
    local result count server_before postgres_before
    server_before=$(cpu --pid "$2")
    postgres_before=$(postgres_cpu)
    result=$(BENCH_SCENARIO=$4 BENCH_USERS=$3 wrk -t2 -c"$5" -d"${SECONDS_EACH:-4}s" --timeout 10s \
        -s scripts/bench/scenario.lua "$1" | sed -n 's/^RESULT //p')
    [ "${result##* }" = 0 ] || die "$4 of $1: requests failed: $result"
    count=$(cut -d' ' -f2 <<<"$result")
    awk -v r="$result" -v n="$count" -v s="$(($(cpu --pid "$2") - server_before))" \
        -v p="$(($(postgres_cpu) - postgres_before))" \
        'BEGIN { split(r, f, " "); print f[1], f[3] / 1000, f[4] / 1000, s / n, p / n }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
