//! Receipts and statement lines are accepted as they are made, and refused with anything about them changed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic")]

#[path = "open/common.rs"]
mod common;

use apportion_circuits::{column::MaskedColumn, types::Tier};
use apportion_suite::{
    Bn254, Commitment, OpeningTerm, Openings, OpeningsError, Pasta, Suite, SuiteError, openings::opening_k,
};
use ff::Field;
use group::Curve;
use halo2_axiom::halo2curves::bn256::{Fr, G1};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

use common::{Segment, TestSuite, bn254_encode, kzg, tau};

const TIER: Tier = Tier::T64;

fn check<S: Openings>(params: &S::Params, terms: &[OpeningTerm<S::F>]) -> Result<(), OpeningsError> {
    S::check_openings(&S::verifier_params(params), terms)
}

/// The first term that is refused.
fn refused<S: Openings>(params: &S::Params, terms: &[OpeningTerm<S::F>]) -> usize {
    match check::<S>(params, terms) {
        Err(OpeningsError::Term { index, .. }) => index,
        other => panic!("{other:?}"),
    }
}

fn receipts_verify<S: TestSuite>() {
    let params = S::setup(opening_k(TIER));
    let segment = Segment::<S>::random(&params, TIER);
    let terms: Vec<_> =
        (0..TIER.accounts()).map(|slot| segment.term(&params, segment.claim(2 + slot % 2, slot))).collect();
    for term in &terms {
        assert_eq!(term.proof.len(), S::opening_bytes(TIER));
        check::<S>(&params, std::slice::from_ref(term)).unwrap();
    }
    check::<S>(&params, &terms).unwrap();
    // One column alone opens too, and so does one that is named twice.
    let mut claim = segment.claim(1, 5);
    check::<S>(&params, &[segment.term(&params, claim.clone())]).unwrap();
    claim.columns.push(claim.columns[0].clone());
    claim.values.push(claim.values[0]);
    let twice = [&segment.columns[0]; 2];
    let proof = S::open_one(&params, &twice, &claim, &mut OsRng).unwrap();
    check::<S>(&params, &[OpeningTerm { claim, proof }]).unwrap();
    assert!(matches!(check::<S>(&params, &[]), Err(OpeningsError::Empty)));
}

#[test]
fn receipts_of_every_slot_verify() {
    receipts_verify::<Bn254>();
    receipts_verify::<Pasta>();
}

/// A receipt with each of its parts changed.
fn mutants<S: TestSuite>(
    segment: &Segment<S>,
    term: &OpeningTerm<S::F>,
) -> Vec<(&'static str, OpeningTerm<S::F>)> {
    let slots = TIER.slots();
    let mut all = Vec::new();
    let mut change = |name, change: &dyn Fn(&mut OpeningTerm<S::F>)| {
        let mut mutant = term.clone();
        change(&mut mutant);
        assert!(mutant != *term, "{name}");
        all.push((name, mutant));
    };
    change("slot - 1", &|term| term.claim.slot = term.claim.slot.wrapping_sub(1));
    change("slot + 1", &|term| term.claim.slot += 1);
    change("slot + C", &|term| term.claim.slot += slots);
    change("slot + 2^32", &|term| term.claim.slot += 1 << 32);
    change("first reserved slot", &|term| term.claim.slot = slots - 2);
    change("second reserved slot", &|term| term.claim.slot = slots - 1);
    change("balance + 1", &|term| term.claim.values[1] += S::F::ONE);
    change("balance - 1", &|term| term.claim.values[1] -= S::F::ONE);
    change("other payee", &|term| {
        term.claim.values[0] = segment.values[0][(term.claim.slot + 3) % slots] + S::F::ONE
    });
    change("values swapped", &|term| term.claim.values.reverse());
    change("columns swapped", &|term| term.claim.columns.reverse());
    change("another column", &|term| term.claim.columns[1] = segment.commitments[2].clone());
    change("another column in place of both", &|term| {
        term.claim.columns.fill(segment.commitments[2].clone())
    });
    change("gamma + 1", &|term| term.claim.gamma += S::F::ONE);
    change("gamma 0", &|term| term.claim.gamma = S::F::ZERO);
    change("a value short", &|term| _ = term.claim.values.pop());
    change("a value more", &|term| term.claim.values.push(S::F::ZERO));
    change("a column short", &|term| _ = term.claim.columns.pop());
    change("a column more", &|term| term.claim.columns.push(segment.commitments[2].clone()));
    change("no columns", &|term| {
        term.claim.columns.clear();
        term.claim.values.clear();
    });
    change("third column of 0", &|term| {
        term.claim.columns.push(segment.commitments[2].clone());
        term.claim.values.push(S::F::ZERO);
    });
    if term.claim.slot > 0 {
        // Slot 0 is the point 1 in every tier.
        change("another tier", &|term| term.claim.tier = Tier::T1024);
    }
    change("a commitment cut short", &|term| _ = term.claim.columns[0].0.pop());
    change("a longer commitment", &|term| term.claim.columns[0].0.push(0));
    change("no commitment", &|term| term.claim.columns[0].0.clear());
    change("the identity's commitment", &|term| term.claim.columns[0].0.fill(0));
    change("bytes for a commitment", &|term| term.claim.columns[0].0.fill(0xff));
    change("a proof cut short", &|term| _ = term.proof.pop());
    change("a longer proof", &|term| term.proof.push(0));
    change("no proof", &|term| term.proof.clear());
    change("two proofs", &|term| term.proof.extend(term.proof.clone()));
    for (name, proof) in S::spoilt(&term.proof) {
        change(name, &|term| term.proof = proof.clone());
    }
    all
}

fn mutants_are_refused<S: TestSuite>() {
    let params = S::setup(opening_k(TIER));
    let segment = Segment::<S>::random(&params, TIER);
    for slot in [0, 1, 30, TIER.accounts() - 1] {
        let right: Vec<_> =
            [slot, 7, 8].into_iter().map(|slot| segment.term(&params, segment.claim(2, slot))).collect();
        for (name, mutant) in mutants(&segment, &right[0]) {
            let alone = check::<S>(&params, std::slice::from_ref(&mutant));
            assert!(matches!(alone, Err(OpeningsError::Term { index: 0, .. })), "{name}: {alone:?}");
            // Within a batch too, and by its place.
            for place in 0..3 {
                let mut batch = right.clone();
                batch[place] = mutant.clone();
                assert_eq!(refused::<S>(&params, &batch), place, "{name}");
            }
        }
    }
}

#[test]
fn every_changed_part_is_refused() {
    mutants_are_refused::<Bn254>();
    mutants_are_refused::<Pasta>();
}

fn batches<S: TestSuite>() {
    let params = S::setup(opening_k(TIER));
    // Of two segments, so that commitments are shared by some and not by others.
    let segments = [(); 2].map(|()| Segment::<S>::random(&params, TIER));
    let terms: Vec<_> =
        (0..10).map(|i| segments[i % 2].term(&params, segments[i % 2].claim(2 + i / 5, 6 * i))).collect();
    check::<S>(&params, &terms).unwrap();
    for bad in 0..terms.len() {
        let mut batch = terms.clone();
        batch[bad].claim.values[0] += S::F::ONE;
        assert_eq!(refused::<S>(&params, &batch), bad);
        // Two that are wrong: the first is named.
        batch[9].claim.gamma += S::F::ONE;
        assert_eq!(refused::<S>(&params, &batch), bad);
    }
    // Errors that cancel where nothing weighs the terms.
    for (one, other) in [(0, 1), (2, 9), (3, 5)] {
        let mut batch = terms.clone();
        let [first, second] = S::cancelling(&terms[one].proof, &terms[other].proof);
        batch[one].proof = first;
        batch[other].proof = second;
        assert_eq!(refused::<S>(&params, &batch), one);
        // The same with claims: one is raised by what the other is lowered by.
        let mut batch = terms.clone();
        batch[one].claim.values[0] += S::F::ONE;
        batch[other].claim.values[0] -= S::F::ONE;
        assert_eq!(refused::<S>(&params, &batch), one);
    }
    // One term twice is two terms, and right; its proofs exchanged with another's are wrong.
    check::<S>(&params, &[terms[0].clone(), terms[0].clone()]).unwrap();
    let mut batch = terms.clone();
    let proof = std::mem::replace(&mut batch[1].proof, terms[3].proof.clone());
    batch[3].proof = proof;
    assert_eq!(refused::<S>(&params, &batch), 1);
}

#[test]
fn one_bad_term_spoils_a_batch_and_is_named() {
    batches::<Bn254>();
    batches::<Pasta>();
}

fn refuses_to_make<S: TestSuite>() {
    let params = S::setup(opening_k(TIER));
    let segment = Segment::<S>::random(&params, TIER);
    let columns: Vec<&MaskedColumn<S::F>> = segment.columns[..2].iter().collect();
    let claim = segment.claim(2, 9);
    let make = |columns: &[&MaskedColumn<S::F>], claim: &_| S::open_one(&params, columns, claim, &mut OsRng);
    make(&columns, &claim).unwrap();
    let mut untrue = claim.clone();
    untrue.values[1] += S::F::ONE;
    assert!(matches!(make(&columns, &untrue), Err(SuiteError::Witness(_))));
    assert!(matches!(make(&columns[..1], &claim), Err(SuiteError::Witness(_))));
    let mut other = claim.clone();
    other.tier = Tier::T1024;
    assert!(make(&columns, &other).is_err());
    for slot in [TIER.accounts(), TIER.slots(), usize::MAX] {
        let mut reserved = claim.clone();
        reserved.slot = slot;
        assert!(matches!(make(&columns, &reserved), Err(SuiteError::Malformed { .. })));
    }
    let small = S::setup(opening_k(TIER) - 1);
    assert!(matches!(S::open_one(&small, &columns, &claim, &mut OsRng), Err(SuiteError::Params(_))));
    // Many at once are the same proofs.
    let claims: Vec<_> = (0..6).map(|slot| segment.claim(2, slot)).collect();
    let rng = |index: usize| ChaCha20Rng::seed_from_u64(index as u64);
    let proofs = S::open_each(&params, &columns, &claims, rng).unwrap();
    for (index, (claim, proof)) in claims.into_iter().zip(proofs).enumerate() {
        assert!(S::open_one(&params, &columns, &claim, &mut rng(index)).unwrap() == proof);
        check::<S>(&params, &[OpeningTerm { claim, proof }]).unwrap();
    }
    let claims = [claim, untrue];
    assert!(matches!(S::open_each(&params, &columns, &claims, rng), Err(SuiteError::Witness(_))));
}

#[test]
fn what_is_not_true_of_the_columns_is_not_proven() {
    refuses_to_make::<Bn254>();
    refuses_to_make::<Pasta>();
}

/// The proof is a function of what the receipt says in the clear, and of tau: whoever knows tau makes it without the
/// columns, from their commitments' logarithms. So it tells nothing else.
#[test]
fn a_simulator_that_knows_tau_makes_the_same_receipts() {
    let params = kzg(opening_k(TIER));
    let segment = Segment::<Bn254>::random(&params, TIER);
    let at_tau: Vec<_> = segment
        .columns
        .iter()
        .map(|column| column.coefficients().iter().rev().fold(Fr::ZERO, |sum, c| sum * tau() + c))
        .collect();
    for (value, commitment) in at_tau.iter().zip(&segment.commitments) {
        assert_eq!(bn254_encode(&(G1::generator() * value).to_affine()), commitment.0);
    }
    for slot in 0..TIER.accounts() {
        let claim = segment.claim(3, slot);
        let combined = at_tau.iter().rev().fold(Fr::ZERO, |sum, value| sum * claim.gamma + value);
        let exponent = (combined - claim.value()) * (tau() - claim.point()).invert().unwrap();
        let simulated = bn254_encode(&(G1::generator() * exponent).to_affine());
        assert_eq!(segment.term(&params, claim).proof, simulated);
    }
}

/// A commitment of another kind of suite is only bytes.
#[test]
fn suites_do_not_mix() {
    let params = Pasta::setup(opening_k(TIER));
    let segment = Segment::<Pasta>::random(&params, TIER);
    let mut term = segment.term(&params, segment.claim(2, 0));
    term.claim.columns[0] = Commitment(vec![1; Bn254::COMMITMENT_BYTES]);
    assert_eq!(refused::<Pasta>(&params, &[term.clone()]), 0);
    // Nor do sizes of parameters, on pasta.
    let term = segment.term(&params, segment.claim(2, 0));
    let larger = Pasta::setup(opening_k(TIER) + 1);
    let error = check::<Pasta>(&larger, &[term]).unwrap_err();
    assert!(matches!(error, OpeningsError::Term { index: 0, source: SuiteError::Params(_) }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a column holds: zeros, one value everywhere, the field's largest.
    #[test]
    fn any_columns_open(
        words in prop::collection::vec(prop_oneof![Just(0u64), Just(1), Just(u64::MAX), any::<u64>()], 1..70),
        slots in prop::collection::vec(0..62usize, 1..4),
        negative: bool,
    ) {
        let params = kzg(opening_k(TIER));
        let sign = if negative { -Fr::ONE } else { Fr::ONE };
        let values: Vec<_> = (0..TIER.slots()).map(|i| sign * Fr::from(words[i % words.len()])).collect();
        let segment = Segment::<Bn254>::new(&params, TIER, vec![values.clone(), values]);
        let mut terms: Vec<_> =
            slots.iter().map(|slot| segment.term(&params, segment.claim(2, *slot))).collect();
        prop_assert!(check::<Bn254>(&params, &terms).is_ok());
        let last = terms.len() - 1;
        terms[last].claim.values[0] += Fr::ONE;
        prop_assert_eq!(refused::<Bn254>(&params, &terms), last);
    }
}
