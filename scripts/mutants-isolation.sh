#!/usr/bin/env bash
# Removes the tenant condition from the query layer, one operation at a time, and shows that the
# tests notice it on SQLite and that row-level security holds on Postgres.
set -euo pipefail
cd "$(dirname "$0")/.."
# The same packages and features as scripts/test.sh, so that nothing is built twice.
exec cargo test --locked --workspace --features tenantry/nats,tenantry/otel,tenantry-core/mutants \
    --test it -- --nocapture mutation_gate::
