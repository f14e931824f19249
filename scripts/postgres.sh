#!/usr/bin/env bash
# Prints the URL of a PostgreSQL server where tests may create databases. A missing engine is a failure, never a skip.
#
#   scripts/postgres.sh        1. $TACHAWOR_TEST_POSTGRES_URL, which must answer;
#                              2. a server on 127.0.0.1:5432 or its socket that lets us in without a password
#                                 and lets us create databases;
#                              3. a private server for this checkout, from the distribution's package, which is
#                                 installed when it may be.
#   scripts/postgres.sh stop   stops the private server and removes its data; touches no other.
#
# TACHAWOR_TEST_POSTGRES=private leaves out 1 and 2.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

# /tmp and not the checkout: the server may not run as root, and another user may not be able to enter root's folders.
# The name holds the user and the checkout, so that two of them do not meet.
private="/tmp/tachawor-postgres-$(id -u)-$(pwd | cksum | cut -d' ' -f1)"

# The newest NAME of PostgreSQL's programs; Debian keeps the server's out of PATH.
program() {
    local found
    found=$(find /usr/lib/postgresql/*/bin -name "$1" 2>/dev/null | sort -V | tail -n 1)
    [ -n "$found" ] || found=$(command -v "$1") || return 1
    echo "$found"
}

# may_create URL: the server answers and this role can create databases.
may_create() {
    local answer
    answer=$(PGCONNECT_TIMEOUT=5 "$(program psql)" --no-psqlrc --no-password --tuples-only --no-align --dbname "$1" \
        --command "select rolsuper or rolcreatedb from pg_roles where rolname = current_user" 2>&1) || true
    [ "$answer" = t ] || { why=$answer; return 1; }
}

need_psql() {
    program psql >/dev/null || { apt_install postgresql-client && program psql >/dev/null; } ||
        fail "psql is missing: install the package postgresql-client"
}

given() {
    need_psql
    # the URL may hold a password, so the message does not repeat it
    may_create "$TACHAWOR_TEST_POSTGRES_URL" ||
        fail "the server of TACHAWOR_TEST_POSTGRES_URL does not answer, or its role may not create databases: $why"
    echo "$TACHAWOR_TEST_POSTGRES_URL"
}

local_server() {
    local role url
    port_is_open 5432 || [ -S /var/run/postgresql/.s.PGSQL.5432 ] || return 1
    need_psql
    for role in postgres "$(id -un)"; do
        for url in "postgres://$role@127.0.0.1:5432/postgres" "postgres://$role@%2Fvar%2Frun%2Fpostgresql:5432/postgres"; do
            may_create "$url" && { echo "$url"; return; }
        done
    done
    say "the server on port 5432 does not let us create databases; starting a private one"
    return 1
}

# PostgreSQL refuses to run as root: then its own user, which the package makes, does.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

install_server() {
    # Debian would also start a server of its own for the whole machine, which nobody asked for
    local config=/etc/postgresql-common/createcluster.d/tachawor.conf status=0
    if [ "$(id -u)" -eq 0 ]; then
        mkdir -p "${config%/*}"
        echo "create_main_cluster = false" >"$config"
    fi
    apt_install postgresql || status=$?
    [ "$(id -u)" -ne 0 ] || rm -f "$config"
    return "$status"
}

private_server() {
    if [ -s "$private/url" ] && need_psql && may_create "$(cat "$private/url")"; then
        cat "$private/url"
        return
    fi
    program initdb >/dev/null || { install_server && program initdb >/dev/null; } ||
        fail "PostgreSQL is missing: install the package postgresql, or set TACHAWOR_TEST_POSTGRES_URL"
    stop_private
    # mkdir fails when someone else made the name first, which in /tmp must not be built upon
    mkdir -m 711 "$private"
    mkdir -m 700 "$private/server"
    # every user of the machine can reach the port, so it asks for a password
    local password port try
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    (umask 077 && echo "$password" >"$private/server/password")
    [ "$(id -u)" -ne 0 ] || chown -R postgres "$private/server"
    # C.UTF-8: the same order on every machine; the program does not lean on the database's collation
    (cd / && as_server "$(program initdb)" --pgdata "$private/server/data" --username tachawor --pwfile "$private/server/password" \
        --auth scram-sha-256 --encoding UTF8 --locale C.UTF-8) >"$private/initdb.log" 2>&1 ||
        fail "initdb failed: $(tail -n 5 "$private/initdb.log")"
    for try in 1 2 3 4 5; do
        port=$(free_port)
        # 9>&-: the server must not keep the lock that serialises this script
        if (cd / && as_server "$(program pg_ctl)" start --wait --silent --pgdata "$private/server/data" --log "$private/server/log" \
            --options "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$private/server") >/dev/null 2>&1 9>&-; then
            (umask 077 && echo "postgres://tachawor:$password@127.0.0.1:$port/postgres" >"$private/url")
            may_create "$(cat "$private/url")" || fail "the private server does not answer: $why"
            cat "$private/url"
            return
        fi
        say "port $port was taken meanwhile (try $try)"
    done
    fail "the private server does not start: $(tail -n 5 "$private/server/log")"
}

stop_private() {
    [ -d "$private" ] || return 0
    [ -O "$private" ] || fail "$private belongs to someone else"
    if [ -s "$private/server/data/postmaster.pid" ]; then
        (cd / && as_server "$(program pg_ctl)" stop --wait --silent --mode fast --pgdata "$private/server/data") >&2 || true
    fi
    rm -rf "$private"
}

why=
# two runs at once share the private server: the second waits until the first has started it
exec 9>"$private.lock"
flock 9
case "${1:-}" in
stop) stop_private ;;
"")
    if [ "${TACHAWOR_TEST_POSTGRES:-}" = private ]; then
        private_server
    elif [ -n "${TACHAWOR_TEST_POSTGRES_URL:-}" ]; then
        given
    else
        local_server || private_server
    fi
    ;;
*) fail "usage: scripts/postgres.sh [stop]" ;;
esac
