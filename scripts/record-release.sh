#!/usr/bin/env bash
# Records the statements that a release sends, for the test that runs them on the tables of the next
# one (migrations/tests/it/release.rs). Run it when a version is released, and set RELEASED there to
# its newest migration. Needs cargo-nextest and jq.
set -euo pipefail
cd "$(dirname "$0")/.."

recorded=$(mktemp -d)
trap 'rm -rf "$recorded"' EXIT
# Tests that record statements themselves fail in this run.
TENANTRY_RECORD=$recorded cargo nextest run --workspace --no-fail-fast \
    --features tenantry/nats,tenantry/otel,tenantry-core/mutants \
    -E 'package(tenantry) and test(/^(http|callers|wiring)::/)' || true
for database in sqlite postgres; do
    cat "$recorded/$database"-* | jq --slurp 'unique | map(select(test("pg_(class|constraint|roles)") | not))' \
        >"migrations/tests/release/$database.json"
done
