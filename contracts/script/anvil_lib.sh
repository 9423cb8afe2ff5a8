# SPDX-License-Identifier: MIT OR Apache-2.0
# Sourced by scripts that run the commands against a local anvil: starts it, names its accounts, and sends what a ledger's life takes.
# The script that sources it sets `contracts` (the directory above this one). It stands in a new directory `$work` afterwards; when it ends, however it
# does, `$anvil` and `$proxy` end with it and the directory is removed.
#
# The proofs are made with the INSECURE development setup, and the keys are anvil's published ones.

root=$(dirname "$contracts")
work=$(mktemp -d)
anvil=
proxy=
script=$(basename "$0" .sh)
cleanup() {
  local status=$?
  for process in $anvil $proxy; do kill "$process" 2>/dev/null || true; done
  if [ "$status" != 0 ]; then echo "$script: FAILED, see above" >&2; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
fail() { echo "$script: $*" >&2; exit 1; }
cd "$work"

if [ -z "${APPORTION_BIN:-}" ]; then
  (cd "$root" && cargo build --quiet --release --bins -p apportion -p apportion-verifier)
  APPORTION_BIN=${CARGO_TARGET_DIR:-$root/target}/release
fi
apportion() { "$APPORTION_BIN/apportion" -q "$@"; }
verify() { "$APPORTION_BIN/apportion-verify" "$@" --allow-insecure-params; }
export APPORTION_PARAMS=${APPORTION_PARAMS:-$work/params}
cast_binary=$(node "$contracts/script/tool.mjs" which cast)
anvil_binary=$(node "$contracts/script/tool.mjs" which anvil)
cast() { "$cast_binary" "$1" --rpc-url "$node_url" "${@:2}"; }


start_anvil() { # PORT ARGUMENTS..
  : >anvil.log
  "$anvil_binary" --host 127.0.0.1 --port "$1" --chain-id 31337 --hardfork osaka "${@:2}" >anvil.log 2>&1 &
  anvil=$!
  for _ in $(seq 300); do
    port=$(sed -n 's/^Listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' anvil.log)
    [ -z "$port" ] || break
    kill -0 "$anvil" 2>/dev/null || { cat anvil.log >&2; fail "anvil ended"; }
    sleep 0.2
  done
  [ -n "$port" ] || fail "anvil does not listen"
  node_url=http://127.0.0.1:$port
}

# anvil's first accounts: each signs with its (published) key.
names=(deployer owner developer attributor customer demander)
keys=(ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80 59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d
  5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a 7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6
  47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a 8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba)
for i in "${!names[@]}"; do
  install -m 600 /dev/null "${names[i]}.key"
  echo "${keys[i]}" >"${names[i]}.key"
  declare "${names[i]}=$("$cast_binary" wallet address --private-key "0x${keys[i]}")"
done
send() { # WHO VERB ARGUMENTS..
  apportion send "$2" "${@:3}" --private-key-file "$1.key" >>sent.txt || { cat sent.txt >&2; fail "send $2"; }
}
field() { node -p "JSON.parse(require('fs').readFileSync(0)).$1"; }

deploy=(deploy --artifacts "$contracts/artifacts" --verifiers "$contracts/generated" --tier 64 --max-bond 1000000000000000000
  --chain-id 31337)
# new_token: deploys a token of which anybody can have any amount.
new_token() {
  local code
  code=$(field bytecode <"$contracts/artifacts/TestToken.json")
  cast send --private-key "0x${keys[0]}" --json --create "$code" | field contractAddress
}
mint() { cast send --private-key "0x${keys[0]}" "$token" 'mint(address,uint256)' "$1" "$2" >/dev/null; } # WHO AMOUNT
balance() { cast call "$token" 'balanceOf(address)(uint256)' "$1" | cut -d' ' -f1; }
# new_model DIR NAME BOND: a model of the dataset in `dataset`, as the developer would make it, with the shortest windows.
new_model() {
  apportion ledger init --dir "$1" --suite bn254 --model "$2" --policy policy.toml --insecure-dev --addresses addresses.json \
    --developer "$developer" >/dev/null
  send developer createModel --dir "$1" --attributor "$attributor" --token "$token" --min-contributors-bps 5000 --min-pool 10 \
    --open-window 1h --settle-window 1h --notice-window 1h --demand-window 1h --exit-window 3h --demand-bond "$3"
  apportion ledger enroll --dir "$1" --dataset dataset >/dev/null
  send developer enroll --dir "$1"
}
# close_epoch DIR EPOCH SCORES.CSV REVENUE: scores, revenue, close; the epoch can then be proven.
close_epoch() {
  apportion scores commit --dir "$1" --scores "$3" --epoch "$2" --seed attributor.seed --out "posted-$1-$2" >/dev/null
  send customer deposit --dir "$1" --epoch "$2" --amount "$4" --attributor "$attributor"
  send attributor commitScores --dir "$1" --epoch "$2" --scores "posted-$1-$2"
  send developer closeEpoch --dir "$1" --epoch "$2" --scores "posted-$1-$2"
}
prove_epoch() { apportion prove --dir "$1" --epoch "$2" --scores "posted-$1-$2" --rpc "$ETH_RPC_URL" >/dev/null; } # DIR EPOCH
