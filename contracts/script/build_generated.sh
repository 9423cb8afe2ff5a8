#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Renders the verifier contracts and compiles them: contracts/generated has those of the insecure development setup,
# contracts/generated/ceremony those of the ceremony whose powers of tau (gnark's form) APPORTION_POWERS_G1 and
# APPORTION_POWERS_G2 name. Without these files the ceremony's contracts stay as they are.
# With --check, compares with what is there instead; exits with 1 at a difference. Without the ceremony's files its
# digests are checked and its contracts compiled again from the Solidity that is there.
# Needs `npm ci` in contracts/ first.
set -euo pipefail
cd "$(dirname "$0")/.."

render() { (cd .. && cargo run --quiet --release -p apportion-generator --example render_verifiers -- "$@"); }
powers=()
if [ -n "${APPORTION_POWERS_G1:-}" ]; then
  powers=("$(realpath "$APPORTION_POWERS_G1")" "$(realpath "$APPORTION_POWERS_G2")")
fi

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
mkdir "$made/ceremony"
render "$made"
if [ ${#powers[@]} -gt 0 ]; then
  render "$made/ceremony" "${powers[@]}"
else
  (cd generated/ceremony && sha256sum --quiet --check SHA256SUMS)
  cp generated/ceremony/*.sol "$made/ceremony"
fi
node script/compile_generated.cjs "$made"
node script/compile_generated.cjs "$made/ceremony"

if [ "${1:-}" = --check ]; then
  if ! diff --brief --recursive generated "$made"; then
    echo "contracts/generated is not what the generator and the compiler make (contracts/script/build_generated.sh)" >&2
    exit 1
  fi
else
  rm -rf generated
  cp -R "$made" generated
fi
