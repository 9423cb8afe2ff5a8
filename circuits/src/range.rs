//! Integers below `2^bits`, exactly, as limbs that are looked up in a table `0 .. base`.
//!
//! A table of `2^w` values cannot bound 64 or 128 bits exactly unless `w` divides them: the usual cure, a second
//! lookup of the shifted top limb, costs a cell per number. Instead the base is such that `base - 1` divides
//! `2^64 - 1` (and so `2^128 - 1`), and the weights are `1, base, base^2, ...` with the last one lowered to
//! `(2^bits - 1) / (base - 1)` minus the rest. Then `(base - 1) * sum(weights) = 2^bits - 1`, and since no weight
//! exceeds one more than what the weights before it can reach, every integer of `0 .. 2^bits` and nothing else is
//! a sum of weighted limbs. For `base = 2^16` these are the plain 16-bit limbs.

pub mod chip;

use ruint::aliases::U256;

/// How numbers of one size are cut into limbs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limbs {
    base: u64,
    weights: Vec<U256>,
}

impl Limbs {
    /// Exactly the integers below `2^bits`; `None` unless `base - 1` divides `2^bits - 1` and `bits <= 128`.
    pub fn exact(base: u64, bits: u32) -> Option<Self> {
        if base < 2 || bits == 0 || bits > 128 {
            return None;
        }
        let max = (U256::from(1) << bits as usize) - U256::from(1);
        let (sum, rest) = max.div_rem(U256::from(base - 1));
        if rest != U256::ZERO {
            return None;
        }
        let mut weights = Vec::new();
        let (mut weight, mut reached) = (U256::from(1), U256::ZERO);
        while reached + weight < sum {
            weights.push(weight);
            reached += weight;
            weight *= U256::from(base);
        }
        weights.push(sum - reached);
        Some(Self { base, weights })
    }

    /// The integers below `base^count`; `None` where that exceeds 2^192.
    pub fn powers(base: u64, count: usize) -> Option<Self> {
        let mut weights = Vec::with_capacity(count);
        let mut weight = U256::from(1);
        for _ in 0..count {
            weights.push(weight);
            weight *= U256::from(base);
            if weight > U256::from(1) << 192 {
                return None;
            }
        }
        Some(Self { base, weights })
    }

    /// The fewest limbs whose powers reach `2^bits`.
    pub fn powers_for(base: u64, bits: u32) -> Option<usize> {
        (1..=128).find(|count| {
            Self::powers(base, *count)
                .is_some_and(|limbs| limbs.max() >= (U256::from(1) << bits as usize) - U256::from(1))
        })
    }

    /// The number of limbs.
    pub fn count(&self) -> usize {
        self.weights.len()
    }

    /// The weights, lowest first.
    pub fn weights(&self) -> &[U256] {
        &self.weights
    }

    /// The largest integer that the limbs reach.
    pub fn max(&self) -> U256 {
        self.weights.iter().fold(U256::ZERO, |sum, weight| sum + weight * U256::from(self.base - 1))
    }

    /// The limbs of `value`, lowest weight first. Above `max` the top limb saturates, and the weighted sum falls
    /// short of `value`.
    pub fn decompose(&self, value: U256) -> Vec<u64> {
        let mut rest = value;
        let top = U256::from(self.base - 1);
        let mut limbs: Vec<u64> = self
            .weights
            .iter()
            .rev()
            .map(|weight| {
                let limb = (rest / weight).min(top);
                rest -= limb * weight;
                limb.saturating_to()
            })
            .collect();
        limbs.reverse();
        limbs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compose(limbs: &Limbs, values: &[u64]) -> U256 {
        values
            .iter()
            .zip(limbs.weights())
            .fold(U256::ZERO, |sum, (limb, weight)| sum + U256::from(*limb) * weight)
    }

    #[test]
    fn sixteen_bit_limbs_are_the_plain_ones() {
        let limbs = Limbs::exact(1 << 16, 64).unwrap();
        let plain: Vec<U256> = (0..4).map(|i| U256::from(1) << (16 * i)).collect();
        assert_eq!(limbs.weights(), plain);
        assert_eq!(Limbs::exact(1 << 16, 128).unwrap().count(), 8);
        assert!(Limbs::exact(1 << 13, 64).is_none());
    }

    /// Each sum of weights times limbs, in small: all of 0 .. 2^bits and nothing else.
    #[test]
    fn exact_limbs_cover_exactly() {
        for (base, bits) in [(2, 4), (4, 4), (6, 4), (16, 4), (4, 6), (8, 6), (10, 6), (18, 8), (6, 8)] {
            let limbs = Limbs::exact(base, bits).unwrap();
            let mut reached = std::collections::BTreeSet::from([U256::ZERO]);
            for weight in limbs.weights() {
                reached = reached
                    .iter()
                    .flat_map(|sum| (0..base).map(move |limb| *sum + U256::from(limb) * weight))
                    .collect();
            }
            let expected: std::collections::BTreeSet<_> = (0..1u64 << bits).map(U256::from).collect();
            assert_eq!(reached, expected, "base {base}, {bits} bits");
        }
    }

    proptest! {
        #[test]
        fn every_value_decomposes(value: u128, base in prop::sample::select(vec![258u64, 642, 1924, 4370, 13108, 65536])) {
            for (bits, value) in [(128, value), (64, value >> 64)] {
                let limbs = Limbs::exact(base, bits).unwrap();
                let parts = limbs.decompose(U256::from(value));
                prop_assert!(parts.iter().all(|limb| *limb < base));
                prop_assert_eq!(compose(&limbs, &parts), U256::from(value));
                // One above the top is out of reach.
                let above = limbs.max() + U256::from(1);
                prop_assert_eq!(above, U256::from(1) << bits as usize);
                prop_assert_ne!(compose(&limbs, &limbs.decompose(above)), above);
            }
        }
    }
}
