#!/usr/bin/env bash
# Lints docs/openapi.json with Redocly and Spectral; a warning is a failure. Then lints a document
# with planted mistakes, which both must report. Needs Python, and the first time a package index of
# Python and one of npm.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

node_tools openapi scripts/openapi
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

redocly() {
    "$node_home/node_modules/.bin/redocly" lint --config scripts/openapi/redocly.yaml "$1" 2>&1
}
spectral() {
    "$node_home/node_modules/.bin/spectral" lint --ruleset scripts/openapi/spectral.yaml \
        --fail-severity warn "$1" 2>&1
}

redocly docs/openapi.json
spectral docs/openapi.json

planted=$(mktemp --suffix .json)
trap 'rm -f "$planted"' EXIT
python3 -c '
import json, sys
document = json.load(sys.stdin)
del document["info"]["license"]
document["paths"]["/health/live"]["get"]["tags"] = ["unknown"]
json.dump(document, sys.stdout)' <docs/openapi.json >"$planted"
for linter in redocly spectral; do
    if "$linter" "$planted" >/dev/null; then
        echo "$linter does not report the planted mistakes"
        exit 1
    fi
done
