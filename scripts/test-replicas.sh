#!/usr/bin/env bash
# Two processes of the service on one PostgreSQL, and on one MariaDB.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck disable=SC2016 # for the shell that has the servers
exec scripts/with-databases.sh bash -c '
    status=0
    for url in "$TEST_POSTGRES_URL" "$TEST_MYSQL_URL"; do
        TEST_REPLICA_URLS=$url cargo test --locked --all-features --no-fail-fast --test replicas -- --test-threads=2 "$@" || status=$?
    done
    exit $status' _ "$@"
