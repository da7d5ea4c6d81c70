# Prebuilt programs that the checks need, in target/tools: sourced by the scripts, from the root.

# Makes a Python environment from a list with hashes, unless it is there: python_tools NAME LIST.
python_tools() {
    local home=target/tools/$1 list=$2
    if [ -d "$home/bin" ] && cmp -s "$list" "$home/installed"; then return; fi
    if ! python3 -c 'import ensurepip' 2>/dev/null && command -v apt-get >/dev/null; then
        as_root apt-get update -q
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y python3-venv
    fi
    rm -rf "$home"
    python3 -m venv "$home" &&
        "$home/bin/pip" install -q --disable-pip-version-check -r "$list" &&
        cp "$list" "$home/installed"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# The prebuilt programs of scripts/tools.txt, in target/tools/programs/bin; fails where there are
# none for this machine.
programs() {
    python_tools programs scripts/tools.txt
}
