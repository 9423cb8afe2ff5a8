#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# The page in a real Chromium, against a local chain with the real contracts and real proofs. Builds the page, makes the chain (APPORTION_BIN names
# the directory of `apportion` and `apportion-verify`; without it cargo builds them) and runs every flow. Pictures of each are left in screenshots/.
# What is missing is installed, or named: nothing is skipped.
set -euo pipefail
cd "$(dirname "$0")"
fail() { echo "test.sh: $*" >&2; exit 1; }

CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
if [ ! -x "$CHROMIUM" ]; then
  command -v apt-get >/dev/null || fail "there is no $CHROMIUM, and no apt-get to install it: set CHROMIUM to a Chromium that you have"
  [ "$(id -u)" = 0 ] || fail "there is no $CHROMIUM: apt-get install chromium fonts-noto-cjk, or set CHROMIUM"
  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null || fail "chromium could not be installed"
fi
export CHROMIUM

[ -d ../node_modules ] || (cd .. && npm ci --ignore-scripts --no-audit --no-fund)
[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund
npx vite build --logLevel warn
if [ -z "${APPORTION_BIN:-}" ]; then
  (cd ../.. && cargo build --quiet --release --bins -p apportion -p apportion-verifier)
  APPORTION_BIN=$(realpath "${CARGO_TARGET_DIR:-../../target}")/release
fi
export APPORTION_BIN
export APPORTION_CHAIN=${APPORTION_CHAIN:-$PWD/test/.chain}
# APPORTION_CHAIN_KEEP=1 takes the chain that the last run made, for whoever works on the page alone.
if [ -z "${APPORTION_CHAIN_KEEP:-}" ] || [ ! -f "$APPORTION_CHAIN/state.json" ]; then
  test/browser/chain.sh "$APPORTION_CHAIN"
fi
# The vectors that the unit tests hold the page to are what the other implementation says.
node test/vectors/generate.mjs --check
rm -rf screenshots
node --test --test-concurrency=1 --test-reporter=spec test/browser/*.test.mjs
