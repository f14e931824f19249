#!/usr/bin/env bash
# Says what is missing before a long build does, and installs the C compiler that SQLite and ring are built with.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

command -v cargo >/dev/null || fail "cargo is missing: install Rust (https://rustup.rs)"
{ command -v node && command -v npm; } >/dev/null || fail "node or npm is missing: install Node.js 20 or newer"
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || fail "Node.js 20 or newer is needed; this is $(node --version)"
command -v cc >/dev/null || { apt_install gcc libc6-dev && command -v cc >/dev/null; } ||
    fail "no C compiler: install the packages gcc and libc6-dev"
