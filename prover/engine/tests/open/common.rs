//! Segments to be opened, and what both suites need in tests.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file takes its part; helpers of tests may panic"
)]

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    types::Tier,
};
use apportion_engine::openings::Open;
use apportion_suite::{Bn254, Commitment, OpeningClaim, OpeningTerm, Pasta, Suite};
use ff::Field;
use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr},
    poly::kzg::commitment::ParamsKZG,
};
use pasta_curves::EqAffine;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

// Why proofs are refused.
pub(crate) const UNTRUE: &str = "the columns do not hold these values at this slot";
pub(crate) const NO_POINT: &str = "no point";
pub(crate) const NO_SCALAR: &str = "no scalar";
pub(crate) const LENGTH: &str = "bytes instead of";

/// A setup of a suite, and how proofs are spoilt in it.
pub(crate) trait TestSuite: Open {
    /// Parameters of this size.
    fn setup(k: u32) -> Self::Params;

    /// Why a proof is refused for another tier: by its length or by its point.
    const OTHER_TIER: &'static str;

    /// Proofs that are wrong, each by its own flaw, made from a right one, and why each is refused.
    fn spoilt(proof: &[u8]) -> Vec<(&'static str, &'static str, Vec<u8>)>;

    /// Two proofs with errors that cancel in an unweighted sum.
    fn cancelling(one: &[u8], other: &[u8]) -> [Vec<u8>; 2];
}

/// The secret of [`Bn254::setup`].
pub(crate) fn tau() -> Fr {
    Fr::random(ChaCha20Rng::seed_from_u64(7))
}

pub(crate) fn kzg(k: u32) -> ParamsKZG<Bn256> {
    ParamsKZG::setup(k, ChaCha20Rng::seed_from_u64(7))
}

pub(crate) fn ipa(k: u32) -> halo2_proofs::poly::commitment::Params<EqAffine> {
    halo2_proofs::poly::commitment::Params::new(k)
}

/// Columns of one segment: payees, balances, scores, with their commitments.
pub(crate) struct Segment<S: Suite> {
    pub(crate) tier: Tier,
    pub(crate) values: Vec<Vec<S::F>>,
    pub(crate) columns: Vec<MaskedColumn<S::F>>,
    pub(crate) commitments: Vec<Commitment>,
}

impl<S: Open> Segment<S> {
    /// Random payees and balances. Some slots are empty, some balances 0.
    pub(crate) fn random(params: &S::Params, tier: Tier) -> Self {
        let values = [160, 128, 64].map(|bits| {
            (0..tier.slots()).map(|slot| if slot % 9 == 4 { S::F::ZERO } else { short(bits) }).collect()
        });
        Self::new(params, tier, values.to_vec())
    }

    pub(crate) fn new(params: &S::Params, tier: Tier, values: Vec<Vec<S::F>>) -> Self {
        let columns: Vec<_> =
            values.iter().map(|values| MaskedColumn::new(values, &Mask::random(&mut OsRng))).collect();
        let commitments = columns.iter().map(|column| S::commit(params, column).unwrap()).collect();
        Self { tier, values, columns, commitments }
    }

    /// Of the first so many columns.
    pub(crate) fn claim(&self, columns: usize, slot: usize) -> OpeningClaim<S::F> {
        OpeningClaim {
            tier: self.tier,
            slot,
            columns: self.commitments[..columns].to_vec(),
            values: self.values[..columns].iter().map(|values| values[slot]).collect(),
            gamma: S::F::random(OsRng),
        }
    }

    pub(crate) fn term(&self, params: &S::Params, claim: OpeningClaim<S::F>) -> OpeningTerm<S::F> {
        let columns: Vec<_> = self.columns[..claim.columns.len()].iter().collect();
        let proof = S::open_one(params, &columns, &claim, &mut OsRng).unwrap();
        OpeningTerm { claim, proof }
    }
}

/// A random value of so many bits.
fn short<F: SuiteField>(bits: usize) -> F {
    let mut repr = F::random(OsRng).to_repr();
    repr[bits / 8..].fill(0);
    F::from_repr(repr).unwrap()
}

impl TestSuite for Bn254 {
    const OTHER_TIER: &'static str = UNTRUE;

    fn setup(k: u32) -> Self::Params {
        kzg(k)
    }

    fn spoilt(proof: &[u8]) -> Vec<(&'static str, &'static str, Vec<u8>)> {
        let p = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
        let last = |change: u8| [&proof[..63], &[proof[63] ^ change]].concat();
        vec![
            ("the identity", NO_POINT, vec![0; 64]),
            ("off the curve", NO_POINT, last(1)),
            ("x + p", NO_POINT, [&plus(&proof[..32], p), &proof[32..]].concat()),
            ("y + p", NO_POINT, [&proof[..32], &plus(&proof[32..], p)].concat()),
            ("the negative", UNTRUE, {
                let y = minus(p, &proof[32..]);
                [&proof[..32], &y].concat()
            }),
            ("another point", UNTRUE, bn254_shift(proof, Fr::ONE)),
        ]
    }

    fn cancelling(one: &[u8], other: &[u8]) -> [Vec<u8>; 2] {
        [bn254_shift(one, Fr::from(5)), bn254_shift(other, -Fr::from(5))]
    }
}

/// The point plus a multiple of the generator.
pub(crate) fn bn254_shift(proof: &[u8], by: Fr) -> Vec<u8> {
    use group::Curve;
    use halo2_axiom::halo2curves::{
        CurveAffine,
        bn256::{Fq, G1, G1Affine},
    };

    let coordinate = |bytes: &[u8]| {
        let mut repr: [u8; 32] = bytes.try_into().unwrap();
        repr.reverse();
        Fq::from_bytes(&repr).unwrap()
    };
    let point = G1Affine::from_xy(coordinate(&proof[..32]), coordinate(&proof[32..])).unwrap();
    bn254_encode(&(G1::generator() * by + point).to_affine())
}

/// Affine coordinates, big-endian.
pub(crate) fn bn254_encode(point: &halo2_axiom::halo2curves::bn256::G1Affine) -> Vec<u8> {
    [point.x, point.y].iter().flat_map(|coordinate| coordinate.to_bytes().into_iter().rev()).collect()
}

impl TestSuite for Pasta {
    const OTHER_TIER: &'static str = LENGTH;

    fn setup(k: u32) -> Self::Params {
        ipa(k)
    }

    fn spoilt(proof: &[u8]) -> Vec<(&'static str, &'static str, Vec<u8>)> {
        // Little-endian words: of Vesta's coordinates and of its scalars.
        let q = "40000000000000000000000000000000224698fc0994a8dd8c46eb2100000001";
        let p = "40000000000000000000000000000000224698fc094cf91b992d30ed00000001";
        let n = proof.len();
        let word = |at: usize, new: &dyn Fn(&[u8]) -> Vec<u8>| {
            [&proof[..at], &new(&proof[at..at + 32]), &proof[at + 32..]].concat()
        };
        let reversed = |word: &[u8]| -> Vec<u8> { word.iter().rev().copied().collect() };
        let add =
            |modulus: &'static str| move |word: &[u8]| reversed(&plus(&reversed(word), modulus)).to_vec();
        let flip = |word: &[u8]| {
            let mut word = word.to_vec();
            word[31] ^= 0x80;
            word
        };
        vec![
            ("the identity", NO_POINT, word(0, &|_| vec![0; 32])),
            ("the identity in a round", NO_POINT, word(32, &|_| vec![0; 32])),
            ("x + q", NO_POINT, word(0, &add(q))),
            ("x + q in a round", NO_POINT, word(96, &add(q))),
            ("no point", NO_POINT, word(0, &|_| vec![0xff; 32])),
            ("a negative", UNTRUE, word(0, &flip)),
            ("a negative in a round", UNTRUE, word(64, &flip)),
            (
                "scalars swapped",
                UNTRUE,
                [&proof[..n - 64], &proof[n - 32..], &proof[n - 64..n - 32]].concat(),
            ),
            ("c + p", NO_SCALAR, word(n - 64, &add(p))),
            ("f + p", NO_SCALAR, word(n - 32, &add(p))),
            ("another c", UNTRUE, word(n - 64, &|word| pasta_shift(word, 1))),
            ("another f", UNTRUE, word(n - 32, &|word| pasta_shift(word, 1))),
        ]
    }

    fn cancelling(one: &[u8], other: &[u8]) -> [Vec<u8>; 2] {
        [(one, 5), (other, -5)].map(|(proof, by)| {
            let (head, last) = proof.split_at(proof.len() - 32);
            [head, &pasta_shift(last, by)].concat()
        })
    }
}

fn pasta_shift(word: &[u8], by: i64) -> Vec<u8> {
    use ff::PrimeField;
    use pasta_curves::Fp;

    let scalar = Fp::from_repr(word.try_into().unwrap()).unwrap();
    let step = Fp::from(by.unsigned_abs());
    (if by < 0 { scalar - step } else { scalar + step }).to_repr().to_vec()
}

/// `word + modulus` as big-endian integers below `2^256`.
fn plus(word: &[u8], modulus: &str) -> Vec<u8> {
    let mut carry = 0;
    let mut sum: Vec<u8> = (0..32)
        .rev()
        .map(|i| {
            let digit = u16::from_str_radix(&modulus[2 * i..2 * i + 2], 16).unwrap();
            carry += u16::from(word[i]) + digit;
            let low = carry as u8;
            carry >>= 8;
            low
        })
        .collect();
    sum.reverse();
    sum
}

/// `modulus - word` as big-endian integers.
fn minus(modulus: &str, word: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut difference: Vec<u8> = (0..32)
        .rev()
        .map(|i| {
            let digit = i16::from_str_radix(&modulus[2 * i..2 * i + 2], 16).unwrap();
            let rest = digit - i16::from(word[i]) - borrow;
            borrow = i16::from(rest < 0);
            rest as u8
        })
        .collect();
    difference.reverse();
    difference
}
