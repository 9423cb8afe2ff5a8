//! The contract that checks openings and last pairings: a template, and what follows from the setup.

use apportion_circuits::field::SuiteField;
use apportion_suite::params::{VerifierParams, bn254::points::g2_to_bytes};
use halo2_axiom::halo2curves::bn256::Fr;

use super::{Header, contract::COMPILER, plan::literal};

/// The contract's name.
pub const OPENING_VERIFIER: &str = "OpeningVerifier";

const TEMPLATE: &str = include_str!("../templates/OpeningVerifier.sol");

/// log2 of the orders of the subgroups in which slots can be opened.
const TIERS: [u32; 5] = [6, 10, 14, 16, 18];

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
    let tiers = TIERS.iter().map(|log| format!("        if (slots == {}) return {log};", 1u64 << log));
    let table = (0..=largest).map(|log| {
        let root = literal(&Fr::root_of_unity(log));
        match log {
            0 => format!("            mstore(roots, {root})"),
            log => format!("            mstore(add(roots, {:#x}), {root})", 32 * log),
        }
    });
    let lines = |lines: &mut dyn Iterator<Item = String>| lines.collect::<Vec<_>>().join("\n");
    TEMPLATE
        .replace("$COMPILER$", COMPILER)
        .replace("$HEADER$", &head.join("\n// "))
        .replace("$SETUP$", &format!("0x{}", hex::encode(params.digest())))
        .replace("$INSECURE$", &provenance.is_insecure().to_string())
        .replace("$ROOTS$", &(largest + 1).to_string())
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
