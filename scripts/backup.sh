#!/usr/bin/env bash
# Backs up a whole database, with all organizations, to a file while the servers run:
#
#   BACKUP_URL=postgres://tenantry_backup@localhost/tenantry scripts/backup.sh tenantry.dump
#   BACKUP_URL=sqlite://tenantry.db scripts/backup.sh tenantry.backup.db
#
# On Postgres the role must bypass row-level security, such as tenantry_backup; any other role
# fails instead of writing a partial backup. Put its password in ~/.pgpass: other users of this
# machine can read it in the URL. Needs pg_dump or sqlite3.
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

# Written under another name until complete, so that a partial backup is never mistaken for one.
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
        echo "backup: $source does not exist" >&2
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
