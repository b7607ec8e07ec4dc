#!/usr/bin/env bash
# Every check of the project, cheapest first, and one line at the end that sums the tests up.
# A check that fails ends the run; among the tests, all are run and then the failures are told.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the tests start is on this machine, where no proxy leads.
export NO_PROXY="127.0.0.1,localhost,::1${NO_PROXY:+,$NO_PROXY}"
export no_proxy=$NO_PROXY

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
started=$SECONDS
passed=0 failed=0 ignored=0
# What is tested and not shipped. Every step builds the whole workspace with these or with none:
# each other choice of packages or features would have cargo build half of it again.
features=countersign/test-control,countersign/otel

step() { printf '\n── %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }
strip_colours() { sed 's/\x1b\[[0-9;]*m//g' "$1"; }

# add PASSED FAILED IGNORED
add() {
    passed=$((passed + $1)) failed=$((failed + $2)) ignored=$((ignored + $3))
}

# Sums the `test result:` lines that cargo test writes, one for each binary.
add_cargo() {
    # shellcheck disable=SC2046 # three numbers, three arguments
    add $(strip_colours "$1" | awk '/^test result:/ { p += $4; f += $6; i += $8 } END { print p + 0, f + 0, i + 0 }')
}

# The counts at the end of what `node --test` writes.
add_node() {
    # shellcheck disable=SC2046 # three numbers, three arguments
    add $(strip_colours "$1" | awk '
        { sub(/^[^a-z]*/, "") }
        $1 == "pass" { p = $2 } $1 == "fail" { f = $2 } $1 == "skipped" { i = $2 }
        END { print p + 0, f + 0, i + 0 }')
}

# The line `Tests  2 failed | 40 passed | 1 skipped (43)` of vitest.
add_vitest() {
    # shellcheck disable=SC2046 # three numbers, three arguments
    add $(strip_colours "$1" | awk '
        $1 == "Tests" { for (n = 2; n < NF; n++) count[$(n + 1)] = $n }
        END { print count["passed"] + 0, count["failed"] + 0, count["skipped"] + 0 }')
}

# The number that stands before WORD in nextest's summary.
nextest_count() {
    strip_colours "$1" | grep -E '^ *Summary ' | tail -n 1 | grep -oE "[0-9]+ $2" | awk '{ print $1 }' || true
}

# A suite that ended badly without naming a failed test (it did not compile, say) still fails.
ended() {
    if [ "$1" -ne 0 ] && [ "$failed" -eq "$2" ]; then failed=$((failed + 1)); fi
}

step "format"
cargo fmt --all --check

step "clippy, warnings denied"
cargo clippy --workspace --all-targets --features "$features" --locked --quiet -- -D warnings

step "licences, sources and bans"
if has cargo-deny; then
    cargo deny --all-features check licenses bans sources
else
    echo "cargo-deny is not installed, skipped"
fi

step "generated files"
scripts/check-generated.sh

step "the program as it is shipped has no test control"
# The step before has just built it. Refused must mean: for this option, and for nothing else.
refusal=$(scripts/target.sh debug/countersign core --test-control 127.0.0.1:0 2>&1) && status=0 || status=$?
if [ $status -ne 2 ] || ! grep -q -- "unexpected argument '--test-control'" <<<"$refusal"; then
    printf 'countersign core --test-control without the feature: exit %s\n%s\n' "$status" "$refusal" >&2
    exit 1
fi

step "the desk: types, style, and its rules"
before=$failed status=0
scripts/web.sh check >"$log/web" 2>&1 || status=$?
if [ $status -ne 0 ]; then cat "$log/web"; else strip_colours "$log/web" | tail -n 6; fi
add_vitest "$log/web"
ended $status "$before"

step "tests in Rust"
before=$failed status=0
if has cargo-nextest; then
    cargo nextest run --workspace --features "$features" --locked --no-fail-fast 2>&1 | tee "$log/rust" || status=$?
    number() { local n; n=$(nextest_count "$log/rust" "$1"); echo "${n:-0}"; }
    add "$(number passed)" "$(($(number failed) + $(number 'timed out')))" "$(number skipped)"
else
    cargo test --workspace --features "$features" --lib --bins --tests --locked --no-fail-fast 2>&1 | tee "$log/rust" || status=$?
    add_cargo "$log/rust"
fi
ended $status "$before"

step "examples in the documentation"
before=$failed status=0
cargo test --workspace --features "$features" --doc --locked --no-fail-fast >"$log/doc" 2>&1 || status=$?
if [ $status -ne 0 ]; then cat "$log/doc"; fi
add_cargo "$log/doc"
ended $status "$before"

# The same cases in the same order; how far it comes depends on the machine. FUZZ_SECONDS and FUZZ_SEED go further.
fuzz_seconds=${FUZZ_SECONDS:-$(if [ "${CI:-}" = true ]; then echo 60; else echo 10; fi)}
step "broken configurations and broken input, $fuzz_seconds s in all"
if scripts/target.sh debug/fuzz run --seconds "$fuzz_seconds" --seed "${FUZZ_SEED:-1}"; then
    add 4 0 0
else
    add 0 1 0
fi

# Always the same worlds; SIMULATION_SEEDS goes through others, `simulate --seed N` through one again.
seeds=${SIMULATION_SEEDS:-$(if [ "${CI:-}" = true ]; then echo 0..10000; else echo 0..500; fi)}
step "whole deployments with everything going wrong, seeds $seeds"
if scripts/target.sh debug/simulate --seeds "$seeds"; then
    add 1 0 0
else
    add 0 1 0
fi

step "Core, driven by @trpc/client"
before=$failed status=0
scripts/test-trpc.sh 2>&1 | tee "$log/trpc" || status=$?
add_node "$log/trpc"
ended $status "$before"

step "the desk, clicked through in Chromium"
before=$failed status=0
scripts/web.sh browser 2>&1 | tee "$log/browser" || status=$?
add_node "$log/browser"
ended $status "$before"

verdict=ok
if [ $failed -gt 0 ]; then verdict=FAILED; fi
printf '\ntest result: %s. %d passed; %d failed; %d ignored; finished in %ds\n' \
    $verdict $passed $failed $ignored $((SECONDS - started))
[ $failed -eq 0 ]
