//! Many proofs under one pairing: a batch is accepted if and only if every proof in it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod common;

use apportion_circuits::field::to_bytes;
use apportion_evm::evm::{Address, End, Outcome};
use apportion_generator::AccumulateCall;
use common::{
    Fixture,
    forwarder::Forwarder,
    opening_verifier::{CHECK_PAIRS, check_pairs, error, selector, word},
    points::{self, P, Pair, add, encode, left, low_128, negated, pair, point, right, shift, sum_holds},
    split_64, tree_64,
};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use sha3::{Digest, Keccak256};

const TRANSCRIPT: [u8; 32] = [0x5a; 32];

fn verifier() -> &'static Fixture {
    split_64()
}

fn decide(pairs: &[Pair]) -> Outcome {
    verifier().call_opening_verifier(&check_pairs(pairs, TRANSCRIPT))
}

fn accepted(pairs: &[Pair]) {
    let outcome = decide(pairs);
    assert!(outcome.is_success() && outcome.output.is_empty(), "{outcome:?}");
}

/// Refused by a revert with this error.
fn refused(pairs: &[Pair], name: &str, what: &str) {
    let outcome = decide(pairs);
    assert_eq!((outcome.end, error(&outcome.output)), (End::Revert, Some(name)), "{what}");
}

fn accumulate(fixture: &Fixture, inputs: &[[u8; 32]], proof: &[u8]) -> Pair {
    fixture.accumulate(inputs, proof).unwrap().0.pair
}

/// Of four proofs, under two keys.
fn honest() -> Vec<Pair> {
    let pairs = [split_64(), tree_64()].map(|fixture| {
        let proofs = fixture.proofs.iter();
        proofs.map(|(inputs, proof)| accumulate(fixture, inputs, proof)).collect::<Vec<_>>()
    });
    pairs.concat()
}

/// What the verifier of another key makes of a proof: one in whose transcript the key is another.
fn under_another_key(fixture: &Fixture) -> Pair {
    let key = to_bytes(&fixture.key.transcript_repr());
    let key = &key[key.iter().position(|byte| *byte != 0).unwrap()..];
    let mut code = fixture.evm.clone().code(fixture.address).to_vec();
    let at = code.windows(key.len()).position(|window| window == key).unwrap();
    code[at + key.len() - 1] ^= 1;
    let mut evm = fixture.evm.clone();
    let address = Address::repeat_byte(0x0a);
    evm.replace_code(address, &code);
    let (inputs, proof) = &fixture.proofs[0];
    let call = AccumulateCall::unchecked(proof.clone(), inputs.clone()).encode();
    let outcome = evm.call(Address::ZERO, address, &call).unwrap();
    let linked = fixture.key.layout().linked;
    apportion_generator::decode_accumulated(&outcome.output, linked).unwrap().pair
}

/// Pairs of proofs that do not verify: every part of a statement and its proof, changed in turn.
fn bad() -> Vec<(String, Pair)> {
    let mut bad = Vec::new();
    for fixture in [split_64(), tree_64()] {
        let [(inputs, proof), (other_inputs, other_proof)] = &fixture.proofs[..] else { panic!() };
        let name = &fixture.artifact.name;
        let mut push = |what: String, inputs: &[[u8; 32]], proof: &[u8]| {
            assert!(fixture.native(inputs, proof).is_none(), "{what}");
            bad.push((format!("{name}: {what}"), accumulate(fixture, inputs, proof)));
        };
        push("another statement".into(), other_inputs, proof);
        push("another proof".into(), inputs, other_proof);
        for index in 0..inputs.len() {
            let mut inputs = inputs.clone();
            inputs[index][31] ^= 1;
            push(format!("input {index}"), &inputs, proof);
        }
        let scalars = proof.len() - 128 - 32 * fixture.scalars()..proof.len() - 128;
        for at in scalars.clone().step_by(32 * 9) {
            let mut proof = proof.clone();
            proof[at + 31] ^= 1;
            push(format!("the scalar at {at}"), inputs, &proof);
        }
        for at in (0..scalars.start).step_by(64 * 5).chain([proof.len() - 128, proof.len() - 64]) {
            let shifted = shift(&proof[at..at + 64], Fr::ONE);
            let mut proof = proof.clone();
            proof[at..at + 64].copy_from_slice(&shifted);
            push(format!("the point at {at}"), inputs, &proof);
        }
        bad.push((format!("{name}: another key"), under_another_key(fixture)));
    }
    bad
}

#[test]
fn one_bad_proof_input_key_or_opening_spoils_a_batch() {
    let (honest, bad) = (honest(), bad());
    let s_g2 = verifier().setup.verifier().s_g2();
    for (what, pair) in &bad {
        assert!(!sum_holds(&[*pair], &[Fr::ONE], &s_g2), "{what}");
    }
    for n in [1, 2, 3, 8] {
        let batch: Vec<Pair> = honest.iter().cycle().take(n).copied().collect();
        accepted(&batch);
        for place in 0..n {
            // All of them at each place of small batches; of large ones each at some place.
            for (_, (what, pair)) in bad.iter().enumerate().filter(|(i, _)| n < 8 || i % n == place) {
                let mut batch = batch.clone();
                batch[place] = *pair;
                refused(&batch, "Invalid", &format!("{what}, at {place} of {n}"));
            }
        }
    }
    // Nor do several bad ones make a good one.
    refused(&bad.iter().map(|(_, pair)| *pair).collect::<Vec<_>>(), "Invalid", "all that are bad");
    refused(&[bad[0].1; 4], "Invalid", "a bad one four times");
}

#[test]
fn pairs_with_exchanged_points_are_refused() {
    let honest = honest();
    for n in [1, 2, 3, 8] {
        let batch: Vec<Pair> = honest.iter().cycle().take(n).copied().collect();
        for i in 0..n {
            let with = |place: usize, new: Pair| {
                let mut batch = batch.clone();
                batch[place] = new;
                batch
            };
            refused(&with(i, pair(&right(&batch[i]), &left(&batch[i]))), "Invalid", "left and right swapped");
            let negative = add(&points::word(P), &negated(&batch[i][1]));
            let turned = [batch[i][0], negative, batch[i][2], batch[i][3]];
            refused(&with(i, turned), "Invalid", "left negated");
            let j = (i + 1) % n;
            if batch[i] != batch[j] {
                let mut swapped = with(i, pair(&left(&batch[i]), &right(&batch[j])));
                swapped[j] = pair(&left(&batch[j]), &right(&batch[i]));
                refused(&swapped, "Invalid", "the right points of two exchanged");
                let mut ordered = batch.clone();
                ordered.swap(i, j);
                accepted(&ordered);
            }
        }
    }
}

/// The errors of two pairs, chosen so that they cancel in the sum with these weights.
fn cancelling(honest: &[Pair], weights: &[Fr], on_the_left: bool) -> Vec<Pair> {
    let error = Fr::from(0x1234_5678);
    let last = honest.len() - 1;
    let other = -error * weights[0] * weights[last].invert().unwrap();
    let mut pairs = honest.to_vec();
    for (place, by) in [(0, error), (last, other)] {
        let (l, r) = (left(&pairs[place]), right(&pairs[place]));
        pairs[place] = if on_the_left { pair(&shift(&l, by), &r) } else { pair(&l, &shift(&r, by)) };
    }
    pairs
}

/// What a seed hashes, as the contract has it; `leave` says what is left out.
fn weights(pairs: &[Pair], leave: Option<&str>) -> Vec<Fr> {
    let fixture = verifier();
    let call = match leave {
        Some("pairs") => check_pairs(&[], TRANSCRIPT),
        Some("left points") => {
            check_pairs(&pairs.iter().map(|p| [[0; 32], [0; 32], p[2], p[3]]).collect::<Vec<_>>(), TRANSCRIPT)
        }
        Some("right points") => {
            check_pairs(&pairs.iter().map(|p| [p[0], p[1], [0; 32], [0; 32]]).collect::<Vec<_>>(), TRANSCRIPT)
        }
        _ => check_pairs(pairs, TRANSCRIPT),
    };
    let mut address = [0; 32];
    address[12..].copy_from_slice(fixture.opening_verifier.as_slice());
    let mut seed = Keccak256::new();
    seed.update(word(1));
    seed.update(address);
    seed.update([0; 32]);
    seed.update(word(pairs.len()));
    seed.update(Keccak256::digest(&call));
    let seed = seed.finalize();
    let hashed =
        (1..pairs.len()).map(|j| low_128(&Keccak256::new_with_prefix(seed).chain_update(word(j)).finalize()));
    [Fr::ONE].into_iter().chain(hashed).collect()
}

/// Errors that cancel: plainly, with weights that were guessed, and with the weights that the honest pairs, or a seed
/// that does not hash what was changed, would have had. Each would pass under its own weights; the contract draws others.
#[test]
fn errors_that_cancel_are_refused() {
    let s_g2 = verifier().setup.verifier().s_g2();
    for n in [2, 3, 8] {
        let honest: Vec<Pair> = honest().iter().cycle().take(n).copied().collect();
        let ones = vec![Fr::ONE; n];
        let powers = |base: u64| (0..n as u64).map(|i| Fr::from(base).pow([i])).collect::<Vec<_>>();
        let numbers = (1..=n as u64).map(Fr::from).collect::<Vec<_>>();
        for on_the_left in [false, true] {
            for guess in [ones.clone(), numbers.clone(), powers(2), powers(1 << 20), weights(&honest, None)] {
                let pairs = cancelling(&honest, &guess, on_the_left);
                assert!(sum_holds(&pairs, &guess, &s_g2));
                refused(&pairs, "Invalid", "weights that were guessed");
            }
        }
        // Here the change is in what the seed leaves out, so the weights of the changed pairs are as computed.
        for (leave, on_the_left) in
            [("pairs", false), ("pairs", true), ("right points", false), ("left points", true)]
        {
            let guess = weights(&honest, Some(leave));
            let pairs = cancelling(&honest, &guess, on_the_left);
            assert_eq!(weights(&pairs, Some(leave)), guess);
            assert!(sum_holds(&pairs, &guess, &s_g2));
            refused(&pairs, "Invalid", leave);
        }
    }
}

#[test]
fn an_empty_batch_is_refused() {
    refused(&[], "NothingToCheck", "no pairs");
}

#[test]
fn every_word_of_a_pair_must_be_canonical_and_on_the_curve() {
    let honest: Vec<Pair> = honest().into_iter().take(3).collect();
    let p = points::word(P);
    for place in 0..3 {
        for index in 0..4 {
            let old = honest[place][index];
            let mut flipped = old;
            flipped[31] ^= 1;
            for (what, new) in [
                ("+ p", add(&old, &p)),
                ("off the curve", flipped),
                ("zero", [0; 32]),
                ("p", p),
                ("all ones", [0xff; 32]),
            ] {
                let mut batch = honest.clone();
                batch[place][index] = new;
                refused(&batch, "InvalidPoint", &format!("word {index} of pair {place}, {what}"));
            }
        }
        for (what, identity) in [
            ("left", pair(&[0; 64], &right(&honest[place]))),
            ("right", pair(&left(&honest[place]), &[0; 64])),
            ("both", [[0; 32]; 4]),
        ] {
            let mut batch = honest.clone();
            batch[place] = identity;
            refused(&batch, "InvalidPoint", &format!("the identity for {what} of pair {place}"));
        }
    }
}

#[test]
fn a_call_is_as_long_as_its_list() {
    let call = check_pairs(&honest(), TRANSCRIPT);
    let verdict = |call: &[u8]| verifier().call_opening_verifier(call);
    assert!(verdict(&call).is_success());
    let honest = verdict(&call).gas;
    let mut calls: Vec<Vec<u8>> =
        [1, 31, 32, 33, 64, 128].iter().map(|cut| call[..call.len() - cut].to_vec()).collect();
    for more in [1, 32, 128] {
        calls.push([&call[..], &vec![0; more]].concat());
    }
    calls.extend([
        vec![],
        call[..3].to_vec(),
        selector(CHECK_PAIRS).to_vec(),
        call[..36].to_vec(),
        call[..100].to_vec(),
    ]);
    // Offset and length: every bit of each.
    for at in [4, 68] {
        for bit in 0..256 {
            let mut other = call.clone();
            other[at + 31 - bit / 8] ^= 1 << (bit % 8);
            calls.push(other);
        }
    }
    for (i, call) in calls.iter().enumerate() {
        let outcome = verdict(call);
        assert_eq!(outcome.end, End::Revert, "call {i}");
        assert!(outcome.gas <= honest, "call {i} costs {}", outcome.gas);
    }
    // The transcript decides about the weights only.
    let mut other = call.clone();
    other[36] ^= 1;
    assert!(verdict(&other).is_success());
}

#[test]
fn a_bad_pair_costs_no_more_than_a_good_one_and_too_little_gas_never_accepts() {
    let pairs: Vec<Pair> = honest().iter().cycle().take(8).copied().collect();
    // Nonzero bytes of calldata cost more than zero ones; nothing else depends on values.
    let honest = decide(&pairs).gas + 2_000;
    for place in 0..8 {
        for index in 0..4 {
            for byte in [0, 31] {
                let mut batch = pairs.clone();
                batch[place][index][byte] ^= 1;
                let outcome = decide(&batch);
                assert_eq!(outcome.end, End::Revert);
                assert!(outcome.gas <= honest, "{place}, {index}: {} gas", outcome.gas);
            }
        }
        let mut batch = pairs.clone();
        let shifted = encode(&point(&shift(&right(&pairs[place]), Fr::ONE)));
        batch[place] = pair(&left(&pairs[place]), &shifted);
        let outcome = decide(&batch);
        assert_eq!((outcome.end.clone(), error(&outcome.output)), (End::Revert, Some("Invalid")));
        assert!(outcome.gas <= honest, "{place}: {} gas", outcome.gas);
    }
    let fixture = verifier();
    for n in [1, 3] {
        let call = check_pairs(&pairs[..n], TRANSCRIPT);
        let least = Forwarder::new(&fixture.evm).least(fixture.opening_verifier, &call);
        eprintln!("{n} pairs need {least} gas");
    }
}
