//! Openings of real columns, checked by the contract and by the native verifier.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod common;

use apportion_circuits::field::{SuiteField, from_bytes, to_bytes};
use apportion_evm::{
    Artifact,
    evm::{Address, End, Evm, MAX_CODE},
    generated,
};
use common::{
    forwarder::Forwarder,
    opening_verifier::{CHECK, Columns, Opening, check, error, selector, word},
    points::{self, P, R, add, encode, negated, shift},
    segments::{Fixture, Segment, TIER, fixture},
};
use ff::Field;
use halo2_axiom::{
    arithmetic::best_multiexp,
    halo2curves::{
        bn256::{Fr, G1},
        group::Curve,
    },
    poly::commitment::ParamsProver,
};
use rand_core::{OsRng, RngCore};
use sha3::{Digest, Keccak256};

#[test]
fn every_slot_opens() {
    let fixture = fixture();
    for segment in &fixture.segments {
        let all = segment.open(&fixture.setup, 0..TIER.accounts());
        for opening in &all.openings {
            let one = Columns { openings: vec![opening.clone()], ..all.clone() };
            assert_eq!(fixture.agree(&[one], "one"), Ok(()));
        }
        assert_eq!(fixture.agree(&[all], "all"), Ok(()));
    }
    let [one, other] = fixture.segments.each_ref().map(|segment| segment.open(&fixture.setup, 0..16));
    assert_eq!(fixture.agree(&[one.clone(), other], "two segments"), Ok(()));
    assert_eq!(fixture.agree(&[one.clone(), one], "one segment twice"), Ok(()));
}

/// One opening with each of its words, and each of its columns', changed; and the error that it has to be refused with.
fn mutants(segment: &Segment, honest: &Columns, at: usize) -> Vec<(String, Columns, &'static str)> {
    let mut all = Vec::new();
    let mut change = |what: &str, error: &'static str, change: &dyn Fn(&mut Columns, &mut Opening)| {
        let mut mutant = honest.clone();
        let mut opening = mutant.openings[at].clone();
        change(&mut mutant, &mut opening);
        mutant.openings[at] = opening;
        assert!(mutant != *honest, "{what}");
        all.push((what.to_string(), mutant, error));
    };
    let [r, p] = [R, P].map(points::word);
    let one = word(1);
    let minus_one = negated(&one);
    let scalar = |word: &[u8; 32], by: Fr| to_bytes(&(from_bytes::<Fr>(word).unwrap() + by));
    change("value + 1", "Invalid", &|_, o| o.value = scalar(&o.value, Fr::ONE));
    change("value - 1", "Invalid", &|_, o| o.value = scalar(&o.value, -Fr::ONE));
    change("value + r", "InvalidScalar", &|_, o| o.value = add(&o.value, &r));
    change("value 2^256 - 1", "InvalidScalar", &|_, o| o.value = minus_one);
    change("gamma + 1", "Invalid", &|_, o| o.gamma = scalar(&o.gamma, Fr::ONE));
    change("gamma 0", "Invalid", &|_, o| o.gamma = [0; 32]);
    change("gamma r", "InvalidScalar", &|_, o| o.gamma = r);
    change("gamma + r", "InvalidScalar", &|_, o| o.gamma = add(&o.gamma, &r));
    let slot = u64::from_be_bytes(honest.openings[at].index[24..].try_into().unwrap()) as usize;
    change("index + 1", "Invalid", &|_, o| o.index = word(slot + 1));
    change("index + 32", "Invalid", &|_, o| o.index = word((slot + 32) % 62));
    change("index + C", "InvalidSlot", &|_, o| o.index = word(slot + 64));
    change("index + 2^32", "InvalidSlot", &|_, o| o.index = word(slot + (1 << 32)));
    change("index + 2^64", "InvalidSlot", &|_, o| o.index[23] = 1);
    change("index + 2^255", "InvalidSlot", &|_, o| o.index[0] = 0x80);
    change("index + r", "InvalidSlot", &|_, o| o.index = add(&o.index, &r));
    change("first reserved slot", "Invalid", &|_, o| o.index = word(62));
    change("second reserved slot", "Invalid", &|_, o| o.index = word(63));
    let shifted = |bytes: &[u8; 64]| shift(bytes, Fr::ONE);
    for (name, which) in [("a", 0), ("b", 1), ("pi", 2)] {
        let mut alter = |what: &str, error: &'static str, new: &dyn Fn(&[u8; 64]) -> [u8; 64]| {
            change(&format!("{name}: {what}"), error, &|c, o| {
                let point = [&mut c.a, &mut c.b, &mut o.proof].into_iter().nth(which).unwrap();
                *point = new(point);
            });
        };
        let halves =
            |point: &[u8; 64], x: &dyn Fn([u8; 32]) -> [u8; 32], y: &dyn Fn([u8; 32]) -> [u8; 32]| {
                let (a, b) = point.split_at(32);
                let words = [x(a.try_into().unwrap()), y(b.try_into().unwrap())];
                <[u8; 64]>::try_from(words.concat()).unwrap()
            };
        let same = |word: [u8; 32]| word;
        alter("another point", "Invalid", &shifted);
        alter("negated", "Invalid", &|point| halves(point, &same, &|y| add(&p, &negated(&y))));
        alter("the identity", "InvalidPoint", &|_| [0; 64]);
        alter("off the curve", "InvalidPoint", &|point| halves(point, &same, &|y| add(&y, &one)));
        alter("x + p", "InvalidPoint", &|point| halves(point, &|x| add(&x, &p), &same));
        alter("y + p", "InvalidPoint", &|point| halves(point, &same, &|y| add(&y, &p)));
        alter("x = 0", "InvalidPoint", &|point| halves(point, &|_| [0; 32], &same));
        alter("all ones", "InvalidPoint", &|_| [0xff; 64]);
        alter("coordinates swapped", "InvalidPoint", &|point| {
            <[u8; 64]>::try_from([&point[32..], &point[..32]].concat()).unwrap()
        });
    }
    change("a and b swapped", "Invalid", &|c, _| std::mem::swap(&mut c.a, &mut c.b));
    let score: [u8; 64] = segment.commitments[2].0[..].try_into().unwrap();
    change("another column for a", "Invalid", &|c, _| c.a = score);
    change("another column for b", "Invalid", &|c, _| c.b = score);
    for slots in [0, 1, 32, 63, 65, 128, 256, 4_096, 1 << 17, 1 << 20, usize::MAX] {
        change(&format!("{slots} slots"), "UnknownSlots", &|c, _| c.slots = word(slots));
    }
    change("slots + 2^255", "UnknownSlots", &|c, _| c.slots[0] = 0x80);
    // Slot 0 is the point 1 in every tier.
    if slot > 0 {
        for slots in [1_024, 16_384] {
            change(&format!("{slots} slots"), "Invalid", &|c, _| c.slots = word(slots));
        }
    }
    all
}

#[test]
fn every_changed_part_is_refused_by_both() {
    let fixture = fixture();
    let [segment, other] = &fixture.segments;
    let others = other.open(&fixture.setup, [3, 61]);
    let mut count = 0;
    for slot in [0, 1, 29, 60] {
        let honest = segment.open(&fixture.setup, [slot]);
        for (what, mutant, error) in mutants(segment, &honest, 0) {
            assert_eq!(fixture.agree(std::slice::from_ref(&mutant), &what), Err(error), "{what}");
            // Among good ones.
            for batch in [[mutant.clone(), others.clone()], [others.clone(), mutant]] {
                assert_eq!(fixture.agree(&batch, &what), Err(error), "{what}");
            }
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
    // Within the openings of one pair of columns.
    for at in 0..3 {
        let honest = segment.open(&fixture.setup, [5, 17, 40]);
        for (what, mutant, error) in mutants(segment, &honest, at) {
            assert_eq!(fixture.agree(&[mutant], &what), Err(error), "{what} at {at}");
        }
    }
}

#[test]
fn one_bad_opening_spoils_a_batch() {
    let fixture = fixture();
    let [one, other] = &fixture.segments;
    for n in [1, 2, 3, 8] {
        let batch: Vec<Columns> = (0..n)
            .map(|i| [one, other][i % 2].open(&fixture.setup, (0..=i % 3).map(|j| (7 * i + 11 * j) % 62)))
            .collect();
        assert_eq!(fixture.agree(&batch, "good"), Ok(()));
        for place in 0..n {
            for at in 0..batch[place].openings.len() {
                let mut bad = batch.clone();
                let value = &mut bad[place].openings[at].value;
                *value = to_bytes(&(from_bytes::<Fr>(value).unwrap() + Fr::ONE));
                assert_eq!(fixture.agree(&bad, "a value"), Err("Invalid"));
                let mut bad = batch.clone();
                bad[place].openings[at].proof = shift(&bad[place].openings[at].proof, Fr::ONE);
                assert_eq!(fixture.agree(&bad, "a proof"), Err("Invalid"));
            }
            if batch[place].openings.len() > 1 {
                let mut bad = batch.clone();
                let proof = bad[place].openings[0].proof;
                bad[place].openings[0].proof = bad[place].openings[1].proof;
                bad[place].openings[1].proof = proof;
                assert_eq!(fixture.agree(&bad, "proofs exchanged"), Err("Invalid"));
            }
        }
    }
}

/// Errors that cancel in a sum with these weights; the values', or the proofs' where both are at the same point.
#[test]
fn errors_that_cancel_are_refused() {
    let fixture = fixture();
    let [one, other] = &fixture.segments;
    let within = vec![one.open(&fixture.setup, [4, 9])];
    let between = vec![one.open(&fixture.setup, [9]), other.open(&fixture.setup, [9])];
    for batch in [within, between] {
        let last = batch.len() - 1;
        let at = batch[last].openings.len() - 1;
        // 1 and the weights that the honest batch would have had.
        let seed = seed(fixture, &batch);
        let weight = points::low_128(&Keccak256::new_with_prefix(seed).chain_update(word(1)).finalize());
        for weight in [Fr::ONE, Fr::from(2), weight] {
            let error = Fr::from(1_000_000);
            let cancels = -error * weight.invert().unwrap();
            let mut bad = batch.clone();
            for (place, at, by) in [(0, 0, error), (last, at, cancels)] {
                let value = &mut bad[place].openings[at].value;
                *value = to_bytes(&(from_bytes::<Fr>(value).unwrap() + by));
            }
            assert_eq!(fixture.agree(&bad, "values"), Err("Invalid"));
            let mut bad = batch.clone();
            for (place, at, by) in [(0, 0, error), (last, at, cancels)] {
                let proof = &mut bad[place].openings[at].proof;
                *proof = shift(proof, by);
            }
            assert_eq!(fixture.agree(&bad, "proofs"), Err("Invalid"));
        }
    }
}

fn seed(fixture: &Fixture, columns: &[Columns]) -> [u8; 32] {
    let mut address = [0; 32];
    address[12..].copy_from_slice(fixture.address.as_slice());
    let terms = columns.iter().map(|columns| columns.openings.len()).sum();
    let mut seed = Keccak256::new();
    seed.update([word(1), address, [0; 32], word(terms)].concat());
    seed.update(Keccak256::digest(check(columns)));
    seed.finalize().into()
}

/// Every tier's slots are those points: a polynomial opened at w^i for w of that tier, whatever the polynomial is.
#[test]
fn slots_of_every_tier_are_its_roots_of_unity() {
    let fixture = fixture();
    let [segment, _] = &fixture.segments;
    let [a, b, _] = &segment.columns;
    let honest = segment.open(&fixture.setup, [0]);
    for log in [6, 10, 14, 16, 18] {
        let slots = 1usize << log;
        let powers = (0..log).map(|bit| 1 << bit);
        let random = [(); 6].map(|()| OsRng.next_u64() as usize % slots);
        let mut openings = Vec::new();
        for index in powers.chain(random).chain([0, slots - 1]) {
            let gamma = Fr::random(OsRng);
            let z = Fr::root_of_unity(log).pow([index as u64]);
            let mut quotient: Vec<Fr> = a.coefficients().to_vec();
            quotient.iter_mut().zip(b.coefficients()).for_each(|(a, b)| *a += gamma * b);
            let mut carry = Fr::ZERO;
            for coefficient in quotient.iter_mut().rev() {
                (*coefficient, carry) = (carry, carry * z + *coefficient);
            }
            let pi: G1 = best_multiexp(&quotient, &fixture.setup.kzg().get_g()[..quotient.len()]);
            let proof = encode(&pi.to_affine());
            openings.push(Opening {
                index: word(index),
                gamma: to_bytes(&gamma),
                value: to_bytes(&carry),
                proof,
            });
        }
        let columns = Columns { slots: word(slots), openings, ..honest.clone() };
        let outcome = fixture.call(&check(std::slice::from_ref(&columns)));
        assert!(outcome.is_success(), "{slots}: {outcome:?}");
        // Each index matters.
        for at in 0..columns.openings.len() {
            let mut one = columns.clone();
            one.openings = vec![columns.openings[at].clone()];
            assert!(fixture.call(&check(&[one.clone()])).is_success());
            one.openings[0].index[31] ^= 1;
            assert_eq!(error(&fixture.call(&check(&[one])).output), Some("Invalid"));
        }
        let mut beyond = columns.clone();
        beyond.openings[0].index = word(slots);
        assert_eq!(error(&fixture.call(&check(&[beyond])).output), Some("InvalidSlot"));
    }
}

/// With gamma 0 only A is opened, and B may be the identity: only then.
#[test]
fn one_column_alone_opens() {
    let fixture = fixture();
    let [segment, _] = &fixture.segments;
    let open = |slot: usize, gamma: Fr| {
        segment.open_with(&fixture.setup, slot, gamma, [segment.values[0][slot], segment.values[1][slot]])
    };
    let mut alone = segment.open(&fixture.setup, [5]);
    alone.openings = vec![open(5, Fr::ZERO), open(6, Fr::ZERO)];
    assert_eq!(alone.openings[0].value, to_bytes(&segment.values[0][5]));
    let verdict = |columns: &Columns| {
        let outcome = fixture.call(&check(std::slice::from_ref(columns)));
        if outcome.is_success() { Ok(()) } else { Err(error(&outcome.output).unwrap()) }
    };
    assert_eq!(verdict(&alone), Ok(()));
    let without = Columns { b: [0; 64], ..alone.clone() };
    assert_eq!(verdict(&without), Ok(()));
    let mut wrong = without.clone();
    wrong.openings[1].value[31] ^= 1;
    assert_eq!(verdict(&wrong), Err("Invalid"));
    let mut one_of_two = alone.clone();
    one_of_two.openings[1] = open(6, Fr::ONE);
    assert_eq!(verdict(&one_of_two), Ok(()));
    one_of_two.b = [0; 64];
    assert_eq!(verdict(&one_of_two), Err("InvalidPoint"));
    let mut half = without;
    half.b[63] = 1;
    assert_eq!(verdict(&half), Err("InvalidPoint"));
}

#[test]
fn nothing_is_not_a_success() {
    let fixture = fixture();
    let honest = fixture.segments[0].open(&fixture.setup, [1, 2]);
    let empty = Columns { openings: Vec::new(), ..honest.clone() };
    for batch in [vec![], vec![empty.clone()], vec![honest.clone(), empty.clone()], vec![empty, honest]] {
        assert_eq!(error(&fixture.call(&check(&batch)).output), Some("NothingToCheck"));
    }
}

#[test]
fn a_call_is_as_long_as_its_lists() {
    let fixture = fixture();
    let [one, other] = fixture.segments.each_ref().map(|segment| segment.open(&fixture.setup, [7, 8]));
    let call = check(&[one.clone(), other]);
    let honest = fixture.call(&call);
    assert!(honest.is_success());
    let mut calls: Vec<Vec<u8>> =
        (1..call.len()).step_by(31).map(|cut| call[..call.len() - cut].to_vec()).collect();
    for more in [1, 31, 32, 160, 4_096] {
        calls.push([&call[..], &vec![0; more]].concat());
    }
    calls.push(selector(CHECK).to_vec());
    // Offsets and lengths: every bit of each. The list's, its two elements', and of each of these its list's.
    let tail = 32 * (7 + 10);
    for at in [4, 36, 68, 100, 132 + 5 * 32, 132 + 6 * 32, 132 + tail + 5 * 32, 132 + tail + 6 * 32] {
        for bit in 0..256 {
            let mut other = call.clone();
            other[at + 31 - bit / 8] ^= 1 << (bit % 8);
            calls.push(other);
        }
    }
    // Two elements at one place: shorter than what it says, and twice the work.
    let single = check(&[one]);
    let mut aliased = single[..36].to_vec();
    aliased.extend(word(2));
    aliased.extend([word(64), word(64)].concat());
    aliased.extend(&single[100..]);
    calls.push(aliased);
    for (i, call) in calls.iter().enumerate() {
        let outcome = fixture.call(call);
        assert_eq!(outcome.end, End::Revert, "call {i}");
        assert!(outcome.gas <= honest.gas, "call {i} costs {}", outcome.gas);
    }
}

#[test]
fn a_bad_opening_costs_no_more_than_a_good_one_and_too_little_gas_never_accepts() {
    let fixture = fixture();
    let [segment, _] = &fixture.segments;
    let honest = segment.open(&fixture.setup, 20..28);
    // Nonzero bytes of calldata cost more than zero ones; the index's bits and a B that is there, little.
    let most = fixture.call(&check(std::slice::from_ref(&honest))).gas + 4_000;
    for at in 0..8 {
        for (what, mutant, _) in mutants(segment, &honest, at) {
            let outcome = fixture.call(&check(&[mutant]));
            assert_eq!(outcome.end, End::Revert);
            assert!(outcome.gas <= most, "{what} at {at}: {} gas", outcome.gas);
        }
    }
    for n in [1, 3] {
        let call = check(&[segment.open(&fixture.setup, 30..30 + n)]);
        let least = Forwarder::new(&fixture.evm).least(fixture.address, &call);
        eprintln!("{n} openings need {least} gas");
    }
}

#[test]
fn constants_are_what_they_should_be() {
    let fixture = fixture();
    let ask = |signature: &str| {
        let outcome = fixture.call(&selector(signature));
        assert!(outcome.is_success(), "{signature}");
        <[u8; 32]>::try_from(&outcome.output[..]).unwrap()
    };
    assert_eq!(ask("setup()"), fixture.setup.verifier().digest());
    assert_eq!(ask("insecureSetup()"), word(1));
    assert!(fixture.evm.clone().code(fixture.address).len() <= MAX_CODE);
    // That of the relations' verifiers.
    let mut evm = Evm::default();
    let artifacts = [
        generated::DEV_SPLIT_64,
        generated::DEV_SPLIT_1024,
        generated::DEV_TREE_64,
        generated::DEV_TREE_1024,
    ];
    for json in artifacts {
        let (address, _) = evm.deploy(Address::ZERO, &Artifact::parse(json).unwrap().bytecode).unwrap();
        let setup = evm.call(Address::ZERO, address, &selector("setup()")).unwrap();
        assert_eq!(setup.output[..], ask("setup()"));
    }
}
