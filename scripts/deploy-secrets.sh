#!/usr/bin/env bash
# Makes the secrets that compose.yaml mounts, in ./secrets, each in a file of its own. What is
# there already stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p secrets
# The containers read as users of their own; nobody else comes into the folder.
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
