//! Bytes of tables and of prepared columns, to be kept in files.
//!
//! A label, the tier, the points (affine x and y, big-endian; zeros for infinity), SHA-256 of all that. A table is
//! compared with the setup when it is read, so it can be kept where anyone may write. A prepared column is as secret
//! as the column; what was made of a wrong one does not verify.

use apportion_circuits::types::Tier;
use apportion_suite::SuiteError;
use ff::{Field, PrimeField};
use halo2_axiom::{
    arithmetic::best_multiexp,
    halo2curves::{
        CurveAffine,
        bn256::{Bn256, Fq, Fr, G1, G1Affine},
        fft::best_fft,
    },
    poly::kzg::commitment::ParamsKZG,
};
use rand_core::{OsRng, RngCore};
use sha2::{Digest, Sha256};

use apportion_circuits::field::SuiteField;

use super::slots::{ColumnOpenings, MASK_K, OpeningTable, powers, reverse_bits};

const TABLE: &[u8; 24] = b"apportion.opening-table1";
const COLUMN: &[u8; 24] = b"apportion.column-opened1";
const POINT: usize = 64;

impl OpeningTable {
    /// The bytes that [`Self::from_bytes`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(TABLE, self.tier, self.points().into_iter().flatten())
    }

    /// Reads a table and checks that it is this setup's, by one random combination of all its points.
    ///
    /// # Errors
    /// On any other bytes than those of this setup's table for this tier.
    pub fn from_bytes(params: &ParamsKZG<Bn256>, tier: Tier, bytes: &[u8]) -> Result<Self, SuiteError> {
        let slots = tier.slots();
        let mut lagrange = decode(TABLE, tier, 2 * slots + (1 << MASK_K), bytes)?;
        let mut means = lagrange.split_off(slots);
        let mask = means.split_off(slots);
        let table = Self::assemble(tier, [lagrange, means, mask], Self::transform(tier));
        if table.belongs_to(params)? {
            return Ok(table);
        }
        Err(SuiteError::Params("the table of openings is of another setup".into()))
    }

    fn points(&self) -> [&[G1Affine]; 3] {
        [&self.lagrange, &self.means, &self.mask].map(|fixed| &fixed.points[..])
    }

    /// Whether the points are what they should be, by what they are in powers of tau. Errs with probability 2^-128.
    fn belongs_to(&self, params: &ParamsKZG<Bn256>) -> Result<bool, SuiteError> {
        let (slots, k) = (self.tier.slots(), self.tier.log_slots());
        let powers = powers(params, self.tier)?;
        let random = || -> Result<Fr, SuiteError> {
            let mut bytes = [0; 16];
            OsRng.try_fill_bytes(&mut bytes).map_err(|error| SuiteError::Backend(error.to_string()))?;
            Ok(Fr::from_u128(u128::from_le_bytes(bytes)))
        };
        let weights = |n| (0..n).map(|_| random()).collect::<Result<Vec<_>, _>>();
        let [mut lagrange, mut means, mut mask] = [weights(slots)?, weights(slots)?, weights(1 << MASK_K)?];
        let points = self.points().concat();
        let left: G1 = best_multiexp(&[&lagrange[..], &means, &mask].concat(), &points);

        // What each sum is of powers of tau: l_j of w^(-jm) / C^2, m_i of m w^(-i(m+1)) / C, the mask's t-th of w^(pt).
        let c_inv = Fr::TWO_INV.pow_vartime([u64::from(k)]);
        for weights in [&mut lagrange, &mut means] {
            weights[1..].reverse();
            best_fft(weights, Fr::root_of_unity(k), k);
        }
        reverse_bits(&mut mask);
        best_fft(&mut mask, Fr::root_of_unity(MASK_K), MASK_K);
        let mut scalars = vec![Fr::ZERO; powers.len()];
        for m in 0..slots {
            let mean = means[(m + 1) % slots] * Fr::from(m as u64);
            scalars[m] = (lagrange[m] * c_inv + mean) * c_inv;
        }
        for (p, weight) in mask[..powers.len() - slots].iter().enumerate() {
            scalars[slots + p] += weight;
            scalars[p] -= weight;
        }
        Ok(left == best_multiexp(&scalars, powers))
    }
}

impl ColumnOpenings {
    /// The bytes that [`Self::from_bytes`] reads. Secret.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(COLUMN, self.tier, self.points.iter())
    }

    /// Reads what was kept of a column of this tier.
    ///
    /// # Errors
    /// On any bytes that are not a column's of this tier.
    pub fn from_bytes(tier: Tier, bytes: &[u8]) -> Result<Self, SuiteError> {
        Ok(Self { tier, points: decode(COLUMN, tier, tier.slots(), bytes)? })
    }
}

fn encode<'a>(label: &[u8], tier: Tier, points: impl Iterator<Item = &'a G1Affine>) -> Vec<u8> {
    let mut bytes = label.to_vec();
    bytes.extend((tier.slots() as u64).to_be_bytes());
    for coordinate in points.flat_map(|point| [point.x, point.y]) {
        bytes.extend(coordinate.to_bytes().iter().rev());
    }
    let digest = Sha256::digest(&bytes);
    bytes.extend(digest);
    bytes
}

fn decode(label: &[u8; 24], tier: Tier, points: usize, bytes: &[u8]) -> Result<Vec<G1Affine>, SuiteError> {
    let malformed = |reason: &str| SuiteError::Malformed { what: "openings", reason: reason.into() };
    let head = [&label[..], &(tier.slots() as u64).to_be_bytes()].concat();
    if bytes.len() != head.len() + POINT * points + 32 {
        return Err(malformed("not as long as those of this tier"));
    }
    let (bytes, digest) = bytes.split_at(bytes.len() - 32);
    let body = bytes.strip_prefix(&head[..]).ok_or_else(|| malformed("of another kind or tier"))?;
    if Sha256::digest(bytes)[..] != *digest {
        return Err(malformed("damaged: the digest is another"));
    }
    body.chunks_exact(POINT)
        .map(|bytes| point(bytes).ok_or_else(|| malformed("no point of the curve")))
        .collect()
}

fn point(bytes: &[u8]) -> Option<G1Affine> {
    let coordinate = |bytes: &[u8]| -> Option<Fq> {
        let mut repr: [u8; 32] = bytes.try_into().ok()?;
        repr.reverse();
        Fq::from_repr(repr).into()
    };
    let (x, y) = bytes.split_at(POINT / 2);
    G1Affine::from_xy(coordinate(x)?, coordinate(y)?).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::column::{Mask, MaskedColumn};

    #[test]
    fn tables_and_columns_are_read_as_written() {
        let tier = Tier::T64;
        let params = ParamsKZG::<Bn256>::setup(8, OsRng);
        let table = OpeningTable::new(&params, tier).unwrap();
        let values: Vec<_> = (0..64).map(|i| Fr::from(i * i)).collect();
        let column = MaskedColumn::new(&values, &Mask::random(&mut OsRng));
        let opened = table.open(&column).unwrap();

        let bytes = table.to_bytes();
        let read = OpeningTable::from_bytes(&params, tier, &bytes).unwrap();
        assert!(read.open(&column).unwrap() == opened);
        let other = ParamsKZG::<Bn256>::setup(8, OsRng);
        let refused =
            |params, tier, bytes: &[u8]| OpeningTable::from_bytes(params, tier, bytes).err().unwrap();
        assert!(matches!(refused(&other, tier, &bytes), SuiteError::Params(_)));
        assert!(matches!(refused(&params, Tier::T1024, &bytes), SuiteError::Malformed { .. }));
        assert!(matches!(refused(&params, tier, &bytes[1..]), SuiteError::Malformed { .. }));
        assert!(matches!(refused(&params, tier, &opened.to_bytes()), SuiteError::Malformed { .. }));

        // One point exchanged for another of the curve, in each of the three parts, with a digest that fits.
        for at in [0, 5, 63, 64, 127, 128, 255, 383] {
            let mut points = table.points().concat();
            points[at] = G1Affine::generator();
            let forged = encode(TABLE, tier, points.iter());
            assert!(matches!(refused(&params, tier, &forged), SuiteError::Params(_)), "{at}");
        }
        let mut off = bytes[..bytes.len() - 32].to_vec();
        off[100] ^= 1;
        assert!(matches!(
            refused(&params, tier, &[&off[..], &bytes[bytes.len() - 32..]].concat()),
            SuiteError::Malformed { .. }
        ));
        let digest = Sha256::digest(&off);
        off.extend(digest);
        assert!(matches!(refused(&params, tier, &off), SuiteError::Malformed { .. }));

        let bytes = opened.to_bytes();
        assert!(ColumnOpenings::from_bytes(tier, &bytes).unwrap() == opened);
        for at in [0, 30, 40, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(ColumnOpenings::from_bytes(tier, &damaged).is_err());
        }
        assert!(ColumnOpenings::from_bytes(Tier::T1024, &bytes).is_err());
        assert!(ColumnOpenings::from_bytes(tier, &table.to_bytes()).is_err());
        assert!(ColumnOpenings::from_bytes(tier, &[]).is_err());
    }
}
