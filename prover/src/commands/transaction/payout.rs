//! Money on its way to its owners.

use std::path::PathBuf;

use apportion::Error;
use apportion_chain::{
    Addresses, Call, ChainError, ReadChain,
    abi::{IRevenueLedger as ledger, bytes32, payee},
    ask,
    calls::{self, ACCOUNTS_A_CALL},
    preflight,
};
use apportion_circuits::types::Payee;
use apportion_statement::files::ReceiptDoc;
use clap::Args;

use super::{Batch, OfLedger, Sender, Verb, needs, read_all, unanswered};

/// Receipts, checked against a chain where there is one.
pub(super) fn of_receipts(
    docs: &[ReceiptDoc],
    calls: Vec<Call>,
    chain: Option<&mut dyn ReadChain>,
) -> Result<Batch, Error> {
    if let Some(chain) = chain {
        for call in &calls {
            preflight::receipts(docs, call, chain)?;
        }
    }
    let chain_id = docs.first().map_or(0, |doc| doc.chain_id);
    Ok(Batch { chain_id, sender: Sender::Anyone, notes: Vec::new(), calls })
}

#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// A receipt, as `apportion receipt` wrote it; may be repeated, for any number of payees.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    receipt: Vec<PathBuf>,
    /// The most accounts in one transaction.
    #[arg(long, value_name = "N", default_value_t = ACCOUNTS_A_CALL, value_parser = super::super::batch)]
    batch: usize,
}

impl Verb for Claim {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let docs: Vec<ReceiptDoc> = read_all(&self.receipt)?;
        of_receipts(&docs, calls::claim(&docs, self.batch)?, chain)
    }
}

#[derive(Debug, Args)]
pub(crate) struct SetRecipient {
    /// Where the sender's money goes; the zero address for the sender itself.
    #[arg(long, value_name = "ADDRESS")]
    to: Payee,
    /// The file that `apportion deploy` wrote.
    #[arg(long, value_name = "FILE", required_unless_present = "contract")]
    addresses: Option<PathBuf>,
    /// The ledger contract.
    #[arg(long, value_name = "ADDRESS", requires = "chain_id", conflicts_with = "addresses")]
    contract: Option<Payee>,
    /// Its chain.
    #[arg(long, value_name = "N")]
    chain_id: Option<u64>,
}

impl Verb for SetRecipient {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let (chain_id, contract) = match (&self.addresses, self.contract.zip(self.chain_id)) {
            (Some(path), _) => {
                let addresses = Addresses::read(path)?;
                (addresses.chain_id, addresses.ledger)
            }
            (None, Some((contract, chain_id))) => (chain_id, contract),
            (None, None) => return Err(Error::usage("give --addresses, or --contract and --chain-id")),
        };
        let sender = Sender::Somebody("the payee whose money it is");
        Ok(Batch {
            chain_id,
            sender,
            notes: Vec::new(),
            calls: vec![calls::set_recipient(contract, self.to)],
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct WithdrawShare {
    #[command(flatten)]
    of: OfLedger,
    /// The beneficiary.
    #[arg(long, value_name = "ADDRESS")]
    account: Payee,
    /// An epoch; may be repeated. All of the files without it, as far as they are final on the chain.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: Vec<u32>,
}

impl Verb for WithdrawShare {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let mut epochs = self.epoch.clone();
        if epochs.is_empty() {
            epochs = (1..=bundle.epochs.len() as u32).collect();
            // One that is not final would refuse the shares of all.
            if let Some(chain) = chain {
                epochs = preflight::final_epochs(&bundle.ledger, &epochs, chain)?;
                if epochs.is_empty() {
                    let text =
                        "no epoch of these files is final on the chain: there is no share to withdraw yet";
                    return Err(ChainError::refused(text).into());
                }
            }
        }
        Ok(Batch::of(&bundle.ledger, calls::withdraw_share(&bundle, self.account, &epochs)?))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Withdraw {
    #[command(flatten)]
    of: OfLedger,
    /// Whose credit.
    #[arg(long, value_name = "ADDRESS")]
    account: Payee,
    /// The token.
    #[arg(long, value_name = "ADDRESS")]
    token: Option<Payee>,
}

impl Verb for Withdraw {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let own = self.of.bundle()?.ledger;
        let token = match (self.token, chain) {
            (Some(token), _) => token,
            (None, Some(chain)) => {
                let call = ledger::getModelCall { modelId: bytes32(own.model_id) };
                payee(ask(chain, own.contract, &call).map_err(unanswered)?.token)
            }
            (None, None) => return Err(needs("--token", "credits are by token")),
        };
        Ok(Batch::of(&own, [calls::withdraw(&own, token, self.account)?]))
    }
}
