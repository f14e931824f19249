# shellcheck shell=bash
# Shared by the scripts beside it; sourced, never run.

# Answers go to stdout, everything said to a person to stderr.
say() { printf '%s\n' "$*" >&2; }
fail() {
    say "error: $*"
    exit 1
}

# apt_install PACKAGE...: installs from the distribution when this user may, and says why when not.
apt_install() {
    local sudo=()
    command -v apt-get >/dev/null || { say "there is no apt-get here to install $* with"; return 1; }
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || { say "installing $* needs root or a sudo that asks no password"; return 1; }
        sudo=(sudo -n)
    fi
    say "installing $* with apt-get"
    "${sudo[@]}" apt-get update -qq >&2 || say "apt-get update failed; trying with the lists at hand"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# free_port: a TCP port of 127.0.0.1 that nothing listens on. Below the range that outgoing connections draw from.
free_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        port_is_open "$port" || { echo "$port"; return; }
    done
}

# port_is_open PORT: whether something listens on 127.0.0.1:PORT.
port_is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
