#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Two epochs on a real node: starts anvil on the loopback interface, deploys with cast, runs the life of a model with the
# apportion command (every transaction is the calldata that `apportion export calldata` makes of its files), pays several
# contributors, and audits. Needs `npm ci --ignore-scripts` in contracts/ first. Takes no argument.
#
# The proofs are made with the INSECURE development setup, and the keys are anvil's published ones.
set -euo pipefail
contracts=$(cd "$(dirname "$0")/.." && pwd)
root=$(dirname "$contracts")
port=${ANVIL_PORT:-18545}
rpc=http://127.0.0.1:$port
work=$(mktemp -d)
cast() { node "$contracts/script/tool.mjs" cast "$@"; }

(cd "$root" && cargo build --quiet --release -p apportion -p apportion-verifier --bins)
apportion=$root/target/release/apportion
audit=$root/target/release/apportion-verify
export APPORTION_PARAMS=${APPORTION_PARAMS:-$work/params}

binary=$(node -p "require('path').dirname(require.resolve('@foundry-rs/anvil-linux-amd64/package.json', {paths: ['$contracts']}))")/bin/anvil
"$binary" --host 127.0.0.1 --port "$port" --chain-id 31337 --hardfork osaka --silent &
anvil=$!
trap 'kill $anvil 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 50); do cast chain-id --rpc-url "$rpc" >"$work/id" 2>/dev/null && break; sleep 0.2; done
[ "$(cat "$work/id")" = 31337 ]

# anvil's first accounts, unlocked in the node: no key passes through here.
accounts=($(cast rpc --rpc-url "$rpc" eth_accounts | node -p 'JSON.parse(require("fs").readFileSync(0)).slice(0,4).join(" ")'))
owner=${accounts[0]} developer=${accounts[1]} attributor=${accounts[2]} customer=${accounts[3]}

field() { node -p "JSON.parse(require('fs').readFileSync(0)).$1"; }
deploy() { # account, artifact, encoded arguments
  local code
  code=$(field bytecode <"$contracts/$2")
  cast send --rpc-url "$rpc" --unlocked --from "$1" --json --create "$code${3#0x}" | field contractAddress
}
send() { # account, address, calldata..
  local from=$1 to=$2 data
  shift 2
  for data in "$@"; do
    cast send --rpc-url "$rpc" --unlocked --from "$from" --json "$to" "$data" >"$work/receipt.tx"
    [ "$(field status <"$work/receipt.tx")" = 0x1 ] || { echo "a transaction failed" >&2; exit 1; }
  done
}
calldata() { "$apportion" -q export calldata "$@"; }

split=$(deploy "$developer" generated/Split64Verifier.json "")
tree=$(deploy "$developer" generated/Tree64Verifier.json "")
registry=$(deploy "$developer" artifacts/DatasetRegistry.json "")
arguments=$(cast abi-encode 'f(address,(uint8,address,address)[])' "$registry" "[(3,$split,$tree)]")
ledger=$(deploy "$developer" artifacts/RevenueLedger.json "$arguments")
token=$(deploy "$developer" artifacts/TestToken.json "")

cd "$work"
node - <<'JS'
const { writeFileSync } = require("node:fs");
const hex = (n, digits) => "0x" + n.toString(16).padStart(digits, "0");
const rows = [...Array(70).keys()];
writeFileSync("records.csv", ["payee,content", ...rows.map((i) => `${hex(0xc0ffee00 + i, 40)},${hex(i + 1, 64)}`)].join("\n") + "\n");
for (const epoch of [1, 2])
  writeFileSync(`scores-${epoch}.csv`, ["record,score", ...rows.map((i) => `${i},${(i * 7919 * epoch) % 1000 + 1}`)].join("\n") + "\n");
writeFileSync("policy.toml", 'contributors_bps = 5000\n[[beneficiaries]]\nname = "developer"\naddress = "0x1111111111111111111111111111111111111111"\nbps = 5000\n');
JS

registered=(--registry "$registry" --owner "$owner" --uri ipfs://example)
"$apportion" -q dataset commit --records records.csv --out dataset --suite bn254 --tier 64
send "$owner" "$registry" $(calldata register --dataset dataset --chain-id 31337 "${registered[@]}")
"$apportion" -q ledger init --dir ledger --suite bn254 --tier 64 --model demo --policy policy.toml --insecure-dev \
  --chain-id 31337 --contract "$ledger" --developer "$developer"
send "$developer" "$ledger" $(calldata createModel --dir ledger --attributor "$attributor" --token "$token")
"$apportion" -q ledger enroll --dir ledger --dataset dataset "${registered[@]}"
send "$developer" "$ledger" $(calldata enroll --dir ledger)

send "$customer" "$token" "$(cast calldata 'mint(address,uint256)' "$customer" 2000000)"
send "$customer" "$token" "$(cast calldata 'approve(address,uint256)' "$ledger" 2000000)"
for epoch in 1 2; do
  "$apportion" -q scores commit --dir ledger --scores "scores-$epoch.csv" --epoch $epoch --out "posted-$epoch"
  send "$attributor" "$ledger" $(calldata commitScores --dir ledger --scores "posted-$epoch")
  send "$customer" "$ledger" $(calldata deposit --dir ledger --amount 1000000)
  send "$developer" "$ledger" $(calldata closeEpoch --dir ledger --epoch $epoch)
  "$apportion" -q prove --dir ledger --epoch $epoch --scores "posted-$epoch" --revenue 1000000
  send "$developer" "$ledger" $(calldata settle --dir ledger --epoch $epoch)
done
"$apportion" -q publish --dir ledger
send "$developer" "$ledger" $(calldata publish --dir ledger --publication 1)

for record in 0 17 61 62 69; do
  "$apportion" -q receipt --dir ledger --account 0:$record --out receipt.json
  send "$customer" "$ledger" $(calldata claim --receipt receipt.json)
  payee=$(field payee <receipt.json)
  due=$(field cumulative <receipt.json)
  paid=$(cast call --rpc-url "$rpc" "$token" 'balanceOf(address)(uint256)' "$payee" --json | field '[0]')
  [ "$paid" = "$due" ] || { echo "record $record: $paid paid, $due due" >&2; exit 1; }
  echo "record $record: $paid paid to $payee"
  rm receipt.json
done
send "$customer" "$ledger" $(calldata withdraw --dir ledger --account 0x1111111111111111111111111111111111111111)

"$audit" ledger ledger --allow-insecure-params --quiet
echo "anvil: two epochs settled, five contributors paid, the ledger audited"
