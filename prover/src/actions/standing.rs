//! `ledger status --rpc`: where a model stands on its chain, what is due, from whom, and until when.

use apportion_chain::{
    ChainError, ReadChain,
    abi::{
        IRevenueLedger as abi, U256, bytes32, payee,
        stage::{CLOSED, FINAL, OPEN},
    },
    ask,
};
use apportion_circuits::types::{BPS_WHOLE, Payee};
use apportion_statement::{counted, files::Bundle};
use serde::Serialize;

/// Where a model stands on its chain.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// The block that this is of.
    pub block: u64,
    /// Its time, in seconds since 1970.
    pub time: u64,
    /// The ledger contract.
    pub contract: Payee,
    /// Who runs the model.
    pub developer: Payee,
    /// What it owes to all its parties, in the token's base units.
    pub owed: String,
    /// The epochs that are not final.
    pub epochs: Vec<EpochStanding>,
    /// Demands that are not answered.
    pub demands: Vec<DemandStanding>,
    /// What can be done now or is waited for, the most urgent first.
    pub due: Vec<Due>,
}

/// An epoch that is not final.
#[derive(Clone, Debug, Serialize)]
pub struct EpochStanding {
    /// The epoch.
    pub epoch: u64,
    /// Open or closed.
    pub stage: &'static str,
    /// Who commits its scores.
    pub attributor: Payee,
    /// The policy that splits it.
    pub policy: u32,
    /// What arrived for it.
    pub revenue: String,
    /// What contributors get of it, as far as it arrived.
    pub pool: String,
    /// The least pool with which it can close.
    pub min_pool: String,
    /// The root of the committed scores, where there are any.
    pub score_root: Option<String>,
    /// Which commitment of a closed epoch it is, from 0.
    pub attempt: u32,
    /// Segments that moved.
    pub moved: u32,
    /// Segments that are listed.
    pub listed: u32,
}

/// A demand that is not answered.
#[derive(Clone, Debug, Serialize)]
pub struct DemandStanding {
    /// The dataset's id.
    pub dataset: String,
    /// The segment.
    pub segment: u32,
    /// The slot.
    pub index: u32,
    /// Of which epoch.
    pub epoch: u64,
    /// Until when, in seconds since 1970.
    pub deadline: u64,
    /// Whether that has passed.
    pub overdue: bool,
}

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// What.
    pub what: String,
    /// Whose it is to do.
    pub who: String,
    /// From when on it can be done, in seconds since 1970; absent where it can be done now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// The command.
    pub command: String,
}

/// Asks a chain where a model stands.
///
/// # Errors
/// If the model is not there or the chain does not answer.
pub fn standing(bundle: &Bundle, dir: &str, chain: &mut dyn ReadChain) -> Result<Standing, ChainError> {
    apportion_chain::calls::check_bound(&bundle.ledger)?;
    let (to, model_id) = (bundle.ledger.contract, bytes32(bundle.ledger.model_id));
    let block = chain.block()?;
    let model = ask(chain, to, &abi::getModelCall { modelId: model_id })?;
    if model.developer.is_zero() {
        return Err(ChainError::refused(
            "the chain has no such model: `apportion send createModel` creates it",
        ));
    }
    let terms = ask(chain, to, &abi::getTermsCall { modelId: model_id })?;
    let listed = apportion_chain::pages::demands_of(to, model_id, chain)?.oldest;
    let owed = ask(chain, to, &abi::owedCall { modelId: model_id })?;
    let mut epochs = Vec::new();
    for number in model.finalEpoch.saturating_add(1)..=model.openEpoch {
        let found = ask(chain, to, &abi::getEpochCall { modelId: model_id, epoch: U256::from(number) })?;
        let policy = U256::from(found.policy.max(1));
        let policy = ask(chain, to, &abi::getPolicyCall { modelId: model_id, policy })?;
        epochs.push((number, found, policy));
    }
    let now = block.timestamp;
    Ok(Standing {
        block: block.number,
        time: now,
        contract: to,
        developer: payee(model.developer),
        owed: owed.to_string(),
        due: due(&model, &terms, &epochs, &listed, dir, now),
        epochs: epochs.iter().map(|(number, found, policy)| epoch(*number, found, policy)).collect(),
        demands: listed
            .iter()
            .map(|demand| DemandStanding {
                dataset: demand.datasetId.to_string(),
                segment: demand.segment,
                index: demand.index,
                epoch: demand.epoch,
                deadline: demand.deadline,
                overdue: demand.deadline < now,
            })
            .collect(),
    })
}

/// What contributors get of an open epoch's revenue so far, or of a closed one's.
fn pool(found: &abi::Epoch, policy: &abi::Policy) -> u128 {
    if found.stage != OPEN {
        return found.pool;
    }
    // What is left of the revenue when every beneficiary has its share, rounded down.
    let share = |bps: u16| U256::from(found.revenue) * U256::from(bps) / U256::from(BPS_WHOLE);
    let shares = policy.beneficiaries.iter().map(|b| share(b.bps)).fold(U256::ZERO, |sum, one| sum + one);
    let pool = U256::from(found.revenue).saturating_sub(shares) + U256::from(found.carried);
    pool.saturating_to()
}

/// What an open epoch's pool still lacks. Only its own revenue counts for the minimum: not what was carried into it, nor the
/// remainders of beneficiaries' shares.
fn lacks(found: &abi::Epoch, policy: &abi::Policy) -> u128 {
    let own = U256::from(found.revenue) * U256::from(policy.contributorsBps) / U256::from(BPS_WHOLE);
    found.minPool.saturating_sub(own.saturating_to())
}

fn epoch(number: u64, found: &abi::Epoch, policy: &abi::Policy) -> EpochStanding {
    EpochStanding {
        epoch: number,
        stage: match found.stage {
            OPEN => "open",
            CLOSED => "closed",
            FINAL => "final",
            _ => "not open",
        },
        attributor: payee(found.attributor),
        policy: found.policy,
        revenue: found.revenue.to_string(),
        pool: pool(found, policy).to_string(),
        min_pool: found.minPool.to_string(),
        score_root: (!found.scoreRoot.is_zero()).then(|| found.scoreRoot.to_string()),
        attempt: found.attempt,
        moved: found.moved,
        listed: found.count,
    }
}

fn due(
    model: &abi::Model,
    terms: &abi::Terms,
    epochs: &[(u64, abi::Epoch, abi::Policy)],
    demands: &[abi::Demand],
    dir: &str,
    now: u64,
) -> Vec<Due> {
    let mut list = Vec::new();
    let mut add = |what: String, who: String, from: u64, command: String| {
        list.push(Due { what, who, from: (from > now).then_some(from), command });
    };
    if model.dissolvedAt != 0 {
        let command = format!("apportion send exit --dir {dir} --record RECORD.json");
        add("the model is dissolved: every record takes its part".into(), "anyone".into(), 0, command);
        return list;
    }
    if model.openEpoch == 0 {
        let developer = format!("the developer {}", payee(model.developer));
        let (what, command) = match model.records {
            0 => ("a dataset to enrol", format!("apportion send enroll --dir {dir}")),
            _ => ("epoch 1: open it, before which nobody pays", format!("apportion send open --dir {dir}")),
        };
        add(what.into(), developer, 0, command);
        return list;
    }
    let seconds = u64::from;
    for demand in demands {
        let (what, late) = (
            format!(
                "a demand for segment {} slot {} as of epoch {}",
                demand.segment, demand.index, demand.epoch
            ),
            demand.deadline < now,
        );
        let what = if late {
            format!("{what}, OVERDUE: until it is answered no epoch closes and no beneficiary is paid")
        } else {
            format!("{what}, to be answered within {} h", demand.deadline.saturating_sub(now) / 3600)
        };
        let command = format!(
            "apportion receipt --dir {dir} --record DATASET:RECORD --epoch {} --out receipt.json, then apportion send answer \
             --receipt receipt.json",
            demand.epoch
        );
        add(what, "the developer, or whoever has the receipt".into(), 0, command);
        let from = demand.deadline.saturating_add(seconds(terms.exitWindow));
        let command = format!("apportion send dissolve --dir {dir}");
        add("the model can be dissolved for the overdue demand".into(), "anyone".into(), from, command);
    }
    for (number, found, policy) in epochs {
        match found.stage {
            CLOSED => {
                let left = found.count.saturating_sub(found.moved);
                let command = format!(
                    "apportion prove --dir {dir} --epoch {number} --scores scores-{number} --rpc URL, then apportion send settle \
                     --dir {dir} --epoch {number}"
                );
                add(
                    format!("epoch {number}: {left} of {} to settle", counted(found.count, "segment")),
                    "anyone with the proofs".into(),
                    0,
                    command,
                );
                let from = found.progressAt.saturating_add(seconds(terms.settleWindow));
                let command = format!(
                    "apportion send commitScores --dir {dir} --epoch {number} --scores scores-{number}"
                );
                let who = format!("the attributor {}", payee(found.attributor));
                add(format!("epoch {number}: other scores can be committed"), who, from, command);
                stalled(&mut add, *number, found.closedAt, terms, dir);
            }
            OPEN => {
                let (scored, reached) = (!found.scoreRoot.is_zero(), found.poolReachedAt != 0);
                if !scored {
                    let command = format!(
                        "apportion scores commit --dir {dir} --scores scores.csv --epoch {number} --seed attributor.seed --out \
                         scores-{number}, then apportion send commitScores --dir {dir} --epoch {number} --scores scores-{number}"
                    );
                    let who = format!("the attributor {}", payee(found.attributor));
                    add(format!("epoch {number}: scores"), who, 0, command);
                }
                if !reached {
                    let short = lacks(found, policy);
                    let command = format!(
                        "apportion send deposit --dir {dir} --epoch {number} --amount AMOUNT --attributor {}",
                        payee(found.attributor)
                    );
                    add(
                        format!("epoch {number}: revenue; the pool lacks {short}"),
                        "anyone".into(),
                        0,
                        command,
                    );
                } else {
                    let waits = epochs.iter().any(|(_, other, _)| other.stage == CLOSED);
                    let what = if waits { " once the one before is final" } else { "" };
                    let command = format!(
                        "apportion send closeEpoch --dir {dir} --epoch {number} --scores scores-{number}"
                    );
                    if scored {
                        let developer = format!("the developer {}", payee(model.developer));
                        add(format!("epoch {number}: close it{what}"), developer, 0, command.clone());
                        let from = found.poolReachedAt.saturating_add(seconds(terms.openWindow));
                        add(format!("epoch {number}: close it{what}"), "anyone".into(), from, command);
                    }
                    stalled(&mut add, *number, found.poolReachedAt, terms, dir);
                }
            }
            _ => {}
        }
    }
    // What can be done now comes before what is waited for.
    list.sort_by_key(|due| due.from.unwrap_or(0));
    list
}

fn stalled(
    add: &mut impl FnMut(String, String, u64, String),
    number: u64,
    since: u64,
    terms: &abi::Terms,
    dir: &str,
) {
    let from = since.saturating_add(u64::from(terms.exitWindow));
    let what = format!("epoch {number}: if it stays so, the model can be dissolved");
    add(what, "anyone".into(), from, format!("apportion send dissolve --dir {dir}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was carried and what beneficiaries' shares leave are paid, and close nothing.
    #[test]
    fn a_pool_lacks_what_the_contract_says() {
        let bps = |bps| abi::Beneficiary { account: Default::default(), bps };
        let policy = abi::Policy { contributorsBps: 5_000, beneficiaries: vec![bps(2_500), bps(2_500)] };
        let epoch = |revenue, carried| abi::Epoch {
            stage: OPEN,
            revenue,
            carried,
            minPool: 100,
            ..Default::default()
        };
        for (revenue, carried, short) in
            [(0, 0, 100), (180, 50, 10), (199, 0, 1), (199, 9, 1), (200, 0, 0), (900, 0, 0)]
        {
            assert_eq!(lacks(&epoch(revenue, carried), &policy), short, "{revenue}, {carried}");
        }
        assert_eq!(pool(&epoch(199, 9), &policy), 199 - 49 - 49 + 9);
    }
}
