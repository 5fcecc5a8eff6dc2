# Stops the PostgreSQL of a test run and removes its folder when the run is over: when the program that runs the tests
# is gone, or nobody has used the cluster for a while. Tests hold a shared lock on `users` while they use it.
# Arguments: folder, lock file that guards start and stop, process id of the program that runs the tests.
folder=$1
lock=$2
runner=$3
unused=0
orphaned=0

in_use() {
    command -v flock >/dev/null && ! flock --nonblock --exclusive "$folder/users" true
}

stop() {
    postmaster=$(head -n 1 "$folder/data/postmaster.pid" 2>/dev/null)
    if [ -n "$postmaster" ]; then
        kill -INT "$postmaster" 2>/dev/null
        waited=0
        while kill -0 "$postmaster" 2>/dev/null; do
            [ "$waited" -eq 100 ] && kill -QUIT "$postmaster" 2>/dev/null
            waited=$((waited + 1))
            sleep 0.1
        done
    fi
    rm -rf "$folder" "$lock"
}

while [ -d "$folder" ]; do
    sleep 1
    if kill -0 "$runner" 2>/dev/null; then
        if command -v flock >/dev/null && ! in_use; then unused=$((unused + 1)); else unused=0; fi
        [ "$unused" -lt 20 ] && continue
    else
        orphaned=$((orphaned + 1))
        in_use && [ "$orphaned" -lt 60 ] && continue
    fi
    if command -v flock >/dev/null; then
        # Whoever starts or joins the cluster holds this lock.
        exec 9>>"$lock"
        flock 9
        if in_use && [ "$orphaned" -lt 60 ]; then
            exec 9>&-
            unused=0
            continue
        fi
    fi
    stop
    exit
done
