//! A receipt shows nothing but what it says: simulators that have no column make receipts, from commitments, slot and
//! values alone. On bn254 they are the very same receipts. On pasta they are accepted by whoever takes the simulator's
//! challenges for the oracle's.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

#[path = "open/common.rs"]
mod common;

use std::{collections::VecDeque, io};

use apportion_circuits::types::Tier;
use apportion_suite::{
    Bn254, OpeningClaim, OpeningTerm, Openings, OpeningsError, Pasta,
    openings::{opening_k, pasta::absorb},
};
use ff::{Field, PrimeField};
use group::{Curve, Group, GroupEncoding};
use halo2_axiom::halo2curves::bn256::{Fr, G1};
use halo2_proofs::{
    poly::commitment::{MSM, Params, verify_proof},
    transcript::{Challenge255, EncodedChallenge, Transcript, TranscriptRead},
};
use pasta_curves::{Eq, EqAffine, Fp};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, RngCore, SeedableRng};

use common::{Segment, bn254_encode, ipa, kzg, tau};

const TIER: Tier = Tier::T64;

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

/// A random oracle whose answers somebody else chose, and what stands in the proof.
struct Programmed {
    challenges: VecDeque<[u8; 64]>,
    points: VecDeque<EqAffine>,
    scalars: VecDeque<Fp>,
}

impl Transcript<EqAffine, Challenge255<EqAffine>> for Programmed {
    fn squeeze_challenge(&mut self) -> Challenge255<EqAffine> {
        Challenge255::new(&self.challenges.pop_front().unwrap())
    }

    fn common_point(&mut self, _: EqAffine) -> io::Result<()> {
        Ok(())
    }

    fn common_scalar(&mut self, _: Fp) -> io::Result<()> {
        Ok(())
    }
}

impl TranscriptRead<EqAffine, Challenge255<EqAffine>> for Programmed {
    fn read_point(&mut self) -> io::Result<EqAffine> {
        self.points.pop_front().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn read_scalar(&mut self) -> io::Result<Fp> {
        self.scalars.pop_front().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl Programmed {
    /// What such a proof is in bytes.
    fn bytes(&self) -> Vec<u8> {
        let points = self.points.iter().flat_map(|point| point.to_bytes());
        points.chain(self.scalars.iter().flat_map(|scalar| scalar.to_repr())).collect()
    }
}

/// The claim's combination of commitments.
fn combination<'a>(params: &'a Params<EqAffine>, claim: &OpeningClaim<Fp>) -> MSM<'a, EqAffine> {
    let mut sum = params.empty_msm();
    let mut power = Fp::ONE;
    for column in &claim.columns {
        sum.append_term(power, EqAffine::from_bytes(&column.0.as_slice().try_into().unwrap()).unwrap());
        power *= claim.gamma;
    }
    sum
}

/// The bases of the setup besides g: w for blinding, u for the inner product. They end its file.
fn w_and_u(params: &Params<EqAffine>) -> [Eq; 2] {
    let mut bytes = Vec::new();
    params.write(&mut bytes).unwrap();
    let end = bytes.len();
    [end - 64, end - 32]
        .map(|at| EqAffine::from_bytes(&bytes[at..at + 32].try_into().unwrap()).unwrap().into())
}

/// Makes a proof from the claim alone: everything is chosen at random, challenges too, and the commitment to the
/// masking polynomial, which a prover sends first, is what makes the verifier's equation hold.
fn simulate(params: &Params<EqAffine>, claim: &OpeningClaim<Fp>) -> Programmed {
    let rounds = params.k() as usize;
    let challenges: VecDeque<[u8; 64]> = (0..2 + rounds)
        .map(|_| {
            let mut bytes = [0; 64];
            OsRng.fill_bytes(&mut bytes);
            bytes
        })
        .collect();
    let scalar = |index: usize| Challenge255::<EqAffine>::new(&challenges[index]).get_scalar();
    let (xi, z) = (scalar(0), scalar(1));
    let [c, f] = [(); 2].map(|()| Fp::random(OsRng));
    let mut points = VecDeque::new();
    // The verifier's: g folded by the challenges, and the powers of the point folded alike.
    let (mut folded, mut b, mut power) = (vec![Fp::ONE], Fp::ONE, claim.point());
    let mut sum = Eq::identity();
    for round in 0..rounds {
        let u = scalar(2 + round);
        let [left, right] = [(); 2].map(|()| Eq::random(OsRng));
        sum += left * u.invert().unwrap() + right * u;
        points.extend([left.to_affine(), right.to_affine()]);
    }
    for round in (0..rounds).rev() {
        let u = scalar(2 + round);
        folded = folded.iter().copied().chain(folded.iter().map(|s| s * u)).collect();
        b *= Fp::ONE + u * power;
        power = power.square();
    }
    let [w, u] = w_and_u(params);
    let g = params.get_g();
    let folded_g: Eq = g.iter().zip(&folded).map(|(g, s)| *g * *s).sum();
    let mut commitment = Eq::identity();
    let mut power = Fp::ONE;
    for column in &claim.columns {
        commitment += EqAffine::from_bytes(&column.0.as_slice().try_into().unwrap()).unwrap() * power;
        power *= claim.gamma;
    }
    let opened = folded_g * c + u * (c * b * z) + w * f - sum;
    let masking = (opened - commitment + g[0] * claim.value()) * xi.invert().unwrap();
    points.push_front(masking.to_affine());
    Programmed { challenges, points, scalars: [c, f].into() }
}

/// Whether halo2_proofs accepts what stands in the transcript.
fn accepted(params: &Params<EqAffine>, claim: &OpeningClaim<Fp>, mut transcript: Programmed) -> bool {
    absorb(&mut transcript, claim).unwrap();
    let sum = combination(params, claim);
    let guard = verify_proof(params, sum, &mut transcript, claim.point(), claim.value()).unwrap();
    guard.use_challenges().eval()
}

/// In a real proof the points besides the masking polynomial's and both scalars are uniform and independent, as here,
/// and the equation determines that one: where the challenges are the oracle's, nobody can tell the two apart.
#[test]
fn a_simulator_that_programs_the_oracle_makes_receipts() {
    let params = ipa(opening_k(TIER));
    let segment = Segment::<Pasta>::random(&params, TIER);
    for slot in [0, 1, 30, TIER.accounts() - 1] {
        let claim = segment.claim(3, slot);
        let simulated = simulate(&params, &claim);
        let proof = simulated.bytes();
        assert!(accepted(&params, &claim, simulated), "slot {slot}");
        // Even of what is not true. That is why only the transcript's own challenges count.
        let mut untrue = claim.clone();
        untrue.values[1] += Fp::ONE;
        let of_untrue = simulate(&params, &untrue);
        let wrong = of_untrue.bytes();
        assert!(accepted(&params, &untrue, of_untrue));
        for (claim, proof) in [(claim.clone(), proof), (untrue.clone(), wrong)] {
            assert_eq!(proof.len(), Pasta::opening_bytes(TIER));
            let refused = Pasta::check_openings(&params, &[OpeningTerm { claim, proof }]);
            assert!(matches!(refused, Err(OpeningsError::Term { index: 0, .. })), "slot {slot}");
        }
        // A proof of one claim is none of another, whatever the oracle says.
        let simulated = simulate(&params, &claim);
        assert!(!accepted(&params, &untrue, simulated));
    }
}

/// The same generator makes the same proof, another one a proof that has no word in common with it.
#[test]
fn openings_on_pasta_are_blinded_afresh() {
    let params = ipa(opening_k(TIER));
    let segment = Segment::<Pasta>::random(&params, TIER);
    let columns: Vec<_> = segment.columns[..2].iter().collect();
    let claim = segment.claim(2, 7);
    let make = |seed| {
        use apportion_engine::openings::Open;
        Pasta::open_one(&params, &columns, &claim, &mut ChaCha20Rng::seed_from_u64(seed)).unwrap()
    };
    let (first, second) = (make(1), make(2));
    assert!(first == make(1));
    for (place, (one, other)) in first.chunks(32).zip(second.chunks(32)).enumerate() {
        assert_ne!(one, other, "word {place}");
    }
}
