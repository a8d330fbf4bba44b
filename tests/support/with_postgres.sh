#!/usr/bin/env bash
# Runs a program beside a Postgres of its own: a cluster in a temporary directory that listens on a socket there only.
# The program finds it by PGHOST, PGPORT, PGUSER and PGDATABASE, and can end or start it by the words in AUK_PG_CTL
# ("$AUK_PG_CTL stop -m immediate"). Ends with the program's status; 77 and a reason where there is no Postgres.
set -euo pipefail

bin=
for folder in ${POSTGRES_BIN:+"$POSTGRES_BIN"} $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
    "$(dirname "$(command -v postgres || echo /nowhere/postgres)")"; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
        bin=$folder
        break
    fi
done
[ -n "$bin" ] || { echo "skipped: no PostgreSQL server is installed" >&2; exit 77; }

as=
if [ "$(id -u)" -eq 0 ]; then
    user=$(id -un postgres 2>/dev/null || id -un nobody 2>/dev/null) ||
        { echo "skipped: PostgreSQL does not run as root, and there is no other user" >&2; exit 77; }
    as="setpriv --reuid $user --regid $(id -gn "$user") --clear-groups"
fi

directory=$(mktemp -d "${AUK_TEST_DIR:-${TMPDIR:-/tmp}}/auk-pg-XXXXXX")
chmod 755 "$directory"
[ -z "$as" ] || chown "$user" "$directory"
export AUK_PG_CTL="env -C $directory LC_ALL=C $as $bin/pg_ctl -s -w -t 120 -D $directory/data -l $directory/log"
finish() {
    status=$?
    $AUK_PG_CTL stop -m immediate >/dev/null 2>&1 || true
    [ $status -eq 0 ] || { echo "--- the log of Postgres"; tail -n 60 "$directory/log" || true; } >&2
    rm -rf "$directory"
}
trap finish EXIT
trap 'exit 130' INT TERM

env -C "$directory" LC_ALL=C $as "$bin/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C --no-sync \
    >"$directory/initdb" 2>&1 || { cat "$directory/initdb" >&2; exit 1; }
cat >>"$directory/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$directory'
fsync = off
full_page_writes = off
wal_level = logical
max_wal_senders = 20
max_replication_slots = 20
shared_buffers = 32MB
max_wal_size = 4GB
log_min_messages = warning
CONF
$AUK_PG_CTL start

export PGHOST=$directory PGPORT=5432 PGUSER=postgres PGDATABASE=postgres POSTGRES_BIN=$bin
"$@"
