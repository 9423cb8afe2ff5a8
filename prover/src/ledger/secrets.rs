//! What lies under `private/`, each kind with its binary form.

use std::fmt;

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::{SuiteField, wipe},
    types::{ContentDigest, Payee, Record, Score, Tier, Word},
};
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::blob::{self, Blob, Decoder, Encoder, MASK_BYTES};
use crate::input::MAX_RECORDS;

const MAX_ACCOUNTS: usize = Tier::T16384.accounts();

/// A column of one segment with its mask: balances, or scores. One value an account, those of the empty slots
/// zero. Secret: never shown, overwritten when dropped.
pub struct Masked<T: Value, F: SuiteField> {
    values: Zeroizing<Vec<T>>,
    mask: Mask<F>,
}

/// A segment's balances and their mask.
pub type Balances<F> = Masked<u128, F>;
/// A segment's scores and their mask: the opening of a score commitment.
pub type Opening<F> = Masked<Score, F>;

/// A value of a secret column.
pub trait Value: Copy + zeroize::Zeroize + Into<u128> + 'static {
    /// Four letters that name a file of such values.
    const KIND: &'static [u8; 4];

    /// Big-endian bytes, 16 of them.
    fn to_bytes(self) -> [u8; 16] {
        self.into().to_be_bytes()
    }

    /// The value, if in range.
    fn from_bytes(bytes: [u8; 16]) -> Option<Self>;
}

impl Value for u128 {
    const KIND: &'static [u8; 4] = b"bala";

    fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        Some(u128::from_be_bytes(bytes))
    }
}

impl Value for Score {
    const KIND: &'static [u8; 4] = b"scor";

    fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        u128::from_be_bytes(bytes).try_into().ok()
    }
}

impl<T: Value, F: SuiteField> Masked<T, F> {
    /// A column under a fresh mask; accounts beyond `values` hold zero.
    pub fn new(tier: Tier, values: &[T], zero: T, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        // All the room at once: a growing vector would leave copies behind.
        let mut padded = Zeroizing::new(Vec::with_capacity(tier.accounts()));
        padded.extend_from_slice(values);
        padded.resize(tier.accounts(), zero);
        Self { values: padded, mask: Mask::random(rng) }
    }

    /// The values, one an account.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The column as proofs commit to it.
    pub fn column(&self, tier: Tier) -> MaskedColumn<F> {
        let mut values = Vec::with_capacity(tier.slots());
        values.extend(self.values.iter().map(|value| F::from_u128((*value).into())));
        values.resize(tier.slots(), F::ZERO);
        let column = MaskedColumn::new(&values, &self.mask);
        wipe(&mut values);
        column
    }
}

impl<T: Value, F: SuiteField> fmt::Debug for Masked<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masked({} hidden)", self.values.len())
    }
}

impl<T: Value, F: SuiteField> Blob for Masked<T, F> {
    const KIND: &'static [u8; 4] = T::KIND;

    fn payload_bytes(&self) -> usize {
        8 + 16 * self.values.len() + MASK_BYTES
    }

    fn encode(&self, out: &mut Encoder) {
        out.count(self.values.len());
        self.values.iter().for_each(|value| out.bytes(&value.to_bytes()));
        out.mask(&self.mask);
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, &'static str> {
        let count = input.count(16)?;
        let mut values = Zeroizing::new(Vec::with_capacity(count));
        for _ in 0..count {
            values.push(T::from_bytes(input.array()?).ok_or("holds a value that is out of range")?);
        }
        Ok(Self { values, mask: input.mask()? })
    }

    fn max_payload_bytes() -> usize {
        8 + 16 * MAX_ACCOUNTS + MASK_BYTES
    }
}

/// The mask of a segment's payee column.
pub struct PayeeMask<F: SuiteField>(pub Mask<F>);

impl<F: SuiteField> PayeeMask<F> {
    /// The payee column of a segment with these records.
    pub fn column(&self, tier: Tier, records: &[Record]) -> MaskedColumn<F> {
        let mut payees: Vec<F> = records.iter().map(|record| record.payee.to_field()).collect();
        payees.resize(tier.slots(), F::ZERO);
        MaskedColumn::new(&payees, &self.0)
    }
}

impl<F: SuiteField> Blob for PayeeMask<F> {
    const KIND: &'static [u8; 4] = b"paye";

    fn payload_bytes(&self) -> usize {
        MASK_BYTES
    }

    fn encode(&self, out: &mut Encoder) {
        out.mask(&self.0);
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, &'static str> {
        Ok(Self(input.mask()?))
    }

    fn max_payload_bytes() -> usize {
        MASK_BYTES
    }
}

/// One segment of a publication: what each account's leaf hides. Overwritten when dropped.
pub struct Accounts<F: SuiteField> {
    /// Cumulative balances.
    pub cumulative: Zeroizing<Vec<u128>>,
    /// Salts, one an account.
    pub salts: Vec<F>,
}

impl<F: SuiteField> Accounts<F> {
    /// The balances under fresh salts.
    pub fn new(balances: &[u128], rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let cumulative = Zeroizing::new(balances.to_vec());
        let salts = balances.iter().map(|_| F::random(&mut *rng)).collect();
        Self { cumulative, salts }
    }
}

impl<F: SuiteField> Drop for Accounts<F> {
    fn drop(&mut self) {
        wipe(&mut self.salts);
    }
}

impl<F: SuiteField> Blob for Accounts<F> {
    const KIND: &'static [u8; 4] = b"acct";

    fn payload_bytes(&self) -> usize {
        8 + (16 + 32) * self.salts.len()
    }

    fn encode(&self, out: &mut Encoder) {
        out.count(self.salts.len());
        for (cumulative, salt) in self.cumulative.iter().zip(&self.salts) {
            out.bytes(&cumulative.to_be_bytes());
            out.field(salt);
        }
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, &'static str> {
        let count = input.count(16 + 32)?;
        let mut accounts =
            Self { cumulative: Zeroizing::new(Vec::with_capacity(count)), salts: Vec::with_capacity(count) };
        for _ in 0..count {
            accounts.cumulative.push(u128::from_be_bytes(input.array()?));
            accounts.salts.push(input.field()?);
        }
        Ok(accounts)
    }

    fn max_payload_bytes() -> usize {
        8 + (16 + 32) * MAX_ACCOUNTS
    }
}

/// A dataset's records, in order.
pub struct Records(pub Vec<Record>);

impl Blob for Records {
    const KIND: &'static [u8; 4] = b"recs";

    fn payload_bytes(&self) -> usize {
        8 + 52 * self.0.len()
    }

    fn encode(&self, out: &mut Encoder) {
        out.count(self.0.len());
        for record in &self.0 {
            out.bytes(&record.payee.0);
            out.bytes(&record.content.0);
        }
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, &'static str> {
        let count = input.count(52)?;
        (0..count)
            .map(|_| Ok(Record { payee: Payee(input.array()?), content: ContentDigest(input.array()?) }))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn max_payload_bytes() -> usize {
        8 + 52 * MAX_RECORDS
    }
}

/// Reads a private file's bytes as whatever kind they are of, and writes what was read. For the parser's fuzz
/// target and its corpus.
#[doc(hidden)]
pub fn reencode<F: SuiteField>(bytes: &[u8], place: Word) -> Option<Zeroizing<Vec<u8>>> {
    fn of<B: Blob>(bytes: &[u8], place: Word) -> Option<Zeroizing<Vec<u8>>> {
        blob::parse::<B>(bytes, place).ok().map(|secret| blob::to_bytes(place, &secret))
    }
    let kinds = [of::<Balances<F>>, of::<Opening<F>>, of::<PayeeMask<F>>, of::<Accounts<F>>, of::<Records>];
    kinds.into_iter().find_map(|kind| kind(bytes, place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pasta_curves::Fp;
    use rand_core::OsRng;

    #[test]
    fn every_kind_survives_a_file_and_is_no_other_kind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let place = Word([3; 32]);
        let balances = Balances::<Fp>::new(Tier::T64, &[u128::MAX, 7], 0, &mut OsRng);
        blob::write(&path, place, &balances).unwrap();
        let read: Balances<Fp> = blob::read(&path, place).unwrap();
        assert_eq!(read.values(), balances.values());
        assert_eq!(read.values().len(), 62);
        assert!(read.column(Tier::T64) == balances.column(Tier::T64));
        assert!(blob::read::<Opening<Fp>>(&path, place).is_err());

        let accounts = Accounts::<Fp>::new(&[1, 2, 3], &mut OsRng);
        blob::write(&path, place, &accounts).unwrap();
        let read: Accounts<Fp> = blob::read(&path, place).unwrap();
        assert_eq!((&read.cumulative, &read.salts), (&accounts.cumulative, &accounts.salts));

        let records = vec![Record { payee: Payee([1; 20]), content: ContentDigest([2; 32]) }; 3];
        blob::write(&path, place, &Records(records.clone())).unwrap();
        assert_eq!(blob::read::<Records>(&path, place).unwrap().0, records);

        let mask = Mask::<Fp>::random(&mut OsRng);
        blob::write(&path, place, &PayeeMask(mask.clone())).unwrap();
        assert!(blob::read::<PayeeMask<Fp>>(&path, place).unwrap().0 == mask);
    }

    #[test]
    fn nothing_secret_is_shown() {
        let opening = Opening::<Fp>::new(Tier::T64, &[987_654_321], 0, &mut OsRng);
        assert_eq!(format!("{opening:?}"), "Masked(62 hidden)");
    }
}
