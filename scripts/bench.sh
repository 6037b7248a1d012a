#!/usr/bin/env bash
# Benchmarks the service on each database, with commits that outlive a power cut. Takes the benchmark's options.
set -euo pipefail
cd "$(dirname "$0")/.."

bench=(cargo bench --quiet --locked --all-features --bench service)
# First, so that compiling is over when the servers start.
"${bench[@]}" --no-run
DATABASES_DURABLE=1 scripts/with-databases.sh "${bench[@]}" -- "$@"
