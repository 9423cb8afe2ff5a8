//! Setups recognised by their `s_g2 = [tau]2`: public ceremonies, and secrets that are no secret.

use std::fmt;

use ff::FromUniformBytes;
use group::{Curve, Group};
use halo2_axiom::halo2curves::bn256::{Fr, G2, G2Affine};
use sha2::{Digest, Sha256};

use super::points::g2_to_bytes;

/// Where a setup comes from, as far as its points tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// A public ceremony whose `[tau]2` this build knows.
    Ceremony(Ceremony),
    /// An unknown secret; the 4 bytes are the start of the digest of `[tau]2`.
    Imported([u8; 4]),
    /// Our own development secret, known to everybody.
    InsecureDev,
    /// A secret known to everybody, made by other software.
    InsecurePublic,
}

/// A public ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ceremony {
    /// Perpetual Powers of Tau, `challenge_0085`.
    PerpetualPowers0085,
    /// Perpetual Powers of Tau, contribution 54 with a beacon: snarkjs's `powersOfTau28_hez_final*.ptau`.
    Hermez,
    /// Aztec's Ignition ceremony.
    Ignition,
}

impl Ceremony {
    pub(crate) const ALL: [Self; 3] = [Self::PerpetualPowers0085, Self::Hermez, Self::Ignition];

    /// The label used in file names and reports.
    pub fn label(self) -> &'static str {
        match self {
            Self::PerpetualPowers0085 => "challenge_0085",
            Self::Hermez => "hez_final",
            Self::Ignition => "ignition",
        }
    }

    /// The encoding of its `[tau]2`.
    fn tau_g2(self) -> [&'static str; 4] {
        match self {
            Self::PerpetualPowers0085 => TAU_0085,
            Self::Hermez => TAU_HERMEZ,
            Self::Ignition => TAU_IGNITION,
        }
    }
}

const TAU_0085: [&str; 4] = [
    "172aa93c41f16e1e04d62ac976a5d945f4be0acab990c6dc19ac4a7cf68bf77b",
    "2ae0c8c3a090f7200ff398ee9845bbae8f8c1445ae7b632212775f60a0e21600",
    "1754a9fc3b7e4da9197c283c7401773208190c5555caf254e644e99c29366704",
    "1459fe6cc8a1222fd4290864ff9e47d4b8cf7a403593c7107c39538ddefd857e",
];
/// From the verification keys that snarkjs makes with these files.
const TAU_HERMEZ: [&str; 4] = [
    "26186a2d65ee4d2f9c9a5b91f86597d35f192cd120caf7e935d8443d1938e23d",
    "30441fd1b5d3370482c42152a8899027716989a6996c2535bc9f7fee8aaef79e",
    "1970ea81dd6992adfbc571effb03503adbbb6a857f578403c6c40e22d65b3c02",
    "054793348f12c0cf5622c340573cb277586319de359ab9389778f689786b1e48",
];
/// From the verification keys of Aztec's and Noir's contracts.
const TAU_IGNITION: [&str; 4] = [
    "260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1",
    "0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0",
    "04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4",
    "22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55",
];

/// The first ChaCha20 block under the all-zero key and nonce (RFC 8439, A.1, vector 1). The first field element
/// drawn from `ChaCha20Rng::from_seed([0; 32])`, and thus the tau of `gen_srs` of snark-verifier-sdk at any k,
/// is this 512-bit little-endian integer mod r.
const ZERO_SEED_BLOCK: [u8; 64] = [
    0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28, 0xbd,
    0xd2, 0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7, 0xda, 0x41,
    0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d, 0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37, 0x6a, 0x43, 0xb8,
    0xf4, 0x15, 0x18, 0xa1, 0x1c, 0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86,
];

/// Multiples of the generator up to this one (and their negatives) count as known secrets.
const SMALL: usize = 1024;

/// The development secret: anyone can compute it, and so forge any proof made with it.
pub(crate) fn insecure_dev_tau() -> Fr {
    let hash = blake2b_simd::blake2b(b"apportion insecure development tau v1");
    Fr::from_uniform_bytes(hash.as_array())
}

pub(crate) fn zero_seed_tau() -> Fr {
    Fr::from_uniform_bytes(&ZERO_SEED_BLOCK)
}

impl Provenance {
    /// Classifies a setup by `[tau]2` alone.
    pub fn of(s_g2: &G2Affine) -> Self {
        let g2 = G2::generator();
        if *s_g2 == (g2 * insecure_dev_tau()).to_affine() {
            return Self::InsecureDev;
        }
        if *s_g2 == (g2 * zero_seed_tau()).to_affine() || is_small(s_g2) {
            return Self::InsecurePublic;
        }
        let bytes = g2_to_bytes(s_g2);
        let hex = hex::encode(bytes);
        match Ceremony::ALL.into_iter().find(|c| c.tau_g2().concat() == hex) {
            Some(ceremony) => Self::Ceremony(ceremony),
            None => {
                let d = Sha256::digest(bytes);
                Self::Imported([d[0], d[1], d[2], d[3]])
            }
        }
    }

    /// Whether anyone can forge proofs made with this setup.
    pub fn is_insecure(self) -> bool {
        matches!(self, Self::InsecureDev | Self::InsecurePublic)
    }

    /// The label used in file names and reports, for example `challenge_0085` or `imported_1a2b3c4d`.
    pub fn label(self) -> String {
        match self {
            Self::Ceremony(c) => c.label().to_owned(),
            Self::Imported(start) => format!("imported_{}", hex::encode(start)),
            Self::InsecureDev => "insecure_dev".to_owned(),
            Self::InsecurePublic => "insecure_public".to_owned(),
        }
    }

    /// What a file header may claim. Which ceremony it is follows from the points.
    pub(crate) fn code(self) -> u32 {
        match self {
            Self::Ceremony(_) => 1,
            Self::Imported(_) => 2,
            Self::InsecureDev => 3,
            Self::InsecurePublic => 4,
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())
    }
}

pub(crate) fn code_name(code: u32) -> &'static str {
    match code {
        1 => "ceremony",
        2 => "imported",
        3 => "insecure_dev",
        4 => "insecure_public",
        _ => "unknown",
    }
}

/// The ceremony's `[tau]2`, decoded.
#[cfg(test)]
pub(crate) fn tau_of(ceremony: Ceremony) -> G2Affine {
    let bytes = hex::decode(ceremony.tau_g2().concat()).unwrap();
    super::points::g2_from_bytes(bytes.first_chunk().unwrap()).unwrap()
}

fn is_small(s_g2: &G2Affine) -> bool {
    let (target, g2) = (G2::from(*s_g2), G2::generator());
    let mut multiple = G2::identity();
    (0..=SMALL).any(|_| {
        let hit = multiple == target || multiple == -target;
        multiple += g2;
        hit
    })
}
