#!/usr/bin/env bash
# Runs a binary from cargo's target directory, wherever that is: scripts/target.sh release/countersign …
# `--where` before it only says where it is.
set -euo pipefail
cd "$(dirname "$0")/.."

say_where=
if [ "${1:-}" = --where ]; then
    say_where=yes
    shift
fi
binary=${1:?which binary, such as debug/countersign}
shift
# The environment and cargo's own configuration may both put it elsewhere; cargo knows.
target=$(cargo metadata --no-deps --format-version 1 --locked --offline |
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
if [ -n "$say_where" ]; then
    printf '%s\n' "$target/$binary"
else
    exec "$target/$binary" "$@"
fi
