#!/usr/bin/env bash
# Builds what `cargo test` builds and prints the path of the `tachawor` among it. A plain `cargo build` would choose
# other features for the shared crates and compile half the graph a second time.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo test --workspace --no-run --message-format json-render-diagnostics | node -e '
let path
for (const line of require("node:fs").readFileSync(0, "utf8").split("\n")) {
  if (!line.startsWith("{")) continue
  const { reason, target, profile, executable } = JSON.parse(line)
  if (reason === "compiler-artifact" && target.name === "tachawor" && target.kind.includes("bin") && !profile.test) path = executable
}
if (!path) throw new Error("cargo built no binary called tachawor")
console.log(path)'
