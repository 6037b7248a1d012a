#!/usr/bin/env bash
# Runs the suites of store and API, and those of faults and TLS, on a database server: `test-on.sh TEST_POSTGRES_URL` or `test-on.sh TEST_MYSQL_URL`.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck disable=SC2016 # for the shell that has the servers
exec scripts/with-databases.sh bash -c '
    TEST_DATABASE_URL=${!1} exec cargo test --locked --all-features --no-fail-fast --test store --test api --test servers -- --test-threads=8' _ "$1"
