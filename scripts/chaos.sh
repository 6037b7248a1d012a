#!/usr/bin/env bash
# Makes every fault while logins go on, and prints what came of each: one short round, or as many rounds as CHAOS_ROUNDS
# says. Names of tests can be given to make only those.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

# What the harness mounts is nobody else's, and goes with the last of its processes, however that ends.
if ((EUID == 0)) && [[ -z ${CHAOS_MOUNTS_APART:-} ]]; then
    CHAOS_MOUNTS_APART=1 exec unshare --mount scripts/chaos.sh "$@"
fi

results=$target/tmp/chaos
rm -rf "$results"
status=0
# Three at a time: most of a round is waiting.
cargo test --locked --all-features --test chaos -- --nocapture --test-threads=3 "$@" || status=$?

say "== what came of each fault"
cat "$results"/* 2>/dev/null || echo "nothing"
exit "$status"
