//! Openings of all slots at once are those that are made one by one.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

#[path = "open/common.rs"]
mod common;

use std::sync::OnceLock;

use apportion_circuits::{column::MaskedColumn, types::Tier};
use apportion_engine::openings::{ColumnOpenings, Open, OpeningTable};
use apportion_suite::{
    Bn254, OpeningClaim, OpeningTerm, Openings, Pasta, Suite, SuiteError, openings::opening_k,
};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

use common::{Segment, TestSuite, kzg};

fn rng(index: usize) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(index as u64)
}

fn both_ways<S: TestSuite>(tier: Tier, columns: usize) {
    let params = S::setup(opening_k(tier));
    let table = S::table(&params, tier).unwrap();
    let segment = Segment::<S>::random(&params, tier);
    let claims: Vec<_> = (0..tier.accounts()).map(|slot| segment.claim(columns, slot)).collect();
    let columns: Vec<_> = segment.columns[..columns].iter().collect();
    let at_once = S::open_all(&params, Some(&table), &columns, &claims, rng).unwrap();
    let one_by_one = S::open_all(&params, None, &columns, &claims, rng).unwrap();
    assert_eq!(at_once.len(), tier.accounts());
    for (slot, proof) in one_by_one.iter().enumerate() {
        assert!(at_once[slot] == *proof, "slot {slot}");
    }
    let terms: Vec<_> =
        claims.into_iter().zip(at_once).map(|(claim, proof)| OpeningTerm { claim, proof }).collect();
    S::check_openings(&S::verifier_params(&params), &terms).unwrap();
}

#[test]
fn at_once_as_one_by_one_at_tier_64() {
    both_ways::<Bn254>(Tier::T64, 2);
    both_ways::<Bn254>(Tier::T64, 3);
    both_ways::<Pasta>(Tier::T64, 2);
}

#[test]
fn at_once_as_one_by_one_at_tier_1024() {
    both_ways::<Bn254>(Tier::T1024, 2);
}

#[test]
fn claims_are_checked_at_once_too() {
    let tier = Tier::T64;
    let params = kzg(opening_k(tier));
    let table = OpeningTable::new(&params, tier).unwrap();
    let segment = Segment::<Bn254>::random(&params, tier);
    let columns: Vec<_> = segment.columns[..2].iter().collect();
    let prepared: Vec<_> = columns.iter().map(|column| table.open(column).unwrap()).collect();
    let prepared: Vec<_> = prepared.iter().collect();
    let claims: Vec<_> = (0..tier.accounts()).map(|slot| segment.claim(2, slot)).collect();
    let open = |columns: &[&MaskedColumn<Fr>], prepared: &[&ColumnOpenings], claims: &[OpeningClaim<Fr>]| {
        Bn254::open_prepared(&params, columns, prepared, claims, rng)
    };
    let proofs = open(&columns, &prepared, &claims).unwrap();
    // Any claims in any order, as kept in a file or not.
    let kept = ColumnOpenings::from_bytes(tier, &prepared[0].to_bytes()).unwrap();
    let some = [claims[9].clone(), claims[3].clone(), claims[9].clone()];
    let expected = [&proofs[9], &proofs[3], &proofs[9]];
    assert!(open(&columns, &[&kept, prepared[1]], &some).unwrap().iter().eq(expected));
    assert!(open(&columns, &prepared, &[]).unwrap().is_empty());

    let changed = |change: &dyn Fn(&mut OpeningClaim<Fr>)| {
        let mut claims = claims.clone();
        change(&mut claims[20]);
        open(&columns, &prepared, &claims).unwrap_err()
    };
    assert!(matches!(changed(&|claim| claim.values[1] += Fr::ONE), SuiteError::Witness(_)));
    assert!(matches!(changed(&|claim| claim.slot += 1), SuiteError::Witness(_)));
    assert!(matches!(changed(&|claim| claim.slot = 62), SuiteError::Malformed { .. }));
    assert!(matches!(changed(&|claim| claim.tier = Tier::T1024), SuiteError::Witness(_)));
    assert!(matches!(changed(&|claim| _ = claim.values.pop()), SuiteError::Malformed { .. }));
    assert!(matches!(open(&columns, &prepared[..1], &claims), Err(SuiteError::Witness(_))));
    assert!(matches!(open(&columns[..1], &prepared[..1], &claims), Err(SuiteError::Witness(_))));
    // Of another column: it is made, and does not verify.
    let wrong = open(&columns, &[prepared[1], prepared[1]], &claims).unwrap();
    let terms: Vec<_> =
        claims.iter().cloned().zip(wrong).map(|(claim, proof)| OpeningTerm { claim, proof }).collect();
    assert!(Bn254::check_openings(&Bn254::verifier_params(&params), &terms).is_err());

    // Tables and columns of two tiers do not meet.
    let other = Segment::<Bn254>::random(&kzg(11), Tier::T1024);
    assert!(matches!(table.open(&other.columns[0]), Err(SuiteError::Witness(_))));
    assert!(matches!(OpeningTable::new(&params, Tier::T1024), Err(SuiteError::Params(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Zeros, one value everywhere, few values far apart: points coincide and cancel on the way.
    #[test]
    fn any_column_is_opened_at_every_slot(
        words in prop::collection::vec(prop_oneof![3 => Just(0u64), 1 => Just(1), 1 => Just(u64::MAX), 1 => any::<u64>()], 1..70),
        negative: bool,
    ) {
        static SETUP: OnceLock<(<Bn254 as Suite>::Params, OpeningTable)> = OnceLock::new();
        let (params, table) = SETUP.get_or_init(|| {
            let params = kzg(8);
            let table = OpeningTable::new(&params, Tier::T64).unwrap();
            (params, table)
        });
        let sign = if negative { -Fr::ONE } else { Fr::ONE };
        let values: Vec<_> = (0..64).map(|i| sign * Fr::from(words[i % words.len()])).collect();
        let segment = Segment::<Bn254>::new(params, Tier::T64, vec![values.clone(), values]);
        let columns: Vec<_> = segment.columns.iter().collect();
        let claims: Vec<_> = (0..62).map(|slot| segment.claim(2, slot)).collect();
        let at_once = Bn254::open_all(params, Some(table), &columns, &claims, |_| OsRng).unwrap();
        for slot in [0, 1, 30, 61] {
            let proof = Bn254::open_one(params, &columns, &claims[slot], &mut OsRng).unwrap();
            prop_assert!(at_once[slot] == proof);
        }
        let terms: Vec<_> =
            claims.into_iter().zip(at_once).map(|(claim, proof)| OpeningTerm { claim, proof }).collect();
        prop_assert!(Bn254::check_openings(&Bn254::verifier_params(params), &terms).is_ok());
    }
}
