//! The kinds of private files, each with its binary form.

use std::fmt;

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    types::{ContentDigest, Payee, Record, Score, Tier, Word},
};
use apportion_secrets::{ColumnValue, Recipient};
use zeroize::{Zeroize, Zeroizing};

use super::{
    blob::{self, Blob, Decoder, Encoder, MASK_BYTES},
    masks::column_of,
};
use crate::{error::Error, input::MAX_RECORDS};

const MAX_ACCOUNTS: usize = Tier::T16384.accounts();
/// `age1` and 58 characters.
const RECIPIENT_CHARACTERS: usize = 62;

/// A value of a secret column.
pub trait Value: Copy + Zeroize + ColumnValue + Into<u128> + 'static {
    /// Nothing.
    const ZERO: Self;

    /// The value, if in range.
    fn from_u128(value: u128) -> Option<Self>;
}

impl Value for u128 {
    const ZERO: Self = 0;

    fn from_u128(value: u128) -> Option<Self> {
        Some(value)
    }
}

impl Value for Score {
    const ZERO: Self = 0;

    fn from_u128(value: u128) -> Option<Self> {
        value.try_into().ok()
    }
}

/// A segment's balances after an epoch, one an account. Their mask follows from the seed. Secret: never
/// shown, overwritten when dropped.
pub struct Balances(pub Zeroizing<Vec<u128>>);

/// A segment's scores, one an account, with the mask under which the attributor committed to them. Secret:
/// never shown, overwritten when dropped.
pub struct Opening<F: SuiteField> {
    values: Zeroizing<Vec<Score>>,
    mask: Mask<F>,
}

impl<F: SuiteField> Opening<F> {
    /// The opening of a column.
    pub fn new(values: Zeroizing<Vec<Score>>, mask: Mask<F>) -> Self {
        Self { values, mask }
    }

    /// The scores, one an account.
    pub fn values(&self) -> &[Score] {
        &self.values
    }

    /// The mask.
    pub fn mask(&self) -> &Mask<F> {
        &self.mask
    }

    /// The column as proofs commit to it.
    ///
    /// # Errors
    /// If there are more values than slots.
    pub fn column(&self, tier: Tier) -> Result<MaskedColumn<F>, Error> {
        column_of(tier, &self.values, &self.mask)
    }
}

/// The mask of a segment's payee column.
pub struct PayeeMask<F: SuiteField>(pub Mask<F>);

/// A dataset's records, in order.
pub struct Records(pub Vec<Record>);

/// To whom the receipts of a dataset's records are encrypted, in the records' order.
pub struct Recipients(pub Vec<Option<Recipient>>);

impl fmt::Debug for Balances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Balances({} hidden)", self.0.len())
    }
}

impl<F: SuiteField> fmt::Debug for Opening<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({} hidden)", self.values.len())
    }
}

/// A list of values, padded to one an account.
pub(super) fn padded<T: Value>(tier: Tier, values: &[T]) -> Zeroizing<Vec<T>> {
    // All the room at once: a growing vector would leave copies behind.
    let mut padded = Zeroizing::new(Vec::with_capacity(tier.accounts().max(values.len())));
    padded.extend_from_slice(values);
    padded.resize(tier.accounts().max(values.len()), T::ZERO);
    padded
}

fn encode_values<T: Value>(values: &[T], out: &mut Encoder) {
    out.count(values.len());
    values.iter().for_each(|value| out.bytes(&(*value).into().to_be_bytes()));
}

fn decode_values<T: Value>(input: &mut Decoder<'_>) -> Result<Zeroizing<Vec<T>>, &'static str> {
    let count = input.count(16)?;
    let mut values = Zeroizing::new(Vec::with_capacity(count));
    for _ in 0..count {
        let value = u128::from_be_bytes(input.array()?);
        values.push(T::from_u128(value).ok_or("holds a value that is out of range")?);
    }
    Ok(values)
}

impl Blob for Balances {
    const KIND: &'static [u8; 4] = b"bala";

    fn payload_bytes(&self) -> usize {
        8 + 16 * self.0.len()
    }

    fn encode(&self, out: &mut Encoder) {
        encode_values(&self.0, out);
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, &'static str> {
        decode_values(input).map(Self)
    }

    fn max_payload_bytes() -> usize {
        8 + 16 * MAX_ACCOUNTS
    }
}

impl<F: SuiteField> Blob for Opening<F> {
    const KIND: &'static [u8; 4] = b"scor";

    fn payload_bytes(&self) -> usize {
        8 + 16 * self.values.len() + MASK_BYTES
    }

    fn encode(&self, out: &mut Encoder) {
        encode_values(&self.values, out);
        out.mask(&self.mask);
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, &'static str> {
        Ok(Self { values: decode_values(input)?, mask: input.mask()? })
    }

    fn max_payload_bytes() -> usize {
        8 + 16 * MAX_ACCOUNTS + MASK_BYTES
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

impl Blob for Recipients {
    const KIND: &'static [u8; 4] = b"rcpt";

    fn payload_bytes(&self) -> usize {
        8 + RECIPIENT_CHARACTERS * self.0.len()
    }

    fn encode(&self, out: &mut Encoder) {
        out.count(self.0.len());
        for recipient in &self.0 {
            match recipient {
                // One length for every key: 32 bytes in bech32.
                Some(key) => out.bytes(key.to_string().as_bytes()),
                None => out.bytes(&[0; RECIPIENT_CHARACTERS]),
            }
        }
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, &'static str> {
        let count = input.count(RECIPIENT_CHARACTERS)?;
        let one = |bytes: &[u8]| {
            if bytes.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            let text = std::str::from_utf8(bytes).map_err(|_| "holds bytes that are no key")?;
            text.parse().map(Some).map_err(|_| "holds a text that is no key")
        };
        let list = (0..count).map(|_| input.bytes(RECIPIENT_CHARACTERS).and_then(one));
        list.collect::<Result<_, _>>().map(Self)
    }

    fn max_payload_bytes() -> usize {
        8 + RECIPIENT_CHARACTERS * MAX_RECORDS
    }
}

/// Reads a private file's bytes as whatever kind they are of, and writes what was read. For the parser's fuzz
/// target and its corpus.
#[doc(hidden)]
pub fn reencode<F: SuiteField>(bytes: &[u8], place: Word) -> Option<Zeroizing<Vec<u8>>> {
    fn of<B: Blob>(bytes: &[u8], place: Word) -> Option<Zeroizing<Vec<u8>>> {
        blob::parse::<B>(bytes, place).ok().map(|secret| blob::to_bytes(place, &secret))
    }
    let kinds = [of::<Balances>, of::<Opening<F>>, of::<PayeeMask<F>>, of::<Records>, of::<Recipients>];
    kinds.into_iter().find_map(|kind| kind(bytes, place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_secrets::Identity;
    use pasta_curves::Fp;
    use rand_core::OsRng;

    #[test]
    fn every_kind_survives_a_file_and_is_no_other_kind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let place = Word([3; 32]);
        let balances = Balances(padded(Tier::T64, &[u128::MAX, 7]));
        blob::write(&path, place, &balances).unwrap();
        let read: Balances = blob::read(&path, place).unwrap();
        assert_eq!(read.0, balances.0);
        assert_eq!(read.0.len(), 62);
        assert!(blob::read::<Opening<Fp>>(&path, place).is_err());

        let mask = Mask::<Fp>::random(&mut OsRng);
        let opening = Opening::new(padded(Tier::T64, &[u64::MAX, 7]), mask.clone());
        blob::write(&path, place, &opening).unwrap();
        let read: Opening<Fp> = blob::read(&path, place).unwrap();
        assert_eq!(read.values(), opening.values());
        assert!(read.column(Tier::T64).unwrap() == opening.column(Tier::T64).unwrap());

        let records = vec![Record { payee: Payee([1; 20]), content: ContentDigest([2; 32]) }; 3];
        blob::write(&path, place, &Records(records.clone())).unwrap();
        assert_eq!(blob::read::<Records>(&path, place).unwrap().0, records);

        blob::write(&path, place, &PayeeMask(mask.clone())).unwrap();
        assert!(blob::read::<PayeeMask<Fp>>(&path, place).unwrap().0 == mask);

        let recipients = vec![None, Some(Identity::generate(&mut OsRng).unwrap().recipient()), None];
        blob::write(&path, place, &Recipients(recipients.clone())).unwrap();
        assert_eq!(blob::read::<Recipients>(&path, place).unwrap().0, recipients);
    }

    #[test]
    fn nothing_secret_is_shown() {
        let opening = Opening::<Fp>::new(padded(Tier::T64, &[987_654_321]), Mask::random(&mut OsRng));
        assert_eq!(format!("{opening:?}"), "Opening(62 hidden)");
        assert_eq!(format!("{:?}", Balances(padded(Tier::T64, &[987_654_321]))), "Balances(62 hidden)");
    }
}
