#!/usr/bin/env bash
# Restores a backup of scripts/backup.sh into an empty database, or into a new file:
#
#   RESTORE_URL=postgres://tenantry_owner@localhost/tenantry scripts/restore.sh tenantry.dump
#   RESTORE_URL=sqlite://tenantry.db scripts/restore.sh tenantry.backup.db
#
# On Postgres the role is the owner of the tables, and the other roles exist with their original
# names (scripts/postgres-roles.sql). The restore is atomic. Afterwards run `tenantry migrate up`
# and `tenantry doctor`, then start the servers.
set -euo pipefail
umask 077
. "$(dirname "${BASH_SOURCE[0]}")/sqlite-file.sh"

if [ $# != 1 ] || [ -z "${RESTORE_URL:-}" ]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
file=$1
# The tools would read it as an option.
case $file in -*) file=./$file ;; esac
if [ ! -f "$file" ]; then
    echo "restore: $file does not exist" >&2
    exit 1
fi

case $RESTORE_URL in
postgres://* | postgresql://*)
    tables=$(psql --no-psqlrc --no-password --tuples-only --no-align \
        --command "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'" "$RESTORE_URL")
    if [ "$tables" != 0 ]; then
        echo "restore: the database has $tables tables already; it must be empty" >&2
        exit 1
    fi
    pg_restore --no-password --no-owner --no-comments --exit-on-error --single-transaction \
        --dbname "$RESTORE_URL" "$file"
    ;;
sqlite:*)
    sqlite_file_of "$RESTORE_URL"
    target=$sqlite_file
    if [ -e "$target" ]; then
        echo "restore: $target exists already" >&2
        exit 1
    fi
    [ "$(sqlite3 -readonly "$file" 'PRAGMA integrity_check')" = ok ]
    cp -- "$file" "$target.incomplete"
    # SQLite would apply a leftover write-ahead log to the restored file.
    rm -f -- "$target-wal" "$target-shm"
    mv -- "$target.incomplete" "$target"
    ;;
*)
    echo 'restore: RESTORE_URL must be postgres://… or sqlite://…' >&2
    exit 2
    ;;
esac
echo 'restored'
