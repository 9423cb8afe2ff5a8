//! Poseidon against halo2_gadgets, and its separation of domains.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::{collections::HashSet, marker::PhantomData};

use apportion_circuits::{
    field::{SuiteField, from_short_bytes, to_bytes},
    merkle,
    poseidon::Tag,
    tree::record_leaf,
    types::{ContentDigest, Payee, Record},
};
use common::{Fp, TestRng};
use ff::{Field, PrimeField};
use halo2_gadgets::poseidon::{
    PoseidonInstructions, Pow5Chip, Pow5Config, StateWord,
    primitives::{ConstantLength, Hash, P128Pow5T3, Spec, generate_constants},
};
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    dev::MockProver,
    plonk::{Advice, Circuit, Column, ConstraintSystem, Error},
};

type Constants<F, const T: usize> = (Vec<[F; T]>, [[F; T]; T]);

/// Poseidon as the literature defines it, any width: what both libraries are compared with.
fn permute<F: SuiteField, const T: usize>(
    (constants, mds): &Constants<F, T>,
    partial: usize,
    state: [F; T],
) -> [F; T] {
    let full = constants.len() - partial;
    let mut state = state;
    for (round, constants) in constants.iter().enumerate() {
        for lane in 0..T {
            state[lane] += constants[lane];
            if lane == 0 || round < full / 2 || round >= full / 2 + partial {
                state[lane] = state[lane].pow_vartime([5u64]);
            }
        }
        let mixed = |row: &[F; T]| row.iter().zip(&state).fold(F::ZERO, |sum, (m, x)| sum + *m * x);
        state = std::array::from_fn(|lane| mixed(&mds[lane]));
    }
    state
}

/// The reference generator's instances with `x^5` and the first matrix, from their parameters alone.
#[derive(Debug)]
struct Reference;

macro_rules! reference {
    ($width:expr, $partial:expr) => {
        impl Spec<Fp, $width, { $width - 1 }> for Reference {
            fn full_rounds() -> usize {
                8
            }
            fn partial_rounds() -> usize {
                $partial
            }
            fn sbox(x: Fp) -> Fp {
                x.pow_vartime([5u64])
            }
            fn secure_mds() -> usize {
                0
            }
            fn constants() -> (Vec<[Fp; $width]>, [[Fp; $width]; $width], [[Fp; $width]; $width]) {
                generate_constants::<Fp, Self, $width, { $width - 1 }>()
            }
        }
    };
}

reference!(3, 56);
reference!(5, 60);

/// One permutation by halo2_gadgets' chip, its output claimed.
struct Permutation<const T: usize> {
    input: [Fp; T],
    output: [Fp; T],
}

/// A circuit with nothing but that permutation.
struct Alone<S, const T: usize, const R: usize>(Permutation<T>, PhantomData<S>);

impl<S: Spec<Fp, T, R>, const T: usize, const R: usize> Circuit<Fp> for Alone<S, T, R> {
    type Config = (Pow5Config<Fp, T, R>, [Column<Advice>; T]);
    type FloorPlanner = SimpleFloorPlanner;

    fn without_witnesses(&self) -> Self {
        unreachable!("the mock prover does not ask")
    }

    fn configure(meta: &mut ConstraintSystem<Fp>) -> Self::Config {
        let state = std::array::from_fn(|_| meta.advice_column());
        let partial = meta.advice_column();
        let rc_a = std::array::from_fn(|_| meta.fixed_column());
        let rc_b = std::array::from_fn(|_| meta.fixed_column());
        state.iter().for_each(|column| meta.enable_equality(*column));
        (Pow5Chip::configure::<S>(meta, state, partial, rc_a, rc_b), state)
    }

    fn synthesize(
        &self,
        (config, columns): Self::Config,
        mut layouter: impl Layouter<Fp>,
    ) -> Result<(), Error> {
        let mut load = |name: &'static str, values: [Fp; T]| {
            layouter.assign_region(
                || name,
                |mut region| {
                    let cells = columns.iter().zip(values);
                    cells
                        .map(|(column, value)| {
                            region.assign_advice(|| "word", *column, 0, || Value::known(value))
                        })
                        .collect::<Result<Vec<_>, Error>>()
                },
            )
        };
        let (input, claimed) = (load("input", self.0.input)?, load("output", self.0.output)?);
        let words: Vec<_> = input.into_iter().map(StateWord::from).collect();
        let chip = Pow5Chip::<Fp, T, R>::construct(config);
        let words: [StateWord<Fp>; T] = words.try_into().map_err(|_| Error::Synthesis)?;
        let output = PoseidonInstructions::<Fp, S, T, R>::permute(&chip, &mut layouter, &words)?;
        layouter.assign_region(
            || "compare",
            |mut region| {
                output.iter().zip(&claimed).try_for_each(|(word, claimed)| {
                    let word: halo2_proofs::circuit::AssignedCell<Fp, Fp> = word.clone().into();
                    region.constrain_equal(word.cell(), claimed.cell())
                })
            },
        )
    }
}

/// halo2_gadgets' circuit accepts the output that `constants` lead to, and no other.
fn agrees_in_circuit<S: Spec<Fp, T, R>, const T: usize, const R: usize>(
    constants: &Constants<Fp, T>,
    seed: u64,
) {
    let rng = &mut TestRng(seed);
    let input = std::array::from_fn(|_| Fp::random(&mut *rng));
    let output = permute(constants, S::partial_rounds(), input);
    let verify = |output| {
        let circuit = Alone::<S, T, R>(Permutation { input, output }, PhantomData);
        MockProver::run(7, &circuit, vec![]).unwrap().verify()
    };
    assert_eq!(verify(output), Ok(()));
    for lane in 0..T {
        let mut wrong = output;
        wrong[lane] += Fp::ONE;
        assert_eq!(verify(wrong).unwrap_err().len(), 2, "both ends of one copy");
    }
}

#[test]
fn width_3_is_that_of_halo2_gadgets() {
    let (round_constants, mds, _) = <P128Pow5T3 as Spec<Fp, 3, 2>>::constants();
    // The source of constants gives the published ones for width 3.
    let (generated, generated_mds, _) = <Reference as Spec<Fp, 3, 2>>::constants();
    assert_eq!((&generated, generated_mds), (&round_constants, mds));
    let constants = (round_constants, mds);
    let rng = &mut TestRng(3);
    for _ in 0..20 {
        let message = [Fp::random(&mut *rng), Fp::random(&mut *rng)];
        let hash = Hash::<_, P128Pow5T3, ConstantLength<2>, 3, 2>::init().hash(message);
        // A sponge of rate 2: the capacity holds the length, 2 * 2^64.
        let capacity = Fp::from_u128(2 << 64);
        assert_eq!(hash, permute(&constants, 56, [message[0], message[1], capacity])[0]);
    }
    agrees_in_circuit::<P128Pow5T3, 3, 2>(&constants, 4);
}

#[test]
fn width_5_is_that_of_halo2_gadgets() {
    let ours = Fp::poseidon();
    let (round_constants, mds, _) = <Reference as Spec<Fp, 5, 4>>::constants();
    assert_eq!((&ours.round_constants, ours.mds), (&round_constants, mds));
    agrees_in_circuit::<Reference, 5, 4>(&(round_constants, mds), 5);
}

both_fields! {
    hash_is_the_definition => check_definition();
    tags_are_distinct => check_tags();
    arities_are_not_confused => check_arities();
}

fn check_definition<F: SuiteField>() {
    let ours = F::poseidon();
    let constants = (ours.round_constants.clone(), ours.mds);
    let rng = &mut TestRng(6);
    let mut inputs: Vec<[F; 5]> = (0..20).map(|_| std::array::from_fn(|_| F::random(&mut *rng))).collect();
    inputs.extend([[F::ZERO; 5], [-F::ONE; 5]]);
    for [tag, a, b, c, d] in inputs {
        let expected = permute(&constants, 60, [tag, a, b, c, d]);
        assert_eq!(ours.hash(tag, [a, b, c, d]), expected[0]);
        assert_eq!(ours.permute_reference([tag, a, b, c, d]), expected);
    }
}

const TAGS: [Tag; 2] = [Tag::Record, Tag::Node];

fn check_tags<F: SuiteField>() {
    let spelled: [&[u8]; 2] = [b"apportion.record.v1", b"apportion.node.v1"];
    let tags = TAGS.map(Tag::to_field::<F>);
    assert_eq!(tags, spelled.map(from_short_bytes));
    // No tag is a small number, 0 least of all: an untagged use of the permutation is another domain.
    let all: HashSet<[u8; 32]> = tags.iter().map(to_bytes).collect();
    assert_eq!(all.len(), 2);
    assert!(tags.iter().all(|tag| *tag > F::from_u128(u128::MAX)));
    let inputs = [1, 2, 3, 0].map(F::from);
    let hashes: HashSet<[u8; 32]> =
        tags.iter().chain(&[F::ZERO]).map(|tag| to_bytes(&F::poseidon().hash(*tag, inputs))).collect();
    assert_eq!(hashes.len(), 3);
}

/// Every use has a fixed number of inputs: what is left out counts as 0, and which use it is stands in the tag, so
/// shorter and longer inputs of different uses never meet, nor do a leaf and a node over the same words.
fn check_arities<F: SuiteField>() {
    let (x, y, z) = (F::from(11), F::from(12), F::from(13));
    let mut seen = HashSet::new();
    let mut distinct = |hash: F| assert!(seen.insert(to_bytes(&hash)), "two uses meet");
    for tag in TAGS.map(Tag::to_field::<F>) {
        for inputs in [
            [x, F::ZERO, F::ZERO, F::ZERO],
            [F::ZERO, x, F::ZERO, F::ZERO],
            [x, y, F::ZERO, F::ZERO],
            [y, x, F::ZERO, F::ZERO],
            [x, y, z, F::ZERO],
            [F::ZERO, x, y, z],
            [x, y, z, x],
            // Another tag as an input is not that tag.
            [Tag::Node.to_field(), x, y, z],
        ] {
            distinct(F::poseidon().hash(tag, inputs));
        }
    }
    // halo2's sponge marks the length in the capacity instead; ours fixes it. Same words, other values:
    let payee = Payee([9; 20]);
    let record = Record { payee, content: ContentDigest([0; 32]) };
    assert_ne!(record_leaf::<F>(&record), merkle::node([payee.to_field(), F::ZERO, F::ZERO, F::ZERO]));
}
