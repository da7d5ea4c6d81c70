#!/usr/bin/env bash
# What people do in a browser, in a real Chromium against running servers: a line for each story
# with its time. A story also fails on an error in the browser's console, a request to another host,
# an inline script or style, and a violation of the content policy.
#
#   scripts/browser.sh                  on SQLite
#   scripts/browser.sh postgres         on a throwaway Postgres
#   scripts/browser.sh sqlite attacks   the stories with this in their name
#   scripts/browser.sh pictures         writes the pictures of docs/pages
#
# PROGRAM names the program to test; without it target/debug/tenantry is built. JOBS stories run at
# the same time, 3 by default. A picture of each open page of a failed story is in target/browser.
# Needs Python and, the first time, a package index of Python and one of npm; installs Debian's
# chromium where it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/bench/lib.sh

find_chromium() { command -v chromium || command -v google-chrome; }
find_chromium >/dev/null || debian_install chromium fonts-dejavu-core
CHROMIUM=$(find_chromium) || die 'needs chromium: apt-get install chromium'
[ -n "${PROGRAM:-}" ] || cargo build -q --locked --package tenantry
PROGRAM=$(realpath "${PROGRAM:-${CARGO_TARGET_DIR:-target}/debug/tenantry}")
node_tools browser scripts/browser
# The stories stand beside the packages that they import.
rm -rf "$node_home"/{lib,stories,*.mjs}
cp -r scripts/browser/{lib,stories,*.mjs} "$node_home"

WORK=$bench PICTURES=$PWD/docs/pages FAILURES=$PWD/target/browser DATABASE=${1:-sqlite}
export CHROMIUM PROGRAM WORK PICTURES FAILURES DATABASE
rm -rf "$FAILURES"
case $DATABASE in
postgres) start_postgres ;;
sqlite) ;;
pictures)
    DATABASE=sqlite node "$node_home/pictures.mjs"
    exit
    ;;
*) die "unknown: $DATABASE" ;;
esac
node "$node_home/run.mjs" "${2:-}"
