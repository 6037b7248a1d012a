#!/usr/bin/env bash
# Installs what is missing: `install-deps.sh demo` what the demo needs, `demo-wordpress` what the one with WordPress
# needs, `test` everything, `galera` what the tests on a cluster need beside that.
# Each tool is probed for, not its package, so that one from elsewhere serves as well.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

missing=()
need() { # PACKAGE PROBE...
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
php_has() { [[ " $(php -m 2>/dev/null | tr '[:upper:]\n' '[:lower:] ') " == *" $1 "* ]]; }

need gcc command -v cc
need libc6-dev test -e /usr/include/stdio.h
need curl command -v curl
need php-cli command -v php
need php-curl php_has curl
need php-mbstring php_has mbstring
need php-xml php_has dom
need php-intl php_has intl
need php-sqlite3 php_has pdo_sqlite
if [[ ${1:-} == test || ${1:-} == demo-wordpress ]]; then
    need wordpress test -e /usr/share/wordpress/wp-login.php
    need mariadb-server test -x /usr/sbin/mariadbd
    need php-mysql php_has mysqli
    need zip command -v zip
    need unzip command -v unzip
fi
if [[ ${1:-} == galera ]]; then
    need galera-4 test -e /usr/lib/galera/libgalera_smm.so
    need rsync command -v rsync
    need lsof command -v lsof
fi
if [[ ${1:-} == test ]]; then
    need pkgconf command -v pkg-config
    need libpq-dev pkg-config --exists libpq
    need default-libmysqlclient-dev pkg-config --exists mysqlclient
    need postgresql compgen -G '/usr/lib/postgresql/*/bin/postgres'
    need nginx-light test -x /usr/sbin/nginx
    need php-fpm compgen -G '/usr/sbin/php-fpm*'
    need gettext command -v xgettext
    need oathtool command -v oathtool
    need faketime compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1'
    need e2fsprogs command -v mkfs.ext4
    need chromium command -v chromium
    need phpunit command -v phpunit
    need php-codesniffer command -v phpcs
    need smarty4 test -e /usr/share/php/smarty4/Smarty.class.php
    need gettext command -v msgfmt
    need zip command -v zip
    need unzip command -v unzip
    need shellcheck command -v shellcheck
    need openssl command -v openssl
    need python3-venv python3 -c 'import ensurepip, venv'
    need nodejs command -v node
    need npm command -v npm
fi

if ((${#missing[@]})); then
    say "Installing ${missing[*]}"
    command -v apt-get >/dev/null || die "please install by hand: ${missing[*]}"
    as_root=()
    ((EUID == 0)) || as_root=(sudo)
    apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update -qq
    # The demo and the tests start servers of their own, with data of their own: the system is to run none of those that
    # come with this, neither now nor after its next start.
    declare -A units=([mariadbd]=mariadb [nginx]=nginx [apache2]=apache2)
    for server in "${!units[@]}"; do
        [[ -x /usr/sbin/$server ]] && unset "units[$server]"
    done
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
        # shellcheck disable=SC2064 # as it is now
        trap "${as_root[*]} rm -f $policy" EXIT
    fi
    "${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    for unit in "${units[@]}"; do
        "${as_root[@]}" systemctl disable "$unit" >/dev/null 2>&1 || true
    done
fi

command -v cargo >/dev/null || die "cargo is missing: install Rust with rustup (https://rustup.rs), then run this again"

[[ ${1:-} == test ]] || exit 0

for dir in php-bridge/tests/browser php-bridge/tests/wordpress tests/openapi; do
    # npm leaves its own copy of the lock file behind: older than ours means another set of packages.
    [[ $dir/node_modules/.package-lock.json -nt $dir/package-lock.json ]] && continue
    say "Installing the node packages of $dir"
    (cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    touch "$dir/node_modules/.package-lock.json"
done

if ! cmp -s tests/requirements.txt .venv/installed.txt; then
    say "Installing the Python packages of the tests"
    python3 -m venv --clear .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
    cp tests/requirements.txt .venv/installed.txt
fi
