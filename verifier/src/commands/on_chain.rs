//! What every audit against a chain takes.

use std::path::PathBuf;

use apportion_chain::At;
use apportion_circuits::types::Payee;
use apportion_verifier::chain::ChainOptions;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct OnChain {
    /// A node's JSON-RPC endpoint: compare with what the contracts have. Its answers are believed: choose one that you
    /// trust.
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,
    /// The ledger contract that is meant: one that the files do not name is refused.
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    contract: Option<Payee>,
    /// The file that `apportion deploy` wrote: the contract, and the block from which events are searched.
    #[arg(long, value_name = "FILE", requires = "rpc", conflicts_with = "contract")]
    addresses: Option<PathBuf>,
    /// The block of whose state everything is asked: a number, finalized, safe or latest.
    #[arg(long, value_name = "BLOCK", requires = "rpc", default_value = "finalized")]
    block: At,
    /// The block from which events are searched.
    #[arg(long, value_name = "N", requires = "rpc")]
    from_block: Option<u64>,
    /// Digests of code, made of contracts that you compiled: see `apportion export code-hashes`.
    #[arg(long, value_name = "FILE", requires = "rpc")]
    code_hashes: Option<PathBuf>,
    /// Go on where the contracts' code is not known; the report says so.
    #[arg(long, requires = "rpc")]
    allow_unknown_code: bool,
}

impl OnChain {
    /// What is asked of a chain, where one is.
    pub(super) fn options(&self, allow_insecure: bool) -> Option<ChainOptions> {
        Some(ChainOptions {
            rpc: self.rpc.clone()?,
            contract: self.contract,
            addresses: self.addresses.clone(),
            block: self.block,
            from_block: self.from_block,
            code_hashes: self.code_hashes.clone(),
            allow_unknown_code: self.allow_unknown_code,
            allow_insecure,
        })
    }
}
