#!/usr/bin/env bash
# Prints the path of a Chromium that runs, for the browser journeys: $CHROMIUM_PATH, else one that is installed, else
# the distribution's package, with letters for Arabic. A missing browser is a failure, never a skip.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

runs() { "$1" --version >/dev/null 2>&1; }

if [ -n "${CHROMIUM_PATH:-}" ]; then
    runs "$CHROMIUM_PATH" || fail "CHROMIUM_PATH=$CHROMIUM_PATH does not run"
    echo "$CHROMIUM_PATH"
    exit
fi

find_one() {
    local name path
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        # some of these names are stubs that only tell what to install
        path=$(command -v "$name") && runs "$path" && { echo "$path"; return; }
    done
    return 1
}

find_one || { apt_install chromium fonts-noto-core && find_one; } ||
    fail "no browser: install the package chromium, or set CHROMIUM_PATH"
