#!/usr/bin/env bash
# scripts/with-postgres.sh COMMAND...: runs it with TACHAWOR_TEST_POSTGRES_URL set, and leaves no private server behind.
set -euo pipefail
here=$(dirname "$0")

trap '"$here/postgres.sh" stop' EXIT
TACHAWOR_TEST_POSTGRES_URL=$("$here/postgres.sh")
export TACHAWOR_TEST_POSTGRES_URL
"$@"
