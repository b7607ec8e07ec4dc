#!/usr/bin/env bash
# Runs a binary from cargo's target directory, wherever that is: scripts/target.sh release/countersign …
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:?which binary, such as debug/countersign}
shift
exec "${CARGO_TARGET_DIR:-target}/$binary" "$@"
