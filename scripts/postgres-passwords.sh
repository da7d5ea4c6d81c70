#!/usr/bin/env bash
# Runs in the container of Postgres when its data is made: the roles, each with the password that
# is mounted for it.
set -euo pipefail

run() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
        --dbname postgres "$@"
}

run --file "${TENANTRY_ROLES_SQL:-/roles/postgres-roles.sql}"
for role in owner app backup; do
    # Over standard input, where no list of processes shows it.
    password=$(cat "${TENANTRY_SECRETS:-/run/secrets}/${role}_password")
    run <<<"ALTER ROLE tenantry_${role} PASSWORD '${password//\'/\'\'}'"
done
