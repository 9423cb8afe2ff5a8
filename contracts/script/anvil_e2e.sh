#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Two epochs on a real node: starts anvil on a free port of the loopback interface, deploys, runs the life of a model with
# `apportion send`, pays five contributors, and audits the files against the chain. What must be refused is tried as well:
# a forged proof, a bundle that is valid by itself and is not what the chain has, a key file that others can read.
# Needs `npm ci --ignore-scripts` in contracts/ first. Takes no argument; every process it starts ends with it.
#
# The proofs are made with the INSECURE development setup, and the keys are anvil's published ones.
set -euo pipefail
contracts=$(cd "$(dirname "$0")/.." && pwd)
root=$(dirname "$contracts")
work=$(mktemp -d)
anvil=
cleanup() {
  local status=$?
  if [ -n "$anvil" ]; then kill "$anvil" 2>/dev/null || true; fi
  if [ "$status" != 0 ]; then echo "anvil_e2e: FAILED" >&2; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
fail() { echo "anvil_e2e: $*" >&2; exit 1; }

(cd "$root" && cargo build --quiet --release --bins -p apportion -p apportion-verifier \
  --features apportion/rpc,apportion-verifier/rpc)
target=${CARGO_TARGET_DIR:-$root/target}
apportion() { "$target/release/apportion" -q "$@"; }
audit() { "$target/release/apportion-verify" ledger "$@" --allow-insecure-params; }
export APPORTION_PARAMS=${APPORTION_PARAMS:-$work/params}
cast_binary=$(node "$contracts/script/tool.mjs" which cast)
anvil_binary=$(node "$contracts/script/tool.mjs" which anvil)
cast() { "$cast_binary" "$@"; }

cd "$work"
: >anvil.log
# Port 0: the system picks a free one, and anvil says which.
"$anvil_binary" --host 127.0.0.1 --port 0 --chain-id 31337 --hardfork osaka >anvil.log 2>&1 &
anvil=$!
for _ in $(seq 150); do
  port=$(sed -n 's/^Listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' anvil.log)
  [ -z "$port" ] || break
  kill -0 "$anvil" 2>/dev/null || { cat anvil.log >&2; fail "anvil ended"; }
  sleep 0.2
done
[ -n "$port" ] || fail "anvil does not listen"
export ETH_RPC_URL=http://127.0.0.1:$port
[ "$(cast chain-id)" = 31337 ] || fail "another chain"

# anvil's first accounts. The developer signs with its (published) key, the others are unlocked in the node.
accounts=($(cast rpc eth_accounts | node -p 'JSON.parse(require("fs").readFileSync(0)).slice(0,4).join(" ")'))
owner=${accounts[0]} attributor=${accounts[2]} customer=${accounts[3]}
install -m 600 /dev/null developer.key
echo 59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d >developer.key
developer=${accounts[1]}
as_developer=(--private-key-file developer.key --from "$developer")

field() { node -p "JSON.parse(require('fs').readFileSync(0)).$1"; }
# deploy ACCOUNT ARTIFACT ENCODED_ARGUMENTS
deploy() {
  local code
  code=$(field bytecode <"$contracts/$2")
  cast send --unlocked --from "$1" --json --create "$code${3#0x}" | field contractAddress
}
# refused STATUS TEXT COMMAND..: the command ends with this status and says this.
refused() {
  local expected=$1 text=$2 status=0
  shift 2
  "$@" >refused.txt 2>&1 || status=$?
  if [ "$status" = "$expected" ] && grep -q -- "$text" refused.txt; then
    echo "  refused, as it must be: $(grep -m 1 -- "$text" refused.txt | cut -c 1-150)"
    return
  fi
  cat refused.txt >&2
  fail "status $status, $expected and '$text' expected of: $*"
}

split=$(deploy "$developer" generated/Split64Verifier.json "")
tree=$(deploy "$developer" generated/Tree64Verifier.json "")
registry=$(deploy "$developer" artifacts/DatasetRegistry.json "")
arguments=$(cast abi-encode 'f(address,(uint8,address,address)[])' "$registry" "[(3,$split,$tree)]")
ledger=$(deploy "$developer" artifacts/RevenueLedger.json "$arguments")
token=$(deploy "$developer" artifacts/TestToken.json "")
for address in "$split" "$tree" "$registry" "$ledger" "$token"; do
  [[ $address =~ ^0x[0-9a-fA-F]{40}$ ]] || fail "a contract was not deployed"
done

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
apportion dataset commit --records records.csv --out dataset --suite bn254 --tier 64
refused 4 'is on chain 31337' apportion send register --dataset dataset --chain-id 1 "${registered[@]}" --unlocked --from "$owner"
apportion send register --dataset dataset --chain-id 31337 "${registered[@]}" --unlocked --from "$owner"
apportion ledger init --dir ledger --suite bn254 --tier 64 --model demo --policy policy.toml --insecure-dev \
  --chain-id 31337 --contract "$ledger" --developer "$developer"
create=(createModel --dir ledger --attributor "$attributor" --token "$token")
chmod 644 developer.key
refused 3 'chmod 600' apportion send "${create[@]}" "${as_developer[@]}"
chmod 600 developer.key
apportion send "${create[@]}" "${as_developer[@]}"
apportion ledger enroll --dir ledger --dataset dataset "${registered[@]}"
apportion send enroll --dir ledger "${as_developer[@]}"

for call in "$token mint(address,uint256) $customer 2000000" "$token approve(address,uint256) $ledger 2000000"; do
  [ "$(cast send --unlocked --from "$customer" --json $call | field status)" = 0x1 ] || fail "$call"
done
for epoch in 1 2; do
  apportion scores commit --dir ledger --scores "scores-$epoch.csv" --epoch $epoch --out "posted-$epoch"
  apportion send commitScores --dir ledger --scores "posted-$epoch" --unlocked --from "$attributor"
  apportion send deposit --dir ledger --amount 1000000 --unlocked --from "$customer"
  apportion send closeEpoch --dir ledger --epoch $epoch "${as_developer[@]}"
  cp -r ledger "other-$epoch"
  apportion prove --dir ledger --epoch $epoch --scores "posted-$epoch" --revenue 1000000

  if [ $epoch = 1 ]; then
    # One bit of a proof is another; the digests in its file and in the document follow.
    cp -r ledger forged
    node - <<'JS'
const { readFileSync, writeFileSync, readdirSync } = require("node:fs");
const { createHash } = require("node:crypto");
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const epochs = "forged/public/epochs";
const dir = `${epochs}/${readdirSync(epochs).sort()[0]}`;
const text = readFileSync(`${dir}/epoch.json`, "utf8");
const { file } = JSON.parse(text).segments[0].proof;
const proof = readFileSync(`${dir}/${file}`);
const before = sha256(proof);
proof[proof.length - 200] ^= 1;
Buffer.from(sha256(proof.subarray(0, -32)), "hex").copy(proof, proof.length - 32);
writeFileSync(`${dir}/${file}`, proof);
if (!text.includes(before)) throw new Error("the document does not name the proof's digest");
writeFileSync(`${dir}/epoch.json`, text.replace(before, sha256(proof)));
JS
    refused 1 'not sent: ProofRejected' apportion send settle --dir forged --epoch 1 "${as_developer[@]}"
    # Sent all the same, by something that does not ask first: the node's chain refuses it too.
    forged=$(apportion export calldata settle --dir forged --epoch 1 | sed -n 1p)
    status=$(cast send --private-key "$(cat developer.key)" --gas-limit 2000000 --json "$ledger" "$forged" | field status || true)
    [ "$status" = 0x0 ] || fail "a forged proof was not refused: status '$status'"
    echo "a forged proof: refused before it was sent, and by the chain"
  fi

  apportion send settle --dir ledger --epoch $epoch "${as_developer[@]}"
done
# An interrupted command is given again: nothing is sent twice.
nonce=$(cast nonce "$developer")
for again in "${create[*]}" "enroll --dir ledger" "closeEpoch --dir ledger --epoch 2" "settle --dir ledger --epoch 2"; do
  apportion send $again "${as_developer[@]}" >again.txt
  [ "$(grep -c 'has it already' again.txt)" -gt 0 ] || fail "sent again: $again"
done
[ "$(cast nonce "$developer")" = "$nonce" ] || fail "something was sent twice"

apportion publish --dir ledger
apportion send publish --dir ledger --publication 1 "${as_developer[@]}"
for record in 0 17 61 62 69; do
  apportion receipt --dir ledger --account 0:$record --out receipt.json
  apportion send claim --receipt receipt.json --unlocked --from "$customer"
  payee=$(field payee <receipt.json)
  due=$(field cumulative <receipt.json)
  paid=$(cast call "$token" 'balanceOf(address)(uint256)' "$payee" | cut -d' ' -f1)
  [ "$paid" = "$due" ] || fail "record $record: $paid paid, $due due"
  echo "record $record: $paid paid to $payee"
  rm receipt.json
done
withdraw=(withdraw --dir ledger --account 0x1111111111111111111111111111111111111111 --unlocked --from "$customer")
apportion send "${withdraw[@]}"
refused 1 'not sent: NothingOwed' apportion send "${withdraw[@]}"

on_chain=(--rpc "$ETH_RPC_URL" --contract "$ledger")
audit ledger "${on_chain[@]}" --quiet
# The developer shows an auditor an epoch of twice the revenue: valid by itself, and not what the chain has.
apportion prove --dir other-2 --epoch 2 --scores posted-2 --revenue 2000000
audit other-2 --quiet
refused 1 'REJECTED: chain.epoch' audit other-2 "${on_chain[@]}"
# A node whose verifier is another contract.
cast rpc anvil_setCode "$split" "$(cast code "$tree")" >/dev/null
refused 1 'REJECTED: chain.code' audit ledger "${on_chain[@]}"
echo "anvil: two epochs settled, five contributors paid, audited from the chain; forgeries refused"
