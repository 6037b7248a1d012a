.DEFAULT_GOAL := help
.PHONY: help demo demo-wordpress test galera chaos check build bench bench-large openapi screenshots wordpress-zip civicrm-zip install-deps clean

help: ## what can be made here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The death signal reaches the script even when make itself is killed with -9.
demo: ## build, start service and demo host, print where to click (Ctrl-C ends it)
	@setpriv --pdeathsig TERM scripts/demo.sh

demo-wordpress: ## the same with a real WordPress
	@setpriv --pdeathsig TERM scripts/demo-wordpress.sh

test: ## install what is missing and run every check and test
	@scripts/test.sh

chaos: ## every fault, many times, with load running; prints what came of each
	@CHAOS_ROUNDS=$${CHAOS_ROUNDS:-100} scripts/chaos.sh

galera: ## two replicas on a Galera cluster of three nodes that die and are cut off
	@scripts/test-galera.sh

check: ## format, lints, unit tests: the fast inner loop
	@scripts/check.sh

build: ## the release binary with every database, target/release/mfa-sidecar
	cargo build --release --locked --all-features

bench: ## what it does on each database: a table, docs/benchmark.md; BENCH='--help' says what can be chosen
	@scripts/bench.sh --docs docs $(BENCH)

bench-large: ## the same with five million users as well
	@scripts/bench.sh --docs docs --users 10000,1000000,5000000 $(BENCH)

wordpress-zip: ## the WordPress plugin as a zip to install
	@scripts/wordpress-zip.sh

civicrm-zip: ## the CiviCRM extension as a zip to install
	@scripts/civicrm-zip.sh

openapi: ## write openapi/openapi.json anew from the code
	cargo run --quiet --locked -- openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

screenshots: ## write docs/screenshots anew
	@scripts/screenshots.sh

install-deps: ## everything that demo and test need
	@scripts/install-deps.sh test

clean: ## forget the demo's data and what the tests left
	rm -rf .demo .demo-wordpress .venv php-bridge/tests/browser/node_modules php-bridge/tests/browser/screenshots \
		php-bridge/tests/wordpress/node_modules php-bridge/tests/wordpress/screenshots tests/openapi/node_modules
