#!/usr/bin/env bash
# Runs in the Postgres container when its data directory is initialized: creates the roles with
# their mounted passwords.
set -euo pipefail

run() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
        --dbname postgres "$@"
}

run --file "${TENANTRY_ROLES_SQL:-/roles/postgres-roles.sql}"
for role in owner app backup; do
    # Over standard input, so that the process list does not show the password.
    password=$(cat "${TENANTRY_SECRETS:-/run/secrets}/${role}_password")
    run <<<"ALTER ROLE tenantry_${role} PASSWORD '${password//\'/\'\'}'"
done
