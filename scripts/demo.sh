#!/usr/bin/env bash
# Service, demo host and post office on this computer, with keys and users. Ctrl-C or SIGTERM ends them.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

mfa_port=${MFA_PORT:-8787}
demo_port=${DEMO_PORT:-8080}
smtp_port=${SMTP_PORT:-2525}
sms_port=${SMS_PORT:-2580}
mfa_url=http://127.0.0.1:$mfa_port
demo_url=http://127.0.0.1:$demo_port
data=.demo

scripts/install-deps.sh demo

say "Building mfa-sidecar (the first build takes some minutes)"
setpriv --pdeathsig TERM cargo build --release --locked
sidecar=$target/release/mfa-sidecar

umask 077
mkdir -p "$data/host"

# Both children inherit the lock and die with this script, so that holding it means: nothing of an earlier run is left.
exec 9>"$data/lock"
flock --wait 5 9 || die "another demo runs in this folder: end it with Ctrl-C first"

for choice in "MFA_PORT $mfa_port" "DEMO_PORT $demo_port" "SMTP_PORT $smtp_port" "SMS_PORT $sms_port"; do
    read -r name port <<<"$choice"
    port_taken "$port" && die "port $port is taken by another program: choose another with $name=… make demo"
done

pids=()
# shellcheck disable=SC2317 # called by the trap
stop() {
    trap - EXIT
    if ((${#pids[@]})); then
        kill "${pids[@]}" 2>/dev/null || true
        wait "${pids[@]}" 2>/dev/null || true
        echo "Stopped."
    fi
}
trap stop EXIT
trap 'exit 0' INT TERM

# What the service sends is taken in by the demonstration's own post office, and shown at /messages.
: >"$data/post-office.log"
setpriv --pdeathsig TERM php php-bridge/demo/bin/post-office.php "$smtp_port" "$sms_port" "$data/host/messages.jsonl" \
    >"$data/post-office.log" 2>&1 &
pids+=($!)
until_ready 10 "${pids[0]}" grep -q 'is open' "$data/post-office.log" ||
    die "the post office did not open: $(tail -n 3 "$data/post-office.log")"

setpriv --pdeathsig TERM env \
    MFA_SIDECAR_SMTP_URL="smtp://127.0.0.1:$smtp_port" MFA_SIDECAR_MAIL_FROM='Harbour <mfa@harbour.example>' \
    MFA_SIDECAR_SMS_PROFILE=json MFA_SIDECAR_SMS_URL="http://127.0.0.1:$sms_port/" MFA_SIDECAR_SMS_FROM=Harbour \
    "$sidecar" serve --listen "127.0.0.1:$mfa_port" --data-dir "$data/service" 2>"$data/service.log" &
pids+=($!)
until_ready 20 "${pids[1]}" curl -fsS "$mfa_url/readyz" || die "the service did not start: $(tail -n 3 "$data/service.log")"

make_key() { # FILE ROLE
    [[ -s $1 ]] || "$sidecar" key create --data-dir "$data/service" --name "demo $2" --role "$2" >"$1"
}
make_key "$data/bridge.key" bridge
make_key "$data/admin.key" admin

# Only the service that made the key knows it, so this also tells that the one which answers is ours.
printf 'header = "Authorization: Bearer %s"\n' "$(<"$data/admin.key")" |
    curl -fsS -o /dev/null --config - "$mfa_url/v1/policy" ||
    die "the service at $mfa_url does not know the keys in $data: remove $data and run again"

php_env=(
    MFA_SIDECAR_URL="$mfa_url"
    MFA_SIDECAR_BRIDGE_KEY_FILE="$PWD/$data/bridge.key"
    MFA_SIDECAR_ADMIN_KEY_FILE="$PWD/$data/admin.key"
    DEMO_DATA_DIR="$PWD/$data/host"
)
env "${php_env[@]}" php php-bridge/demo/bin/create-users.php >"$data/users.log"
: >"$data/host.log"
setpriv --pdeathsig TERM env "${php_env[@]}" php -S "127.0.0.1:$demo_port" \
    -t php-bridge/demo/public php-bridge/demo/public/index.php 2>"$data/host.log" &
pids+=($!)
# PHP writes this line only once it holds the port.
until_ready 10 "${pids[2]}" grep -q 'Development Server .* started' "$data/host.log" ||
    die "the demo host did not start: $(tail -n 3 "$data/host.log")"
curl -fsS -o /dev/null "$demo_url/" || die "the demo host answers with an error: see $data/host.log"

cat <<TEXT

  Demo host   $demo_url        a small site with its own login form
  Service     $mfa_url/docs   the API, to read and try

  1. Sign in as admin with the password admin-demo. Under Administration » Multi-Factor Authentication
     choose "TOTP required" and save. Sign out.
  2. Sign in as alice with the password alice-demo. You are asked to set up an authenticator app: scan the code.
  3. Sign out and in again: now a code from the app is asked for. (bob, bob-demo, is there as well.)
  4. The phone is lost? An administrator removes alice's authenticator on the same page, or an API client does:

     curl -X DELETE -H "Authorization: Bearer \$(cat $data/admin.key)" $mfa_url/v1/users/2/authenticators

     At the next sign-in alice sets up a new one.
  5. Under "More rules" allow codes by e-mail and text message, or trusted browsers; signed in, open Security.
     Nothing leaves this computer: what is sent is shown at $demo_url/messages

  Logs: $data/service.log, $data/host.log, $data/post-office.log. To begin anew, remove $data. Ctrl-C ends the demo.

TEXT

# Either one ending by itself ends the demo.
wait -n "${pids[@]}" || true
die "a part of the demo ended by itself: see $data/service.log and $data/host.log"
