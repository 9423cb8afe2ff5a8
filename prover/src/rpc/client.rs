//! The account that sends, and what becomes of its transactions.

use std::time::{Duration, Instant};

use alloy_network::{EthereumWallet, NetworkTransactionBuilder, TransactionBuilder, eip2718::Encodable2718};
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_provider::{DynProvider, Provider, ProviderBuilder};
use alloy_rpc_client::RpcClient;
use alloy_rpc_types_eth::{BlockId, BlockNumberOrTag, TransactionReceipt, TransactionRequest};
use alloy_signer_local::PrivateKeySigner;
use alloy_transport::TransportError;
use apportion_chain::{
    At, Call, Node, ReadChain as _, already_done,
    creation::{PROXY, PROXY_CODE, calldata as creation_calldata, created_at},
};
use apportion_circuits::types::Payee;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::{RpcError, transport::Transport};

/// Gas that one transaction may use: EIP-7825.
pub(super) const TRANSACTION_GAS: u64 = 1 << 24;
/// The time between two questions for a receipt.
const POLL: Duration = Duration::from_millis(500);
/// After how many questions without an answer a signed transaction is handed in again.
const AGAIN: u32 = 16;
/// How many of the newest blocks are searched for a transaction that the node signed.
const SEARCHED: u64 = 16;

/// Who signs.
#[derive(Debug)]
pub enum Account {
    /// The node, for an account that it holds unlocked.
    Node(Payee),
    /// A key.
    Key(PrivateKeySigner),
}

impl Account {
    /// The account's address.
    pub fn address(&self) -> Payee {
        match self {
            Self::Node(address) => *address,
            Self::Key(key) => Payee(key.address().into_array()),
        }
    }
}

/// How long is waited for a receipt, and how deep it must lie.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Blocks that a receipt must be in or under.
    pub confirmations: u64,
    /// The longest wait.
    pub timeout: Duration,
}

/// What a transaction may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The number of the first transaction; the account's next without it. One that waits under it is replaced.
    pub nonce: Option<u64>,
    /// The most that a unit of gas may cost, in wei.
    pub max_fee_per_gas: u128,
    /// The most gas that a transaction may use.
    pub max_gas: u64,
    /// Pay a gas price, as before EIP-1559.
    pub legacy: bool,
    /// Of which block's state a simulation is.
    pub simulate_at: At,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nonce: None,
            max_fee_per_gas: 200_000_000_000,
            max_gas: TRANSACTION_GAS,
            legacy: false,
            simulate_at: At::Latest,
        }
    }
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It did what it says.
    #[default]
    Success,
    /// The chain had it already: nothing was sent.
    AlreadyDone,
    /// It would be accepted: nothing was sent.
    Simulated,
}

/// A transaction that was sent, or did not have to be.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sent {
    /// What it does.
    pub what: String,
    /// The contract.
    pub to: String,
    /// What became of it.
    pub status: Status,
    /// The transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// The gas it used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas: Option<u64>,
    /// The block it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
}

/// A node and an account.
pub struct Client {
    node: Node,
    provider: DynProvider,
    runtime: Runtime,
    wallet: Option<EthereumWallet>,
    from: Payee,
    waiting: Waiting,
    limits: Limits,
}

/// A transaction that left.
struct Left {
    hash: B256,
    nonce: u64,
    /// The signed bytes, where a key signed them.
    signed: Option<Vec<u8>>,
}

impl Client {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// If no runtime can be made.
    pub fn new(node: Node, account: Account, waiting: Waiting, limits: Limits) -> Result<Self, RpcError> {
        let from = account.address();
        let client = RpcClient::new(Transport(node.clone()), false);
        // What is signed is filled here, before anything is sent.
        let provider = ProviderBuilder::new().disable_recommended_fillers().connect_client(client).erased();
        let wallet = match account {
            Account::Node(_) => None,
            Account::Key(key) => Some(EthereumWallet::from(key)),
        };
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| RpcError::Node(error.to_string()))?;
        Ok(Self { node, provider, runtime, wallet, from, waiting, limits })
    }

    /// The account.
    pub fn from(&self) -> Payee {
        self.from
    }

    /// The node.
    pub fn node(&mut self) -> &mut Node {
        &mut self.node
    }

    /// Refuses another chain.
    ///
    /// # Errors
    /// If the node is on another chain or does not answer.
    pub fn check_chain(&mut self, chain_id: u64) -> Result<(), RpcError> {
        let found = self.node.chain_id().map_err(apportion_chain::ChainError::from)?;
        if found == chain_id { Ok(()) } else { Err(RpcError::WrongChain { expected: chain_id, found }) }
    }

    /// Sends calls one after the other, each once the one before it has its receipt. What the chain has already is left
    /// out; at the first that fails it ends. `tell` hears of each. With `dry`, the first that is due is simulated and
    /// nothing is sent.
    ///
    /// # Errors
    /// If one cannot be sent, reverts or is not confirmed; what was sent before it is said.
    pub fn send_all(
        &mut self,
        chain_id: u64,
        calls: &[Call],
        dry: bool,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Vec<Sent>, RpcError> {
        self.check_chain(chain_id)?;
        let mut sent: Vec<Sent> = Vec::new();
        for call in calls {
            match self.send(chain_id, call, dry, tell) {
                Ok(done) => {
                    let simulated = done.status == Status::Simulated;
                    sent.push(done);
                    if simulated {
                        break;
                    }
                }
                Err(source) => {
                    let what = call.what.clone();
                    return Err(RpcError::Stopped { what, source: Box::new(source), sent });
                }
            }
        }
        self.still_there(&sent)?;
        Ok(sent)
    }

    fn send(
        &mut self,
        chain_id: u64,
        call: &Call,
        dry: bool,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Sent, RpcError> {
        let to = Address::from(call.to.0);
        if self.node.code(call.to).map_err(apportion_chain::ChainError::from)?.is_empty() {
            return Err(RpcError::NoContract(call.to));
        }
        let done = Sent { what: call.what.clone(), to: call.to.to_string(), ..Sent::default() };
        if already_done(call, self.from, &mut self.node)? {
            tell(&format!("{}: done already", call.what));
            return Ok(Sent { status: Status::AlreadyDone, ..done });
        }
        let request = TransactionRequest::default()
            .with_to(to)
            .with_input(call.data.clone())
            .with_value(U256::from(call.value));
        if dry {
            let gas = self.simulate(&request.with_from(Address::from(self.from.0)))?;
            return Ok(Sent { status: Status::Simulated, gas: Some(gas), ..done });
        }
        let receipt = self.transact(chain_id, &call.what, request, tell)?;
        let hash = Some(receipt.transaction_hash.to_string());
        Ok(Sent { hash, gas: Some(receipt.gas_used), block: receipt.block_number, ..done })
    }

    /// Refuses a chain without the deterministic deployment proxy, or with another contract in its place.
    ///
    /// # Errors
    /// If it is so, or the node does not answer.
    pub fn check_proxy(&mut self) -> Result<(), RpcError> {
        let code = self.node.code(PROXY).map_err(apportion_chain::ChainError::from)?;
        if code == PROXY_CODE { Ok(()) } else { Err(RpcError::NoProxy { there: !code.is_empty() }) }
    }

    /// Creates a contract through the deployment proxy: its address, and its receipt unless it was there already.
    ///
    /// # Errors
    /// As [`Self::send_all`].
    pub fn create(
        &mut self,
        chain_id: u64,
        what: &str,
        creation: &[u8],
        tell: &mut dyn FnMut(&str),
    ) -> Result<(Payee, Option<TransactionReceipt>), RpcError> {
        let at = created_at(creation);
        if self.has_code(at)? {
            return Ok((at, None));
        }
        let to = Address::from(PROXY.0);
        let request = TransactionRequest::default().with_to(to).with_input(creation_calldata(creation));
        match self.transact(chain_id, what, request, tell) {
            Ok(receipt) => Ok((at, Some(receipt))),
            // Somebody else was faster: it is the same contract.
            Err(RpcError::Refused(_)) if self.has_code(at)? => Ok((at, None)),
            // The proxy does not say why.
            Err(RpcError::Refused(reason)) => {
                let from = Address::from(self.from.0);
                let directly =
                    TransactionRequest::default().with_from(from).with_deploy_code(creation.to_vec());
                let directly = self.runtime.block_on(async { self.provider.call(directly).await });
                Err(match directly.map_err(RpcError::from) {
                    Err(RpcError::Refused(reason)) => RpcError::Refused(reason),
                    _ => RpcError::Refused(reason),
                })
            }
            Err(error) => Err(error),
        }
    }

    fn has_code(&mut self, at: Payee) -> Result<bool, RpcError> {
        Ok(!self.node.code(at).map_err(apportion_chain::ChainError::from)?.is_empty())
    }

    /// Sends a transaction and waits for its receipt, which says that it did what it should.
    fn transact(
        &mut self,
        chain_id: u64,
        what: &str,
        request: TransactionRequest,
        tell: &mut dyn FnMut(&str),
    ) -> Result<TransactionReceipt, RpcError> {
        let nonce = self.next_nonce()?;
        let from = Address::from(self.from.0);
        let request = request.with_from(from).with_chain_id(chain_id).with_nonce(nonce);
        let left = self.submit(what, request.clone(), nonce, tell)?;
        self.limits.nonce = None;
        tell(&format!("{what}: sent as {}", left.hash));
        let receipt = self.receipt(&left)?;
        if receipt.status() {
            return Ok(receipt);
        }
        // What it says now, a block later, is most likely what it said.
        let again = self.runtime.block_on(async { self.provider.call(request).await });
        let reason = match again.map_err(RpcError::from) {
            Err(RpcError::Refused(reason)) => reason,
            _ => "for a reason that cannot be seen any more".into(),
        };
        Err(RpcError::Reverted { hash: left.hash.to_string(), reason })
    }

    /// An earlier run may have been interrupted before its transaction was in a block: it must not be sent twice, or
    /// else with the number that it had.
    fn next_nonce(&self) -> Result<u64, RpcError> {
        let from = Address::from(self.from.0);
        let (mined, all) = self.runtime.block_on(async {
            let mined = self.provider.get_transaction_count(from).await?;
            Ok::<_, RpcError>((mined, self.provider.get_transaction_count(from).pending().await?))
        })?;
        match (self.limits.nonce, all.checked_sub(mined)) {
            (Some(nonce), _) if nonce < mined => Err(RpcError::NonceUsed { nonce }),
            (Some(nonce), _) => Ok(nonce),
            (None, Some(count)) if count > 0 => {
                Err(RpcError::Pending { account: self.from, count, nonce: mined })
            }
            (None, _) => Ok(mined),
        }
    }

    fn block(&self) -> BlockId {
        BlockId::Number(match self.limits.simulate_at {
            At::Latest => BlockNumberOrTag::Latest,
            At::Finalized => BlockNumberOrTag::Finalized,
            At::Safe => BlockNumberOrTag::Safe,
            At::Number(number) => BlockNumberOrTag::Number(number),
        })
    }

    /// What a transaction would take, where it would be accepted. Not asked of the pending state: there, a
    /// transaction that waits would refuse its own replacement.
    fn simulate(&self, request: &TransactionRequest) -> Result<u64, RpcError> {
        let gas = self.runtime.block_on(async {
            // A node's estimate does not always say why it fails; a call does.
            self.provider.call(request.clone()).block(self.block()).await?;
            Ok::<_, RpcError>(self.provider.estimate_gas(request.clone()).block(self.block()).await?)
        })?;
        let most = self.limits.max_gas;
        if gas > most { Err(RpcError::Gas { gas, most }) } else { Ok(gas) }
    }

    /// Sends what a simulation accepts. What identifies the transaction is said before it leaves.
    fn submit(
        &self,
        what: &str,
        request: TransactionRequest,
        nonce: u64,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Left, RpcError> {
        let gas = self.simulate(&request)?;
        // The state may be another by then: some room, as far as a transaction may have any.
        let request = request.with_gas_limit(gas.saturating_add(gas / 5).min(self.limits.max_gas));
        let request = self.priced(request, nonce)?;
        let Some(wallet) = &self.wallet else {
            tell(&format!("{what}: sending with nonce {nonce}"));
            return self.sent_by_node(request, nonce);
        };
        let signed = self.runtime.block_on(request.build(wallet));
        let bytes = signed.map_err(|error| RpcError::Signing(error.to_string()))?.encoded_2718();
        let hash = keccak256(&bytes);
        tell(&format!("{what}: sending {hash} with nonce {nonce}"));
        let sent = self.runtime.block_on(async { self.provider.send_raw_transaction(&bytes).await });
        match sent {
            Ok(_) => {}
            // An attempt of ours arrived although its answer did not.
            Err(error) if known(&error) || self.knows(hash) => {}
            Err(error) => return Err(maybe_sent(error, Some(hash), nonce)),
        }
        Ok(Left { hash, nonce, signed: Some(bytes) })
    }

    fn sent_by_node(&self, request: TransactionRequest, nonce: u64) -> Result<Left, RpcError> {
        let sent = self.runtime.block_on(async { self.provider.send_transaction(request).await });
        let hash = match sent {
            Ok(sent) => *sent.tx_hash(),
            // Whether it arrived can be seen: the account's transaction with this number.
            Err(error) => match self.waiting_transaction(nonce) {
                Some((hash, _)) => hash,
                None => return Err(maybe_sent(error, None, nonce)),
            },
        };
        Ok(Left { hash, nonce, signed: None })
    }

    /// What a unit of gas may cost: the node's estimate, and more than a transaction that it replaces.
    fn priced(&self, request: TransactionRequest, nonce: u64) -> Result<TransactionRequest, RpcError> {
        let replaced = self.limits.nonce.and_then(|_| self.waiting_transaction(nonce)).map(|(_, fees)| fees);
        let bumped = |asked: u128, old: u128| if replaced.is_some() { asked.max(bump(old)) } else { asked };
        let old = replaced.unwrap_or_default();
        let (request, most) = if self.limits.legacy {
            let asked = self.runtime.block_on(async { self.provider.get_gas_price().await })?;
            let price = bumped(asked, old.fee);
            (request.with_gas_price(price), price)
        } else {
            let fees = self.runtime.block_on(async { self.provider.estimate_eip1559_fees().await })?;
            let tip = bumped(fees.max_priority_fee_per_gas, old.tip);
            let fee = bumped(fees.max_fee_per_gas, old.fee).max(tip);
            (request.with_max_fee_per_gas(fee).with_max_priority_fee_per_gas(tip), fee)
        };
        let allowed = self.limits.max_fee_per_gas;
        if most > allowed { Err(RpcError::Fee { asked: most, allowed }) } else { Ok(request) }
    }

    fn knows(&self, hash: B256) -> bool {
        self.node
            .ask("eth_getTransactionByHash", json!([hash.to_string()]))
            .is_ok_and(|found| !found.is_null())
    }

    /// The account's transaction with this number, waiting or in one of the newest blocks.
    fn waiting_transaction(&self, nonce: u64) -> Option<(B256, Fees)> {
        let newest = self.node.block_at(At::Latest).ok()?.number;
        let recent = (0..SEARCHED).filter_map(|back| newest.checked_sub(back)).map(|n| format!("{n:#x}"));
        let blocks = std::iter::once("pending".to_owned()).chain(recent);
        let from = self.from.to_string().to_lowercase();
        let hex = |value: &Value, name: &str| {
            let digits = value.get(name)?.as_str()?.strip_prefix("0x")?;
            u128::from_str_radix(digits, 16).ok()
        };
        blocks.filter_map(|tag| self.node.ask("eth_getBlockByNumber", json!([tag, true])).ok()).find_map(
            |block| {
                let list = block.get("transactions")?.as_array()?;
                let ours = |found: &&Value| {
                    found.get("from").and_then(Value::as_str).map(str::to_lowercase) == Some(from.clone())
                        && hex(found, "nonce") == Some(u128::from(nonce))
                };
                let found = list.iter().find(ours)?;
                let price = hex(found, "gasPrice").unwrap_or(0);
                let fees = Fees {
                    fee: hex(found, "maxFeePerGas").unwrap_or(price),
                    tip: hex(found, "maxPriorityFeePerGas").unwrap_or(price),
                };
                Some((found.get("hash")?.as_str()?.parse().ok()?, fees))
            },
        )
    }

    fn receipt(&self, left: &Left) -> Result<TransactionReceipt, RpcError> {
        let Left { hash, nonce, signed } = left;
        let (begun, mut asked) = (Instant::now(), 0u32);
        loop {
            // A node that fails now does not undo what was sent: asked again until the time is over.
            if let Some(receipt) = self.confirmed(*hash) {
                return Ok(receipt);
            }
            asked = asked.wrapping_add(1);
            // A node that was restarted, or whose chain was reorganised, may have forgotten it.
            if let Some(bytes) = signed.as_ref().filter(|_| asked.is_multiple_of(AGAIN)) {
                let _ = self.runtime.block_on(async { self.provider.send_raw_transaction(bytes).await });
            }
            if begun.elapsed() >= self.waiting.timeout {
                let seconds = self.waiting.timeout.as_secs();
                return Err(RpcError::Unconfirmed { hash: hash.to_string(), nonce: *nonce, seconds });
            }
            std::thread::sleep(POLL);
        }
    }

    fn confirmed(&self, hash: B256) -> Option<TransactionReceipt> {
        self.runtime.block_on(async {
            let receipt = self.provider.get_transaction_receipt(hash).await.ok()??;
            let newest = self.provider.get_block_number().await.ok()?;
            let depth = newest.checked_sub(receipt.block_number?)?.saturating_add(1);
            (depth >= self.waiting.confirmations).then_some(receipt)
        })
    }

    /// A chain may be reorganised while later transactions are sent: what was sent is looked up once more.
    fn still_there(&self, sent: &[Sent]) -> Result<(), RpcError> {
        for Sent { what, hash, .. } in sent {
            let Some(hash) = hash.as_ref().and_then(|hash| hash.parse().ok()) else { continue };
            let found = self.runtime.block_on(async { self.provider.get_transaction_receipt(hash).await })?;
            if found.is_none() {
                return Err(RpcError::TakenBack { what: what.clone(), hash: hash.to_string() });
            }
        }
        Ok(())
    }
}

/// What a unit of gas costs in a transaction, in wei.
#[derive(Clone, Copy, Debug, Default)]
struct Fees {
    fee: u128,
    tip: u128,
}

/// An eighth more, and one: nodes take a replacement only for a tenth more.
fn bump(fee: u128) -> u128 {
    fee.saturating_add(fee / 8).saturating_add(1)
}

/// Whether a node says that it has the transaction.
fn known(error: &TransportError) -> bool {
    let text = error.as_error_resp().map(|error| error.message.to_lowercase()).unwrap_or_default();
    ["already known", "already imported", "known transaction"].iter().any(|says| text.contains(says))
}

/// A node that answers with an error has refused; without an answer nobody knows.
fn maybe_sent(error: TransportError, hash: Option<B256>, nonce: u64) -> RpcError {
    if error.as_error_resp().is_some() {
        return error.into();
    }
    let hash = hash.map(|hash| hash.to_string());
    RpcError::MaybeSent { hash, nonce, reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::bump;

    #[test]
    fn a_replacement_offers_an_eighth_more() {
        assert_eq!((bump(0), bump(8), bump(1_000_000_000)), (1, 10, 1_125_000_001));
        assert!([1u128, 7, 100, 1 << 60].iter().all(|fee| bump(*fee) * 8 >= fee * 9));
        assert_eq!(bump(u128::MAX), u128::MAX);
    }
}
