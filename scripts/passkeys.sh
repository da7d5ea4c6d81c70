#!/usr/bin/env bash
# Adds passkeys to a running server and logs in with them, by the library fido2 for Python, which also
# verifies each answer by itself: both must accept and refuse the same.
#
# PROGRAM names the program to test; without it target/debug/tenantry is built. Needs Python and, the
# first time, its package index.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
[ -n "${PROGRAM:-}" ] || cargo build -q --locked --package tenantry
PROGRAM=$(realpath "${PROGRAM:-${CARGO_TARGET_DIR:-target}/debug/tenantry}")
python_tools passkeys scripts/passkeys/requirements.txt
target/tools/passkeys/bin/python scripts/passkeys/client.py "$PROGRAM"
