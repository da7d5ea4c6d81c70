#!/usr/bin/env bash
# Copies a whole database, of all organizations, to a file, while the servers go on:
#
#   BACKUP_URL=postgres://tenantry_backup@localhost/tenantry scripts/backup.sh tenantry.dump
#   BACKUP_URL=sqlite://tenantry.db scripts/backup.sh tenantry.backup.db
#
# On Postgres the role must be one that row-level security does not hold, such as tenantry_backup;
# with another one it ends with an error instead of half a backup. Its password belongs in
# ~/.pgpass: in the address, others on this machine could read it. Needs pg_dump, or sqlite3.
set -euo pipefail
umask 077

if [ $# != 1 ] || [ -z "${BACKUP_URL:-}" ]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
file=$1
if [ -e "$file" ]; then
    echo "backup: $file exists already" >&2
    exit 1
fi

# Under another name until it is complete, so that half a backup is never taken for one.
draft="$file.incomplete"
trap 'rm -f "$draft"' EXIT
rm -f "$draft"

case $BACKUP_URL in
postgres://* | postgresql://*)
    pg_dump --format custom --no-password --file "$draft" --dbname "$BACKUP_URL"
    pg_restore --list "$draft" >/dev/null
    ;;
sqlite:*)
    source=${BACKUP_URL#sqlite:}
    source=${source#//}
    source=${source%%\?*}
    if [ ! -f "$source" ]; then
        echo "backup: $source is not there" >&2
        exit 1
    fi
    sqlite3 -readonly -bail "$source" ".timeout 10000" ".backup '$draft'"
    [ "$(sqlite3 -readonly "$draft" 'PRAGMA integrity_check')" = ok ]
    ;;
*)
    echo 'backup: BACKUP_URL must be postgres://… or sqlite://…' >&2
    exit 2
    ;;
esac
mv "$draft" "$file"
echo "$file"
