#!/usr/bin/env bash
# Every test there is; `make test` runs it under scripts/with-postgres.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

# asked for first: a missing browser should not show after minutes of compiling
CHROMIUM_PATH=$(scripts/chromium.sh)
export CHROMIUM_PATH
scripts/strace.sh

cargo test --workspace
make --no-print-directory unit
scripts/e2e.sh sqlite
# the engines differ below the API, and the tests above ask both: here the main job once more, on the other one
scripts/e2e.sh postgres npx --no playwright test main-job desk
