//! Receipts and statement lines are accepted as they are made, and refused with anything about them changed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic")]

#[path = "open/common.rs"]
mod common;

use apportion_circuits::{column::MaskedColumn, field::SuiteField, types::Tier};
use apportion_suite::{
    Bn254, Commitment, OpeningTerm, Openings, OpeningsError, Pasta, Suite, SuiteError, openings::opening_k,
};
use ff::Field;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

use common::{LENGTH, Segment, TestSuite, UNTRUE, ipa, kzg};

const TIER: Tier = Tier::T64;

// Why terms are refused.
const NO_ACCOUNT: &str = "is none of the 62 accounts";
const UNEVEN: &str = "columns and";
const NO_COMMITMENT: &str = "commitment";

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

/// A receipt with one of its parts changed.
struct Mutant<F> {
    name: &'static str,
    /// Why it is refused.
    reason: &'static str,
    term: OpeningTerm<F>,
}

/// A receipt with each of its parts changed.
fn mutants<S: TestSuite>(segment: &Segment<S>, term: &OpeningTerm<S::F>) -> Vec<Mutant<S::F>> {
    let slots = TIER.slots();
    let mut all = Vec::new();
    let mut change = |name, reason, change: &dyn Fn(&mut OpeningTerm<S::F>)| {
        let mut mutant = term.clone();
        change(&mut mutant);
        assert!(mutant != *term, "{name}");
        all.push(Mutant { name, reason, term: mutant });
    };
    let neighbour = |slot: usize| if slot < TIER.accounts() { UNTRUE } else { NO_ACCOUNT };
    change("slot - 1", neighbour(term.claim.slot.wrapping_sub(1)), &|term| {
        term.claim.slot = term.claim.slot.wrapping_sub(1)
    });
    change("slot + 1", neighbour(term.claim.slot + 1), &|term| term.claim.slot += 1);
    change("slot + C", NO_ACCOUNT, &|term| term.claim.slot += slots);
    change("slot + 2^32", NO_ACCOUNT, &|term| term.claim.slot += 1 << 32);
    change("first reserved slot", NO_ACCOUNT, &|term| term.claim.slot = slots - 2);
    change("second reserved slot", NO_ACCOUNT, &|term| term.claim.slot = slots - 1);
    change("balance + 1", UNTRUE, &|term| term.claim.values[1] += S::F::ONE);
    change("balance - 1", UNTRUE, &|term| term.claim.values[1] -= S::F::ONE);
    change("other payee", UNTRUE, &|term| {
        term.claim.values[0] = segment.values[0][(term.claim.slot + 3) % slots] + S::F::ONE
    });
    change("values swapped", UNTRUE, &|term| term.claim.values.reverse());
    change("columns swapped", UNTRUE, &|term| term.claim.columns.reverse());
    change("another column", UNTRUE, &|term| term.claim.columns[1] = segment.commitments[2].clone());
    change("another column in place of both", UNTRUE, &|term| {
        term.claim.columns.fill(segment.commitments[2].clone())
    });
    change("gamma + 1", UNTRUE, &|term| term.claim.gamma += S::F::ONE);
    change("gamma 0", UNTRUE, &|term| term.claim.gamma = S::F::ZERO);
    change("a value short", UNEVEN, &|term| _ = term.claim.values.pop());
    change("a value more", UNEVEN, &|term| term.claim.values.push(S::F::ZERO));
    change("a column short", UNEVEN, &|term| _ = term.claim.columns.pop());
    change("a column more", UNEVEN, &|term| term.claim.columns.push(segment.commitments[2].clone()));
    change("no columns", UNEVEN, &|term| {
        term.claim.columns.clear();
        term.claim.values.clear();
    });
    change("third column of 0", UNTRUE, &|term| {
        term.claim.columns.push(segment.commitments[2].clone());
        term.claim.values.push(S::F::ZERO);
    });
    if term.claim.slot > 0 {
        // Slot 0 is the point 1 in every tier.
        change("another tier", S::OTHER_TIER, &|term| term.claim.tier = Tier::T1024);
    }
    change("a commitment cut short", NO_COMMITMENT, &|term| _ = term.claim.columns[0].0.pop());
    change("a longer commitment", NO_COMMITMENT, &|term| term.claim.columns[0].0.push(0));
    change("no commitment", NO_COMMITMENT, &|term| term.claim.columns[0].0.clear());
    change("the identity's commitment", NO_COMMITMENT, &|term| term.claim.columns[0].0.fill(0));
    change("bytes for a commitment", NO_COMMITMENT, &|term| term.claim.columns[0].0.fill(0xff));
    change("a proof cut short", LENGTH, &|term| _ = term.proof.pop());
    change("a longer proof", LENGTH, &|term| term.proof.push(0));
    change("no proof", LENGTH, &|term| term.proof.clear());
    change("two proofs", LENGTH, &|term| term.proof.extend(term.proof.clone()));
    for (name, reason, proof) in S::spoilt(&term.proof) {
        change(name, reason, &|term| term.proof = proof.clone());
    }
    all
}

fn mutants_are_refused<S: TestSuite>() {
    let params = S::setup(opening_k(TIER));
    let segment = Segment::<S>::random(&params, TIER);
    for slot in [0, 1, 30, TIER.accounts() - 1] {
        let right: Vec<_> =
            [slot, 7, 8].into_iter().map(|slot| segment.term(&params, segment.claim(2, slot))).collect();
        for Mutant { name, reason, term: mutant } in mutants(&segment, &right[0]) {
            let alone = check::<S>(&params, std::slice::from_ref(&mutant)).unwrap_err();
            assert!(matches!(alone, OpeningsError::Term { index: 0, .. }), "{name}: {alone:?}");
            assert!(alone.to_string().contains(reason), "{name}: {alone} instead of {reason}");
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
fn every_changed_part_is_refused_for_its_own_reason() {
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

/// Whatever columns hold opens at any slots, and nothing else does: one of the values or gamma is changed.
fn any_columns<S: TestSuite>(
    params: &S::Params,
    values: [Vec<S::F>; 2],
    slots: &[usize],
    change: usize,
) -> Result<(), TestCaseError> {
    let segment = Segment::<S>::new(params, TIER, values.to_vec());
    let mut terms: Vec<_> = slots.iter().map(|slot| segment.term(params, segment.claim(2, *slot))).collect();
    prop_assert!(check::<S>(params, &terms).is_ok());
    let last = terms.len() - 1;
    let claim = &mut terms[last].claim;
    match change {
        0 => claim.values[0] += S::F::ONE,
        1 => claim.values[1] -= S::F::ONE,
        // A masked column is no constant, so another gamma makes another combination.
        _ => claim.gamma += S::F::ONE,
    }
    let error = check::<S>(params, &terms).unwrap_err();
    let untrue =
        matches!(error, OpeningsError::Term { index, source: SuiteError::Invalid(_) } if index == last);
    prop_assert!(untrue, "{}", error);
    Ok(())
}

/// Zeros, small numbers, the largest of 64 bits, and their negatives.
fn words<F: SuiteField>(words: &[i128]) -> Vec<F> {
    let word = |i: usize| {
        let word = words[i % words.len()];
        let size = F::from(word.unsigned_abs() as u64);
        if word < 0 { -size } else { size }
    };
    (0..TIER.slots()).map(word).collect()
}

fn any_words() -> impl Strategy<Value = Vec<i128>> {
    let largest = i128::from(u64::MAX);
    prop::collection::vec(prop_oneof![Just(0), Just(1), Just(-1), Just(largest), -largest..=largest], 1..70)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_columns_open(
        payees in any_words(),
        balances in any_words(),
        slots in prop::collection::vec(0..62usize, 1..4),
        change in 0..3usize,
    ) {
        let params = kzg(opening_k(TIER));
        any_columns::<Bn254>(&params, [words(&payees), words(&balances)], &slots, change)?;
        let params = ipa(opening_k(TIER));
        any_columns::<Pasta>(&params, [words(&payees), words(&balances)], &slots, change)?;
    }
}
