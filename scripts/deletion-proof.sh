#!/usr/bin/env bash
# Deletes an organization with a million rows, on SQLite and on Postgres, is interrupted once, and
# shows what each batch takes and what memory it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
export TENANTRY_DELETION_ROWS=1000000
exec cargo test --locked -p tenantry-organizations --test it -- --nocapture --test-threads 1 deletion_proof
