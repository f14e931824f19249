#!/usr/bin/env bash
# All that CI does, cheap things first; stops at the first that fails and says what each took.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

step() {
    local start=$SECONDS
    say "=== $1"
    shift
    "$@" || fail "that failed after $((SECONDS - start)) s: $*"
    say "=== took $((SECONDS - start)) s"
}

# what git would notice: names and, for files it knows, contents
tree() { git status --porcelain && git diff; }
tree_is_unchanged() {
    local after
    after=$(tree)
    diff <(echo "$before") <(echo "$after") >&2
}

scripts/prepare.sh
before=$(tree) || fail "this is not a git checkout: whether the tree stays clean cannot be told"

step "Cargo.lock is in step" cargo metadata --quiet --locked --format-version 1 >/dev/null
step "Rust is formatted" make fmt-check
step "frontend: packages" make frontend-packages
step "frontend: types" make types
step "frontend: lint and format" make lint
step "Rust: clippy" make clippy
step "Rust: documentation" make doc
step "dependencies: bans, licences, sources" make deny
step "the list of what it is made of" sh -c 'node scripts/sbom.mjs >/dev/null'
step "openapi.json and the types made from it are in step" scripts/api-in-step.sh check
step "tests" make test
step "the tree is as it was" tree_is_unchanged
say "=== everything passed in $SECONDS s"
