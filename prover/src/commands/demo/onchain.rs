//! The end of the demonstration: the same life on a chain.

use std::{fs, path::Path};

use apportion::{
    Error,
    input::read_records,
    ledger::LedgerError,
    onchain::{OnChain, Step, not_deployed},
    sample::Sample,
};
use apportion_circuits::types::Tier;
use apportion_contracts::{Chain, Deployment, Refusal, dev_verifiers};
use apportion_verifier::chain::{Call, claim};
use serde::Serialize;

use super::Session;

const TIER: Tier = Tier::T64;
/// The id that local chains have.
const CHAIN_ID: u64 = 31_337;
/// How many of the sample's epochs are settled.
const EPOCHS: usize = 2;
/// The record whose owner claims.
const ASKING: usize = 17;
/// The byte of a proof that the forger changes: in its first evaluation or commitment, whatever stands there.
const FORGED_BYTE: usize = 1_000;

/// What happened on the chain.
#[derive(Serialize)]
pub(super) struct Outcome {
    chain_id: u64,
    insecure_setup: bool,
    steps: Vec<Step>,
    forged_refused: bool,
    second_claim_refused: bool,
    paid: String,
}

impl Outcome {
    /// Whether everything that must be refused was refused.
    pub(super) fn as_it_must(&self) -> bool {
        self.forged_refused && self.second_claim_refused
    }
}

/// Registers, creates, enrolls, splits, publishes and claims on an EVM in process.
pub(super) fn tell(dir: &Path, session: &Session, sample: &Sample) -> Result<Outcome, Error> {
    let say = |text: &str| session.console.say(text);
    say("CHAIN (an EVM in process, main network rules; suite bn254)");
    say("  INSECURE development ceremony: its secret is public, so these proofs show how, not that\n");
    fs::create_dir_all(dir).map_err(|source| LedgerError::Io {
        action: "create",
        path: dir.into(),
        source,
    })?;
    let mut chain = Chain::new(CHAIN_ID);
    let verifiers = dev_verifiers(&[TIER]).map_err(|error| not_deployed(&error.into()))?;
    let from = apportion::onchain::Roles::default().developer;
    let deployment = Deployment::new(&mut chain, from, &verifiers).map_err(|error| not_deployed(&error))?;
    let mut life = OnChain::new(chain, deployment, dir, &session.cache, &session.console);
    let mut told = 0;
    let mut tell_steps = |life: &OnChain<'_>| {
        for step in life.steps.iter().skip(told) {
            say(&format!("  {:>9} gas  {}", grouped(step.gas), step.what));
        }
        told = life.steps.len();
    };

    let records = write(dir, "records.csv", &sample.records)?;
    let (committed, id) = life.register(read_records(&records)?, TIER)?;
    let policy = apportion::actions::init::read_policy(&write(dir, "policy.toml", &sample.policy)?)?;
    life.create_model("demo-model", TIER, policy)?;
    life.enroll(&committed, id)?;
    tell_steps(&life);

    let mut forged_refused = true;
    for (number, (text, revenue)) in (1..).zip(sample.scores.iter().zip(&sample.revenue).take(EPOCHS)) {
        let scores = write(dir, &format!("scores-{number}.csv"), text)?;
        life.close_epoch(number, &scores, *revenue)?;
        tell_steps(&life);
        if number == 1 {
            forged_refused = forge(&mut life, number, &say)?;
        }
        life.settle(number)?;
        tell_steps(&life);
    }
    life.publish()?;
    let receipt = life.claim(ASKING)?;
    tell_steps(&life);
    let again = life.send_refused(life.roles.customer, &claim(&receipt)?)?;
    say(&format!("  refused        the same claim once more ({again})"));
    let paid = life.tokens(receipt.payee)?;
    if paid != receipt.cumulative.0 {
        return Err(Error::Claim("the payee was not paid what its receipt says".into()));
    }
    say(&format!("\n  record 0:{ASKING} has {paid} tokens, as its receipt says\n"));
    let second_claim_refused = matches!(again, Refusal::Reverted { .. });
    Ok(Outcome {
        chain_id: CHAIN_ID,
        insecure_setup: true,
        steps: life.steps,
        forged_refused,
        second_claim_refused,
        paid: paid.to_string(),
    })
}

/// Changes one bit of a valid proof: the contract must refuse it.
fn forge(life: &mut OnChain<'_>, epoch: u32, say: &dyn Fn(&str)) -> Result<bool, Error> {
    let calls = life.source()?.settle(epoch)?;
    let Some(honest) = calls.first() else { return Ok(false) };
    let mut data = honest.data.clone();
    if let Some(byte) = data.get_mut(FORGED_BYTE) {
        *byte ^= 1;
    }
    let forged = Call { what: format!("{} with a forged proof", honest.what), data, ..honest.clone() };
    let refusal = life.send_refused(life.roles.developer, &forged)?;
    say(&format!("  refused        {} ({refusal})", forged.what));
    Ok(matches!(refusal, Refusal::Reverted { .. }))
}

fn write(dir: &Path, name: &str, text: &str) -> Result<std::path::PathBuf, Error> {
    let path = dir.join(name);
    fs::write(&path, text).map_err(|source| LedgerError::Io {
        action: "write",
        path: path.clone(),
        source,
    })?;
    Ok(path)
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
