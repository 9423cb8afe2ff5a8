//! The account that sends, and what becomes of its transactions.

use std::time::{Duration, Instant};

use alloy_network::{EthereumWallet, NetworkTransactionBuilder, TransactionBuilder, eip2718::Encodable2718};
use alloy_primitives::{Address, B256, keccak256};
use alloy_provider::{DynProvider, Provider, ProviderBuilder};
use alloy_rpc_client::RpcClient;
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_signer_local::PrivateKeySigner;
use alloy_transport::TransportError;
use apportion_circuits::types::Payee;
use apportion_verifier::chain::{Call, Node, Sender, already_done};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

use super::{RpcError, transport::Transport};

/// Gas that one transaction may use: EIP-7825.
const TRANSACTION_GAS: u64 = 1 << 24;
/// The time between two questions for a receipt.
const POLL: Duration = Duration::from_millis(500);

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
pub struct Patience {
    /// Blocks that a receipt must be in or under.
    pub confirmations: u64,
    /// The longest wait.
    pub timeout: Duration,
}

/// What a transaction may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The number of the first transaction; the account's next without it.
    pub nonce: Option<u64>,
    /// The most that a unit of gas may cost, in wei, where a key signs.
    pub max_fee_per_gas: u128,
}

impl Default for Limits {
    fn default() -> Self {
        Self { nonce: None, max_fee_per_gas: 200_000_000_000 }
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
    patience: Patience,
    limits: Limits,
}

impl Client {
    /// Nothing is asked yet.
    pub fn new(url: &str, account: Account, patience: Patience) -> Result<Self, RpcError> {
        let node = Node::new(url);
        let from = account.address();
        let client = RpcClient::new(Transport(node.clone()), false);
        // What is signed is filled here, before anything is sent.
        let provider = ProviderBuilder::new().disable_recommended_fillers().connect_client(client).erased();
        let wallet = match account {
            Account::Node(_) => None,
            Account::Key(key) => Some(EthereumWallet::from(key)),
        };
        let runtime = Builder::new_current_thread().build();
        let runtime = runtime.map_err(|error| RpcError::Node(error.to_string()))?;
        Ok(Self { node, provider, runtime, wallet, from, patience, limits: Limits::default() })
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sends calls one after the other, each once the one before it has its receipt. What the chain has already is left
    /// out; at the first that fails it ends. `tell` hears of each.
    pub fn send_all(
        &mut self,
        chain_id: u64,
        renewal: u32,
        calls: &[Call],
        tell: &mut dyn FnMut(&str),
    ) -> Result<Vec<Sent>, RpcError> {
        let found = self.runtime.block_on(self.provider.get_chain_id())?;
        if found != chain_id {
            return Err(RpcError::WrongChain { expected: chain_id, found });
        }
        let mut sent = Vec::new();
        for call in calls {
            match self.send(chain_id, renewal, call, tell) {
                Ok(done) => sent.push(done),
                Err(source) => {
                    let what = call.what.clone();
                    return Err(RpcError::Stopped { what, source: Box::new(source), sent });
                }
            }
        }
        // What was left out may be another run's: of an epoch it can be seen only now that it may be final.
        for (call, _) in calls.iter().zip(&sent).filter(|(_, sent)| sent.status == Status::AlreadyDone) {
            if call.column.is_some() {
                let done = already_done(call, Sender { from: self.from, renewal }, &mut self.node);
                let what = call.what.clone();
                done.map_err(|error| RpcError::Stopped {
                    what,
                    source: Box::new(error.into()),
                    sent: sent.clone(),
                })?;
            }
        }
        Ok(sent)
    }

    fn send(
        &mut self,
        chain_id: u64,
        renewal: u32,
        call: &Call,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Sent, RpcError> {
        let (from, to) = (Address::from(self.from.0), Address::from(call.to.0));
        if self.runtime.block_on(async { self.provider.get_code_at(to).await })?.is_empty() {
            return Err(RpcError::NoContract(call.to));
        }
        let done = Sent { what: call.what.clone(), to: call.to.to_string(), ..Sent::default() };
        if already_done(call, Sender { from: self.from, renewal }, &mut self.node)? {
            tell(&format!("{}: done already", call.what));
            return Ok(Sent { status: Status::AlreadyDone, ..done });
        }
        let nonce = self.next_nonce(from)?;
        let request = TransactionRequest::default()
            .with_from(from)
            .with_to(to)
            .with_input(call.data.clone())
            .with_chain_id(chain_id)
            .with_nonce(nonce);
        let hash = self.runtime.block_on(self.submit(&call.what, request.clone(), nonce, tell))?;
        self.limits.nonce = None;
        tell(&format!("{}: sent as {hash}", call.what));
        let receipt = self.receipt(hash, nonce)?;
        if !receipt.status() {
            // What it says now, a block later, is most likely what it said.
            let again = self.runtime.block_on(async { self.provider.call(request).await });
            let reason = match again.map_err(RpcError::from) {
                Err(RpcError::Refused(reason)) => reason,
                _ => "for a reason that cannot be seen any more".into(),
            };
            return Err(RpcError::Reverted { hash: hash.to_string(), reason });
        }
        let (hash, gas) = (Some(hash.to_string()), Some(receipt.gas_used));
        Ok(Sent { hash, gas, block: receipt.block_number, ..done })
    }

    /// An earlier run may have been interrupted before its transaction was in a block: it must not be sent twice, or
    /// else with the number that it had.
    fn next_nonce(&self, from: Address) -> Result<u64, RpcError> {
        let (mined, all) = self.runtime.block_on(async {
            let mined = self.provider.get_transaction_count(from).await?;
            Ok::<_, RpcError>((mined, self.provider.get_transaction_count(from).pending().await?))
        })?;
        match (self.limits.nonce, all.checked_sub(mined)) {
            (Some(nonce), _) if nonce < mined => Err(RpcError::NonceUsed { nonce }),
            (Some(nonce), _) => Ok(nonce),
            (None, Some(count)) if count > 0 => Err(RpcError::Pending { account: self.from, count }),
            (None, _) => Ok(mined),
        }
    }

    /// Sends what a simulation accepts. What identifies the transaction is said before it leaves.
    async fn submit(
        &self,
        what: &str,
        request: TransactionRequest,
        nonce: u64,
        tell: &mut dyn FnMut(&str),
    ) -> Result<B256, RpcError> {
        // A node's estimate does not always say why it fails; a call does.
        self.provider.call(request.clone()).await?;
        let gas = self.provider.estimate_gas(request.clone()).await?;
        // The state may be another by then: some room, as far as a transaction may have any.
        if gas > TRANSACTION_GAS {
            return Err(RpcError::Gas(gas));
        }
        let request = request.with_gas_limit(gas.saturating_add(gas / 5).min(TRANSACTION_GAS));
        let Some(wallet) = &self.wallet else {
            tell(&format!("{what}: sending with nonce {nonce}"));
            let sent = self.provider.send_transaction(request).await;
            return Ok(*sent.map_err(|error| maybe_sent(error, None, nonce))?.tx_hash());
        };
        let fees = self.provider.estimate_eip1559_fees().await?;
        let (asked, allowed) =
            (fees.max_fee_per_gas.max(fees.max_priority_fee_per_gas), self.limits.max_fee_per_gas);
        if asked > allowed {
            return Err(RpcError::Fee { asked, allowed });
        }
        let request = request
            .with_max_fee_per_gas(fees.max_fee_per_gas)
            .with_max_priority_fee_per_gas(fees.max_priority_fee_per_gas);
        let signed = request.build(wallet).await.map_err(|error| RpcError::Signing(error.to_string()))?;
        let bytes = signed.encoded_2718();
        let hash = keccak256(&bytes);
        tell(&format!("{what}: sending {hash} with nonce {nonce}"));
        let sent = self.provider.send_raw_transaction(&bytes).await;
        if let Err(error) = sent {
            return Err(maybe_sent(error, Some(hash), nonce));
        }
        Ok(hash)
    }

    fn receipt(&self, hash: B256, nonce: u64) -> Result<TransactionReceipt, RpcError> {
        let begun = Instant::now();
        loop {
            // A node that fails now does not undo what was sent: asked again until the time is over.
            let found = self.runtime.block_on(async {
                let receipt = self.provider.get_transaction_receipt(hash).await.ok()??;
                let newest = self.provider.get_block_number().await.ok()?;
                let depth = newest.checked_sub(receipt.block_number?)?.saturating_add(1);
                (depth >= self.patience.confirmations).then_some(receipt)
            });
            if let Some(receipt) = found {
                return Ok(receipt);
            }
            if begun.elapsed() >= self.patience.timeout {
                let seconds = self.patience.timeout.as_secs();
                return Err(RpcError::Unconfirmed { hash: hash.to_string(), nonce, seconds });
            }
            std::thread::sleep(POLL);
        }
    }
}

/// A node that answers with an error has refused; without an answer nobody knows.
fn maybe_sent(error: TransportError, hash: Option<B256>, nonce: u64) -> RpcError {
    if error.as_error_resp().is_some() {
        return error.into();
    }
    let hash = hash.map(|hash| hash.to_string());
    RpcError::MaybeSent { hash, nonce, reason: error.to_string() }
}
