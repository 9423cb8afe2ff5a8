#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# chain.sh DIR: makes what the browser tests run against, with the real contracts and real proofs on a local anvil, and leaves in DIR the
# chain's state (anvil loads it again in a second) and the files that contributors are handed.
#
#   Orchard 7B   two final epochs, a third that is proven and not settled; receipts after each
#   Silent 1B    one final epoch, money in the second: for the demand and the exit
#
# alice has seven records in two segments and a key for encrypted receipts, bob two, a contract has one, and carol one that scores nothing.
set -euo pipefail
contracts=$(cd "$(dirname "$0")/../../.." && pwd)
mkdir -p "$1"
to=$(cd "$1" && pwd)
. "$contracts/script/anvil_lib.sh"
start_anvil 0 --dump-state "$work/state.json"
export ETH_RPC_URL=$node_url

# anvil's accounts 6, 7 and 8: unlocked, so that a test's wallet can send for them.
alice=0x976EA74026E726554dB657fA54763abd0C3a0aa9
bob=0x14dC79964da2C08b23698B3D3cc7Ca32193d9955
carol=0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f

apportion "${deploy[@]}" --insecure-dev --private-key-file deployer.key >/dev/null
token=$(new_token)
wallet=$(new_token)
mint "$customer" 100000000000000000000000

printf 'A photograph of an orchard, as somebody uploaded it.\n' >upload.jpg
node - "$alice" "$bob" "$carol" "$wallet" "$(sha256sum upload.jpg | cut -c 1-64)" <<'JS'
const { writeFileSync } = require("node:fs");
const [alice, bob, carol, wallet, digest] = process.argv.slice(2);
const hex = (n, digits) => "0x" + n.toString(16).padStart(digits, "0");
const owners = { 0: alice, 1: alice, 2: alice, 3: alice, 4: alice, 63: alice, 64: alice, 5: bob, 6: bob, 7: wallet, 8: carol };
const all = [...Array(70).keys()];
const payee = (i) => owners[i] ?? hex(0xc0ffee00 + i, 40);
const key = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
writeFileSync("records.csv", ["payee,content,recipient", ...all.map((i) => `${payee(i)},${i === 0 ? "0x" + digest : hex(i + 1, 64)},${payee(i) === alice ? key : ""}`)].join("\n") + "\n");
for (const salt of [1, 2, 3]) {
  writeFileSync(`scores-${salt}.csv`, ["record,score", ...all.map((i) => `${i},${i === 8 ? 0 : (i * 7919 * salt) % 1000 + 1}`)].join("\n") + "\n");
}
writeFileSync("policy.toml", 'contributors_bps = 5000\n[[beneficiaries]]\nname = "developer"\naddress = "0x1111111111111111111111111111111111111111"\nbps = 5000\n');
JS

apportion dataset commit --records records.csv --out dataset --suite bn254 --tier 64 --insecure-dev --addresses addresses.json \
  --owner "$owner" --uri ipfs://orchard-photographs >/dev/null
apportion dataset prove --dir dataset >/dev/null
send owner register --dataset dataset
send owner provePayees --dataset dataset
bond=10000000000000000
new_model orchard "Orchard 7B" $bond
new_model silent "Silent 1B" $bond
for model in orchard silent; do send developer open --dir $model; done

give() { apportion receipt --dir "$1" --payee "$2" --out "$to/$3" >/dev/null; } # MODEL PAYEE FILE
settled() { # MODEL EPOCH SCORES.CSV REVENUE
  close_epoch "$@"
  prove_epoch "$1" "$2"
  send customer settle --dir "$1" --epoch "$2"
}
rm -rf "$to"/*
settled orchard 1 scores-1.csv 1234500000000000000000
give orchard $alice alice-older.json
settled orchard 2 scores-2.csv 2000000000000000000000
give orchard $alice alice.json
give orchard $bob bob.json
give orchard $carol carol.json
give orchard "$wallet" contract.json
apportion receipt --dir orchard --all --encrypt --out "$to/encrypted" >/dev/null
echo AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX >"$to/key.txt"
apportion statement --dir orchard --payee $alice --out "$to/statement.json" >/dev/null
close_epoch orchard 3 scores-3.csv 500000000000000000000
prove_epoch orchard 3
give orchard $alice alice-pending.json

settled silent 1 scores-3.csv 800000000000000000000
send customer deposit --dir silent --epoch 2 --amount 300000000000000000000 --attributor "$attributor"
apportion dataset receipt --dir dataset --record 0 --out "$to/record.json" >/dev/null
apportion dataset receipt --dir dataset --record 63 --out "$to/record-63.json" >/dev/null
cp upload.jpg "$to/"
cp orchard/public/ledger.json "$to/orchard-ledger.json"
cp silent/public/ledger.json "$to/silent-ledger.json"
cp silent/public/epochs/000001/scores.json "$to/silent-scores.json"
cp silent/public/datasets/0/enrolment.json "$to/silent-enrolment.json"
node - "$alice" "$bob" "$carol" "$wallet" "$token" "$bond" <<'JS' >"$to/who.json"
const [alice, bob, carol, contract, token, bond] = process.argv.slice(2);
console.log(JSON.stringify({ alice, bob, carol, contract, token, bond, ...JSON.parse(require("fs").readFileSync("addresses.json", "utf8")) }, null, 1));
JS
kill -INT "$anvil" && wait "$anvil" || true
anvil=
cp state.json "$to/state.json"
echo "chain.sh: made $(find "$to" -name '*.json' | wc -l) files"
