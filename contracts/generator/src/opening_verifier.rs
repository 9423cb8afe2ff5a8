//! The contract that checks openings and last pairings: a template, and what follows from the setup.

use apportion_circuits::field::SuiteField;
use apportion_suite::params::{VerifierParams, bn254::points::g2_to_bytes};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;

use super::{Failure, Header, contract::COMPILER, plan::literal};

/// The contract's name.
pub const OPENING_VERIFIER: &str = "OpeningVerifier";

const TEMPLATE: &str = include_str!("../templates/OpeningVerifier.sol");

/// m of the tiers, of 4^m slots each, in which slots can be opened.
const TIERS: [u32; 5] = [3, 5, 7, 8, 9];

pub(super) fn opening_verifier(params: &VerifierParams, header: &Header) -> String {
    let provenance = params.provenance();
    let mut head: Vec<String> =
        header.lines.iter().flat_map(|line| line.lines()).map(str::to_string).collect();
    head.push(format!("Setup {}: {}", hex::encode(params.digest()), provenance.label()));
    if provenance.is_insecure() {
        head.push(
            "INSECURE: the setup's secret is public. Anyone can forge openings and proofs that this contract accepts."
                .into(),
        );
    }
    let largest = TIERS[TIERS.len() - 1];
    let tiers =
        TIERS.iter().map(|tier| format!("        if (slots == {}) return {tier};", 1u64 << (2 * tier)));
    // No index has a digit of order 4^0.
    let table = (1..=largest).flat_map(|tier| {
        let root = Fr::root_of_unity(2 * tier);
        [Fr::ONE, root, root.square(), root.cube()].into_iter().enumerate().map(move |(power, value)| {
            let at = 32 * (4 * tier as usize + power);
            format!("            mstore(add(roots, {at:#x}), {})", literal(&value))
        })
    });
    let lines = |lines: &mut dyn Iterator<Item = String>| lines.collect::<Vec<_>>().join("\n");
    TEMPLATE
        .replace("$COMPILER$", COMPILER)
        .replace("$HEADER$", &head.join("\n// "))
        .replace("$SETUP$", &format!("0x{}", hex::encode(params.digest())))
        .replace("$INSECURE$", &provenance.is_insecure().to_string())
        .replace("$WORDS$", &(4 * (largest + 1)).to_string())
        .replace("$PRECOMPILE_FAILED$", &format!("{:#010x}", Failure::PrecompileFailed.selector()))
        .replace("$TIERS$", &lines(&mut tiers.into_iter()))
        .replace("$TABLE$", &lines(&mut table.into_iter()))
        .replace("$G2$", &lines(&mut words(&g2_to_bytes(&params.g2()), 0x40)))
        .replace("$MINUS_TAU_G2$", &lines(&mut words(&g2_to_bytes(&-params.s_g2()), 0x100)))
}

/// Stores a G2 point in the pairing's input.
fn words(bytes: &[u8], at: usize) -> impl Iterator<Item = String> {
    bytes.chunks(32).enumerate().map(move |(i, word)| {
        format!("            mstore(add(input, {:#x}), 0x{})", at + 32 * i, hex::encode(word))
    })
}
