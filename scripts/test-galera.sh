#!/usr/bin/env bash
# Two processes of the service on two nodes of a Galera cluster of three, as on one server; then nodes die and are cut off.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-deps.sh test
scripts/install-deps.sh galera
# shellcheck disable=SC2016 # for the shell that has the cluster
exec scripts/with-galera.sh bash -c '
    export TEST_REPLICA_URLS=$TEST_GALERA_URLS
    status=0
    cargo test --locked --all-features --no-fail-fast --test replicas -- --test-threads=2 "$@" || status=$?
    cargo test --locked --all-features --no-fail-fast --test galera -- --test-threads=1 "$@" || status=$?
    exit $status' _ "$@"
