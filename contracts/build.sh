#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Installs the pinned tools, checks what is generated, builds and runs every test. From a clean checkout, in one command.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --ignore-scripts
python3 script/poseidon_gen.py --check
python3 test/model/epochs.py
node script/tool.mjs forge fmt --check
node script/export_artifacts.mjs --check
node script/tool.mjs forge build --sizes --skip test
FORGE_SNAPSHOT_CHECK=true node script/tool.mjs forge test
