#!/usr/bin/env bash
# Deletes an organization with a million rows, on SQLite and on Postgres, with one interruption,
# and prints the time of each batch and the memory in use.
set -euo pipefail
cd "$(dirname "$0")/.."
export TENANTRY_DELETION_ROWS=1000000
exec cargo test --locked -p tenantry-organizations --test it -- --nocapture --test-threads 1 deletion_proof
