#!/usr/bin/env bash
# Takes the tenant's filter out of the query layer, one operation at a time, and shows that the
# tests notice it on SQLite and that row-level security holds on Postgres.
set -euo pipefail
cd "$(dirname "$0")/.."
exec cargo test --locked -p tenantry-core --features mutants --test it -- --nocapture walls::mutants
