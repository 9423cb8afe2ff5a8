//! Why a transaction was not sent, or did nothing.

use std::{fmt::Write, io, path::PathBuf};

use alloy_transport::TransportError;
use apportion_chain::{ChainError, creation::PROXY, reason};
use apportion_circuits::types::Payee;

use super::Sent;

/// Everything that can go wrong on the way to a chain.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// The node was not reached, or did not answer as nodes do.
    #[error("the node: {0}")]
    Node(String),
    /// Another chain than the files are for.
    #[error("the node is on chain {found}, the files are for chain {expected}")]
    WrongChain {
        /// What the files say.
        expected: u64,
        /// What the node says.
        found: u64,
    },
    /// Nothing there to be called.
    #[error("there is no contract at {0} on this chain")]
    NoContract(Payee),
    /// The contract would refuse: nothing was sent.
    #[error("refused, and not sent: {0}")]
    Refused(String),
    /// The contract refused.
    #[error("transaction {hash} reverted: {reason}")]
    Reverted {
        /// The transaction.
        hash: String,
        /// Why, as far as can be said afterwards.
        reason: String,
    },
    /// There is no receipt yet.
    #[error("may have been sent as {hash} (nonce {nonce}), and is not confirmed after {seconds} s: {}", repeat(*nonce))]
    Unconfirmed {
        /// The transaction.
        hash: String,
        /// Its number.
        nonce: u64,
        /// How long was waited.
        seconds: u64,
    },
    /// The node did not say whether it took the transaction.
    #[error("may have been sent{} (nonce {nonce}): {}; the node: {reason}", sent_as(hash), repeat(*nonce))]
    MaybeSent {
        /// The transaction, where it was signed here.
        hash: Option<String>,
        /// Its number.
        nonce: u64,
        /// What went wrong.
        reason: String,
    },
    /// The number that was asked for.
    #[error("the account's transaction {nonce} is in a block already: nothing was sent")]
    NonceUsed {
        /// The number.
        nonce: u64,
    },
    /// The node asks for more than it may.
    #[error(
        "the node asks for {asked} wei per unit of gas, --max-fee-per-gas allows {allowed}: nothing was sent"
    )]
    Fee {
        /// What the node asks for.
        asked: u128,
        /// What may be paid.
        allowed: u128,
    },
    /// More gas than a transaction may use.
    #[error(
        "the node estimates {gas} gas, a transaction may use {most}: nothing was sent. --batch makes smaller ones"
    )]
    Gas {
        /// What it would use.
        gas: u64,
        /// What it may use.
        most: u64,
    },
    /// Nothing was signed.
    #[error("signing: {0}")]
    Signing(String),
    /// Transactions of the account that may be the ones about to be sent.
    #[error(
        "{count} transactions of {account} are not in a block yet: wait for them, or replace the first with --nonce {nonce}"
    )]
    Pending {
        /// The account.
        account: Payee,
        /// How many.
        count: u64,
        /// The first one's number.
        nonce: u64,
    },
    /// It was in a block that is not part of the chain any more.
    #[error(
        "{what}: transaction {hash} was taken back by a reorganisation of the chain: the same command sends it again"
    )]
    TakenBack {
        /// What it does.
        what: String,
        /// The transaction.
        hash: String,
    },
    /// Contracts are created through it.
    #[error(
        "{} {PROXY}, the deterministic deployment proxy (https://github.com/Arachnid/deterministic-deployment-proxy), through \
         which everything is created so that auditors can compute where it is: nothing was sent. Deploy it first where this \
         chain allows that, or choose another chain",
        if *there { "another contract is at" } else { "this chain has no contract at" }
    )]
    NoProxy {
        /// Whether something else is in its place.
        there: bool,
    },
    /// What the chain has excludes the transaction, or cannot be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A key file that cannot be read.
    #[error("{}: {source}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key file that others can read.
    #[error("{}: others can read or write this file (mode {mode:03o}): chmod 600 it", path.display())]
    KeyFileOpen {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A key file without a key.
    #[error("{}: not a private key: 64 hexadecimal digits, on one line", path.display())]
    KeyFileContent {
        /// The file.
        path: PathBuf,
    },
    /// One of several transactions.
    #[error("{what}: {source}{}", sent_before(sent))]
    Stopped {
        /// Which.
        what: String,
        /// Why.
        source: Box<RpcError>,
        /// What was done before it.
        sent: Vec<Sent>,
    },
}

fn sent_as(hash: &Option<String>) -> String {
    hash.as_ref().map(|hash| format!(" as {hash}")).unwrap_or_default()
}

fn repeat(nonce: u64) -> String {
    format!("check before repeating it, and repeat it with --nonce {nonce}")
}

fn sent_before(sent: &[Sent]) -> String {
    let mut text = String::new();
    for Sent { what, hash, .. } in sent {
        let hash = hash.as_deref().unwrap_or("done already");
        // Writing to a string does not fail.
        let _ = write!(text, "\n  before it: {what} ({hash})");
    }
    if !sent.is_empty() {
        text += "\n  the same command goes on from here";
    }
    text
}

impl RpcError {
    /// Whether a contract said no, or would have.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Reverted { .. } | Self::Chain(ChainError::Refused(_)) => true,
            Self::Stopped { source, .. } => source.is_refusal(),
            _ => false,
        }
    }

    /// Whether it is about the private key's file.
    pub fn is_key(&self) -> bool {
        matches!(self, Self::KeyFile { .. } | Self::KeyFileOpen { .. } | Self::KeyFileContent { .. })
    }
}

impl From<TransportError> for RpcError {
    fn from(error: TransportError) -> Self {
        let Some(answer) = error.as_error_resp() else { return Self::Node(error.to_string()) };
        if let Some(data) = answer.as_revert_data() {
            return Self::Refused(reason(&data));
        }
        // A revert without data; what else a node refuses, such as a fee, it says in its own words.
        Self::Node(answer.message.to_string())
    }
}

#[cfg(test)]
mod tests {
    use alloy_json_rpc::ErrorPayload;
    use alloy_primitives::keccak256;

    use super::*;

    fn answer(json: &str) -> RpcError {
        let payload: ErrorPayload = serde_json::from_str(json).unwrap();
        TransportError::err_resp(payload).into()
    }

    #[test]
    fn revert_data_of_an_answer_is_named() {
        let data = hex::encode(&keccak256("NothingToProve()")[..4]);
        let refused = answer(&format!(r#"{{"code":3,"message":"execution reverted: x","data":"0x{data}"}}"#));
        let text = refused.to_string();
        assert!(
            text.starts_with("refused, and not sent: NothingToProve: the list of proofs is empty"),
            "{text}"
        );
        assert!(refused.is_refusal());
        let poor = answer(r#"{"code":-32000,"message":"insufficient funds"}"#);
        assert_eq!(poor.to_string(), "the node: insufficient funds");
        assert!(!poor.is_refusal());
    }

    #[test]
    fn what_was_sent_before_a_failure_is_said() {
        let sent = |hash: Option<&str>| Sent {
            what: "settle 0".into(),
            hash: hash.map(Into::into),
            ..Sent::default()
        };
        let stopped = |sent| RpcError::Stopped {
            what: "settle 1".into(),
            source: Box::new(RpcError::Refused("OldColumnMismatch".into())),
            sent,
        };
        assert_eq!(stopped(Vec::new()).to_string(), "settle 1: refused, and not sent: OldColumnMismatch");
        let text = stopped(vec![sent(Some("0xab")), sent(None)]).to_string();
        assert!(text.contains("before it: settle 0 (0xab)"), "{text}");
        assert!(text.contains("(done already)") && text.ends_with("goes on from here"), "{text}");
        assert!(stopped(Vec::new()).is_refusal());
    }
}
