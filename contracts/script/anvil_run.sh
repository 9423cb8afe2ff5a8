#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# The life of two models on a real node: starts anvil on a free port of the loopback interface and a proxy in front of it that refuses,
# loses and drops every third request, and goes through everything with `apportion` and `apportion-verify`: deploy, one dataset with
# one enrolment in each model, an extension, a replaced commitment, a recipient, a batch of claims, a demand that is answered, a
# reorganisation and a restart in the middle, an exit, and the audit from the chain. What must be refused is tried as well.
# Needs `npm ci --ignore-scripts` in contracts/ first. Takes no argument; every process it starts ends with it.
#
# The proofs are made with the INSECURE development setup, and the keys are anvil's published ones.
set -euo pipefail
contracts=$(cd "$(dirname "$0")/.." && pwd)
. "$contracts/script/anvil_lib.sh"
# Port 0: the system picks a free one, and anvil says which.
start_anvil 0 --dump-state "$work/state.json"

cat >proxy.mjs <<'JS'
// Every third request meets a fault: 429, dropped before it arrives, 503, or its answer lost.
import http from "node:http";
const [to] = process.argv.slice(2);
let seen = 0, met = 0;
const server = http.createServer((request, response) => {
  const body = [];
  request.on("data", (part) => body.push(part)).on("end", () => {
    const fault = ++seen % 3 === 0 ? ["429", "drop", "503", "lose"][met++ % 4] : "";
    if (fault === "429" || fault === "503") return response.writeHead(Number(fault)).end();
    if (fault === "drop") return request.socket.destroy();
    const headers = { "content-type": "application/json" };
    const forward = http.request({ host: "127.0.0.1", port: to, method: "POST", headers }, (answer) => {
      const text = [];
      answer.on("data", (part) => text.push(part)).on("end", () => {
        if (fault === "lose") return request.socket.destroy();
        response.writeHead(answer.statusCode, headers).end(Buffer.concat(text));
      });
    });
    forward.on("error", () => request.socket.destroy()).end(Buffer.concat(body));
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
JS
node proxy.mjs "$port" >proxy.log &
proxy=$!
for _ in $(seq 100); do [ -s proxy.log ] && break; sleep 0.1; done
proxied=$(cat proxy.log)
export ETH_RPC_URL=http://127.0.0.1:$proxied

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
say() { echo "anvil_run: $*"; }

refused 4 'development setup' apportion "${deploy[@]}" --private-key-file deployer.key
apportion "${deploy[@]}" --insecure-dev --dry-run --private-key-file deployer.key >/dev/null
apportion "${deploy[@]}" --insecure-dev --private-key-file deployer.key
ledger=$(field ledger <addresses.json)
# Given again by somebody else, nothing is sent: one configuration has one address.
before=$(cast nonce "$owner")
apportion "${deploy[@]}" --insecure-dev --private-key-file owner.key --out again.json 2>/dev/null
cmp addresses.json again.json || fail "deployed twice"
[ "$(cast nonce "$owner")" = "$before" ] || fail "something was deployed twice"
token=$(new_token)
say "deployed, ledger $ledger"

node - <<'JS'
const { writeFileSync } = require("node:fs");
const hex = (n, digits) => "0x" + n.toString(16).padStart(digits, "0");
const rows = (from, to) => [...Array(to).keys()].slice(from).map((i) => `${hex(0xc0ffee00 + (i % 60), 40)},${hex(i + 1, 64)}`);
writeFileSync("records.csv", ["payee,content", ...rows(0, 70)].join("\n") + "\n");
writeFileSync("more.csv", ["payee,content", ...rows(70, 80)].join("\n") + "\n");
const scores = (n, salt) => ["record,score", ...[...Array(n).keys()].map((i) => `${i},${(i * 7919 * salt) % 1000 + 1}`)].join("\n") + "\n";
writeFileSync("scores-1.csv", scores(70, 1));
writeFileSync("scores-1-b.csv", scores(70, 3));
writeFileSync("scores-2.csv", scores(80, 2));
writeFileSync("policy.toml", 'contributors_bps = 5000\n[[beneficiaries]]\nname = "developer"\naddress = "0x1111111111111111111111111111111111111111"\nbps = 5000\n');
JS

apportion dataset commit --records records.csv --out dataset --suite bn254 --tier 64 --insecure-dev --addresses addresses.json \
  --owner "$owner" --uri ipfs://example >/dev/null
apportion dataset prove --dir dataset >/dev/null
refused 2 'would send: it is refused' apportion send register --dataset dataset --private-key-file customer.key
send owner register --dataset dataset
send owner provePayees --dataset dataset
verify dataset dataset --rpc "$ETH_RPC_URL" --block latest --quiet --addresses addresses.json --allow-unknown-code
for model in one two; do new_model $model $model 1000; done
refused 1 'not opened' apportion send deposit --dir one --epoch 1 --amount 7 --attributor "$attributor" --private-key-file customer.key
refused 2 'would send: it is refused' apportion send open --dir one --private-key-file customer.key
for model in one two; do
  apportion ledger status --dir $model --rpc "$ETH_RPC_URL" | grep -q 'apportion send open --dir' || fail "status before the opening"
  send developer open --dir $model
done
apportion send open --dir one --private-key-file developer.key | grep -q 'has it already' || fail "opened twice"
say "one dataset, enrolled in two models"

mint "$customer" 100000000
epoch() { # MODEL EPOCH SCORES.CSV: scores, revenue, close, proofs
  close_epoch "$1" "$2" "$3" 1000000
  refused 1 'revenue: given 1999999999, chain 1000' apportion prove --dir "$1" --epoch "$2" --scores "posted-$1-$2" --rpc "$ETH_RPC_URL" \
    --revenue 1999999999
  prove_epoch "$1" "$2"
}

# A commitment that is replaced while the epoch is open.
send customer deposit --dir one --epoch 1 --amount 7 --attributor "$attributor"
apportion scores commit --dir one --scores scores-1-b.csv --epoch 1 --seed attributor.seed --out replaced >/dev/null
send attributor commitScores --dir one --epoch 1 --scores replaced
epoch one 1 scores-1.csv
apportion receipt --dir one --payee 0x00000000000000000000000000000000c0ffee00 --out early.json >/dev/null
refused 1 'is not final on the chain' apportion send claim --receipt early.json --private-key-file customer.key
send customer settle --dir one --epoch 1 --batch 1
# An interrupted command is given again: nothing is sent twice.
nonce=$(cast nonce "$customer")
apportion send settle --dir one --epoch 1 --private-key-file customer.key | grep -q 'has it already' || fail "settled again"
[ "$(cast nonce "$customer")" = "$nonce" ] || fail "something was sent twice"
epoch two 1 scores-1-b.csv
send developer settle --dir two --epoch 1
say "both models settled their first epoch"

# The last blocks are taken back, and the node forgets them.
before=$(cast call "$ledger" 'owedIn(address,uint256,uint256)(uint256)' "$token" 0 10)
apportion dataset extend --dir dataset --records more.csv --append >/dev/null
apportion dataset prove --dir dataset >/dev/null
send owner extend --dataset dataset
send owner provePayees --dataset dataset
cast rpc anvil_reorg 2 '[]' >/dev/null
send owner extend --dataset dataset
send owner provePayees --dataset dataset
kill -INT "$anvil" && wait "$anvil" || true
start_anvil "$port" --load-state "$work/state.json" --dump-state "$work/state.json"
[ "$(cast call "$ledger" 'owedIn(address,uint256,uint256)(uint256)' "$token" 0 10)" = "$before" ] || fail "the restart lost something"
for model in one two; do
  apportion ledger enroll --dir $model --dataset dataset >/dev/null
  send developer enroll --dir $model
done
say "extended, reorganised, restarted"
epoch one 2 scores-2.csv
send developer settle --dir one --epoch 2

# A recipient, and a batch of claims of all payees.
apportion receipt --dir one --all --out receipts >/dev/null
recipient=0x2222222222222222222222222222222222222222
send demander setRecipient --to $recipient --addresses addresses.json
send customer claim --receipt receipts/*.json
apportion send claim --receipt receipts/*.json --private-key-file customer.key | grep -q 'has it already' || fail "claimed twice"
paid=$(balance 0x00000000000000000000000000000000C0FFEe00)
due=$(field 'accounts.reduce((sum, account) => sum + BigInt(account.cumulative), 0n).toString()' <receipts/0x00000000000000000000000000000000c0ffee00.json)
[ "$paid" = "$due" ] || fail "$paid paid, $due due"
send customer withdrawShare --dir one --account 0x1111111111111111111111111111111111111111
verify receipt receipts/0x00000000000000000000000000000000c0ffee00.json --rpc "$ETH_RPC_URL" --addresses addresses.json --block latest --quiet
say "$(find receipts -name '*.json' | wc -l) payees paid in a batch"

# A demand, answered by somebody else.
apportion dataset receipt --dir dataset --record 7 --out record.json >/dev/null
send demander demand --dir two --record record.json
apportion receipt --dir two --record 0:7 --out answer.json >/dev/null
send customer answer --receipt answer.json
apportion ledger status --dir two --rpc "$ETH_RPC_URL" | grep -q 'epoch 2' || fail "status"

audit=(--rpc "$ETH_RPC_URL" --addresses addresses.json --block latest --quiet)
for model in one two; do verify ledger $model "${audit[@]}"; done
# Files that end before the chain does, and a node whose verifier is another contract.
cp -r one older && rm -r older/public/epochs/000002
refused 1 'INVALID: chain.epochs' verify ledger older "${audit[@]}"
refused 4 'NOT CHECKABLE' "$APPORTION_BIN/apportion-verify" receipt answer.json "${audit[@]}"

# Money of an epoch that nobody closes has a way out.
send customer deposit --dir two --epoch 2 --amount 1000000 --attributor "$attributor"
refused 1 'refused, and not sent' apportion send dissolve --dir two --private-key-file demander.key
cast rpc evm_increaseTime 10801 >/dev/null && cast rpc evm_mine >/dev/null
send demander dissolve --dir two
apportion dataset receipt --dir dataset --record 3 --out exit.json >/dev/null
before=$(balance 0x00000000000000000000000000000000C0FFEe03)
send demander exit --dir two --record exit.json
[ "$(balance 0x00000000000000000000000000000000C0FFEe03)" -gt "$before" ] || fail "the exit paid nothing"
verify ledger two "${audit[@]}"
say "deployed, settled, claimed, demanded, left and audited, through a node that fails every third time"
