#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Renders snark-verifier's contracts for our circuits and the insecure development setup, compiles them and keeps the
# bytecode and its digests in artifacts/, which is all that the tests need. With --check, compares with what is there
# instead; exits with 1 at a difference. Needs `npm ci` in contracts/ first.
set -euo pipefail
cd "$(dirname "$0")"

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
cargo run --quiet --release --locked -- "$made"
node compile.cjs "$made"
# Another's code is rendered where it is needed, not kept.
rm "$made"/*.sol

if [ "${1:-}" = --check ]; then
  if ! diff --brief --recursive artifacts "$made"; then
    echo "contracts/oracle/artifacts is not what snark-verifier and the compiler make (contracts/oracle/build.sh)" >&2
    exit 1
  fi
else
  rm -rf artifacts
  cp -R "$made" artifacts
  chmod 755 artifacts
fi
