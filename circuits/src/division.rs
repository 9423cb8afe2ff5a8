//! Floor division: `pool * score = quotient * total + remainder`, `0 <= remainder < total`.

use ruint::aliases::U256;

use crate::types::Score;

/// A payout and what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotient {
    /// `floor(pool * score / total)`, at most 192 bits; below 2^128 wherever `score <= total`.
    pub quotient: U256,
    /// Below `total`.
    pub remainder: U256,
}

/// `pool * score` divided by `total`; `None` where `total` is 0.
pub fn divide(pool: u128, score: Score, total: u128) -> Option<Quotient> {
    if total == 0 {
        return None;
    }
    // Below 2^192: no overflow.
    let product = U256::from(pool) * U256::from(score);
    let (quotient, remainder) = product.div_rem(U256::from(total));
    Some(Quotient { quotient, remainder })
}

/// The payout of one account: `floor(pool * score / total)`; `None` where `total` is 0 or the payout is not
/// below 2^128, which no score of at most `total` can cause.
pub fn payout(pool: u128, score: Score, total: u128) -> Option<u128> {
    divide(pool, score, total).and_then(|division| division.quotient.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edges() {
        assert_eq!(payout(10, 1, 0), None);
        assert_eq!(payout(0, 5, 7), Some(0));
        assert_eq!(payout(u128::MAX, u64::MAX, u128::from(u64::MAX)), Some(u128::MAX));
        assert_eq!(payout(u128::MAX, u64::MAX, 1), None);
        assert_eq!(payout(10, 1, 3), Some(3));
    }

    proptest! {
        #[test]
        fn is_the_euclidean_pair(pool: u128, score: u64, total in 1..(1u128 << 80)) {
            let Quotient { quotient, remainder } = divide(pool, score, total).unwrap();
            prop_assert!(remainder < U256::from(total));
            prop_assert_eq!(quotient * U256::from(total) + remainder, U256::from(pool) * U256::from(score));
        }
    }
}
