#!/usr/bin/env bash
# Creates the secrets that compose.yaml mounts, one file each in ./secrets. Existing files are
# kept.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p secrets
# The files are world-readable for the containers' users; the folder is not accessible to others.
chmod 700 secrets

random() {
    openssl rand -hex "$1" | tr -d '\n'
}

keep() {
    if [ ! -e "secrets/$1" ]; then
        printf '%s' "$2" >"secrets/$1"
        chmod 644 "secrets/$1"
    fi
}

for role in postgres owner app backup; do
    keep "${role}_password" "$(random 24)"
done
keep session_secret "$(random 48)"
keep database_url "postgres://tenantry_app:$(cat secrets/app_password)@postgres/tenantry"
keep migration_url "postgres://tenantry_owner:$(cat secrets/owner_password)@postgres/tenantry"
echo 'The secrets are in ./secrets.'
