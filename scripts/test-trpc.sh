#!/usr/bin/env bash
# Drives the real binaries with the client library that country configs use: @trpc/client.
set -euo pipefail
cd "$(dirname "$0")/.."

# As scripts/check-generated.sh does, so that nothing is built twice.
cargo build --quiet --locked --workspace --bins
binary=$(scripts/target.sh --where debug/countersign)

cd tests/trpc
# Installed again only when what is locked has changed.
stamp=node_modules/.installed-from
locked=$(cat package.json package-lock.json | sha256sum)
if [ ! -f $stamp ] || [ "$(cat $stamp)" != "$locked" ]; then
    npm ci --no-audit --no-fund --loglevel=error
    printf '%s\n' "$locked" >$stamp
fi
COUNTERSIGN_BINARY=$binary exec node --test --test-reporter=spec core.test.mjs
