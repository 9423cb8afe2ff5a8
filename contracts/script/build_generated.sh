#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Renders the verifier contracts of the insecure development setup and compiles them into contracts/generated.
# With --check, compares with what is there instead; exits with 1 at a difference. Needs `npm ci` in contracts/ first.
set -euo pipefail
cd "$(dirname "$0")/.."

target=generated
if [ "${1:-}" = --check ]; then
  target=$(mktemp -d)
  trap 'rm -rf "$target"' EXIT
fi
target=$(realpath "$target")
rm -f "$target"/*
(cd .. && cargo run --quiet --release -p apportion-verifier --example render_dev_verifiers -- "$target")
node script/compile_generated.cjs "$target"

if [ "${1:-}" = --check ] && ! diff --brief --recursive generated "$target"; then
  echo "contracts/generated is not what the generator and the compiler make (contracts/script/build_generated.sh)" >&2
  exit 1
fi
