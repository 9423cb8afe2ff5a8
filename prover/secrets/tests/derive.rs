//! Derived masks and proof randomness: what they depend on, and that others can compute them.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;

use apportion_circuits::{
    column::Mask,
    field::{self, SuiteField, SuiteId},
    types::{Payee, Tier, Word},
};
use apportion_secrets::{
    Derivation, DeriveError, Identity, LedgerId, NameKey, RngSeed, Role, Seed, WitnessDigest, WitnessHasher,
    mask, opening_seed, own_file_name, proof_rng, proof_seed,
};
use halo2curves_axiom::bn256::Fr;
use pasta_curves::Fp;
use rand_core::RngCore;
use serde_json::Value;
use sha2::{Digest, Sha256};

const PLACE: Derivation = Derivation {
    tier: Tier::T64,
    role: Role::Score,
    chain_id: 1,
    contract: Payee([2; 20]),
    subject: Word([3; 32]),
    dataset: 4,
    segment: 5,
    number: 6,
};

fn seed() -> Seed {
    Seed::from_bytes(&std::array::from_fn(|i| i as u8))
}

fn words<F: SuiteField>(mask: &Mask<F>) -> Vec<[u8; 32]> {
    mask.elements().map(field::to_bytes).collect()
}

fn derived(seed: &Seed, place: &Derivation, values: &[u64]) -> Vec<[u8; 32]> {
    words(&mask::<Fr>(seed, place, values).unwrap())
}

#[test]
fn everything_changes_the_mask() {
    let values = [7, 8, 9];
    let mut masks = vec![derived(&seed(), &PLACE, &values)];
    let mut other_seed = *seed().as_bytes();
    other_seed[31] ^= 1;
    masks.push(derived(&Seed::from_bytes(&other_seed), &PLACE, &values));
    let places = [
        Derivation { tier: Tier::T1024, ..PLACE },
        Derivation { chain_id: 1 << 40, ..PLACE },
        Derivation { contract: Payee([4; 20]), ..PLACE },
        Derivation { subject: Word([4; 32]), ..PLACE },
        Derivation { dataset: 5, ..PLACE },
        Derivation { segment: 4, ..PLACE },
        Derivation { number: 7, ..PLACE },
        // Neighbouring fields do not run into each other.
        Derivation { dataset: 5, segment: 4, ..PLACE },
        Derivation { segment: 6, number: 5, ..PLACE },
    ];
    masks.extend(places.iter().map(|place| derived(&seed(), place, &values)));
    let others = Role::ALL.into_iter().filter(|role| *role != PLACE.role);
    masks.extend(others.map(|role| derived(&seed(), &Derivation { role, ..PLACE }, &values)));
    for changed in [vec![7, 8], vec![7, 8, 10], vec![0, 7, 8, 9], vec![8, 7, 9], vec![]] {
        masks.push(derived(&seed(), &PLACE, &changed));
    }
    // Not one element is in two masks, so it is not in two places of one mask either.
    let elements: HashSet<_> = masks.iter().flatten().collect();
    assert_eq!((masks.len(), elements.len()), (19, 19 * 129));
    // The other suite's mask is not the same bytes reduced by another modulus.
    let pasta = words(&mask::<Fp>(&seed(), &PLACE, &values).unwrap());
    assert!(pasta.iter().all(|element| !elements.contains(element)));
}

#[test]
fn the_same_input_gives_the_same_mask() {
    let values = [7, 8, 9];
    let first = derived(&seed(), &PLACE, &values);
    assert_eq!(derived(&seed(), &PLACE, &values), first);
    // Empty slots hold 0, whether they are listed or not.
    let mut padded = values.to_vec();
    padded.resize(64, 0);
    assert_eq!(derived(&seed(), &PLACE, &padded), first);
    // A number is the same number in every type.
    let wide = words(&mask::<Fr>(&seed(), &PLACE, &values.map(u128::from)).unwrap());
    let elements = values.map(|value| Word::from_field(&Fr::from(value)));
    let payees = values.map(|value| Payee(std::array::from_fn(|i| if i == 19 { value as u8 } else { 0 })));
    assert_eq!(wide, first);
    assert_eq!(words(&mask::<Fr>(&seed(), &PLACE, &elements).unwrap()), first);
    assert_eq!(words(&mask::<Fr>(&seed(), &PLACE, &payees).unwrap()), first);
    padded.push(0);
    let refused = mask::<Fr>(&seed(), &PLACE, &padded).err().unwrap();
    assert_eq!(refused, DeriveError::TooManyValues { found: 65, slots: 64 });
}

fn witness() -> WitnessDigest {
    let elements = [Fr::from(3), field::two_pow(250)];
    WitnessHasher::new().values(&[5, u64::MAX]).elements(&elements).bytes(b"account 7").finish()
}

#[test]
fn vectors_that_python_computed() {
    let text = include_str!("vectors/derive.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    let hex = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| value.as_u64().unwrap();
    assert_eq!(hex::encode(seed().as_bytes()), hex(&vectors["seed"]));
    assert_eq!(*seed().to_text(), hex(&vectors["seed_text"]));
    assert_eq!(seed().id().to_string(), hex(&vectors["seed_id"]));
    let masks = vectors["masks"].as_array().unwrap();
    assert_eq!(masks.len(), 8);
    for vector in masks {
        let place = Derivation {
            tier: Tier::T64,
            role: Role::ALL.into_iter().find(|role| role.name() == hex(&vector["role"])).unwrap(),
            chain_id: number(&vector["chain_id"]),
            contract: hex(&vector["contract"]).parse().unwrap(),
            subject: hex(&vector["subject"]).parse().unwrap(),
            dataset: number(&vector["dataset"]) as u32,
            segment: number(&vector["segment"]) as u32,
            number: number(&vector["number"]) as u32,
        };
        let decimals: Vec<Word> =
            vector["values"].as_array().unwrap().iter().map(|value| decimal(&hex(value))).collect();
        let elements = match hex(&vector["suite"]).parse().unwrap() {
            SuiteId::Bn254 => words(&mask::<Fr>(&seed(), &place, &decimals).unwrap()),
            SuiteId::Pasta => words(&mask::<Fp>(&seed(), &place, &decimals).unwrap()),
        };
        assert_eq!(Word(elements[0]).to_string(), hex(&vector["first"]));
        assert_eq!(Word(elements[128]).to_string(), hex(&vector["blind"]));
        assert_eq!(hex::encode(Sha256::digest(elements.concat())), hex(&vector["sha256_of_elements"]));
    }
    let (key, statement, engine) = ([0x11; 32], [[0; 32], [1; 32], [2; 32]], "halo2-axiom 0.5.3");
    let proof = proof_seed(&seed(), key, &statement, &witness(), engine);
    let opening = opening_seed(&seed(), key, &statement, &witness(), engine);
    assert_eq!(hex::encode(proof.as_bytes()), hex(&vectors["randomness"]["proof"]));
    assert_eq!(hex::encode(opening.as_bytes()), hex(&vectors["randomness"]["opening"]));
}

#[test]
fn a_name_that_python_computed() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/derive.json")).unwrap();
    let text = |name: &str| vectors["name"][name].as_str().unwrap().to_owned();
    let ledger = LedgerId {
        chain_id: vectors["name"]["chain_id"].as_u64().unwrap(),
        contract: text("contract").parse().unwrap(),
        model: text("model").parse().unwrap(),
    };
    let payee = text("payee").parse().unwrap();
    let key = NameKey::derive(&seed(), ledger);
    let identity = Identity::parse(&text("identity")).unwrap();
    assert_eq!(key.public().to_string(), text("ledger_key"));
    assert_eq!(identity.recipient().to_string(), text("recipient"));
    assert_eq!(key.file_name(&identity.recipient(), payee).unwrap(), text("name"));
    let ledger_key = text("ledger_key").parse().unwrap();
    assert_eq!(own_file_name(&identity, &ledger, &ledger_key, payee).unwrap(), text("name"));
}

/// A decimal integer below `2^256`.
fn decimal(text: &str) -> Word {
    let mut word = [0u8; 32];
    for digit in text.bytes() {
        let mut carry = u32::from(digit - b'0');
        for byte in word.iter_mut().rev() {
            carry += 10 * u32::from(*byte);
            *byte = carry as u8;
            carry >>= 8;
        }
        assert_eq!(carry, 0);
    }
    Word(word)
}

#[test]
fn a_proof_made_again_draws_the_same_and_any_other_draws_something_else() {
    let draw = |seed: &Seed, key, inputs: &[[u8; 32]], witness: &WitnessDigest, engine| {
        let mut rng = proof_rng(seed, key, inputs, witness, engine);
        [rng.next_u64(), rng.next_u64()]
    };
    let inputs = [[2; 32], [3; 32]];
    let first = draw(&seed(), [1; 32], &inputs, &witness(), "engine 1");
    assert_eq!(draw(&seed(), [1; 32], &inputs, &witness(), "engine 1"), first);
    let mask = mask::<Fr>(&seed(), &PLACE, &[1u64]).unwrap();
    let hashers: [fn() -> WitnessHasher; 5] = [
        || WitnessHasher::new().values(&[5, u64::MAX]),
        || WitnessHasher::new().values(&[5u64]).values(&[u64::MAX]),
        || WitnessHasher::new().elements(&[Fr::from(5), Fr::from(u64::MAX)]),
        || WitnessHasher::new().bytes(b"ab").bytes(b"c"),
        || WitnessHasher::new().bytes(b"a").bytes(b"bc"),
    ];
    let mut draws = vec![
        first,
        draw(&Seed::from_bytes(&[0; 32]), [1; 32], &inputs, &witness(), "engine 1"),
        draw(&seed(), [2; 32], &inputs, &witness(), "engine 1"),
        draw(&seed(), [1; 32], &inputs[..1], &witness(), "engine 1"),
        draw(&seed(), [1; 32], &[inputs[1], inputs[0]], &witness(), "engine 1"),
        draw(&seed(), [1; 32], &inputs, &witness(), "engine 2"),
        draw(&seed(), [1; 32], &inputs, &WitnessHasher::new().mask(&mask).finish(), "engine 1"),
    ];
    draws
        .extend(hashers.iter().map(|hasher| draw(&seed(), [1; 32], &inputs, &hasher().finish(), "engine 1")));
    assert_eq!(draws.iter().collect::<HashSet<_>>().len(), draws.len());
    // A worker who has only the proof's seed draws the same.
    let sent = *proof_seed(&seed(), [1; 32], &inputs, &witness(), "engine 1").as_bytes();
    assert_eq!(RngSeed::from_bytes(&sent).rng().next_u64(), first[0]);
}

#[test]
fn a_seed_that_is_mixed_depends_on_both_parts() {
    let [one, two] = [1, 2].map(|byte| RngSeed::from_bytes(&[byte; 32]));
    let mixed = [(&one, 1), (&one, 2), (&two, 1), (&two, 2)];
    let mixed: HashSet<[u8; 32]> =
        mixed.map(|(seed, fresh)| *seed.mixed_with(&[fresh; 32]).as_bytes()).into_iter().collect();
    assert_eq!(mixed.len(), 4);
    assert!([&one, &two].iter().all(|seed| !mixed.contains(seed.as_bytes())));
    assert_eq!(one.mixed_with(&[3; 32]).as_bytes(), one.mixed_with(&[3; 32]).as_bytes());
}
