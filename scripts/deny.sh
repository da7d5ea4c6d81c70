#!/usr/bin/env bash
# Checks all dependencies: licences, sources, duplicates, and, where the database of advisories is
# in reach, advisories. Builds cargo-deny where there is no prebuilt one.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

VERSION=0.20.2
deny=target/tools/programs/bin/cargo-deny
if ! programs; then
    deny=target/tools/built/bin/cargo-deny
    # Without optimizations: built in a third of the time, and it runs for seconds.
    [ "$("$deny" --version 2>/dev/null)" = "cargo-deny $VERSION" ] ||
        cargo install cargo-deny --version "=$VERSION" --locked --debug --quiet \
            --root target/tools/built
fi
"$deny" --locked check bans licenses sources
if "$deny" --locked fetch db >/dev/null 2>&1; then
    "$deny" --locked check advisories
else
    echo 'NOT CHECKED: the database of advisories, github.com/rustsec/advisory-db, is out of reach'
fi
