# What a newcomer needs, one word each. The work itself is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup web demo test faults bench lint fmt clean

# More for `countersign demo`, such as DEMO_ARGS=--exit.
DEMO_ARGS ?=
# More for measuring, such as BENCH_ARGS='--only throughput --seconds 30'.
BENCH_ARGS ?=
# More for the trial by faults, such as FAULTS_ARGS='--seconds 600 --on postgres'.
FAULTS_ARGS ?=

help: ## List what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what building and testing need (Debian; only what is missing)
	@scripts/setup.sh test

web: ## Build the desk, which Core's binary then takes in
	@scripts/setup.sh build
	@scripts/web.sh build

demo: ## Build, start everything on ./data and play a walk-through (DEMO_ARGS=--exit ends after it)
	@scripts/setup.sh build
	@scripts/web.sh build
	cargo build --release --locked -p countersign
	@scripts/target.sh release/countersign demo $(DEMO_ARGS)

test: ## Check format, lints, licences and generated files, then run every test
	@scripts/setup.sh test
	@scripts/test.sh

faults: ## Kill, cut and fill up real parts for some minutes, then look whether anything was lost (FAULTS_ARGS=--help)
	@scripts/setup.sh test
	cargo build --release --locked -p countersign -p faults
	@scripts/target.sh release/faults --program "$$(scripts/target.sh --where release/countersign)" $(FAULTS_ARGS)

bench: ## Measure throughput, delay, recovery and backlogs; figures also go to target/bench.json (BENCH_ARGS=--help)
	@scripts/setup.sh test
	cargo build --release --locked -p countersign -p measure
	@scripts/target.sh release/measure --program "$$(scripts/target.sh --where release/countersign)" $(BENCH_ARGS)

lint: ## Clippy on everything, warnings denied
	cargo clippy --workspace --all-targets --locked -- -D warnings

fmt: ## Format the code
	cargo fmt --all

clean: ## Remove what was built; ./data stays
	cargo clean
	rm -rf tests/trpc/node_modules web/node_modules web/dist
