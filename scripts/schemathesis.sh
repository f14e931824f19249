#!/usr/bin/env bash
# Asks the running demonstration everything its description allows and much that it does not, as a visitor and in each
# role: no error of ours, no answer that the description does not promise.
#
#   scripts/schemathesis.sh [sqlite|postgres] [EXAMPLES]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

version=4.32.5
engine=${1:-sqlite}
examples=${2:-50}
tool=.tools/schemathesis/bin/schemathesis
if ! "$tool" --version 2>/dev/null | grep -qF "$version"; then
    { python3 -m venv .tools/schemathesis >/dev/null 2>&1 || { apt_install python3-venv && python3 -m venv --clear .tools/schemathesis; }; } ||
        fail "Python's venv is missing: install the package python3-venv"
    .tools/schemathesis/bin/pip install --quiet --disable-pip-version-check "schemathesis==$version" >&2
fi
export SCHEMATHESIS="$PWD/$tool" EXAMPLES="$examples"
scripts/e2e.sh "$engine" node ../scripts/schemathesis.mjs
