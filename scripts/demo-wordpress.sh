#!/usr/bin/env bash
# Service and a WordPress with the plugin on this computer, with keys and users. Ctrl-C or SIGTERM ends them.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

mfa_port=${MFA_PORT:-8788}
wordpress_port=${WORDPRESS_PORT:-8081}
smtp_port=${SMTP_PORT:-2526}
sms_port=${SMS_PORT:-2581}
mfa_url=http://127.0.0.1:$mfa_port
wordpress_url=http://127.0.0.1:$wordpress_port
data=$PWD/.demo-wordpress

scripts/install-deps.sh demo-wordpress

if [[ -z ${SIDECAR_BIN:-} ]]; then
    say "Building mfa-sidecar (the first build takes some minutes)"
    setpriv --pdeathsig TERM cargo build --release --locked
    SIDECAR_BIN=$target/release/mfa-sidecar
fi

umask 077
mkdir -p "$data"

# The children inherit the lock and die with this script, so that holding it means: nothing of an earlier run is left.
exec 9>"$data/lock"
flock --wait 5 9 || die "another demo runs in this folder: end it with Ctrl-C first"

for choice in "MFA_PORT $mfa_port" "WORDPRESS_PORT $wordpress_port" "SMTP_PORT $smtp_port" "SMS_PORT $sms_port"; do
    read -r name port <<<"$choice"
    port_taken "$port" && die "port $port is taken by another program: choose another with $name=… make demo-wordpress"
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

: >"$data/post-office.log"
setpriv --pdeathsig TERM php php-bridge/demo/bin/post-office.php "$smtp_port" "$sms_port" "$data/messages.jsonl" \
    >"$data/post-office.log" 2>&1 &
pids+=($!)
until_ready 10 "${pids[-1]}" grep -q 'is open' "$data/post-office.log" ||
    die "the post office did not open: $(tail -n 3 "$data/post-office.log")"

setpriv --pdeathsig TERM env \
    MFA_SIDECAR_SMTP_URL="smtp://127.0.0.1:$smtp_port" MFA_SIDECAR_MAIL_FROM='Harbour <mfa@harbour.example>' \
    MFA_SIDECAR_SMS_PROFILE=json MFA_SIDECAR_SMS_URL="http://127.0.0.1:$sms_port/" MFA_SIDECAR_SMS_FROM=Harbour \
    "$SIDECAR_BIN" serve --listen "127.0.0.1:$mfa_port" --data-dir "$data/service" 2>"$data/service.log" &
pids+=($!)
until_ready 20 "${pids[-1]}" curl -fsS "$mfa_url/readyz" ||
    die "the service did not start: $(tail -n 3 "$data/service.log")"

for role in bridge admin; do
    [[ -s $data/$role.key ]] ||
        "$SIDECAR_BIN" key create --data-dir "$data/service" --name "demo $role" --role "$role" >"$data/$role.key"
done

say "Starting MariaDB and WordPress"
as_user=()
((EUID == 0)) && as_user=(--user=root)
[[ -d $data/mariadb/mysql ]] ||
    mariadb-install-db --no-defaults --datadir="$data/mariadb" --auth-root-authentication-method=normal --skip-test-db \
        "${as_user[@]}" >"$data/mariadb.log" 2>&1
# A socket's path may have 107 bytes, and this folder may lie deep.
sockets=$(mktemp -d)
trap 'rm -rf "$sockets"; stop' EXIT
setpriv --pdeathsig TERM /usr/sbin/mariadbd --no-defaults --datadir="$data/mariadb" --socket="$sockets/mariadb.sock" \
    --pid-file="$data/mariadb.pid" --skip-networking --skip-log-bin "${as_user[@]}" >>"$data/mariadb.log" 2>&1 &
pids+=($!)
sql() { mariadb --no-defaults --socket="$sockets/mariadb.sock" -uroot -e "$1"; }
until_ready 30 "${pids[-1]}" sql 'select 1' || die "MariaDB did not start: $(tail -n 3 "$data/mariadb.log")"
sql 'create database if not exists wordpress character set utf8mb4'

root=$data/wordpress
[[ -d $root ]] || cp -rL /usr/share/wordpress "$root"
rm -rf "$root/.htaccess" "$root/wp-content/plugins/mfa-sidecar"
unzip -q "$(scripts/wordpress-zip.sh "$data/mfa-sidecar-wordpress.zip")" -d "$root/wp-content/plugins"
# shellcheck disable=SC2016 # that is PHP
[[ -s $data/salts.php ]] || php -r '
    echo "<?php\n";
    foreach (["AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE"] as $name) {
        printf("define(\"%1\$s_KEY\", \"%2\$s\");\ndefine(\"%1\$s_SALT\", \"%3\$s\");\n", $name,
            bin2hex(random_bytes(32)), bin2hex(random_bytes(32)));
    }' >"$data/salts.php"
cat >"$root/wp-config.php" <<PHP
<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:$sockets/mariadb.sock');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', '$wordpress_url');
define('WP_SITEURL', '$wordpress_url');
// Nothing leaves the computer.
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('MFA_SIDECAR_URL', '$mfa_url');
define('MFA_SIDECAR_BRIDGE_KEY', '$(<"$data/bridge.key")');
define('MFA_SIDECAR_ADMIN_KEY', '$(<"$data/admin.key")');
require '$data/salts.php';
\$table_prefix = 'wp_';
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
PHP
if [[ ! -e $data/installed ]]; then
    printf '{"url":"%s","root":"%s","secret":"demo","multisite":false,"activate":true,"users":{%s}}' \
        "$wordpress_url" "$root" '"alice":"editor","bob":"subscriber"' |
        php -d error_reporting=0 php-bridge/tests/wordpress/site/install.php >"$data/install.log"
    grep -q 'installed$' "$data/install.log" || die "WordPress could not be installed: $(tail -n 3 "$data/install.log")"
    touch "$data/installed"
fi
: >"$data/wordpress.log"
setpriv --pdeathsig TERM php -d error_reporting=0 -S "127.0.0.1:$wordpress_port" -t "$root" 2>"$data/wordpress.log" &
pids+=($!)
until_ready 20 "${pids[-1]}" curl -fsS -o /dev/null "$wordpress_url/wp-login.php" ||
    die "WordPress did not start: $(tail -n 3 "$data/wordpress.log")"

cat <<TEXT

  WordPress   $wordpress_url/wp-login.php
  Service     $mfa_url/docs   the API, to read and try

  1. Sign in as admin with the password admin-demo. Under Settings » Multi-Factor Authentication choose "TOTP required"
     and save. Log out.
  2. Sign in as alice with the password alice-demo. You are asked to set up an authenticator app: scan the code.
  3. Log out and in again: now a code from the app is asked for. (bob, bob-demo, is there as well.)
  4. The phone is lost? An administrator removes alice's authenticator in the list of users. At the next login alice sets
     up a new one.
  5. Under "More rules" allow codes by e-mail and text message, or trusted browsers; signed in, open Profile » Security.
     Nothing leaves this computer: what is sent is written to .demo-wordpress/messages.jsonl

  Logs: .demo-wordpress/*.log. To begin anew, remove .demo-wordpress. Ctrl-C ends the demo.

TEXT

# Any one ending by itself ends the demo.
wait -n "${pids[@]}" || true
die "a part of the demo ended by itself: see .demo-wordpress/*.log"
