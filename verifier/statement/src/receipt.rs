//! What a receipt and a statement claim: values at one slot of committed columns, opened together.
//!
//! An opening shows `F(w^i) = y` for `F = sum_j gamma^j f_j` and `y = sum_j gamma^j v_j`, where the `f_j` are the columns
//! and `v_j` the values, in the same order. `gamma` is the hash of everything that is claimed, so a prover cannot choose
//! values after it. The proof itself and whoever sends it do not enter: a receipt is good for anybody to hand in.

use apportion_circuits::{
    field::{self, SuiteField},
    types::{Payee, Tier, Word},
};

use crate::{Commitment, Violation, context::Words};

const RECEIPT_DOMAIN: &str = "apportion.receipt.v1";
const STATEMENT_DOMAIN: &str = "apportion.statement.v1";

/// One account as a receipt shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountClaim<'a> {
    /// The chain, 0 for a ledger that is bound to none.
    pub chain_id: u64,
    /// The ledger contract, 0 for a ledger that is bound to none.
    pub contract: Payee,
    /// The model's id.
    pub model: Word,
    /// The dataset's id.
    pub dataset: Word,
    /// The segment, from 0.
    pub segment: u32,
    /// Slots of the segment.
    pub tier: Tier,
    /// The slot, below `C - 2`.
    pub index: u32,
    /// Who is paid, not zero.
    pub payee: Payee,
    /// What the account has earned in all, in the token's base units.
    pub cumulative: u128,
    /// Commitment to a payee column of the segment.
    pub payee_column: &'a Commitment,
    /// Commitment to the balance column.
    pub balance_column: &'a Commitment,
}

impl AccountClaim<'_> {
    /// The challenge of a receipt: the first 31 bytes of `keccak256(abi.encode(domain, chain id, contract, model id,
    /// dataset id, segment) . payee column . balance column . abi.encode(index, payee, cumulative))`.
    pub fn challenge<F: SuiteField>(&self) -> F {
        field::from_short_bytes(&self.words(RECEIPT_DOMAIN).challenge().0[1..])
    }

    /// The challenge of one line of a statement, which opens the score column too.
    pub fn challenge_with_score<F: SuiteField>(&self, score_column: &Commitment, score: u64) -> F {
        let words = self.words(STATEMENT_DOMAIN).bytes(&score_column.0).number(score);
        field::from_short_bytes(&words.challenge().0[1..])
    }

    /// The values in the order of the columns: payee, cumulative.
    pub fn values<F: SuiteField>(&self) -> [F; 2] {
        [self.payee.to_field(), F::from_u128(self.cumulative)]
    }

    /// receipt.index and receipt.payee: a reserved slot holds nobody's money, and payee 0 is an empty slot.
    pub fn check(&self) -> Result<(), Violation> {
        let accounts = self.tier.accounts();
        if self.index as usize >= accounts {
            return Err(Violation::ReceiptIndex { index: self.index, accounts });
        }
        if self.payee.is_zero() { Err(Violation::ReceiptPayee { index: self.index }) } else { Ok(()) }
    }

    fn words(&self, domain: &str) -> Words {
        Words::of(domain)
            .number(self.chain_id)
            .address(self.contract)
            .word(self.model)
            .word(self.dataset)
            .number(self.segment)
            .bytes(&self.payee_column.0)
            .bytes(&self.balance_column.0)
            .number(self.index)
            .address(self.payee)
            .number(self.cumulative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2curves_axiom::bn256::Fr;

    #[test]
    fn everything_that_is_claimed_enters_the_challenge() {
        let (a, b, c) = (Commitment(vec![1; 64]), Commitment(vec![2; 64]), Commitment(vec![3; 64]));
        let claim = AccountClaim {
            chain_id: 1,
            contract: Payee([1; 20]),
            model: Word([2; 32]),
            dataset: Word([3; 32]),
            segment: 4,
            tier: Tier::T64,
            index: 5,
            payee: Payee([6; 20]),
            cumulative: 7,
            payee_column: &a,
            balance_column: &b,
        };
        let others = [
            AccountClaim { chain_id: 2, ..claim },
            AccountClaim { contract: Payee([2; 20]), ..claim },
            AccountClaim { model: Word([9; 32]), ..claim },
            AccountClaim { dataset: Word([9; 32]), ..claim },
            AccountClaim { segment: 5, ..claim },
            AccountClaim { index: 6, ..claim },
            AccountClaim { payee: Payee([7; 20]), ..claim },
            AccountClaim { cumulative: 8, ..claim },
            AccountClaim { payee_column: &c, ..claim },
            AccountClaim { balance_column: &c, ..claim },
        ];
        let challenge = claim.challenge::<Fr>();
        assert!(others.iter().all(|other| other.challenge::<Fr>() != challenge));
        assert!(claim.challenge_with_score::<Fr>(&c, 1) != claim.challenge_with_score::<Fr>(&c, 2));
        assert!(claim.challenge_with_score::<Fr>(&c, 1) != claim.challenge_with_score::<Fr>(&a, 1));
        assert!(claim.check().is_ok());
        let reserved = AccountClaim { index: 62, ..claim };
        assert_eq!(reserved.check().unwrap_err().id().name(), "receipt.index");
        let beyond = AccountClaim { index: 5 + 64, ..claim };
        assert_eq!(beyond.check().unwrap_err().id().name(), "receipt.index");
        let nobody = AccountClaim { payee: Payee::default(), ..claim };
        assert_eq!(nobody.check().unwrap_err().id().name(), "receipt.payee");
    }
}
