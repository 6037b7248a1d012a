# shellcheck shell=bash
# What the scripts share. Source it from the project's root.

target=${CARGO_TARGET_DIR:-target}

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# The dev-profile binary; a caller that has built it already names it in SIDECAR_BIN.
# (Not in the MFA_SIDECAR_ namespace: the service refuses settings there that it does not know.)
sidecar_binary() {
    if [[ -z ${SIDECAR_BIN:-} ]]; then
        cargo build --locked
        SIDECAR_BIN=$target/debug/mfa-sidecar
    fi
    [[ -x $SIDECAR_BIN ]] || die "no binary at $SIDECAR_BIN"
    SIDECAR_BIN=$(realpath "$SIDECAR_BIN")
    export SIDECAR_BIN
}

# until_ready SECONDS PID COMMAND...: waits for COMMAND to succeed; fails at once when PID is gone.
until_ready() {
    local tries=$(($1 * 10)) pid=$2
    shift 2
    while kill -0 "$pid" 2>/dev/null && ((tries-- > 0)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port: a port that nobody has, each time another, in REPLY. It is below those that the system gives to outgoing
# connections, one of which could otherwise have it by the time a server starts on it, or starts again.
declare -A given_ports=()
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); do
        [[ -n ${given_ports[$port]:-} ]] || port_taken "$port" || break
    done
    given_ports[$port]=1
    REPLY=$port
}
