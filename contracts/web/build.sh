#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Installs the pinned tools, checks what is generated, types and style, runs the unit tests, builds the page into dist/ and compares its size.
# From a clean checkout, in one command: Node and an npm registry are all it needs.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --ignore-scripts --no-audit --no-fund
node script/generate.mjs --check
npx tsc --noEmit
npx eslint .
npx vitest run --reporter=dot
npx vite build --logLevel warn
node script/size.mjs "$@"
