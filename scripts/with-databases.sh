#!/usr/bin/env bash
# Runs a command with a PostgreSQL and a MariaDB server of its own, on loopback and in memory; both end with it.
# The command finds them by TEST_POSTGRES_URL and TEST_MYSQL_URL, to which a database's name is added. Both offer TLS;
# TEST_DATABASE_TLS is a directory with what scripts/test-certificates.sh makes, and with the servers' certificate,
# server.pem, a copy of valid.pem; they read it anew when they are told to.
# DATABASES_DURABLE=1 keeps their data on disk, with commits that outlive a power cut, as an operator would run them.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

if [[ -n ${DATABASES_DURABLE:-} ]]; then
    # Not in the project's directory, which the servers' own users may be unable to reach.
    base=$(mktemp -d /var/tmp/mfa-databases.XXXXXX)
    initdb_options=()
    postgres_options=(-c fsync=on -c full_page_writes=on -c synchronous_commit=on -c autovacuum=on -c shared_buffers=1GB
        -c max_wal_size=4GB)
    mariadb_options=(--innodb-flush-log-at-trx-commit=1 --innodb-doublewrite=ON --innodb-flush-method=O_DIRECT
        --innodb-buffer-pool-size=1G --innodb-log-file-size=1G)
else
    base=$(mktemp -d /dev/shm/mfa-databases.XXXXXX)
    initdb_options=(--no-sync)
    postgres_options=(-c fsync=off -c full_page_writes=off -c autovacuum=off -c shared_buffers=128MB -c wal_level=minimal
        -c max_wal_senders=0)
    mariadb_options=(--innodb-buffer-pool-size=128M --innodb-flush-method=fsync)
fi
chmod 755 "$base"
pids=()
finish() {
    local pid
    # PostgreSQL waits for its clients then; they are gone with the command.
    for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$base"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Neither server lets itself be run by root. In front of a command, so that a background job is the server itself.
as_postgres=() as_mysql=()
if ((EUID == 0)); then
    as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups --pdeathsig TERM)
    as_mysql=(setpriv --reuid=mysql --regid=mysql --clear-groups --pdeathsig TERM)
fi
directory_of() { # USER DIRECTORY
    mkdir -m 700 "$2"
    ((EUID != 0)) || chown "$1:$1" "$2"
}

tls=$base/tls
scripts/test-certificates.sh "$tls"
cp "$tls/valid.pem" "$tls/server.pem"
for server in postgres mysql; do
    cp "$tls/valid.key" "$tls/$server.key"
    chmod 600 "$tls/$server.key"
    ((EUID != 0)) || chown "$server:$server" "$tls/$server.key"
done

postgres_bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
[[ -x $postgres_bin/postgres ]] || die "PostgreSQL is missing: run scripts/install-deps.sh test"
free_port; postgres_port=$REPLY
directory_of postgres "$base/postgres"
"${as_postgres[@]}" "$postgres_bin/initdb" -D "$base/postgres" -U mfa --auth=trust "${initdb_options[@]}" \
    -E UTF8 --locale=C.UTF-8 >"$base/initdb.log" 2>&1 ||
    { cat "$base/initdb.log" >&2; die "no PostgreSQL"; }
"${as_postgres[@]}" "$postgres_bin/postgres" -D "$base/postgres" -p "$postgres_port" -c listen_addresses=127.0.0.1 \
    -c ssl=on -c ssl_cert_file="$tls/server.pem" -c ssl_key_file="$tls/postgres.key" \
    -c unix_socket_directories= -c max_connections=400 "${postgres_options[@]}" >"$base/postgres.log" 2>&1 &
pids+=($!)
until_ready 30 $! "$postgres_bin/pg_isready" -h 127.0.0.1 -p "$postgres_port" -U mfa -d postgres ||
    { cat "$base/postgres.log" >&2; die "PostgreSQL did not start"; }

free_port; mariadb_port=$REPLY
directory_of mysql "$base/mariadb"
"${as_mysql[@]}" mariadb-install-db --no-defaults --datadir="$base/mariadb" --auth-root-authentication-method=normal \
    --skip-test-db >"$base/install.log" 2>&1 || { cat "$base/install.log" >&2; die "no MariaDB"; }
printf '%s\n' "CREATE USER 'mfa'@'%';" "GRANT ALL ON *.* TO 'mfa'@'%' WITH GRANT OPTION;" >"$base/init.sql"
"${as_mysql[@]}" mariadbd --no-defaults --datadir="$base/mariadb" --port="$mariadb_port" --bind-address=127.0.0.1 \
    --socket="$base/mariadb/socket" --pid-file="$base/mariadb/pid" --init-file="$base/init.sql" --skip-name-resolve \
    --ssl-cert="$tls/server.pem" --ssl-key="$tls/mysql.key" \
    --max-connections=400 "${mariadb_options[@]}" >"$base/mariadb.log" 2>&1 &
pids+=($!)
until_ready 30 $! mariadb --no-defaults -h 127.0.0.1 -P "$mariadb_port" -u mfa -e 'SELECT 1' ||
    { cat "$base/mariadb.log" >&2; die "MariaDB did not start"; }

# Without TLS where nothing else is asked for: libpq would take it where it is offered, and the tests and figures that
# do not mean it would be of something else.
export PGSSLMODE=disable
export TEST_DATABASE_LOGS=$base TEST_DATABASE_TLS=$tls
export TEST_POSTGRES_URL=postgres://mfa@127.0.0.1:$postgres_port TEST_MYSQL_URL=mysql://mfa@127.0.0.1:$mariadb_port
"$@"
