//! `ledger status --rpc`: where a model stands on its chain, where that differs from the files, what is due, from whom, and
//! until when.

mod differs;
mod due;

use apportion_chain::{
    ChainError, ReadChain,
    abi::{
        IRevenueLedger as abi, SolCall, U256, bytes32, payee,
        stage::{CLOSED, FINAL, OPEN},
    },
    ask,
};
use apportion_circuits::types::{BPS_WHOLE, Payee};
use serde::Serialize;

use self::{differs::Differences, due::List};
use super::status::Status;
use crate::{error::Error, ledger::Ledger};

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
    /// Where files and chain differ.
    pub differs: Vec<String>,
    /// What can be done now or is waited for, by the files and by the chain, the most urgent first.
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

/// Asks a chain where a model stands, and where its files and the chain differ. `files` is what the files say alone.
///
/// # Errors
/// If the ledger is bound to no contract, the node is on another chain, or the chain does not answer.
pub fn standing(ledger: &Ledger, files: &Status, chain: &mut dyn ReadChain) -> Result<Standing, Error> {
    let own = &ledger.bundle.ledger;
    apportion_chain::calls::check_bound(own)?;
    let (to, model_id) = (own.contract, bytes32(own.model_id));
    let found = chain.chain_id().map_err(ChainError::from)?;
    if found != own.chain_id {
        let expected = own.chain_id;
        return Err(Error::Mismatch(format!(
            "the node is on chain {found}, the ledger is for chain {expected}: name a node of that chain with --rpc"
        )));
    }
    let block = chain.block().map_err(ChainError::from)?;
    let now = block.timestamp;
    let model = asked(chain, to, &abi::getModelCall { modelId: model_id })?;
    let mut standing = Standing {
        block: block.number,
        time: now,
        contract: to,
        developer: own.developer,
        owed: "0".into(),
        epochs: Vec::new(),
        demands: Vec::new(),
        differs: Vec::new(),
        due: Vec::new(),
    };
    let mut list = List::new(now, ledger, files);
    if model.developer.is_zero() {
        standing.differs.push("the files have a model, the chain has not".into());
        list.create_model();
        standing.due = list.ordered();
        return Ok(standing);
    }
    let terms = asked(chain, to, &abi::getTermsCall { modelId: model_id })?;
    let listed = apportion_chain::pages::demands_of(to, model_id, chain).map_err(ChainError::from)?.oldest;
    let owed = asked(chain, to, &abi::owedCall { modelId: model_id })?;
    let mut epochs = Vec::new();
    for number in model.finalEpoch.saturating_add(1)..=model.openEpoch {
        let found = asked(chain, to, &abi::getEpochCall { modelId: model_id, epoch: U256::from(number) })?;
        let policy = U256::from(found.policy.max(1));
        let policy = asked(chain, to, &abi::getPolicyCall { modelId: model_id, policy })?;
        epochs.push((number, found, policy));
    }
    let differences = Differences::find(ledger, &model, chain)?;
    list.all(&model, &terms, &epochs, &listed, &differences);
    (standing.due, standing.differs) = (list.ordered(), differences.texts());
    (standing.developer, standing.owed) = (payee(model.developer), owed.to_string());
    standing.epochs = epochs.iter().map(|(number, found, policy)| epoch(*number, found, policy)).collect();
    standing.demands = listed
        .iter()
        .map(|demand| DemandStanding {
            dataset: demand.datasetId.to_string(),
            segment: demand.segment,
            index: demand.index,
            epoch: demand.epoch,
            deadline: demand.deadline,
            overdue: demand.deadline < now,
        })
        .collect();
    Ok(standing)
}

fn asked<C: SolCall>(chain: &mut dyn ReadChain, to: Payee, call: &C) -> Result<C::Return, ChainError> {
    Ok(ask(chain, to, call)?)
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
