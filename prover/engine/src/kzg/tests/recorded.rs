//! halo2-axiom's prover with a commitment scheme that writes down what is committed: the permuted columns, which it arranges
//! in the order of a hash map, and the random polynomial, which it takes from the thread's generator. With these
//! two and the same generator for everything else, a proof of ours without blinding of the quotient must be the same.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex},
};

use apportion_circuits::plonkish::{Layout, Table};
use apportion_suite::lowering::bn254::{EvmTranscript, TableCircuit};
use ff::Field;
use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr, G1, G1Affine},
    plonk::{Error, create_proof_from_advice, keygen_pk2},
    poly::{
        Coeff, LagrangeCoeff, Polynomial, ProverQuery,
        commitment::{Blind, CommitmentScheme, Params, ParamsProver, Prover},
        kzg::{
            commitment::{KZGCommitmentScheme, ParamsKZG},
            msm::MSMKZG,
            multiopen::ProverSHPLONK,
        },
    },
    transcript::{EncodedChallenge, TranscriptWrite},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::RngCore;

use super::super::{draws::Draws, lookups::Permuted, secret::Secret};
use crate::tape::Tape;

/// What was committed, by values and by coefficients.
#[derive(Default)]
struct Log {
    values: Vec<Vec<Fr>>,
    coefficients: Vec<Vec<Fr>>,
}

#[derive(Clone)]
struct Recorder {
    params: ParamsKZG<Bn256>,
    log: Arc<Mutex<Log>>,
}

impl<'p> Params<'p, G1Affine> for Recorder {
    type MSM = MSMKZG<Bn256>;

    fn k(&self) -> u32 {
        self.params.k()
    }

    fn n(&self) -> u64 {
        self.params.n()
    }

    fn downsize(&mut self, k: u32) {
        self.params.downsize(k);
    }

    fn empty_msm(&'p self) -> Self::MSM {
        self.params.empty_msm()
    }

    fn commit_lagrange(&self, poly: &Polynomial<Fr, LagrangeCoeff>, blind: Blind<Fr>) -> G1 {
        self.log.lock().unwrap().values.push(poly[..].to_vec());
        self.params.commit_lagrange(poly, blind)
    }

    fn write<W: io::Write>(&self, _: &mut W) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn read<R: io::Read>(_: &mut R) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl<'p> ParamsProver<'p, G1Affine> for Recorder {
    type ParamsVerifier = ParamsKZG<Bn256>;

    fn new(_: u32) -> Self {
        unreachable!("made from parameters")
    }

    fn commit(&self, poly: &Polynomial<Fr, Coeff>, blind: Blind<Fr>) -> G1 {
        self.log.lock().unwrap().coefficients.push(poly[..].to_vec());
        self.params.commit(poly, blind)
    }

    fn get_g(&self) -> &[G1Affine] {
        self.params.get_g()
    }

    fn verifier_params(&'p self) -> &'p Self::ParamsVerifier {
        &self.params
    }
}

struct Recording;

impl CommitmentScheme for Recording {
    type Scalar = Fr;
    type Curve = G1Affine;
    type ParamsProver = Recorder;
    type ParamsVerifier = ParamsKZG<Bn256>;

    fn new_params(_: u32) -> Recorder {
        unreachable!("made from parameters")
    }

    fn read_params<R: io::Read>(_: &mut R) -> io::Result<Recorder> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

struct RecordingProver<'p>(&'p Recorder);

impl<'p> Prover<'p, Recording> for RecordingProver<'p> {
    const QUERY_INSTANCE: bool = false;

    fn new(params: &'p Recorder) -> Self {
        Self(params)
    }

    fn create_proof<'com, E, T, R, I>(&self, rng: R, transcript: &mut T, queries: I) -> io::Result<()>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWrite<G1Affine, E>,
        I: IntoIterator<Item = ProverQuery<'com, G1Affine>> + Clone,
        R: RngCore,
    {
        let shplonk = ProverSHPLONK::new(&self.0.params);
        Prover::<'_, KZGCommitmentScheme<Bn256>>::create_proof(&shplonk, rng, transcript, queries)
    }
}

/// Plays the draws of a proof by halo2-axiom.
pub(super) struct Replay {
    rng: ChaCha20Rng,
    permuted: VecDeque<Permuted>,
    random: Vec<Fr>,
}

impl Draws for Replay {
    fn scalar(&mut self) -> Fr {
        Fr::random(&mut self.rng)
    }

    fn after_commitment(&mut self) {
        self.scalar();
    }

    fn permuted(&mut self, own: Permuted) -> Permuted {
        let theirs = self.permuted.pop_front().unwrap();
        for (own, theirs) in [(&own.input, &theirs.input), (&own.table, &theirs.table)] {
            let [mut own, mut theirs] = [own.to_vec(), theirs.to_vec()];
            own.sort();
            theirs.sort();
            assert!(own == theirs, "the same values and the same blinding");
        }
        theirs
    }

    fn random_polynomial(&mut self) -> Secret {
        Secret::new(self.random.clone())
    }

    fn quotient(&mut self, pieces: usize) -> Secret {
        Secret::zeros(pieces - 1)
    }
}

/// A proof by halo2-axiom, and what it takes to make the same. It refuses, as the transcript does, where a piece of the
/// quotient is zero: without blinding its commitment is the identity.
pub(super) fn reference(
    params: &ParamsKZG<Bn256>,
    layout: &Arc<Layout<Fr>>,
    table: &Table<Fr>,
    seed: u64,
) -> (Result<Vec<u8>, Error>, Replay) {
    let key = keygen_pk2(params, &TableCircuit(layout.clone()), false).unwrap();
    let recorder = Recorder { params: params.clone(), log: Arc::default() };
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut tape = Tape::new(layout, table, &mut rng);
    let mut transcript = EvmTranscript::new(Vec::new());
    let made = create_proof_from_advice::<Recording, RecordingProver<'_>, _, _, _>(
        &recorder,
        &key,
        &[&table.public],
        table.advice.clone(),
        &mut tape,
        &mut transcript,
    );
    if made.is_ok() {
        tape.finish().unwrap();
    }
    let log = std::mem::take(&mut *recorder.log.lock().unwrap());
    // Advice columns come first, in any order; then each lookup's two columns.
    let mut permuted = log.values.into_iter().skip(layout.advice.len()).map(Secret::new);
    let permuted = layout
        .lookups
        .iter()
        .map(|_| Permuted { input: permuted.next().unwrap(), table: permuted.next().unwrap() })
        .collect();
    let random = log.coefficients.into_iter().next().unwrap();
    (
        made.map(|()| transcript.into_stream()),
        Replay { rng: ChaCha20Rng::seed_from_u64(seed), permuted, random },
    )
}
