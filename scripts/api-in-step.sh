#!/usr/bin/env bash
# What is promised follows the code: openapi/openapi.json from the binary, the frontend's types from openapi.json.
#
#   scripts/api-in-step.sh write    regenerates both
#   scripts/api-in-step.sh check    fails if either differs from what is checked in, and leaves them as they were
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

spec=openapi/openapi.json
types=frontend/src/api/schema.d.ts
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$(scripts/binary.sh)" openapi >"$folder/spec"
case "${1:-}" in
write)
    # only a changed file is written, so that what is built from it is not built again for nothing
    cmp -s "$folder/spec" "$spec" || cp "$folder/spec" "$spec"
    (cd frontend && npm run --silent gen:api)
    ;;
check)
    diff -u "$spec" "$folder/spec" >&2 || fail "$spec is not what the program says: run make openapi"
    cp -p "$types" "$folder/types"
    (cd frontend && npm run --silent gen:api) >&2
    diff -u "$folder/types" "$types" >"$folder/difference" || {
        cat "$folder/difference" >&2
        cp -p "$folder/types" "$types"
        fail "$types is not made from $spec: run make openapi"
    }
    cp -p "$folder/types" "$types"
    ;;
*) fail "usage: scripts/api-in-step.sh write|check" ;;
esac
