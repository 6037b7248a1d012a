#!/usr/bin/env bash
# Runs a command with a Galera cluster of three MariaDB nodes of its own, on loopback and in memory; it ends with it.
# A node that dies is started again, as an init system does. The command finds, apart by blanks, the nodes by
# TEST_GALERA_URLS, to which a database's name is added, and the files that name their processes by TEST_GALERA_PIDS.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

provider=/usr/lib/galera/libgalera_smm.so
[[ -e $provider ]] || die "Galera is missing: run scripts/install-deps.sh galera"

base=$(mktemp -d /dev/shm/mfa-galera.XXXXXX)
chmod 755 "$base"
keepers=()
finish() {
    local pid
    # First who would start the nodes again.
    for pid in "${keepers[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${keepers[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$base"
}
trap finish EXIT
trap 'exit 130' INT TERM

# MariaDB does not let itself be run by root.
as_mysql=()
if ((EUID == 0)); then
    as_mysql=(setpriv --reuid=mysql --regid=mysql --clear-groups)
    chown mysql:mysql "$base"
fi

ports=() groups=() incoming=() copies=() members=
for n in 0 1 2; do
    free_port; ports[n]=$REPLY
    free_port; groups[n]=$REPLY
    free_port; incoming[n]=$REPLY
    free_port; copies[n]=$REPLY
    members+=${members:+,}127.0.0.1:${groups[n]}
done

# All nodes begin with the same empty databases, and one account.
printf '%s\n' "FLUSH PRIVILEGES;" "CREATE USER 'mfa'@'%';" "GRANT ALL ON *.* TO 'mfa'@'%';" >"$base/account.sql"
"${as_mysql[@]}" mariadb-install-db --no-defaults --datadir="$base/empty" --auth-root-authentication-method=normal \
    --skip-test-db --extra-file="$base/account.sql" >"$base/install.log" 2>&1 ||
    { cat "$base/install.log" >&2; die "no MariaDB"; }

# Sees to it that a node runs, until it is told to end.
keep() { # NODE [ARGUMENT...]
    local n=$1 dir=$base/$1 pid='' position options arguments start=()
    shift
    # A silent node is given up within three seconds, which is a client's patience.
    options="gmcast.listen_addr=tcp://127.0.0.1:${groups[n]};ist.recv_addr=127.0.0.1:${incoming[n]}"
    options+=";evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;evs.suspect_timeout=PT1.5S"
    options+=";evs.inactive_timeout=PT3S;evs.install_timeout=PT3S;repl.causal_read_timeout=PT2S;gcache.size=64M"
    arguments=(--no-defaults --datadir="$dir" --port="${ports[n]}" --bind-address=127.0.0.1 --socket="$dir/socket"
        --pid-file="$dir/pid" --skip-name-resolve --max-connections=400 --innodb-buffer-pool-size=64M
        --innodb-flush-method=fsync --innodb-autoinc-lock-mode=2 --binlog-format=ROW --wsrep-on=ON
        --wsrep-provider="$provider" --wsrep-cluster-name=mfa --wsrep-node-name="node$n"
        --wsrep-node-address="127.0.0.1:${groups[n]}" --wsrep-node-incoming-address="127.0.0.1:${ports[n]}"
        --wsrep-sst-method=rsync --wsrep-sst-receive-address="127.0.0.1:${copies[n]}" --wsrep-slave-threads=2
        --wsrep-provider-options="$options" --wsrep-cluster-address="gcomm://$members")
    trap 'trap - TERM; [[ -z $pid ]] || kill -TERM "$pid" 2>/dev/null; wait; exit' TERM
    while true; do
        "${as_mysql[@]}" mariadbd "${arguments[@]}" "${start[@]}" "$@" >>"$base/$n.log" 2>&1 &
        pid=$!
        wait "$pid" || true
        pid=''
        set --
        # From where it goes on: without, it would have to copy everything.
        "${as_mysql[@]}" mariadbd "${arguments[@]}" --wsrep-recover --log-error="$dir/recovery.log" >/dev/null 2>&1 || true
        position=$(sed -n 's/.*WSREP: Recovered position:\? *\([^ ]*\).*/\1/p' "$dir/recovery.log" | tail -n 1) || true
        start=(${position:+"--wsrep-start-position=$position"})
        rm -f "$dir/recovery.log"
    done
}

status_is() { # PORT NAME VALUE
    [[ $(mariadb --no-defaults -h 127.0.0.1 -P "$1" -u mfa -BNe "SHOW STATUS LIKE '$2'" | cut -f 2) == "$3" ]]
}
serves() { # PORT NODES
    status_is "$1" wsrep_cluster_size "$2" && status_is "$1" wsrep_ready ON && status_is "$1" wsrep_local_state_comment Synced
}

for n in 0 1 2; do
    "${as_mysql[@]}" cp -a "$base/empty" "$base/$n"
    first=()
    ((n > 0)) || first=(--wsrep-new-cluster)
    # The shell's own words about a node that died are no one's.
    keep "$n" "${first[@]}" 2>/dev/null &
    keepers+=($!)
    until_ready 60 $! serves "${ports[n]}" $((n + 1)) ||
        { tail -n 50 "$base/$n.log" >&2; die "node $n of Galera did not join"; }
done
until_ready 30 "${keepers[0]}" serves "${ports[0]}" 3 || die "the cluster is not complete"

export TEST_GALERA_URLS="${ports[*]/#/mysql://mfa@127.0.0.1:}" TEST_GALERA_PIDS="$base/0/pid $base/1/pid $base/2/pid"
export TEST_DATABASE_LOGS=$base
"$@"
