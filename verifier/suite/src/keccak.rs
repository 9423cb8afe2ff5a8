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
pub struct Challenge(Fr);

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
pub struct EvmTranscript<Stream> {
    absorbed: Vec<u8>,
    stream: Stream,
}

impl<Stream> EvmTranscript<Stream> {
    /// A transcript that reads from or writes to the stream.
    pub fn new(stream: Stream) -> Self {
        Self { absorbed: Vec::new(), stream }
    }

    /// The proof written, or what was not read of it.
    /// The stream: what was written, or what was not read.
    pub fn into_stream(self) -> Stream {
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

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;

    /// Computed with another implementation of Keccak; all three hashes exceed the modulus.
    #[test]
    fn challenges_are_pinned() {
        let mut transcript = EvmTranscript::new(Vec::new());
        let squeeze = |transcript: &mut EvmTranscript<Vec<u8>>| {
            hex::encode(to_bytes(&transcript.squeeze_challenge().get_scalar()))
        };
        transcript.common_scalar(Fr::from(5)).unwrap();
        assert_eq!(
            squeeze(&mut transcript),
            "0084b968b199bb16cb34e9e068741f941a8278bcfeaa65d49e48a81aac7918f0"
        );
        assert_eq!(
            squeeze(&mut transcript),
            "277ec21443ad2b0aec6fea9793e1762e214fb9fd75674b7a0c71d608b85e910b"
        );
        transcript.write_point(G1Affine::generator()).unwrap();
        transcript.write_scalar(-Fr::ONE).unwrap();
        assert_eq!(
            squeeze(&mut transcript),
            "26d63693c674f5a70a12dbe287a5979b120297ef52d1f96f036d3455bfa0157b"
        );

        // What was written is big-endian, and reads back to the same challenge.
        let proof = transcript.into_stream();
        let words: Vec<_> = proof.chunks(32).map(hex::encode).collect();
        let one_and_two = ["1", "2"].map(|digit| format!("{digit:0>64}"));
        assert_eq!(words[..2], one_and_two);
        assert_eq!(words[2], "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000");
        let mut transcript = EvmTranscript::new(&proof[..]);
        transcript.common_scalar(Fr::from(5)).unwrap();
        transcript.squeeze_challenge();
        transcript.squeeze_challenge();
        assert_eq!(transcript.read_point().unwrap(), G1Affine::generator());
        assert_eq!(transcript.read_scalar().unwrap(), -Fr::ONE);
        let challenge = hex::encode(to_bytes(&transcript.squeeze_challenge().get_scalar()));
        assert_eq!(challenge, "26d63693c674f5a70a12dbe287a5979b120297ef52d1f96f036d3455bfa0157b");
        assert!(transcript.into_stream().is_empty());
    }

    #[test]
    fn points_and_scalars_are_canonical() {
        let word = |digits: &str| <[u8; 32]>::try_from(hex::decode(digits).unwrap()).unwrap();
        let p = word("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47");
        let p_plus_1 = word("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd48");
        let r = word("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001");
        let [one, two, three] = [1, 2, 3].map(|x| to_bytes(&Fr::from(x)));
        let read = |x: [u8; 32], y: [u8; 32]| EvmTranscript::new(&[x, y].concat()[..]).read_point();
        assert!(read(one, two).is_ok());
        for (x, y) in [(one, three), (p_plus_1, two), (one, p), ([0; 32], [0; 32]), (p, p), ([0xff; 32], two)]
        {
            assert!(read(x, y).is_err());
        }
        assert!(EvmTranscript::new(&one[..]).read_point().is_err());
        assert!(EvmTranscript::new(&r[..]).read_scalar().is_err());
        assert!(EvmTranscript::new(&[0xff; 32][..]).read_scalar().is_err());
        assert!(EvmTranscript::new(&one[..31]).read_scalar().is_err());
        assert_eq!(EvmTranscript::new(&three[..]).read_scalar().unwrap(), Fr::from(3));
        // The identity cannot be written either.
        let mut transcript = EvmTranscript::new(Vec::new());
        assert!(transcript.write_point(G1Affine::identity()).is_err());
        assert!(encode_point(&G1Affine::identity()).is_none());
    }
}
