#!/usr/bin/env bash
# Sees to it that strace is there: one test counts with it how often the program waits for the disk.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
command -v strace >/dev/null || { apt_install strace && command -v strace >/dev/null; } || fail "strace is missing: install the package strace"
