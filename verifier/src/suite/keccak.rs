//! The transcript that an EVM contract can recompute.
//!
//! Group elements are absorbed as their affine coordinates, scalars as they are, everything as 32 bytes
//! big-endian. A challenge is `keccak256` of what was absorbed since the last one, preceded by the last hash;
//! where that is only 32 bytes, a byte 1 is appended. The hash, as an integer modulo the group's order, is the
//! challenge. Byte for byte this is the `EvmTranscript` of snark-verifier.

use std::io;

use ff::{FromUniformBytes, PrimeField};
use group::prime::PrimeCurveAffine;
use halo2_axiom::{
    halo2curves::{
        CurveAffine,
        bn256::{Fq, Fr, G1Affine},
    },
    transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite},
};
use sha3::{Digest, Keccak256};

use apportion_circuits::field::{from_bytes, to_bytes};

/// Bytes of a group element.
pub(super) const POINT: usize = 64;

/// A challenge: a hash, read as an integer modulo the order of the group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Challenge(Fr);

impl EncodedChallenge<G1Affine> for Challenge {
    type Input = [u8; 32];

    fn new(hash: &[u8; 32]) -> Self {
        let mut wide = [0; 64];
        for (low, byte) in wide.iter_mut().zip(hash.iter().rev()) {
            *low = *byte;
        }
        Self(Fr::from_uniform_bytes(&wide))
    }

    fn get_scalar(&self) -> Fr {
        self.0
    }
}

/// The transcript, over a proof to be read or a proof in the making.
#[derive(Clone, Debug)]
pub(super) struct EvmTranscript<Stream> {
    absorbed: Vec<u8>,
    stream: Stream,
}

impl<Stream> EvmTranscript<Stream> {
    pub(super) fn new(stream: Stream) -> Self {
        Self { absorbed: Vec::new(), stream }
    }

    /// The proof written, or what was not read of it.
    pub(super) fn into_stream(self) -> Stream {
        self.stream
    }
}

impl<Stream> Transcript<G1Affine, Challenge> for EvmTranscript<Stream> {
    fn squeeze_challenge(&mut self) -> Challenge {
        if self.absorbed.len() == 32 {
            self.absorbed.push(1);
        }
        let hash: [u8; 32] = Keccak256::digest(&self.absorbed).into();
        self.absorbed.clear();
        self.absorbed.extend(hash);
        Challenge::new(&hash)
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.absorbed.extend(encode_point(&point).ok_or_else(|| malformed("the identity"))?);
        Ok(())
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.absorbed.extend(to_bytes(&scalar));
        Ok(())
    }
}

impl TranscriptRead<G1Affine, Challenge> for EvmTranscript<&[u8]> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let bytes = take::<POINT>(&mut self.stream)?;
        let point = decode_point(bytes).ok_or_else(|| malformed("not a point of the curve"))?;
        self.absorbed.extend(bytes);
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        let bytes = take::<32>(&mut self.stream)?;
        let scalar = from_bytes(bytes).ok_or_else(|| malformed("a scalar that is not canonical"))?;
        self.absorbed.extend(bytes);
        Ok(scalar)
    }
}

impl TranscriptWrite<G1Affine, Challenge> for EvmTranscript<Vec<u8>> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.common_point(point)?;
        self.stream.extend_from_slice(&self.absorbed[self.absorbed.len() - POINT..]);
        Ok(())
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.common_scalar(scalar)?;
        self.stream.extend(to_bytes(&scalar));
        Ok(())
    }
}

/// The affine coordinates of a point, big-endian; `None` for the identity.
pub(super) fn encode_point(point: &G1Affine) -> Option<[u8; POINT]> {
    let coordinates = Option::from(point.coordinates()).filter(|_| !bool::from(point.is_identity()))?;
    let coordinates: halo2_axiom::halo2curves::Coordinates<G1Affine> = coordinates;
    let mut bytes = [0; POINT];
    let (x, y) = bytes.split_at_mut(32);
    for (half, coordinate) in [(x, coordinates.x()), (y, coordinates.y())] {
        half.copy_from_slice(coordinate.to_repr().as_ref());
        half.reverse();
    }
    Some(bytes)
}

/// The point with these affine coordinates; `None` unless both are canonical and the point is on the curve and
/// not the identity.
pub(super) fn decode_point(bytes: &[u8; POINT]) -> Option<G1Affine> {
    let (x, y) = bytes.split_at(32);
    let coordinate = |half: &[u8]| -> Option<Fq> {
        let mut repr = <Fq as PrimeField>::Repr::default();
        repr.as_mut().copy_from_slice(half);
        repr.as_mut().reverse();
        Fq::from_repr(repr).into()
    };
    let point: Option<G1Affine> = G1Affine::from_xy(coordinate(x)?, coordinate(y)?).into();
    point.filter(|point| !bool::from(point.is_identity()))
}

fn take<'a, const N: usize>(stream: &mut &'a [u8]) -> io::Result<&'a [u8; N]> {
    let (bytes, rest) = stream.split_first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
    *stream = rest;
    Ok(bytes)
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
