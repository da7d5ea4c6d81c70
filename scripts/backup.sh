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
. "$(dirname "${BASH_SOURCE[0]}")/sqlite-file.sh"

if [ $# != 1 ] || [ -z "${BACKUP_URL:-}" ]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
file=$1
# The tools would read it as an option.
case $file in -*) file=./$file ;; esac
if [ -e "$file" ]; then
    echo "backup: $file exists already" >&2
    exit 1
fi

# Written under another name until complete, so that a partial backup is never mistaken for one.
draft="$file.incomplete"
trap 'rm -f -- "$draft"' EXIT
rm -f -- "$draft"

case $BACKUP_URL in
postgres://* | postgresql://*)
    # Without large objects (-B in every version), which only their owner can read, and without rights
    # to functions of the server, which only an administrator can restore.
    pg_dump --format custom -B --exclude-schema pg_catalog --no-password --file "$draft" \
        --dbname "$BACKUP_URL"
    pg_restore --list "$draft" >/dev/null
    ;;
sqlite:*)
    sqlite_file_of "$BACKUP_URL"
    if [ ! -f "$sqlite_file" ]; then
        echo "backup: $sqlite_file does not exist" >&2
        exit 1
    fi
    # Under a name that no tool misreads, whatever the folder is called.
    folder=$(cd -- "$(dirname -- "$file")" && pwd)
    scratch=$(mktemp -d "${folder%/}/.tenantry-backup.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    source=$(realpath -- "$sqlite_file")
    (cd -- "$scratch" && sqlite3 -readonly -bail "$source" '.timeout 10000' '.backup backup.db')
    [ "$(sqlite3 -readonly "$scratch/backup.db" 'PRAGMA integrity_check')" = ok ]
    draft=$scratch/backup.db
    ;;
*)
    echo 'backup: BACKUP_URL must be postgres://… or sqlite://…' >&2
    exit 2
    ;;
esac
mv -- "$draft" "$file"
echo "$file"
