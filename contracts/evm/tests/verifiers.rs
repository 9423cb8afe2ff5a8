//! The generated contracts against the native verifier, with real proofs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod common;

use apportion_circuits::{field::to_bytes, plonkish::Cost};
use apportion_evm::evm::End;
use apportion_generator::{AccumulateCall, Failure};
use common::{
    Fixture, Refusal,
    forwarder::Forwarder,
    points::{P, R, add, encode, negated, point, word},
    split_64, tree_64,
};
use ff::FromUniformBytes;
use halo2_axiom::halo2curves::{
    bn256::{Fr, G1},
    group::Curve,
};
use sha3::{Digest, Keccak256};

/// What is done to a word: (what, result).
fn mutations(index: usize, old: &[u8; 32]) -> Vec<(&'static str, [u8; 32])> {
    let flip = |bit: usize| {
        let mut word = *old;
        word[31 - bit / 8] ^= 1 << (bit % 8);
        word
    };
    vec![
        ("lowest bit", flip(0)),
        ("some bit", flip((index * 7 + 1) % 253)),
        ("highest bit", flip(255)),
        ("+ r", add(old, &word(R))),
        ("+ p", add(old, &word(P))),
        ("r - x", add(&word(R), &negated(old))),
        ("p - x", add(&word(P), &negated(old))),
        ("zero", [0; 32]),
        ("r", word(R)),
        ("p", word(P)),
        ("all ones", [0xff; 32]),
    ]
}

/// Every word of proof and inputs, changed in every way. Returns how many mutants there were.
fn every_word(fixture: &Fixture) -> usize {
    let (inputs, proof) = &fixture.proofs[0];
    let words = proof.len() / 32;
    let mut count = 0;
    let mut failures = Vec::new();
    for index in 0..words + inputs.len() {
        let old = match index.checked_sub(words) {
            None => proof[32 * index..][..32].try_into().unwrap(),
            Some(input) => inputs[input],
        };
        for (what, new) in mutations(index, &old) {
            if new == old {
                continue;
            }
            let (mut inputs, mut proof) = (inputs.clone(), proof.clone());
            match index.checked_sub(words) {
                None => proof[32 * index..][..32].copy_from_slice(&new),
                Some(input) => inputs[input] = new,
            }
            let failure = fixture.agree(&inputs, &proof, &format!("word {index}, {what}"));
            failures.push(failure.expect_err("a mutant is refused"));
            count += 1;
        }
    }
    for failure in [
        Refusal::Accumulate(Failure::InputNotCanonical),
        Refusal::Accumulate(Failure::ScalarNotCanonical),
        Refusal::Accumulate(Failure::PointNotOnCurve),
        Refusal::NOT_ONE,
    ] {
        assert!(failures.contains(&failure), "{failure:?} never occurred");
    }
    count
}

#[test]
fn honest_proofs_are_accepted_and_linked_commitments_returned() {
    for fixture in [split_64(), tree_64()] {
        for (inputs, proof) in &fixture.proofs {
            let (linked, outcome) = fixture.contract(inputs, proof);
            assert!(outcome.is_success(), "{} {outcome:?}", fixture.artifact.name);
            let linked = linked.unwrap();
            assert_eq!(Some(&linked), fixture.native(inputs, proof).as_ref());
            for (commitment, head) in linked.iter().zip(proof.chunks(64)) {
                assert_eq!(commitment.0, head);
            }
        }
    }
}

#[test]
fn every_changed_word_of_a_split_is_refused_by_both() {
    assert!(every_word(split_64()) > 1_000);
}

#[test]
fn every_changed_word_of_a_tree_is_refused_by_both() {
    assert!(every_word(tree_64()) > 1_000);
}

#[test]
fn another_point_of_the_curve_is_refused_by_the_pairing() {
    for fixture in [split_64(), tree_64()] {
        let (inputs, proof) = &fixture.proofs[0];
        // The points before the scalars: the commitments.
        let points = (proof.len() - 128 - 32 * fixture.scalars()) / 64;
        let starts = (0..points).map(|i| 64 * i).chain([proof.len() - 128, proof.len() - 64]);
        for at in starts {
            let mut changed = proof.clone();
            let other = if at == 0 { 64 } else { 0 };
            changed[at..at + 64].copy_from_slice(&proof[other..other + 64]);
            let result = fixture.agree(inputs, &changed, "another point");
            assert_eq!(result, Err(Refusal::NOT_ONE), "the point at {at}");
        }
    }
}

/// The last challenge, u.
fn last_challenge(fixture: &Fixture, inputs: &[[u8; 32]], proof: &[u8]) -> Fr {
    let layout = fixture.key.layout();
    let cost = Cost::of(layout);
    let (lookups, points) = (layout.lookups.len(), |count| 64 * count);
    let mut absorbed = [to_bytes(&fixture.key.transcript_repr()).to_vec(), inputs.concat()].concat();
    let mut rest = proof;
    for length in [
        points(layout.advice.len()),
        points(2 * lookups),
        0,
        points(cost.permutation_products + lookups + 1),
        points(cost.quotient_pieces),
        32 * cost.evaluations,
        0,
        points(1),
    ] {
        let (segment, after) = rest.split_at(length);
        absorbed.extend(segment);
        rest = after;
        if absorbed.len() == 32 {
            absorbed.push(1);
        }
        absorbed = Keccak256::digest(&absorbed).to_vec();
    }
    assert_eq!(rest.len(), points(1));
    let mut wide = [0; 64];
    wide.iter_mut().zip(absorbed.iter().rev()).for_each(|(low, byte)| *low = *byte);
    Fr::from_uniform_bytes(&wide)
}

/// The proof's last point is sent after the last challenge, so its sender chooses the sum on the right of the pairing:
/// the identity, if it likes. With W' on the left that is no proof, and no pair that may be returned.
#[test]
fn the_identity_on_the_right_is_refused() {
    for fixture in [split_64(), tree_64()] {
        let (inputs, proof) = &fixture.proofs[0];
        let at = proof.len() - 64;
        let u = last_challenge(fixture, inputs, proof);
        let (accumulated, _) = fixture.accumulate(inputs, proof).unwrap();
        // right = C + u W'.
        let right = G1::from(point(&accumulated.pair[2..].concat()));
        let w = right * -u.invert().unwrap() + point(&proof[at..]);
        let mut changed = proof.clone();
        changed[at..].copy_from_slice(&encode(&w.to_affine()));
        let result = fixture.agree(inputs, &changed, "the identity on the right");
        assert_eq!(result, Err(Refusal::Accumulate(Failure::ProofInvalid)));
        // Next to it, nothing is wrong but the pairing.
        changed[at..].copy_from_slice(&encode(&(w + G1::generator()).to_affine()));
        assert_eq!(fixture.agree(inputs, &changed, "another point on the right"), Err(Refusal::NOT_ONE));
    }
}

#[test]
fn other_statements_relations_and_lengths_are_refused() {
    let (split, tree) = (split_64(), tree_64());
    for (fixture, other) in [(split, tree), (tree, split)] {
        let [(inputs, proof), (other_inputs, other_proof)] = &fixture.proofs[..] else { panic!() };
        assert_eq!(fixture.agree(other_inputs, proof, "another statement"), Err(Refusal::NOT_ONE));
        assert_eq!(fixture.agree(inputs, other_proof, "another proof"), Err(Refusal::NOT_ONE));
        let (foreign_inputs, foreign_proof) = &other.proofs[0];
        for (inputs, proof) in
            [(foreign_inputs, foreign_proof), (inputs, foreign_proof), (foreign_inputs, proof)]
        {
            assert_eq!(
                fixture.agree(inputs, proof, "another relation"),
                Err(Refusal::Accumulate(Failure::MalformedCalldata))
            );
        }

        let lengths = [0, 1, 31, 32, 33, 63, 64, 65, 128, 1024, proof.len() - 1, proof.len()];
        for cut in lengths.into_iter().filter(|cut| *cut > 0) {
            let result = fixture.agree(inputs, &proof[..proof.len() - cut], "a truncated proof");
            assert_eq!(result, Err(Refusal::Accumulate(Failure::MalformedCalldata)), "{cut} bytes cut");
        }
        for more in [1, 31, 32, 33, 64, 4096] {
            let mut long = proof.clone();
            long.resize(long.len() + more, 0);
            let result = fixture.agree(inputs, &long, "an extended proof");
            assert_eq!(result, Err(Refusal::Accumulate(Failure::MalformedCalldata)), "{more} bytes more");
        }
        for count in (0..inputs.len()).chain([inputs.len() + 1, inputs.len() + 100]) {
            let mut changed = inputs.clone();
            changed.resize(count, [0; 32]);
            let result = fixture.agree(&changed, proof, "another number of inputs");
            assert_eq!(result, Err(Refusal::Accumulate(Failure::MalformedCalldata)), "{count} inputs");
        }
        let rotated: Vec<_> = inputs.iter().cycle().skip(1).take(inputs.len()).copied().collect();
        assert_eq!(fixture.agree(&rotated, proof, "rotated inputs"), Err(Refusal::NOT_ONE));
    }
}

#[test]
fn only_the_canonical_encoding_is_a_call() {
    let fixture = split_64();
    let (inputs, proof) = &fixture.proofs[0];
    let call = AccumulateCall::unchecked(proof.clone(), inputs.clone()).encode();
    assert!(fixture.call(&call).is_success());

    // Trailing bytes, missing bytes, another selector, no selector.
    let mut calls =
        vec![[&call[..], &[0]].concat(), [&call[..], &[0; 32]].concat(), call[..call.len() - 1].to_vec()];
    calls.extend([vec![], vec![0], call[..4].to_vec(), call[..36].to_vec()]);
    for bit in 0..32 {
        let mut other = call.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        calls.push(other);
    }
    // Offsets and lengths: every bit of each.
    for at in [4, 36, 68, 100 + proof.len()] {
        for bit in 0..256 {
            let mut other = call.clone();
            other[at + 31 - bit / 8] ^= 1 << (bit % 8);
            calls.push(other);
        }
    }
    // The same words in another order, with offsets that say so: valid for an ABI decoder, not canonical.
    let mut swapped = call[..4].to_vec();
    let word = |value: usize| {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&(value as u64).to_be_bytes());
        word
    };
    swapped.extend(word(0x40 + 32 + 32 * inputs.len()));
    swapped.extend(word(0x40));
    swapped.extend(word(inputs.len()));
    inputs.iter().for_each(|input| swapped.extend(input));
    swapped.extend(word(proof.len()));
    swapped.extend(proof);
    calls.push(swapped);
    // A gap between proof and inputs.
    let mut gap = call[..100 + proof.len()].to_vec();
    gap[36..68].copy_from_slice(&word(0x60 + proof.len() + 32));
    gap.extend([0; 32]);
    gap.extend(&call[100 + proof.len()..]);
    calls.push(gap);

    let honest = fixture.call(&call).gas;
    for (i, call) in calls.iter().enumerate() {
        let outcome = fixture.call(call);
        assert_eq!(outcome.end, End::Revert, "call {i}");
        assert!(outcome.gas <= honest, "call {i} costs {}", outcome.gas);
    }
}

#[test]
fn a_refusal_costs_no_more_than_an_acceptance() {
    for fixture in [split_64(), tree_64()] {
        let (inputs, proof) = &fixture.proofs[0];
        // Nonzero bytes cost more than zero ones; nothing else depends on values.
        let honest = fixture.contract(inputs, proof).1.gas + 2_000;
        for index in 0..proof.len() / 32 {
            let mut proof = proof.clone();
            proof[32 * index + 31] ^= 1;
            let outcome = fixture.contract(inputs, &proof).1;
            assert_eq!(outcome.end, End::Revert);
            assert!(outcome.gas <= honest, "word {index}: {} gas", outcome.gas);
        }
    }
}

#[test]
fn too_little_gas_never_answers() {
    for fixture in [split_64(), tree_64()] {
        let (inputs, proof) = &fixture.proofs[0];
        let call = AccumulateCall::unchecked(proof.clone(), inputs.clone()).encode();
        let least = Forwarder::new(&fixture.evm).least(fixture.address, &call);
        eprintln!("{} needs {least} gas of its own", fixture.artifact.name);
    }
}

#[test]
fn constants_are_what_they_should_be() {
    use apportion_suite::{Bn254, Suite};

    for (fixture, relation) in [(split_64(), "split"), (tree_64(), "tree")] {
        let ask = |signature: &str| {
            let outcome = fixture.call(&Keccak256::digest(signature.as_bytes())[..4]);
            assert!(outcome.is_success(), "{signature}");
            <[u8; 32]>::try_from(&outcome.output[..]).unwrap()
        };
        let number = |signature: &str| u64::from_be_bytes(ask(signature)[24..].try_into().unwrap()) as usize;
        let layout = fixture.key.layout();
        let name = format!("apportion.relation.{relation}.v1");
        assert_eq!(ask("relation()"), <[u8; 32]>::from(Keccak256::digest(name.as_bytes())));
        assert_eq!(number("slots()"), 64);
        assert_eq!(ask("keyDigest()"), Bn254::key_digest(&fixture.key));
        assert_eq!(ask("setup()"), fixture.setup.verifier().digest());
        assert_eq!(number("insecureSetup()"), 1);
        assert_eq!(number("numInputs()"), layout.public.len());
        assert_eq!(number("numLinked()"), layout.linked);
        assert_eq!(number("proofLength()"), Bn254::proof_bytes(layout));
    }
}

#[test]
fn a_proof_of_another_tier_is_refused() {
    use common::split_1024;

    let (small, large) = (split_64(), split_1024());
    for (fixture, other) in [(small, large), (large, small)] {
        let (inputs, proof) = &other.proofs[0];
        // Of the same relation: the number of inputs is right, the proof's length may be.
        assert!(fixture.agree(inputs, proof, "another tier").is_err());
        assert!(fixture.agree(&fixture.proofs[0].0, proof, "another tier, own inputs").is_err());
        assert!(fixture.agree(inputs, &fixture.proofs[0].1, "own proof, other inputs").is_err());
    }
}
