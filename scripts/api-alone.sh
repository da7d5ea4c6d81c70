#!/usr/bin/env bash
# Builds the server without its pages and without passkeys, and tests the API of that build: no page, no
# asset, no route for passkeys, and every other test of the HTTP API.
#
#   scripts/api-alone.sh          on both databases
#   scripts/api-alone.sh sqlite   on SQLite
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
if programs; then
    PATH=$PWD/target/tools/programs/bin:$PATH
fi
# With the features of the other tests, so that no library is compiled again.
cargo nextest run --workspace --exclude tenantry-web --locked --no-default-features \
    --features tenantry/nats,tenantry/otel,tenantry-core/mutants \
    -E "package(tenantry) & (test(/^without_/) | test(/^http::/)) & test(/${1:-}\$/)"
