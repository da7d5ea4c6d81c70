# Stops the shared cluster when no test process uses it any more.
# Arguments: the cluster's folder, pg_ctl, seconds between two checks.
folder=$1 pg_ctl=$2 pause=$3

# One supervisor is enough.
exec 9>>"$folder/supervisor.lock"
flock -n 9 || exit 0

while sleep "$pause" 9>&- && [ -d "$folder" ]; do
    # Every test process holds a shared lock on this file.
    exec 8>>"$folder/in-use.lock"
    if flock -n -x 8; then
        "$pg_ctl" stop --silent --mode immediate --pgdata "$folder/data" 8>&- 9>&-
        rm -rf "$folder/data" "$folder/address" "$folder/log" "$folder/password"
# Released first: a test process that waits for the other lock checks this one next.
        exec 9>&-
        exit 0
    fi
    exec 8>&-
done
