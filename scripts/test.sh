#!/usr/bin/env bash
# Installs what is missing and runs everything. A failed section does not stop the others; the last line sums them up.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

scripts/install-deps.sh test

logs=$target/test-logs
mkdir -p "$logs"
passed=0
failed=0
summary=()

# Reads a runner's own closing lines; prints "PASSED FAILED". A section without counts is one test.
count() { # RUNNER LOG
    case $1 in
    cargo) awk '/^test result:/ { p += $4; f += $6 } END { print p + 0, f + 0 }' "$2" ;;
    node) awk '/^[^ ]+ pass [0-9]+$/ { p = $3 } /^[^ ]+ (fail|cancelled|skipped|todo) [0-9]+$/ { f += $3 } END { print p + 0, f + 0 }' "$2" ;;
    phpunit) awk '/^OK \(/ { gsub(/[^0-9 ]/, " "); p += $1 }
        /^Tests: / { for (i = 1; i < NF; i++) { n = $(i + 1) + 0
            if ($i == "Tests:") p += n; if ($i ~ /^(Failures|Errors|Skipped|Incomplete|Risky):$/) { p -= n; f += n } } }
        END { print p + 0, f + 0 }' "$2" ;;
    esac
}

section() { # TITLE RUNNER COMMAND...
    local title=$1 runner=$2 log status=0 p=1 f=0 began=$SECONDS
    shift 2
    log=$logs/${title// /-}.log
    say "== $title"
    "$@" 2>&1 | tee "$log" || status=$?
    [[ $runner == plain ]] || read -r p f < <(count "$runner" "$log")
    if ((status != 0 && f == 0)); then
        f=1
        [[ $runner == plain ]] && p=0
    fi
    # A runner that ends well without having run a test has not shown anything.
    ((p + f > 0)) || f=1
    passed=$((passed + p))
    failed=$((failed + f))
    summary+=("$(printf '%-24s %4d passed, %d failed, %d s' "$title" "$p" "$f" $((SECONDS - began)))")
}

lints() {
    cargo clippy --locked --all-targets --all-features -- -D warnings
    local backend
    for backend in sqlite postgres mysql; do
        cargo clippy --locked --lib --no-default-features --features "$backend" -- -D warnings
    done
}

openapi_drift() {
    "$SIDECAR_BIN" openapi | cmp - openapi/openapi.json ||
        die "openapi/openapi.json is not what the code says: run make openapi and commit the result"
    echo "openapi/openapi.json is what the code says"
}

export CARGO_TERM_COLOR=never NO_COLOR=1
section "scripts" plain shellcheck -x scripts/*.sh .ci/run tests/openapi/lint tests/openapi/fuzz php-bridge/tests/{browser,wordpress}/run
section "format" plain cargo fmt --check
section "lints" plain lints
section "Rust tests" cargo cargo test --locked --all-features --no-fail-fast
section "on PostgreSQL" cargo scripts/test-on.sh TEST_POSTGRES_URL
section "on MariaDB" cargo scripts/test-on.sh TEST_MYSQL_URL
section "replicas" cargo scripts/test-replicas.sh
section "faults" cargo scripts/chaos.sh

# `cargo test` has built the very binary; building it once more could pick other features of shared crates.
export SIDECAR_BIN=$PWD/$target/debug/mfa-sidecar
[[ $target == /* ]] && SIDECAR_BIN=$target/debug/mfa-sidecar

section "OpenAPI drift" plain openapi_drift
section "OpenAPI lint" plain tests/openapi/lint
section "OpenAPI fuzz" plain tests/openapi/fuzz
section "PHP bridge" phpunit php-bridge/tests/run
section "browser story" node php-bridge/tests/browser/run
section "WordPress translations" plain scripts/wordpress-pot.sh --check
section "WordPress story" node php-bridge/tests/wordpress/run

say "== summary"
printf '%s\n' "${summary[@]}"
echo
echo "$passed passed, $failed failed"
((failed == 0))
