#!/usr/bin/env bash
# The fast inner loop: format, lints, unit tests.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo fmt --check
cargo clippy --locked --all-targets -- -D warnings
cargo test --locked --quiet --lib
