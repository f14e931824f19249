#!/usr/bin/env bash
# Starts the demonstration on an empty database and a spare port, runs the browser journeys against it, stops it.
#
#   scripts/e2e.sh [sqlite|postgres] [COMMAND...]     COMMAND runs in frontend/ instead of the journeys
#
# COMMAND finds in its environment: E2E_BASE_URL (the origin), E2E_MAIL_DIR (where the mails land as files) and
# CHROMIUM_PATH. E2E_DATABASE_URL, if set, is the database to use; it should be empty and stays afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

engine=${1:-sqlite}
shift || true
[ $# -gt 0 ] || set -- npx --no playwright test

folder=$(mktemp -d)
server=
database=
# shellcheck disable=SC2317 # the trap calls it
clean_up() {
    local status=$?
    trap - EXIT
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        # what does not stop when asked is stopped, and is a fault of its own
        for _ in $(seq 100); do
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        if kill -9 "$server" 2>/dev/null; then
            say "error: the server did not stop within 10 s"
            status=1
        fi
        wait "$server" 2>/dev/null || true
    fi
    if [ "$status" -ne 0 ] && [ -s "$folder/server.log" ]; then
        say "--- the end of the server's log"
        tail -n 40 "$folder/server.log" >&2
    fi
    [ -z "$database" ] || drop_database || true
    rm -rf "$folder"
    exit "$status"
}
trap clean_up EXIT

run_sql() { PATH="$PATH:$(echo /usr/lib/postgresql/*/bin | tr ' ' :)" psql --no-psqlrc --quiet --dbname "$postgres" --command "$1" >&2; }
drop_database() { run_sql "drop database if exists $database with (force)"; }

if [ -n "${E2E_DATABASE_URL:-}" ]; then
    url=$E2E_DATABASE_URL
elif [ "$engine" = sqlite ]; then
    url="sqlite://$folder/tachawor.db"
elif [ "$engine" = postgres ]; then
    postgres=$(scripts/postgres.sh)
    database="tachawor_e2e_$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')"
    run_sql "create database $database"
    base=${postgres%%\?*}
    url="${base%/*}/$database${postgres#"$base"}"
else
    fail "usage: scripts/e2e.sh [sqlite|postgres] [COMMAND...]"
fi

CHROMIUM_PATH=$(scripts/chromium.sh)
binary=$(scripts/binary.sh)
make --no-print-directory frontend

export CHROMIUM_PATH E2E_MAIL_DIR="$folder/mail"
E2E_BASE_URL="http://127.0.0.1:$(free_port)"
export E2E_BASE_URL

# by environment and not by argument: a database's URL may hold a password, and arguments are everyone's to read
TACHAWOR_DATABASE_URL=$url TACHAWOR_STATIC_DIR=frontend/build TACHAWOR_LISTEN=${E2E_BASE_URL#http://} \
    TACHAWOR_PUBLIC_URL=$E2E_BASE_URL TACHAWOR_SECRET_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n') \
    TACHAWOR_MAIL="file:$E2E_MAIL_DIR" TACHAWOR_ATTACHMENTS="file:$folder/attachments" TACHAWOR_WORKER=true TACHAWOR_LIMITS=false \
    TACHAWOR_LOG=debug TACHAWOR_LOG_FORMAT=text \
    "$binary" demo >"$folder/server.log" 2>&1 &
server=$!

# shellcheck disable=SC2016 # those are JavaScript's
node --input-type=module -e '
const [url, pid] = process.argv.slice(1)
const give_up = (why) => { console.error(`error: ${why}`); process.exit(1) }
const until = Date.now() + 60_000
const alive = () => { try { return process.kill(pid, 0) } catch { return false } }
const ready = () => fetch(url).then((answer) => answer.ok, () => false)
while (!(await ready())) {
  if (!alive()) give_up("the server stopped before it was ready")
  if (Date.now() > until) give_up("the server was not ready within 60 s")
  await new Promise((resolve) => setTimeout(resolve, 100))
}' "$E2E_BASE_URL/health/ready" "$server"

say "running on $engine at $E2E_BASE_URL: $*"
cd frontend
"$@"

# what people wrote in the browser must not stand in the log: addresses, receipt codes, any word in Arabic letters
if LC_ALL=C.UTF-8 grep -nm 5 -P '@|([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}|\p{Arabic}' "$folder/server.log" >&2; then
    fail "the server's log holds an address, a receipt code or somebody's words"
fi
