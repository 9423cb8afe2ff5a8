//! The constants of Poseidon that the relations use are those of halo2_gadgets' reference generator.
//!
//! The relations' crate carries them as a file, so that nothing that only reads documents has to build a proof system. A
//! key fixes them for good: none is derived before they were compared, once per process and field.
//!
//! `APPORTION_REGENERATE=1 cargo test -p apportion-suite --lib constants` writes the files anew; the relations' crate then
//! has to be built again before anything reads them.

use std::sync::OnceLock;

use apportion_circuits::{
    field::{SuiteField, SuiteId},
    poseidon::{FULL_ROUNDS, PARTIAL_ROUNDS, Poseidon, WIDTH},
};
use halo2_gadgets::poseidon::primitives::{Mds, Spec, generate_constants};

use crate::SuiteError;

#[derive(Debug)]
struct WidthFive;

impl<F: SuiteField> Spec<F, WIDTH, 4> for WidthFive {
    fn full_rounds() -> usize {
        FULL_ROUNDS
    }

    fn partial_rounds() -> usize {
        PARTIAL_ROUNDS
    }

    fn sbox(x: F) -> F {
        x.pow_vartime([5])
    }

    fn secure_mds() -> usize {
        0
    }

    fn constants() -> (Vec<[F; WIDTH]>, Mds<F, WIDTH>, Mds<F, WIDTH>) {
        generate_constants::<F, Self, WIDTH, 4>()
    }
}

/// Refuses to go on where the relations' constants are not the generator's.
pub(crate) fn check<F: SuiteField>() -> Result<(), SuiteError> {
    static EQUAL: [OnceLock<bool>; SuiteId::ALL.len()] = [const { OnceLock::new() }; SuiteId::ALL.len()];
    let equal = match F::SUITE {
        SuiteId::Bn254 => &EQUAL[0],
        SuiteId::Pasta => &EQUAL[1],
    };
    if *equal.get_or_init(|| are_generated(F::poseidon())) {
        return Ok(());
    }
    let text = format!("the constants of Poseidon in circuits/src/poseidon/{}.hex", F::SUITE);
    Err(SuiteError::Backend(format!("{text} are not those of the reference generator")))
}

fn are_generated<F: SuiteField>(poseidon: &Poseidon<F>) -> bool {
    let (round_constants, mds, _) = generate_constants::<F, WidthFive, WIDTH, 4>();
    poseidon.round_constants == round_constants && poseidon.mds == mds
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::field::to_bytes;
    use halo2_axiom::halo2curves::bn256::Fr;
    use pasta_curves::Fp;

    fn any_change_is_seen<F: SuiteField>() {
        check::<F>().unwrap();
        let honest = F::poseidon();
        assert!(are_generated(honest));
        for (round, lane) in [(0, 0), (30, 4), (67, 2)] {
            let mut other = honest.clone();
            other.round_constants[round][lane] += F::ONE;
            assert!(!are_generated(&other));
        }
        let mut other = honest.clone();
        other.mds[4][0] += F::ONE;
        assert!(!are_generated(&other));
        let mut other = honest.clone();
        other.round_constants.pop();
        assert!(!are_generated(&other));
    }

    fn file_is_current<F: SuiteField>() {
        let (rounds, mds, _) = generate_constants::<F, WidthFive, WIDTH, 4>();
        let line = |x: &F| to_bytes(x).iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
        let text: String = rounds.iter().chain(&mds).flatten().map(line).collect();
        let path = format!("{}/../../circuits/src/poseidon/{}.hex", env!("CARGO_MANIFEST_DIR"), F::SUITE);
        if std::env::var_os("APPORTION_REGENERATE").is_some_and(|value| value == "1") {
            std::fs::write(&path, &text).unwrap();
        }
        assert!(std::fs::read_to_string(&path).unwrap() == text, "{path} is not what the generator gives");
    }

    #[test]
    fn files_of_constants_are_those_of_the_reference_generator() {
        file_is_current::<Fr>();
        file_is_current::<Fp>();
    }

    #[test]
    fn other_constants_are_refused() {
        any_change_is_seen::<Fr>();
        any_change_is_seen::<Fp>();
    }
}
