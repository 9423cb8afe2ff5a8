//! What an epoch will do: its money, and whether it is its turn.

use apportion_statement::policy::{Share, Shares};

use crate::{error::Error, ledger::Ledger, witness::EpochNumbers};

/// An epoch's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The epoch.
    pub epoch: u32,
    /// The number of the policy that splits it.
    pub policy: u32,
    /// Its revenue, in the token's base units.
    pub revenue: u128,
    /// What the epoch before left.
    pub carried: u128,
    /// The beneficiaries' shares.
    pub shares: Vec<Share>,
    /// The contributors' pool.
    pub pool: u128,
    /// The sum of all scores.
    pub total_score: u128,
}

impl Plan {
    /// Plans an epoch: it must be the next one, its total score positive (V4), its policy in force and its pool
    /// within bounds (V3.order, V6, V7).
    ///
    /// # Errors
    /// Says which of these does not hold, and what to do.
    pub fn new(ledger: &Ledger, epoch: u32, revenue: u128, total_score: u128) -> Result<Self, Error> {
        Self::check_order(ledger, epoch)?;
        if total_score == 0 {
            return Err(Error::usage(format!(
                "all scores of epoch {epoch} are 0: there is nobody to split its revenue between, and nothing is \
                 proven. The revenue stays where it is: wait for scores, and prove epoch {epoch} with them"
            )));
        }
        let carried = ledger.carried();
        let policy = ledger.policy(epoch)?;
        let Shares { shares, pool } = policy.terms.split(revenue, carried)?;
        ledger.lifetime()?.add(pool, carried)?;
        Ok(Self { epoch, policy: policy.policy, revenue, carried, shares, pool, total_score })
    }

    /// Epochs are proven in order, each once.
    ///
    /// # Errors
    /// Says which epoch is next.
    pub fn check_order(ledger: &Ledger, epoch: u32) -> Result<(), Error> {
        let next = ledger.next_epoch();
        if epoch < next {
            return Err(Error::usage(format!("epoch {epoch} is proven already; epoch {next} is next")));
        }
        if epoch > next {
            return Err(Error::usage(format!("epoch {next} comes before epoch {epoch}")));
        }
        Ok(())
    }

    /// The numbers that all segments share.
    pub fn numbers(&self) -> EpochNumbers {
        EpochNumbers { epoch: self.epoch, pool: self.pool, total_score: self.total_score }
    }
}
