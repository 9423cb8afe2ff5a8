//! A receipt against what its contract has.

use std::collections::BTreeMap;

use apportion_chain::{
    ReadChain, ReadError,
    abi::{
        IDatasetRegistry as registry, IOpeningVerifier as openings, IRevenueLedger as ledger, SolCall as _,
        U256, bytes32, column_digest, coordinates, point, stage, to_word, word,
    },
    ask,
    state::Contracts,
};
use apportion_circuits::types::Word;
use apportion_statement::{CheckId, files::ReceiptDoc};
use apportion_suite::{Bn254, Suite};

use super::ChainOptions;
use crate::{
    audit::pinned_setup,
    claims::place_of,
    report::{AuditError, Check, Report},
};

type F = <Bn254 as Suite>::F;

/// Confirms a receipt by its chain: every column is final there, and the chain's own verifier accepts the openings.
///
/// # Errors
/// If the chain does not answer, or its verifiers' setup cannot be trusted.
pub fn confirm(
    doc: &ReceiptDoc,
    contracts: &Contracts,
    options: &ChainOptions,
    chain: &mut dyn ReadChain,
    report: &mut Report,
) -> Result<(), AuditError> {
    trusted(contracts, options, report)?;
    let model = bytes32(doc.model);
    for account in &doc.accounts {
        let place = place_of(&doc.claim(account));
        let (dataset, segment) = (bytes32(account.dataset), U256::from(account.segment));
        let epoch = U256::from(account.epoch);
        let found = ask(chain, contracts.ledger, &ledger::getEpochCall { modelId: model, epoch })?;
        let attempt = U256::from(found.attempt);
        let call = ledger::balanceColumnCall { modelId: model, datasetId: dataset, segment, epoch, attempt };
        let there = to_word(ask(chain, contracts.ledger, &call)?);
        let column = bytes32(column_digest(&account.payee_column));
        // The registry says how long the column is: slot i of one tier is slot 16 i of the next, so openings alone
        // would show one account under three names.
        let call = registry::payeeColumnSlotsCall { datasetId: dataset, segment, column };
        let slots = ask(chain, contracts.registry, &call)?;
        let here = column_digest(&account.balance_column);
        report.checks.push(if found.stage != stage::FINAL {
            let why = format!(
                "epoch {} is not final on the chain: nothing can be claimed of it yet",
                account.epoch
            );
            Check::failed(CheckId::ChainFinal, &place, why)
        } else if there == Word::default() {
            let why = format!("the segment did not move in epoch {} on the chain", account.epoch);
            Check::failed(CheckId::ChainFinal, &place, why)
        } else if there != here {
            let why = format!("balances {here} in the receipt, {there} on the chain");
            Check::failed(CheckId::ChainFinal, &place, why)
        } else if slots.is_zero() {
            Check::failed(CheckId::ChainFinal, &place, "its payee column was never proven in the registry")
        } else if slots != U256::from(account.tier.slots()) {
            let why = format!(
                "a segment of {} slots in the receipt, of {slots} on the chain",
                account.tier.slots()
            );
            Check::failed(CheckId::ChainFinal, &place, why)
        } else {
            Check::ok(CheckId::ChainFinal, &place)
        });
    }
    if report.failed().is_none() {
        report.checks.push(open(doc, contracts, chain)?);
        let paid = paid(doc, contracts, chain)?;
        report.subject.add("paid out already", paid);
    }
    // The chain confirms it, and checked the proofs behind the columns when they moved.
    report.unconfirmed = false;
    let answered = ["whether any ledger says so", "openings: "];
    report.not_checked.retain(|line| !answered.iter().any(|begins| line.starts_with(begins)));
    Ok(())
}

/// How much of what a receipt shows has been claimed.
fn paid(doc: &ReceiptDoc, contracts: &Contracts, chain: &mut dyn ReadChain) -> Result<u128, AuditError> {
    let mut sum = 0u128;
    for account in &doc.accounts {
        let call = ledger::claimedCall {
            modelId: bytes32(doc.model),
            datasetId: bytes32(account.dataset),
            segment: U256::from(account.segment),
            index: U256::from(account.index),
        };
        let claimed = ask(chain, contracts.ledger, &call)?;
        sum = sum.saturating_add(claimed.min(account.cumulative.0));
    }
    Ok(sum)
}

/// Keys that this program pins, of a setup whose secret is not public.
fn trusted(contracts: &Contracts, options: &ChainOptions, report: &mut Report) -> Result<(), AuditError> {
    for verifier in &contracts.verifiers {
        let place = format!("{} verifier of tier {}", verifier.relation, verifier.tier);
        match pinned_setup(verifier.relation, verifier.tier, verifier.key_digest) {
            Some((label, true)) if !options.allow_insecure => {
                return Err(AuditError::NotCheckable(format!(
                    "the {place} is for setup '{label}', whose secret is public: --allow-insecure-params goes on"
                )));
            }
            Some((label, insecure)) => {
                report.checks.push(Check::ok(CheckId::ChainKey, &place));
                report.insecure |= insecure;
                let text = if insecure {
                    format!("INSECURE: the secret of setup '{label}' is public, this verdict proves nothing")
                } else {
                    format!("rests on setup '{label}': somebody in it destroyed their part of the secret")
                };
                if !report.notes.contains(&text) {
                    report.notes.push(text);
                }
            }
            None if options.allow_unknown_code => {
                report.not_checked.push(format!(
                    "the key of the {place}: this program does not know {}",
                    verifier.key_digest
                ));
            }
            None => {
                return Err(AuditError::NotCheckable(format!(
                    "the {place} has key {}, which this program does not pin: --allow-unknown-code goes on",
                    verifier.key_digest
                )));
            }
        }
    }
    Ok(())
}

/// Asks the chain's opening verifier, which says nothing where everything holds.
fn open(doc: &ReceiptDoc, contracts: &Contracts, chain: &mut dyn ReadChain) -> Result<Check, AuditError> {
    let mut groups: BTreeMap<_, openings::Columns> = BTreeMap::new();
    for account in &doc.accounts {
        let claim = doc.claim(account);
        let gamma: F = claim.challenge();
        let [payee, cumulative] = claim.values::<F>();
        let opening = openings::Opening {
            index: U256::from(account.index),
            gamma: word(Word::from_field(&gamma)),
            value: word(Word::from_field(&(payee + gamma * cumulative))),
            proof: point(&account.proof.0, "an opening")?,
        };
        let columns = (&account.payee_column, &account.balance_column);
        let key = (account.tier, columns);
        if let Some(group) = groups.get_mut(&key) {
            group.openings.push(opening);
        } else {
            let group = openings::Columns {
                slots: U256::from(account.tier.slots()),
                a: coordinates(columns.0)?,
                b: coordinates(columns.1)?,
                openings: vec![opening],
            };
            groups.insert(key, group);
        }
    }
    let call = openings::checkCall { columns: groups.into_values().collect() };
    let place = format!("opening verifier at {}", contracts.opening_verifier);
    match chain.call(contracts.opening_verifier, call.abi_encode()) {
        Ok(_) => Ok(Check::ok(CheckId::ChainOpenings, place)),
        Err(ReadError::Reverted(data)) => {
            let why = format!("it refuses: {}", apportion_chain::reason(&data));
            Ok(Check::failed(CheckId::ChainOpenings, &place, why))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use apportion_chain::{Block, state::VerifierState};
    use apportion_circuits::types::{Payee, Tier};
    use apportion_statement::RelationId;

    use super::*;
    use crate::audit::pinned_key;

    /// A deployment whose one verifier has a key of the setup whose secret is public.
    fn insecure() -> Contracts {
        let (relation, tier) = (RelationId::Split, Tier::T64);
        let nobody = Payee([0; 20]);
        Contracts {
            chain_id: 1,
            block: Block { number: 1, hash: Word::default(), timestamp: 1 },
            ledger: nobody,
            version: Word::default(),
            registry: nobody,
            opening_verifier: nobody,
            registry_openings: nobody,
            setup: Word::default(),
            verifiers: vec![VerifierState {
                relation,
                tier,
                address: nobody,
                says_relation: Word::default(),
                says_slots: U256::ZERO,
                setup: Word::default(),
                key_digest: pinned_key("insecure_dev", relation, tier).unwrap().key_digest,
            }],
            codes: Vec::new(),
            creations: Vec::new(),
        }
    }

    #[test]
    fn a_chain_with_an_insecure_setup_is_refused_or_said_to_be_insecure() {
        let mut report = Report::default();
        assert!(trusted(&insecure(), &ChainOptions::default(), &mut report).is_err());
        let allowed = ChainOptions { allow_insecure: true, ..ChainOptions::default() };
        trusted(&insecure(), &allowed, &mut report).unwrap();
        assert!(report.insecure && report.notes[0].starts_with("INSECURE"));
    }
}
