//! V1: public inputs, in the order in which the relations have them.

use apportion_circuits::{
    field::SuiteField,
    poseidon::Tag,
    types::{TOTAL_SCORE_BITS, Word},
};

use super::{CheckId, Context, Relation, Use, Violation};

/// The linked columns of Tree, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeLink {
    /// Payees.
    A,
    /// Content's high half, or balances.
    B,
}

/// The linked columns of Split, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitLink {
    /// Balances before the epoch.
    Old,
    /// Balances after it.
    New,
    /// Scores.
    Score,
}

/// The linked columns of Tree.
pub const TREE_LINKS: [TreeLink; 2] = [TreeLink::A, TreeLink::B];
/// The linked columns of Split.
pub const SPLIT_LINKS: [SplitLink; 3] = [SplitLink::Old, SplitLink::New, SplitLink::Score];

impl SplitLink {
    /// The check that compares this column.
    pub const fn check(self) -> CheckId {
        match self {
            SplitLink::Old => CheckId::V3Old,
            SplitLink::New => CheckId::V3New,
            SplitLink::Score => CheckId::V3Score,
        }
    }
}

/// The numbers in a Split statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitInputs {
    /// Sum of the segment's scores.
    pub segment_score: u128,
    /// Sum of the segment's payouts.
    pub segment_paid: u128,
    /// The contributors' pool.
    pub pool: u128,
    /// The sum of all scores of the epoch.
    pub total_score: u128,
    /// Whether this is the segment's first settled epoch.
    pub genesis: bool,
}

/// Public inputs of an enrolment: `[root, tag, context]`.
pub fn enroll_inputs<F: SuiteField>(context: &Context, root: Word) -> Result<Vec<F>, Violation> {
    debug_assert_eq!(context.purpose, Use::Enroll);
    tree_inputs(Tag::Record, context, root)
}

/// Public inputs of a publication: `[root, tag, context]`.
pub fn publish_inputs<F: SuiteField>(context: &Context, root: Word) -> Result<Vec<F>, Violation> {
    debug_assert_eq!(context.purpose, Use::Publish);
    tree_inputs(Tag::Account, context, root)
}

fn tree_inputs<F: SuiteField>(tag: Tag, context: &Context, root: Word) -> Result<Vec<F>, Violation> {
    let root = root.to_field().ok_or(Violation::Canonical { index: 0, value: root })?;
    Ok(vec![root, tag.to_field(), context.to_field()])
}

/// Public inputs of an epoch: `[segment_score, segment_paid, pool, total_score, genesis, context]`.
pub fn split_inputs<F: SuiteField>(context: &Context, numbers: &SplitInputs) -> Result<Vec<F>, Violation> {
    debug_assert_eq!(context.purpose, Use::Split);
    check_total(numbers.total_score)?;
    Ok(vec![
        F::from_u128(numbers.segment_score),
        F::from_u128(numbers.segment_paid),
        F::from_u128(numbers.pool),
        F::from_u128(numbers.total_score),
        if numbers.genesis { F::ONE } else { F::ZERO },
        context.to_field(),
    ])
}

/// V1.total.
pub fn check_total(total_score: u128) -> Result<(), Violation> {
    let bounded = 0 < total_score && total_score < 1 << TOTAL_SCORE_BITS;
    if bounded { Ok(()) } else { Err(Violation::Total(total_score)) }
}

/// Reads public inputs from outside: exact number, canonical values (V1.count, V1.canonical).
pub fn decode_inputs<F: SuiteField>(relation: Relation, words: &[Word]) -> Result<Vec<F>, Violation> {
    let expected = relation.public_inputs();
    if words.len() != expected {
        return Err(Violation::Count { expected, found: words.len() });
    }
    let decode =
        |(index, word): (usize, &Word)| word.to_field().ok_or(Violation::Canonical { index, value: *word });
    words.iter().enumerate().map(decode).collect()
}

/// Compares the last public input with the derived context (V2.context).
pub fn check_context<F: SuiteField>(context: &Context, inputs: &[F]) -> Result<(), Violation> {
    let expected = context.to_word();
    let found = inputs.last().map(Word::from_field).unwrap_or_default();
    if expected == found { Ok(()) } else { Err(Violation::Context { expected, found }) }
}

/// V1.length.
pub fn check_proof_length(expected: usize, proof: &[u8]) -> Result<(), Violation> {
    let found = proof.len();
    if expected == found { Ok(()) } else { Err(Violation::Length { expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::types::Payee;
    use halo2curves_axiom::bn256::Fr;
    use pasta_curves::Fp;

    fn context(purpose: Use) -> Context {
        Context {
            purpose,
            chain_id: 0,
            ledger: Payee::default(),
            model: Word::default(),
            epoch: 1,
            dataset: Word::default(),
            segment: 0,
        }
    }

    const NUMBERS: SplitInputs =
        SplitInputs { segment_score: 5, segment_paid: 4, pool: 10, total_score: 12, genesis: true };

    #[test]
    fn inputs_stand_in_the_relations_order() {
        let context = context(Use::Split);
        let inputs = split_inputs::<Fp>(&context, &NUMBERS).unwrap();
        let expected = [5, 4, 10, 12, 1].map(Fp::from);
        assert_eq!(inputs[..5], expected);
        check_context(&context, &inputs).unwrap();
        let words: Vec<_> = inputs.iter().map(Word::from_field).collect();
        assert_eq!(decode_inputs::<Fp>(Relation::Split, &words), Ok(inputs));
    }

    #[test]
    fn v1_total() {
        for total_score in [0, 1 << 80, u128::MAX] {
            let numbers = SplitInputs { total_score, ..NUMBERS };
            let violation = split_inputs::<Fr>(&context(Use::Split), &numbers).unwrap_err();
            assert_eq!(violation.id().name(), "V1.total");
        }
        for total_score in [1, (1 << 80) - 1] {
            let numbers = SplitInputs { total_score, ..NUMBERS };
            assert!(split_inputs::<Fr>(&context(Use::Split), &numbers).is_ok());
        }
    }

    #[test]
    fn v1_canonical() {
        let violation = enroll_inputs::<Fr>(&context(Use::Enroll), Word([0xff; 32])).unwrap_err();
        assert_eq!(violation.id().name(), "V1.canonical");
        let violation = publish_inputs::<Fp>(&context(Use::Publish), Word([0xff; 32])).unwrap_err();
        assert_eq!(violation.id().name(), "V1.canonical");
        // x + r, for every input.
        let inputs = split_inputs::<Fr>(&context(Use::Split), &NUMBERS).unwrap();
        let words: Vec<_> = inputs.iter().map(Word::from_field).collect();
        for index in 0..words.len() {
            let mut aliased = words.clone();
            aliased[index] = plus_modulus(aliased[index]);
            let violation = decode_inputs::<Fr>(Relation::Split, &aliased).unwrap_err();
            assert_eq!(violation, Violation::Canonical { index, value: aliased[index] });
        }
    }

    fn plus_modulus(word: Word) -> Word {
        let x = ruint::aliases::U256::from_be_bytes(word.0);
        let top = ruint::aliases::U256::from_be_bytes(Word::from_field(&-Fr::one()).0);
        Word((x + top + ruint::aliases::U256::from(1)).to_be_bytes())
    }

    #[test]
    fn v1_count() {
        let words = vec![Word::default(); 7];
        for count in [0, 1, 2, 4, 5, 7] {
            let violation = decode_inputs::<Fr>(Relation::Tree, &words[..count]).unwrap_err();
            assert_eq!(violation.id().name(), "V1.count");
        }
        for count in [0, 5, 7] {
            let violation = decode_inputs::<Fr>(Relation::Split, &words[..count]).unwrap_err();
            assert_eq!(violation.id().name(), "V1.count");
        }
    }

    #[test]
    fn v1_length() {
        assert!(check_proof_length(4, &[0; 4]).is_ok());
        for proof in [&[0; 3][..], &[0; 5], &[]] {
            assert_eq!(check_proof_length(4, proof).unwrap_err().id().name(), "V1.length");
        }
    }

    #[test]
    fn v2_context() {
        let inputs = split_inputs::<Fp>(&context(Use::Split), &NUMBERS).unwrap();
        let other = Context { epoch: 2, ..context(Use::Split) };
        assert_eq!(check_context(&other, &inputs).unwrap_err().id().name(), "V2.context");
        assert_eq!(check_context::<Fp>(&other, &[]).unwrap_err().id().name(), "V2.context");
    }
}
