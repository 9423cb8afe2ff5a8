//! V1: public inputs, in the order in which the relations have them ([`RelationId::public_inputs`]).
//!
//! They are never read: whoever proves and whoever verifies builds them from the documents, as the contract does from
//! its storage, so their number and their encoding are exact by construction.
//!
//! [`RelationId::public_inputs`]: crate::RelationId::public_inputs

use apportion_circuits::{
    field::SuiteField,
    relation::Relation as _,
    split::{Split, SplitInstance},
    tree::{Tree, TreeInstance},
    types::{TOTAL_SCORE_BITS, Tier, Word},
};

use crate::{Context, EnrollContext, SplitContext, Violation};

/// The numbers of a Split statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitNumbers {
    /// Sum of the segment's scores.
    pub segment_score: u128,
    /// Sum of the segment's payouts, in the token's base units.
    pub segment_paid: u128,
    /// The contributors' pool, in the token's base units.
    pub pool: u128,
    /// The sum of all scores of the epoch.
    pub total_score: u128,
    /// Whether this is the segment's first epoch.
    pub genesis: bool,
    /// The segment's number of records.
    pub records: u32,
}

/// What an enrolment states. Fails where the root is not canonical (V1.canonical).
pub fn enroll_instance<F: SuiteField>(
    context: &EnrollContext,
    root: Word,
) -> Result<TreeInstance<F>, Violation> {
    let root = root.to_field().ok_or(Violation::Canonical { what: "root", value: root })?;
    Ok(TreeInstance { root, context: context.to_field() })
}

/// What a segment's move states. Fails where the total score is 0 or too large (V1.total), or more records are
/// claimed than the segment has accounts (V1.records).
pub fn split_instance<F: SuiteField>(
    context: &SplitContext,
    tier: Tier,
    numbers: &SplitNumbers,
) -> Result<SplitInstance<F>, Violation> {
    check_total(numbers.total_score)?;
    if numbers.records as usize > tier.accounts() {
        return Err(Violation::Records { records: numbers.records, accounts: tier.accounts() });
    }
    let SplitNumbers { segment_score, segment_paid, pool, total_score, genesis, records } = *numbers;
    Ok(SplitInstance {
        context: context.to_field(),
        genesis,
        pool,
        total_score,
        segment_score,
        segment_paid,
        records: records as usize,
    })
}

/// Public inputs of an enrolment.
pub fn enroll_inputs<F: SuiteField>(instance: &TreeInstance<F>) -> Vec<F> {
    Tree::public_inputs(instance)
}

/// Public inputs of a segment's move.
pub fn split_inputs<F: SuiteField>(instance: &SplitInstance<F>) -> Vec<F> {
    Split::public_inputs(instance)
}

/// V1.total.
pub fn check_total(total_score: u128) -> Result<(), Violation> {
    let bounded = 0 < total_score && total_score < 1 << TOTAL_SCORE_BITS;
    if bounded { Ok(()) } else { Err(Violation::Total(total_score)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RelationId;
    use apportion_circuits::types::Payee;
    use halo2curves_axiom::bn256::Fr;
    use pasta_curves::Fp;

    const ENROLL: EnrollContext = EnrollContext {
        chain_id: 0,
        registry: Payee([0; 20]),
        dataset: Word([0; 32]),
        segment: 0,
        revision: 0,
    };
    const SPLIT: SplitContext = SplitContext {
        chain_id: 0,
        contract: Payee([0; 20]),
        model: Word([0; 32]),
        epoch: 1,
        dataset: Word([0; 32]),
        segment: 0,
    };
    const NUMBERS: SplitNumbers = SplitNumbers {
        segment_score: 5,
        segment_paid: 4,
        pool: 10,
        total_score: 12,
        genesis: true,
        records: 3,
    };

    #[test]
    fn inputs_stand_in_the_relations_order() {
        let instance = split_instance::<Fp>(&SPLIT, Tier::T64, &NUMBERS).unwrap();
        let inputs = split_inputs(&instance);
        assert_eq!(inputs[..6], [5, 4, 10, 12, 1, 3].map(Fp::from));
        assert_eq!(inputs[6], SPLIT.to_field::<Fp>());
        assert_eq!(inputs.len(), RelationId::Split.public_inputs().len());
        let instance = enroll_instance::<Fr>(&ENROLL, Word::default()).unwrap();
        assert_eq!(enroll_inputs(&instance).len(), RelationId::Tree.public_inputs().len());
    }

    #[test]
    fn v1_total() {
        for total_score in [0, 1 << 80, u128::MAX] {
            let numbers = SplitNumbers { total_score, ..NUMBERS };
            let violation = split_instance::<Fr>(&SPLIT, Tier::T64, &numbers).unwrap_err();
            assert_eq!(violation.id().name(), "V1.total");
        }
        for total_score in [1, (1 << 80) - 1] {
            let numbers = SplitNumbers { total_score, ..NUMBERS };
            assert!(split_instance::<Fr>(&SPLIT, Tier::T64, &numbers).is_ok());
        }
    }

    #[test]
    fn v1_records() {
        for records in [0, 62] {
            assert!(split_instance::<Fr>(&SPLIT, Tier::T64, &SplitNumbers { records, ..NUMBERS }).is_ok());
        }
        let numbers = SplitNumbers { records: 63, ..NUMBERS };
        let violation = split_instance::<Fr>(&SPLIT, Tier::T64, &numbers).unwrap_err();
        assert_eq!(violation.id().name(), "V1.records");
    }

    #[test]
    fn v1_canonical() {
        let violation = enroll_instance::<Fr>(&ENROLL, Word([0xff; 32])).unwrap_err();
        assert_eq!(violation.id().name(), "V1.canonical");
        // x + r.
        let modulus = ruint::aliases::U256::from_be_bytes(Word::from_field(&-Fr::one()).0)
            + ruint::aliases::U256::from(1);
        assert!(enroll_instance::<Fr>(&ENROLL, Word(modulus.to_be_bytes())).is_err());
    }
}
