#!/usr/bin/env bash
# Runs the cargo-deny that this checkout is written for; builds it into .tools/ the first time (minutes).
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
is_it() { [ "$("$1" --version 2>/dev/null)" = "cargo-deny $version" ]; }

for deny in "$(command -v cargo-deny || true)" .tools/bin/cargo-deny; do
    if is_it "$deny"; then exec "$deny" "$@"; fi
done
cargo install --locked --quiet --root .tools --version "$version" cargo-deny >&2
exec .tools/bin/cargo-deny "$@"
