#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Renders the verifier contracts and compiles them. contracts/generated keeps what a program needs to deploy them, and
# digests of everything: of the Solidity too, which anyone can render again. Those of the insecure development setup stand
# in contracts/generated itself; those of a public ceremony, whose powers of tau (gnark's form) APPORTION_POWERS_G1 and
# APPORTION_POWERS_G2 name, in contracts/generated/ceremony. Without these files the latter stay as they are.
#
#   build_generated.sh            make contracts/generated anew
#   build_generated.sh --check    compare with what is there; exit with 1 at a difference
#   build_generated.sh --to DIR   leave everything, Solidity included, in DIR
#
# Needs `npm ci` in contracts/ first.
set -euo pipefail
cd "$(dirname "$0")/.."

render() { (cd .. && cargo run --quiet --release -p apportion-generator --example render_verifiers -- "$@"); }

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
mkdir "$made/dev" "$made/ceremony"
render "$made/dev"
node script/compile_generated.cjs "$made/dev"
if [ -n "${APPORTION_POWERS_G1:-}" ]; then
  render "$made/ceremony" "$(realpath "$APPORTION_POWERS_G1")" "$(realpath "$APPORTION_POWERS_G2")"
  node script/compile_generated.cjs "$made/ceremony"
fi
if [ "${1:-}" = --to ]; then
  mkdir -p "$2"
  cp -R "$made/dev" "$made/ceremony" "$2"
  exit
fi
mkdir -p "$made/kept/ceremony"
cp "$made"/dev/*.json "$made/dev/SHA256SUMS" "$made/kept"
if [ -n "${APPORTION_POWERS_G1:-}" ]; then
  cp "$made"/ceremony/*.json "$made/ceremony/SHA256SUMS" "$made/kept/ceremony"
else
  cp generated/ceremony/* "$made/kept/ceremony"
fi
if [ "${1:-}" = --check ]; then
  if ! diff --brief --recursive generated "$made/kept"; then
    echo "contracts/generated is not what the generator and the compiler make (contracts/script/build_generated.sh)" >&2
    exit 1
  fi
else
  rm -rf generated
  cp -R "$made/kept" generated
fi
