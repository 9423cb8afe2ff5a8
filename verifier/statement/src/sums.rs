//! V5 and V7: sums over segments and over a model's life.

use apportion_circuits::types::LIFETIME_POOL_BOUND;
use ruint::aliases::U256;

use crate::Violation;

/// Sums over all segments of one settled epoch. Wide enough never to wrap.
#[derive(Clone, Copy, Debug, Default)]
pub struct EpochSums {
    score: U256,
    paid: U256,
}

impl EpochSums {
    /// Adds a segment.
    pub fn add(&mut self, segment_score: u128, segment_paid: u128) {
        self.score += U256::from(segment_score);
        self.paid += U256::from(segment_paid);
    }

    /// V5.score.
    pub fn check_score(&self, total_score: u128) -> Result<(), Violation> {
        if self.score == U256::from(total_score) {
            return Ok(());
        }
        Err(Violation::ScoreSum { expected: total_score, found: self.score.to_string() })
    }

    /// V5.paid: returns what is left of the pool.
    pub fn check_paid(&self, pool: u128) -> Result<u128, Violation> {
        u128::try_from(self.paid)
            .ok()
            .and_then(|paid| pool.checked_sub(paid))
            .ok_or_else(|| Violation::PaidSum { pool, found: self.paid.to_string() })
    }

    /// V5.dust: each record that takes part loses less than one unit to rounding, and nobody else anything (S7).
    pub fn check_dust(dust: u128, records: u128) -> Result<(), Violation> {
        if dust < records { Ok(()) } else { Err(Violation::Dust { dust, records }) }
    }
}

/// All of V5. Returns the dust, which is carried into the next pool. `records` are those of the segments that move.
pub fn check_sums(sums: &EpochSums, pool: u128, total_score: u128, records: u128) -> Result<u128, Violation> {
    sums.check_score(total_score)?;
    let dust = sums.check_paid(pool)?;
    EpochSums::check_dust(dust, records)?;
    Ok(dust)
}

/// V7: the sum of what entered the pools of all epochs. What is carried from one pool to the next entered once.
///
/// A contract bounds all revenue that ever arrived by the same number, when it arrives. What enters a pool is part of
/// an epoch's revenue, so a history that a contract accepted is never refused here, and money that a contract refuses
/// never arrives there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lifetime {
    entered: u128,
}

impl Lifetime {
    /// Adds an epoch's pool, of which `carried` was in the pool before.
    pub fn add(&mut self, pool: u128, carried: u128) -> Result<(), Violation> {
        self.entered = match self.entered.checked_add(pool.saturating_sub(carried)) {
            Some(sum) if sum < LIFETIME_POOL_BOUND => sum,
            Some(sum) => return Err(Violation::Lifetime(sum.to_string())),
            None => return Err(Violation::Lifetime("2^128 or more".into())),
        };
        // So it is where `carried` is what the epoch before left; a statement to the contrary must not pass.
        if pool > self.entered {
            return Err(Violation::Lifetime(format!("{} or more, the pool", pool)));
        }
        Ok(())
    }

    /// The sum so far.
    pub fn entered(&self) -> u128 {
        self.entered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(segments: &[(u128, u128)]) -> EpochSums {
        let mut sums = EpochSums::default();
        segments.iter().for_each(|(score, paid)| sums.add(*score, *paid));
        sums
    }

    #[test]
    fn honest_sums_leave_their_dust() {
        assert_eq!(check_sums(&sums(&[(3, 40), (7, 58)]), 100, 10, 3), Ok(2));
    }

    #[test]
    fn v5_score() {
        for total in [9, 11] {
            let violation = check_sums(&sums(&[(3, 40), (7, 60)]), 100, total, 3).unwrap_err();
            assert_eq!(violation.id().name(), "V5.score");
        }
        let wrapping = sums(&[(u128::MAX, 0), (1, 0)]);
        assert_eq!(wrapping.check_score(0).unwrap_err().id().name(), "V5.score");
    }

    #[test]
    fn v5_paid() {
        let violation = check_sums(&sums(&[(3, 41), (7, 60)]), 100, 10, 3).unwrap_err();
        assert_eq!(violation.id().name(), "V5.paid");
        let wrapping = sums(&[(10, u128::MAX), (0, 1)]);
        assert_eq!(check_sums(&wrapping, 100, 10, 3).unwrap_err().id().name(), "V5.paid");
    }

    #[test]
    fn v5_dust() {
        let violation = check_sums(&sums(&[(10, 97)]), 100, 10, 3).unwrap_err();
        assert_eq!(violation.id().name(), "V5.dust");
        assert_eq!(check_sums(&sums(&[(10, 98)]), 100, 10, 3), Ok(2));
    }

    #[test]
    fn v7_lifetime() {
        let mut life = Lifetime::default();
        life.add(LIFETIME_POOL_BOUND - 1, 0).unwrap();
        life.add(0, 0).unwrap();
        assert_eq!(life.add(1, 0).unwrap_err().id().name(), "V7.lifetime");
        assert_eq!(life.add(u128::MAX, 0).unwrap_err().id().name(), "V7.lifetime");
        assert_eq!(life.entered(), LIFETIME_POOL_BOUND - 1);
    }

    #[test]
    fn what_is_carried_counts_once() {
        let mut life = Lifetime::default();
        life.add(LIFETIME_POOL_BOUND - 5, 0).unwrap();
        for _ in 0..10 {
            life.add(LIFETIME_POOL_BOUND - 5, LIFETIME_POOL_BOUND - 5).unwrap();
        }
        life.add(LIFETIME_POOL_BOUND - 1, LIFETIME_POOL_BOUND - 5).unwrap();
        assert!(life.add(LIFETIME_POOL_BOUND, LIFETIME_POOL_BOUND - 1).is_err());
        // A carry that no earlier pool explains.
        assert!(Lifetime::default().add(u128::MAX, u128::MAX).is_err());
    }
}
