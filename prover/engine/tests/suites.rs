//! Both suites, proven and verified for real, over a relation that uses all of what a layout can describe.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::HashSet;

use apportion_circuits::{
    column::MaskedColumn,
    field::to_bytes,
    plonkish::{Cell, Cost, Table},
};
use apportion_engine::Engine;
use apportion_suite::{Bn254, Pasta, Suite, SuiteError};
use common::{ALL, COPIES, FIFTH, PLAIN, Proven, SUM, Setup, Toy, Values, X, Z, masks, rng};
use ff::Field;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

fn commitments<S: Suite>(params: &S::Params, table: &Table<S::F>) -> Vec<Vec<u8>> {
    table.linked.iter().map(|column| S::commit(params, column).unwrap().0).collect()
}

fn proves_and_verifies<S: Setup>() {
    for toy in [PLAIN, COPIES, FIFTH, ALL] {
        let proven = Proven::<S>::new(toy);
        assert_eq!(proven.proof.len(), S::proof_bytes(&proven.layout), "{toy:?}");
        let key = S::key_of(&proven.key);
        let heads = S::verify(&proven.verifier, key, &proven.table.public, &proven.proof).unwrap();
        let heads: Vec<_> = heads.into_iter().map(|head| head.0).collect();
        assert_eq!(heads, commitments::<S>(&proven.params, &proven.table));
        // A key made without the proving key is the same key.
        let alone = S::verifying_key(&proven.params, proven.layout.clone()).unwrap();
        assert_eq!(S::key_digest(&alone), S::key_digest(key));
        S::verify(&proven.verifier, &alone, &proven.table.public, &proven.proof).unwrap();
    }
}

/// Whoever makes a prover repeat itself gets the same proof: nothing is opened at another point.
fn same_generator_same_proof<S: Setup>() {
    let proven = Proven::<S>::new(ALL);
    let prove = |seed| {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        S::prove(&proven.params, &proven.key, &proven.table, &mut rng).unwrap()
    };
    let first = prove(1);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(first, prove(1));
    assert_eq!(first, alone.install(|| prove(1)));
    assert_ne!(first, prove(2));
}

#[test]
fn the_same_generator_makes_the_same_proof() {
    const { assert!(Bn254::DETERMINISTIC && Pasta::DETERMINISTIC) };
    same_generator_same_proof::<Bn254>();
    same_generator_same_proof::<Pasta>();
}

#[test]
fn bn254_proves_and_verifies() {
    proves_and_verifies::<Bn254>();
}

#[test]
fn pasta_proves_and_verifies() {
    proves_and_verifies::<Pasta>();
}

fn links<S: Setup>() {
    let small = Proven::<S>::new(PLAIN);
    let values =
        || Values { a: small.values.a.clone(), b: small.values.b.clone(), x: small.values.x.clone() };
    let large = Proven::<S>::with(ALL, values(), small.masks.clone());
    assert!(large.layout.k > small.layout.k);
    let linked = 2 * S::COMMITMENT_BYTES;
    assert_eq!(small.proof[..linked], large.proof[..linked]);
    assert_eq!(small.proof[..linked], commitments::<S>(&large.params, &large.table).concat());
    // Another mask, or one other value, and the commitment is another.
    for column in 0..2 {
        let mut other = small.masks.clone();
        other[column] = masks()[column].clone();
        let other = Proven::<S>::with(PLAIN, values(), other);
        let at = |index| index * S::COMMITMENT_BYTES..(index + 1) * S::COMMITMENT_BYTES;
        assert!(other.proof[at(column)] != small.proof[at(column)]);
        assert_eq!(other.proof[at(1 - column)], small.proof[at(1 - column)]);
    }
    let mut changed = small.values.a.clone();
    changed[63] += S::F::ONE;
    let changed = S::commit(&small.params, &MaskedColumn::new(&changed, &small.masks[0])).unwrap();
    assert!(changed.0 != small.proof[..S::COMMITMENT_BYTES]);
    // The same witness twice: nothing but the linked commitments comes twice.
    let again = S::prove(&small.params, &small.key, &small.table, &mut rng()).unwrap();
    let elements = |proof: &[u8]| -> HashSet<Vec<u8>> {
        let words = Cost::of(&*small.layout).commitments;
        proof.chunks(S::COMMITMENT_BYTES).take(words).map(<[u8]>::to_vec).collect()
    };
    let (first, second) = (elements(&small.proof), elements(&again));
    let shared: HashSet<_> = first.intersection(&second).cloned().collect();
    assert_eq!(shared, commitments::<S>(&small.params, &small.table).into_iter().collect());
    let scalars = |proof: &[u8]| -> HashSet<Vec<u8>> {
        let head = Cost::of(&*small.layout).commitments * S::COMMITMENT_BYTES;
        proof[head..].chunks(32).map(<[u8]>::to_vec).collect()
    };
    assert!(scalars(&small.proof).is_disjoint(&scalars(&again)));
}

#[test]
fn bn254_links_columns() {
    links::<Bn254>();
}

#[test]
fn pasta_links_columns() {
    links::<Pasta>();
}

fn refuses_other_bytes<S: Setup>() {
    let proven = Proven::<S>::new(COPIES);
    let key = S::key_of(&proven.key);
    let verify = |proof: &[u8]| S::verify(&proven.verifier, key, &proven.table.public, proof);
    let length_refused = |proof: &[u8]| {
        assert!(matches!(verify(proof), Err(SuiteError::Malformed { what: "length of the proof", .. })));
    };
    length_refused(&[]);
    length_refused(&proven.proof[..proven.proof.len() - 1]);
    length_refused(&proven.proof[..proven.proof.len() - 32]);
    length_refused(&[&proven.proof[..], &[0]].concat());
    length_refused(&[&proven.proof[..], &proven.proof[..]].concat());
    for word in 0..proven.proof.len() / 32 {
        // The lowest and the highest bit, and a word of ones, of zeros.
        for change in 0..4 {
            let mut proof = proven.proof.clone();
            let bytes = &mut proof[32 * word..32 * (word + 1)];
            match change {
                0 => bytes[31] ^= 1,
                1 => bytes[0] ^= 0x80,
                2 => bytes.fill(0xff),
                _ => bytes.fill(0),
            }
            assert!(verify(&proof).is_err(), "word {word}, change {change}");
        }
    }
    // Every group element in the place of every other: well-formed, and still no proof.
    let size = S::COMMITMENT_BYTES;
    let elements = Cost::of(&*proven.layout).commitments;
    for place in 0..elements {
        let other = (place + 1) % elements;
        let mut proof = proven.proof.clone();
        proof.copy_within(other * size..(other + 1) * size, place * size);
        assert!(matches!(verify(&proof), Err(SuiteError::Invalid(_))), "element {place}");
    }
    verify(&proven.proof).unwrap();
}

#[test]
fn bn254_refuses_other_bytes() {
    refuses_other_bytes::<Bn254>();
}

#[test]
fn pasta_refuses_other_bytes() {
    refuses_other_bytes::<Pasta>();
}

fn refuses_other_statements<S: Setup>() {
    let proven = Proven::<S>::new(PLAIN);
    let key = S::key_of(&proven.key);
    let verify = |public: &[S::F]| S::verify(&proven.verifier, key, public, &proven.proof);
    let [total, context] = proven.table.public[..] else { panic!() };
    for public in [[total + S::F::ONE, context], [total, context - S::F::ONE], [context, total]] {
        assert!(matches!(verify(&public), Err(SuiteError::Invalid(_))));
    }
    for public in [&[][..], &[total], &[total, context, S::F::ZERO], &[total, context, context]] {
        assert!(matches!(verify(public), Err(SuiteError::Malformed { what: "number of public inputs", .. })));
    }
    // Under another layout: of another size; of the same shape, but for one fixed value.
    let other = Proven::<S>::new(ALL);
    assert!(S::verify(&other.verifier, S::key_of(&other.key), &proven.table.public, &proven.proof).is_err());
    let mut similar = proven.layout.as_ref().clone();
    similar.set_fixed(apportion_circuits::plonkish::FixedColumn(0), 16, S::F::from(16));
    let similar = S::verifying_key(&proven.params, similar.into()).unwrap();
    assert!(S::key_digest(&similar) != S::key_digest(key));
    let refused = S::verify(&proven.verifier, &similar, &proven.table.public, &proven.proof);
    assert!(matches!(refused, Err(SuiteError::Invalid(_))));
}

#[test]
fn bn254_refuses_other_statements() {
    refuses_other_statements::<Bn254>();
}

#[test]
fn pasta_refuses_other_statements() {
    refuses_other_statements::<Pasta>();
}

fn refuses_wrong_tables<S: Setup>(toy: Toy) {
    let proven = Proven::<S>::new(toy);
    let key = S::key_of(&proven.key);
    let refused = |table: &Table<S::F>| {
        let result = S::prove(&proven.params, &proven.key, table, &mut rng());
        assert!(matches!(result, Err(SuiteError::Witness(_))), "{result:?}");
    };
    let changed = |column, row, value: u64| {
        let mut table = proven.table.clone();
        table.set(Cell { column, row }, S::F::from(value));
        table
    };
    // A gate, a lookup's miss, a linked column beside its slots.
    refused(&changed(Z, 1, 0));
    refused(&changed(X, 1, 16));
    refused(&changed(apportion_circuits::plonkish::AdviceColumn(0), 1, 16));
    // Other dimensions.
    let mut table = proven.table.clone();
    table.public.push(S::F::ZERO);
    refused(&table);
    let mut table = proven.table.clone();
    table.advice.pop();
    refused(&table);
    let mut table = proven.table.clone();
    table.linked.pop();
    refused(&table);
    assert!(S::prove_unchecked(&proven.params, &proven.key, &table, &mut rng()).is_err());

    // Proven nevertheless, as an attacker would: made, and refused by the verifier. Each change violates gates,
    // and the last only a copy.
    let free_row = 51;
    for (column, row) in [(Z, 0), (Z, 1), (X, 0), (SUM, 2 * toy.rows_per_slot), (SUM, free_row)] {
        let mut table = changed(column, row, 3);
        if table.get(Cell { column, row }) == proven.table.get(Cell { column, row }) {
            table.set(Cell { column, row }, S::F::from(4));
        }
        refused(&table);
        let proof = S::prove_unchecked(&proven.params, &proven.key, &table, &mut rng()).unwrap();
        let verdict = S::verify(&proven.verifier, key, &table.public, &proof);
        assert!(matches!(verdict, Err(SuiteError::Invalid(_))), "{column:?} {row}: {verdict:?}");
    }
    // A linked column that is not the committed one cannot even be proven under its commitment.
    let table = changed(apportion_circuits::plonkish::AdviceColumn(0), 2, 5);
    let made = S::prove_unchecked(&proven.params, &proven.key, &table, &mut rng());
    assert!(matches!(made, Err(SuiteError::Witness(_))), "{made:?}");
}

#[test]
fn bn254_refuses_wrong_tables() {
    refuses_wrong_tables::<Bn254>(COPIES);
    refuses_wrong_tables::<Bn254>(ALL);
}

#[test]
fn pasta_refuses_wrong_tables() {
    refuses_wrong_tables::<Pasta>(COPIES);
    refuses_wrong_tables::<Pasta>(ALL);
}

fn refuses_what_it_cannot_lower<S: Setup>() {
    let layout = PLAIN.layout::<S::F>();
    let params = S::setup(layout.k);
    let refused = |change: &dyn Fn(&mut apportion_circuits::plonkish::Layout<S::F>)| {
        let mut layout = layout.as_ref().clone();
        change(&mut layout);
        assert!(matches!(S::proving_key(&params, layout.into()), Err(SuiteError::Backend(_))));
    };
    refused(&|layout| layout.gates.clear());
    refused(&|layout| layout.gates[0].polys.clear());
    refused(&|layout| layout.fixed_values[0][255] = S::F::ONE);
    refused(&|layout| layout.fixed_values[3].truncate(17));
    refused(&|layout| layout.equality = vec![Z, Z]);
    refused(&|layout| layout.k = 70);
    refused(&|layout| layout.k = 2);
    refused(&|layout| layout.lookups[0].table.0 = 9);
    // A gate that reads blinding.
    refused(&|layout| layout.fixed_values[3][0] = S::F::ONE);
    refused(&|layout| {
        layout.equality = vec![Z];
        layout.copies = vec![(Cell { column: Z, row: 255 }, Cell { column: Z, row: 1 })];
    });
    // Parameters of another size.
    for k in [7, 9] {
        let params = S::setup(k);
        assert!(matches!(S::proving_key(&params, layout.clone()), Err(SuiteError::Params(_))));
        assert!(matches!(S::verifying_key(&params, layout.clone()), Err(SuiteError::Params(_))));
    }
    let column = MaskedColumn::new(&[S::F::ONE; 256], &masks()[0]);
    assert!(matches!(S::commit(&params, &column), Err(SuiteError::Params(_))));
}

#[test]
fn bn254_refuses_what_it_cannot_lower() {
    refuses_what_it_cannot_lower::<Bn254>();
}

#[test]
fn pasta_refuses_what_it_cannot_lower() {
    refuses_what_it_cannot_lower::<Pasta>();
}

fn digest_of_toy<S: Setup>() -> String {
    let layout = ALL.layout::<S::F>();
    let key = S::verifying_key(&S::setup(layout.k), layout).unwrap();
    hex::encode(S::key_digest(&key))
}

/// Whatever moves these (a dependency, the lowering, the number of threads) moves every key.
#[test]
fn keys_are_pinned() {
    let pinned = [
        "0267a57666ada0fb76e696a527c5bbfc847b5a9745dade518163a8578bdba1bf",
        "dba1995a772a6dca86b626fb57c41d2d985b8fa204a8f42c16ac7073dc3dbf7b",
    ];
    assert_eq!([digest_of_toy::<Bn254>(), digest_of_toy::<Pasta>()], pinned);
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(one_thread.install(digest_of_toy::<Bn254>), digest_of_toy::<Bn254>());
    assert_eq!(one_thread.install(digest_of_toy::<Pasta>), digest_of_toy::<Pasta>());
}

fn commitments_are_canonical<S: Setup>(modulus: [u8; 32], x_at_the_end: bool) {
    let layout = PLAIN.layout::<S::F>();
    let params = S::setup(layout.k);
    let column = MaskedColumn::new(&[S::F::ONE; 64], &masks()[0]);
    let bytes = S::commit(&params, &column).unwrap().0;
    assert_eq!(S::check_commitment(&bytes).unwrap().0, bytes);
    for length in [0, 1, S::COMMITMENT_BYTES - 1] {
        assert!(S::check_commitment(&bytes[..length]).is_err());
    }
    assert!(S::check_commitment(&[&bytes[..], &[0]].concat()).is_err());
    assert!(S::check_commitment(&vec![0; S::COMMITMENT_BYTES]).is_err());
    assert!(S::check_commitment(&vec![0xff; S::COMMITMENT_BYTES]).is_err());
    // x + p, where it fits: the same point to a reader that reduces.
    let mut aliased = bytes.clone();
    let x = &mut aliased[..32];
    if x_at_the_end {
        x.reverse();
    }
    let mut carry = 0;
    for (byte, add) in x.iter_mut().zip(modulus).rev() {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry as u8;
        carry >>= 8;
    }
    if x_at_the_end {
        x.reverse();
    }
    assert!(S::check_commitment(&aliased).is_err());
}

#[test]
fn commitments_are_checked() {
    let modulus = |text| <[u8; 32]>::try_from(hex::decode(text).unwrap()).unwrap();
    let bn254 = modulus("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47");
    commitments_are_canonical::<Bn254>(bn254, false);
    // Vesta's coordinates are Pallas' scalars.
    let pasta = modulus("40000000000000000000000000000000224698fc0994a8dd8c46eb2100000001");
    commitments_are_canonical::<Pasta>(pasta, true);
}

#[test]
fn bn254_keys_have_one_encoding() {
    let proven = Proven::<Bn254>::new(COPIES);
    let key = Bn254::key_of(&proven.key);
    let bytes = Bn254::key_to_bytes(key);
    let read = Bn254::key_from_bytes(proven.layout.clone(), &bytes).unwrap();
    assert_eq!(Bn254::key_digest(&read), Bn254::key_digest(key));
    assert_eq!(to_bytes(&read.transcript_repr()), to_bytes(&key.transcript_repr()));
    assert_eq!(read.fixed_commitments().len(), proven.layout.fixed.len());
    assert_eq!(read.permutation_commitments().len(), proven.layout.equality.len());
    Bn254::verify(&proven.verifier, &read, &proven.table.public, &proven.proof).unwrap();
    let refused = |bytes: &[u8]| {
        let read = Bn254::key_from_bytes(proven.layout.clone(), bytes);
        assert!(matches!(read, Err(SuiteError::Malformed { what: "key", .. })));
    };
    for length in 0..bytes.len() {
        refused(&bytes[..length]);
    }
    refused(&[&bytes[..], &[0]].concat());
    for at in 0..10 {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x40;
        refused(&bytes);
    }
    // Infinity has a flag of its own, beside x = 0; every other encoding of it is refused.
    let mut infinity = bytes.clone();
    infinity[10..42].fill(0);
    infinity[41] = 0xc0;
    refused(&infinity);
    assert!(Bn254::key_from_bytes(PLAIN.layout(), &bytes).is_err());
    // A key with one other commitment is a key, of another digest, that proves nothing.
    let mut swapped = bytes.clone();
    swapped.copy_within(10..42, 42);
    let swapped = Bn254::key_from_bytes(proven.layout.clone(), &swapped).unwrap();
    assert!(Bn254::key_digest(&swapped) != Bn254::key_digest(key));
    assert!(Bn254::verify(&proven.verifier, &swapped, &proven.table.public, &proven.proof).is_err());
}

#[test]
fn bn254_verifies_with_parameters_of_any_size() {
    let proven = Proven::<Bn254>::new(PLAIN);
    let key = Bn254::key_of(&proven.key);
    for params in [Bn254::setup(0), Bn254::setup(3), Bn254::setup(9)] {
        Bn254::verify(&params, key, &proven.table.public, &proven.proof).unwrap();
        let small = Bn254::verifier_params(&params);
        Bn254::verify(&small, key, &proven.table.public, &proven.proof).unwrap();
    }
    let other = halo2_axiom::poly::kzg::commitment::ParamsKZG::setup(0, rand_core::OsRng);
    let refused = Bn254::verify(&other, key, &proven.table.public, &proven.proof);
    assert!(matches!(refused, Err(SuiteError::Invalid(_))));
}
