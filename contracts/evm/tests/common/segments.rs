//! Columns of two segments, their openings, and the contract that checks them.

use std::sync::OnceLock;

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::{from_bytes, to_bytes},
    types::Tier,
};
use apportion_engine::openings::Open;
use apportion_evm::{
    Artifact,
    evm::{Address, End, Evm, Outcome},
    generated,
};
use apportion_suite::{
    Bn254, Commitment, OpeningClaim, OpeningTerm, Openings, Suite, openings::opening_k, params::Srs,
};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use rand_core::{OsRng, RngCore};

use super::opening_verifier::{Columns, Opening, check, error, word};

pub const TIER: Tier = Tier::T64;

/// The contract, and two segments of payees, balances and scores.
pub struct Fixture {
    pub setup: Srs,
    pub evm: Evm,
    pub address: Address,
    pub segments: [Segment; 2],
}

pub struct Segment {
    pub values: [Vec<Fr>; 3],
    pub columns: [MaskedColumn<Fr>; 3],
    pub commitments: [Commitment; 3],
}

impl Segment {
    fn new(setup: &Srs) -> Self {
        let values = [1u64 << 60, u64::MAX, 1 << 20].map(|bound| {
            let value = |slot| if slot % 9 == 4 { Fr::ZERO } else { Fr::from(OsRng.next_u64() % bound) };
            (0..TIER.slots()).map(value).collect::<Vec<_>>()
        });
        let columns = values.each_ref().map(|values| MaskedColumn::new(values, &Mask::random(&mut OsRng)));
        let commitments = columns.each_ref().map(|column| Bn254::commit(setup.kzg(), column).unwrap());
        Self { values, columns, commitments }
    }

    /// The first two columns, opened at these slots.
    pub fn open(&self, setup: &Srs, slots: impl IntoIterator<Item = usize>) -> Columns {
        let openings = slots.into_iter().map(|slot| {
            let values = [0, 1].map(|column: usize| self.values[column][slot]);
            self.open_with(setup, slot, Fr::random(OsRng), values)
        });
        let [a, b, _] = self.commitments.each_ref().map(|commitment| commitment.0[..].try_into().unwrap());
        Columns { slots: word(TIER.slots()), a, b, openings: openings.collect() }
    }

    pub fn open_with(&self, setup: &Srs, slot: usize, gamma: Fr, values: [Fr; 2]) -> Opening {
        let columns = self.commitments[..2].to_vec();
        let claim = OpeningClaim { tier: TIER, slot, columns, values: values.to_vec(), gamma };
        let proof =
            Bn254::open_one(setup.kzg(), &[&self.columns[0], &self.columns[1]], &claim, &mut OsRng).unwrap();
        Opening {
            index: word(slot),
            gamma: to_bytes(&gamma),
            value: to_bytes(&claim.value()),
            proof: proof.try_into().unwrap(),
        }
    }
}

pub fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let setup = Srs::insecure_dev(opening_k(TIER)).unwrap();
        let mut evm = Evm::default();
        let artifact = Artifact::parse(generated::DEV_OPENING).unwrap();
        let (address, _) = evm.deploy(Address::ZERO, &artifact.bytecode).unwrap();
        let segments = [(); 2].map(|()| Segment::new(&setup));
        Fixture { setup, evm, address, segments }
    })
}

impl Fixture {
    pub fn call(&self, data: &[u8]) -> Outcome {
        self.evm.clone().call(Address::ZERO, self.address, data).unwrap()
    }

    /// The native verdict; of slots that hold accounts only.
    pub fn native(&self, columns: &[Columns]) -> bool {
        let mut terms = Vec::new();
        for Columns { slots, a, b, openings } in columns {
            let tier = Tier::ALL.into_iter().find(|tier| word(tier.slots()) == *slots);
            for opening in openings {
                let number = |word: &[u8; 32]| from_bytes::<Fr>(word);
                let (Some(tier), Some(gamma), Some(value)) =
                    (tier, number(&opening.gamma), number(&opening.value))
                else {
                    return false;
                };
                if opening.index[..24] != [0; 24] {
                    return false;
                }
                let slot = u64::from_be_bytes(opening.index[24..].try_into().unwrap()) as usize;
                let columns = vec![Commitment(a.to_vec()), Commitment(b.to_vec())];
                // Folded already.
                let values = vec![value, Fr::ZERO];
                let claim = OpeningClaim { tier, slot, columns, values, gamma };
                terms.push(OpeningTerm { claim, proof: opening.proof.to_vec() });
            }
        }
        Bn254::check_openings(self.setup.kzg(), &terms).is_ok()
    }

    /// Both say the same; a refusal is a revert with a known error, which is returned.
    pub fn agree(&self, columns: &[Columns], what: &str) -> Result<(), &'static str> {
        let outcome = self.call(&check(columns));
        assert_eq!(outcome.is_success(), self.native(columns), "{what}: {outcome:?}");
        if outcome.is_success() {
            assert!(outcome.output.is_empty());
            return Ok(());
        }
        assert_eq!(outcome.end, End::Revert, "{what}: {outcome:?}");
        Err(error(&outcome.output).unwrap_or_else(|| panic!("{what}: no known error in {outcome:?}")))
    }
}
