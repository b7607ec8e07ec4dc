#!/usr/bin/env bash
# Fails when a file that is generated and kept in the repository is not what its generator makes
# today. `scripts/check-generated.sh --write` brings them up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

# The whole workspace, although one program would do: what cargo builds for one package alone it
# builds with other features, and so once more.
cargo build --quiet --locked --workspace --bins
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# One line for each generated file: its path, then what prints it.
generated() {
    printf '%s\n' \
        "docs/openapi.json countersign openapi"
}

stale=0
while read -r file generator; do
    # shellcheck disable=SC2086 # the generator is a command with its arguments
    scripts/target.sh debug/$generator >"$made/new"
    if [ "${1:-}" = --write ]; then
        mkdir -p "$(dirname "$file")"
        cp "$made/new" "$file"
    elif ! diff -u "$file" "$made/new" >"$made/diff" 2>&1; then
        head -n 40 "$made/diff"
        echo "$file is out of date: run scripts/check-generated.sh --write" >&2
        stale=1
    fi
done < <(generated)
exit $stale
