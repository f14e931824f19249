#!/usr/bin/env bash
# The faults on purpose in their long size, and the API against its own description; `make assure` runs it under
# scripts/with-postgres.sh. Each figure is a line "F1 ... got X, goal Y". Words after the command choose tests by name.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

scripts/strace.sh
[ -n "$(echo /usr/lib/postgresql/*/bin/initdb)" ] && command -v "$(echo /usr/lib/postgresql/*/bin/initdb | tr ' ' '\n' | tail -n 1)" >/dev/null ||
    command -v initdb >/dev/null || apt_install postgresql || fail "one of the faults crashes a PostgreSQL of its own: install the package postgresql"

tests=("$@")
[ $# -gt 0 ] || tests=(assure:: abuse:: injection:: enumeration::)

# optimised: a figure is of the program as it is installed. One after the other: a figure is of one fault.
ulimit -n "$(ulimit -Hn)"
TACHAWOR_ASSURE=1 RUST_BACKTRACE=0 cargo test --release --package tachawor --test it -- \
    --nocapture --test-threads=1 "${tests[@]}"
[ $# -gt 0 ] || TACHAWOR_ASSURE=1 cargo test --release --package domain --test attack -- --nocapture editions::
[ $# -gt 0 ] || for engine in sqlite postgres; do scripts/schemathesis.sh "$engine"; done
