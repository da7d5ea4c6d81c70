#!/usr/bin/env bash
# Renames a copy, builds it and runs its program. SHORT ends after the check by the
# compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=target/renamed
rm -rf "$copy"
mkdir -p "$copy"
tar --create --exclude ./target --exclude ./.git --exclude node_modules . | tar --extract --directory "$copy"
export CARGO_TARGET_DIR=$PWD/target
cd "$copy"
git init --quiet
git add --all
git -c user.name=copy -c user.email=copy@example.com commit --quiet --message 'A copy'
python3 scripts/rename.py acme-billing
if git grep --line-number --ignore-case tenantry -- . ':!scripts/rename.py'; then
    echo 'the name stands above' >&2
    exit 1
fi
cargo check --workspace --locked
[ -z "${SHORT:-}" ] || exit 0
cargo run --quiet --locked -- --version | grep --fixed-strings acme-billing
report=$(ACME_BILLING__WEB__ACCENT=nonsense cargo run --quiet --locked -- config check 2>&1 || true)
grep --fixed-strings ACME_BILLING__WEB__ACCENT <<<"$report"
