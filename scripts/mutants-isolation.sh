#!/usr/bin/env bash
# Takes the tenant's filter out of the query layer, one operation at a time, and shows that the
# tests notice it on SQLite and that row-level security holds on Postgres.
set -euo pipefail
cd "$(dirname "$0")/.."
# The whole workspace, for the same features of all libraries: none is built again.
exec cargo test --locked --workspace --features tenantry-core/mutants --test mutants -- --nocapture gate::
