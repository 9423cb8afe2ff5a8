//! V6: how an epoch's revenue is split between beneficiaries and contributors.

use std::collections::HashSet;

use apportion_circuits::types::{BPS_WHOLE, Payee};
use serde::{Deserialize, Serialize};

use crate::Violation;
use crate::files::Amount;
use crate::text::is_printable;

/// The longest name of a beneficiary or model, in bytes.
pub const MAX_NAME_BYTES: usize = 64;
/// The most beneficiaries that a policy may have, on a chain and off it.
pub const MAX_BENEFICIARIES: usize = 16;
/// The largest `policy.toml` that is read.
pub const MAX_POLICY_BYTES: u64 = 1 << 16;

/// What a policy says, in `policy.toml` and in a ledger's `policies/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The contributors' basis points.
    pub contributors_bps: u32,
    /// Every other party.
    #[serde(default)]
    pub beneficiaries: Vec<Beneficiary>,
}

/// A party that is paid a fixed share of the revenue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beneficiary {
    /// A name, unique in its policy.
    pub name: String,
    /// Who is paid.
    pub address: Payee,
    /// Its basis points.
    pub bps: u32,
}

/// What a beneficiary gets of one epoch's revenue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The beneficiary's name.
    pub name: String,
    /// Who is paid.
    pub address: Payee,
    /// `floor(revenue * bps / 10,000)`.
    pub amount: Amount,
}

/// An epoch's revenue, split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// One share per beneficiary, in the policy's order.
    pub shares: Vec<Share>,
    /// The contributors' pool: the rest of the revenue, plus what was carried in.
    pub pool: u128,
}

/// What is wrong with a policy (V6.policy).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not the expected TOML. The text says where.
    #[error("{0}")]
    Toml(String),
    /// The shares are not the whole.
    #[error("basis points sum to {0}, not to {BPS_WHOLE}")]
    Sum(u64),
    /// A name that is empty, too long, or holds control characters.
    #[error("beneficiary name {0:?} is empty, longer than {MAX_NAME_BYTES} bytes or not printable")]
    Name(String),
    /// A name that occurs twice.
    #[error("beneficiary {0:?} occurs twice")]
    Duplicate(String),
    /// Nobody would be paid.
    #[error("beneficiary {0:?} has the zero address")]
    ZeroAddress(String),
    /// More beneficiaries than are handled.
    #[error("{0} beneficiaries, at most {MAX_BENEFICIARIES} are allowed")]
    TooMany(usize),
}

impl Policy {
    /// Reads and checks a `policy.toml`.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(text).map_err(|error| PolicyError::Toml(error.to_string()))?;
        policy.check()?;
        Ok(policy)
    }

    /// V6.policy.
    pub fn check(&self) -> Result<(), PolicyError> {
        if self.beneficiaries.len() > MAX_BENEFICIARIES {
            return Err(PolicyError::TooMany(self.beneficiaries.len()));
        }
        let mut names = HashSet::new();
        for Beneficiary { name, address, .. } in &self.beneficiaries {
            if !is_name(name) {
                return Err(PolicyError::Name(name.clone()));
            }
            if !names.insert(name) {
                return Err(PolicyError::Duplicate(name.clone()));
            }
            if address.is_zero() {
                return Err(PolicyError::ZeroAddress(name.clone()));
            }
        }
        let sum = self.beneficiaries.iter().map(|b| u64::from(b.bps)).sum::<u64>()
            + u64::from(self.contributors_bps);
        if sum == u64::from(BPS_WHOLE) { Ok(()) } else { Err(PolicyError::Sum(sum)) }
    }

    /// Splits a revenue. Fails (V7) only where the pool would not fit 128 bits.
    pub fn split(&self, revenue: u128, carried: u128) -> Result<Shares, Violation> {
        let shares: Vec<_> = self
            .beneficiaries
            .iter()
            .map(|b| Share {
                name: b.name.clone(),
                address: b.address,
                amount: Amount(share_of(revenue, b.bps)),
            })
            .collect();
        let given = shares.iter().try_fold(0u128, |sum, share| sum.checked_add(share.amount.0));
        let pool = given
            .and_then(|given| revenue.checked_sub(given))
            .and_then(|rest| rest.checked_add(carried))
            .ok_or_else(|| Violation::Lifetime("2^128 or more".into()))?;
        Ok(Shares { shares, pool })
    }

    /// V6.shares and V6.pool: compares an epoch's numbers with what the policy gives.
    pub fn check_split(
        &self,
        revenue: u128,
        carried: u128,
        shares: &[Share],
        pool: u128,
    ) -> Result<(), Violation> {
        let expected = self.split(revenue, carried)?;
        if let Some((due, found)) = expected.shares.iter().zip(shares).find(|(a, b)| a != b) {
            let text = format!(
                "share of {:?}: {} to {}, the policy gives {} {} to {}",
                found.name, found.amount, found.address, due.name, due.amount, due.address
            );
            return Err(Violation::Shares(text));
        }
        if expected.shares.len() != shares.len() {
            let text = format!("{} shares where the policy has {}", shares.len(), expected.shares.len());
            return Err(Violation::Shares(text));
        }
        if expected.pool != pool {
            return Err(Violation::Pool { expected: expected.pool, found: pool });
        }
        Ok(())
    }
}

impl From<PolicyError> for Violation {
    fn from(error: PolicyError) -> Self {
        Violation::Policy(error)
    }
}

/// V6.carried.
pub fn check_carried(left: u128, carried: u128) -> Result<(), Violation> {
    if left == carried { Ok(()) } else { Err(Violation::Carried { expected: left, found: carried }) }
}

/// Whether a string will do as a name: printable, not empty, not too long.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.chars().all(is_printable)
}

/// `floor(revenue * bps / 10,000)` without overflow; `bps` is at most 10,000.
fn share_of(revenue: u128, bps: u32) -> u128 {
    let (whole, bps) = (u128::from(BPS_WHOLE), u128::from(bps.min(BPS_WHOLE)));
    revenue / whole * bps + revenue % whole * bps / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_show_what_they_are() {
        assert!(is_name("Ärzte 7") && is_name(&"x".repeat(MAX_NAME_BYTES)));
        // Empty, too long, a line of its own, another order than it reads in, two names that look alike.
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        for name in ["", &long, "a\nb", "a\u{202e}b", "a\u{2066}b", "a\u{200b}b", "\u{feff}a", "a\u{ad}b"] {
            assert!(!is_name(name), "{name:?}");
        }
    }
    use proptest::prelude::*;
    use ruint::aliases::U256;

    const TOML: &str = "contributors_bps = 5000\n\
        [[beneficiaries]]\nname = \"developer\"\naddress = \"0x1111111111111111111111111111111111111111\"\nbps = 4667\n\
        [[beneficiaries]]\nname = \"attributor\"\naddress = \"0x2222222222222222222222222222222222222222\"\nbps = 333\n";

    fn policy() -> Policy {
        Policy::from_toml(TOML).unwrap()
    }

    fn v6(error: PolicyError) -> &'static str {
        Violation::from(error).id().name()
    }

    #[test]
    fn v6_policy() {
        let mut short = policy();
        short.contributors_bps = 4999;
        assert_eq!(short.check(), Err(PolicyError::Sum(9999)));
        let mut wrapping = policy();
        wrapping.beneficiaries[0].bps = u32::MAX;
        wrapping.contributors_bps = 9_668;
        assert!(matches!(wrapping.check(), Err(PolicyError::Sum(_))));
        let mut zero = policy();
        zero.beneficiaries[1].address = Payee::default();
        assert_eq!(zero.check(), Err(PolicyError::ZeroAddress("attributor".into())));
        let mut twice = policy();
        twice.beneficiaries[1].name = "developer".into();
        assert_eq!(twice.check(), Err(PolicyError::Duplicate("developer".into())));
        for name in ["", "a\nb", &"x".repeat(65)] {
            let mut named = policy();
            named.beneficiaries[0].name = name.into();
            assert_eq!(named.check(), Err(PolicyError::Name(name.into())));
        }
        assert_eq!(v6(PolicyError::Sum(1)), "V6.policy");
    }

    #[test]
    fn unknown_or_missing_fields_are_refused() {
        for text in
            ["", "contributors_bps = 10000\nowner = 1", "contributors_bps = -1", "contributors_bps = 1e4"]
        {
            assert!(matches!(Policy::from_toml(text), Err(PolicyError::Toml(_))), "{text}");
        }
        assert!(Policy::from_toml("contributors_bps = 10000").is_ok());
    }

    #[test]
    fn v6_shares_and_pool() {
        let policy = policy();
        let honest = policy.split(1001, 7).unwrap();
        let amounts: Vec<_> = honest.shares.iter().map(|share| share.amount.0).collect();
        assert_eq!(amounts, [467, 33]);
        assert_eq!(honest.pool, 1001 - 467 - 33 + 7);
        let check = |shares: &[Share], pool| policy.check_split(1001, 7, shares, pool);
        check(&honest.shares, honest.pool).unwrap();
        for pool in [honest.pool - 1, honest.pool + 1] {
            assert_eq!(check(&honest.shares, pool).unwrap_err().id().name(), "V6.pool");
        }
        let mut more = honest.shares.clone();
        more[0].amount.0 += 1;
        let mut other = honest.shares.clone();
        other[0].address = Payee([3; 20]);
        for shares in [&more, &other, &honest.shares[..1].to_vec(), &vec![]] {
            assert_eq!(check(shares, honest.pool).unwrap_err().id().name(), "V6.shares");
        }
    }

    #[test]
    fn v6_carried() {
        check_carried(3, 3).unwrap();
        assert_eq!(check_carried(3, 2).unwrap_err().id().name(), "V6.carried");
    }

    #[test]
    fn a_pool_beyond_128_bits_is_an_error() {
        assert_eq!(policy().split(u128::MAX, u128::MAX).unwrap_err().id().name(), "V7.lifetime");
    }

    proptest! {
        #[test]
        fn shares_are_exact_floors(revenue: u128, bps in 0u32..=10_000) {
            let wide = U256::from(revenue) * U256::from(bps) / U256::from(10_000u32);
            prop_assert_eq!(U256::from(share_of(revenue, bps)), wide);
        }
    }
}
