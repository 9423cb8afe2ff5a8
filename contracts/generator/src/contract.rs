//! The whole contract.

use apportion_circuits::{field::SuiteField, plonkish::Layout, relation::RelationId};
use sha3::{Digest, Keccak256};

use super::{
    Header, SolidityError, checks,
    domain::{self, Domain},
    errors::Failure,
    opening::{self, Opening},
    plan::Plan,
    quotient,
    text::{Memory, Text},
    transcript::{self, Challenges},
};
use apportion_suite::params::VerifierParams;
use apportion_suite::{Bn254, Suite, bn254::VerifyingKey};

/// Solidity's free memory starts here.
const FREE: usize = 0x80;
/// The one compiler that the generated code is tested with.
pub const COMPILER: &str = "0.8.34";

pub(super) fn contract(
    key: &VerifyingKey,
    params: &VerifierParams,
    header: &Header,
) -> Result<String, SolidityError> {
    let plan = Plan::new(key)?;
    let relation = plan.layout.relation.name();
    let challenges = Challenges::at(FREE);
    let base = FREE + 32 * Challenges::WORDS;
    let mut memory = Memory::from(base);

    // Steps first: they decide how much memory there is.
    let mut steps = Text::nested(1);
    checks::shape(&mut steps, &plan);
    checks::points(&mut steps, &plan);
    let transcript_end = transcript::transcript(&mut steps, &plan, &challenges, base);
    let opening = Opening { curve: memory.take(12), quotient: memory.take(1), evaluations: memory.take(1) };
    let domain = Domain::new(&plan, &mut memory);
    domain::invert(&mut steps, &plan, &challenges, &domain, opening.curve);
    domain::lagrange(&mut steps, &plan, &domain);
    let rewind = memory.next();
    quotient::quotient(&mut steps, &plan, &challenges, &domain, opening.quotient, &mut memory);
    memory.rewind(rewind);
    opening::evaluations(&mut steps, &plan, &challenges, &domain, &opening, &mut memory);
    opening::commitments(&mut steps, &plan, &challenges, &domain, &opening);
    let words = 2 * plan.layout.linked + 4;
    let answer = memory.take(2 + words);
    opening::answer(&mut steps, &plan, &opening, answer);
    let memory_end = memory.end().max(transcript_end);

    let mut out = Text::default();
    preamble(&mut out, &plan, params, header);
    out.line(format!("contract {} {{", name(plan.layout)));
    out.nest(|out| {
        for failure in Failure::ALL {
            out.line(format!("/// {}", failure.doc()));
            out.line(format!("error {}();", failure.name()));
        }
        out.line("");
        out.line("// The scalar field's modulus.");
        out.line("uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;");
        out.line("// The base field's modulus.");
        out.line("uint256 private constant P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;");
        out.line("// Gas offered to precompiles: bounded, with room for other chains' prices.");
        for (name, gas) in [("MODEXP", "20_000"), ("ECADD", "1_000"), ("ECMUL", "12_000")] {
            out.line(format!("uint256 private constant GAS_{name} = {gas};"));
        }
        out.line("");
        let relation_hash = format!("apportion.relation.{relation}.v1");
        constant(out, &format!("Which relation: keccak256(\"{relation_hash}\")."), "relation", "bytes32", &format!(
            "0x{}",
            hex::encode(Keccak256::digest(relation_hash.as_bytes()))
        ));
        constant(out, "Slots of a segment.", "slots", "uint256", &plan.layout.slots().to_string());
        constant(out, "Digest of the table's description and its verifying key.", "keyDigest", "bytes32", &format!(
            "0x{}",
            hex::encode(Bn254::key_digest(key))
        ));
        constant(out, "Digest of the setup: SHA-256 of g1, g2 and [tau]2.", "setup", "bytes32", &format!(
            "0x{}",
            hex::encode(params.digest())
        ));
        constant(out, "Whether the setup's secret is publicly known, so that anyone can forge proofs.", "insecureSetup", "bool", &params.provenance().is_insecure().to_string());
        constant(out, "The number of public inputs.", "numInputs", "uint256", &plan.layout.public.len().to_string());
        constant(out, "The number of linked columns: `accumulate` returns so many points and two more.", "numLinked", "uint256", &plan.layout.linked.to_string());
        constant(out, "The exact length of a proof in bytes.", "proofLength", "uint256", &plan.proof_bytes.to_string());
        accumulate(out, &plan, answer, memory_end);
    });
    let mut text = out.finish();
    text.push_str(&steps.finish());
    text.push_str("}\n");
    Ok(text)
}

/// The contract's name: `Split1024Verifier`.
pub(super) fn contract_name(key: &VerifyingKey) -> Result<String, SolidityError> {
    Ok(name(Plan::new(key)?.layout))
}

fn name<F: SuiteField>(layout: &Layout<F>) -> String {
    let relation = match layout.relation {
        RelationId::Split => "Split",
        RelationId::Tree => "Tree",
    };
    format!("{relation}{}Verifier", layout.tier)
}

fn constant(out: &mut Text, doc: &str, name: &str, kind: &str, value: &str) {
    out.line(format!("/// @notice {doc}"));
    out.block(format!("function {name}() external pure returns ({kind})"), |out| {
        out.line(format!("return {value};"));
    });
    out.line("");
}

fn accumulate(out: &mut Text, plan: &Plan<'_>, answer: usize, memory_end: usize) {
    let linked = &plan.layout.advice[..plan.layout.linked];
    let names: Vec<_> = linked.iter().map(|column| column.name.as_str()).collect();
    let inputs: Vec<_> = plan.layout.public.iter().map(|input| input.name).collect();
    out.line("/// @notice Checks a proof up to its last pairing: valid if and only if e(left, [tau]2) = e(right, [1]2).");
    out.line("/// @dev The parameters are unnamed: step 1 fixes where their words stand.");
    out.line("/// First parameter: the proof, `proofLength()` bytes.");
    out.line(format!("/// Second parameter: the public inputs {}.", inputs.join(", ")));
    out.line(format!(
        "/// @return x and y of each of the linked columns' commitments ({}), of left, of right.",
        names.join(", ")
    ));
    out.block("function accumulate(bytes calldata, uint256[] calldata) external view returns (uint256[] memory)", |out| {
        out.block("assembly (\"memory-safe\")", |out| {
            out.line("// The steps below work at fixed addresses, in memory that is allocated here. Were it not free, as under");
            out.line("// a compiler pipeline that keeps variables there, nothing could be verified.");
            out.line(format!("if iszero(eq(mload(0x40), {FREE:#x})) {{ revert(0x00, 0x00) }}"));
            out.line(format!("mstore(0x40, {memory_end:#x})"));
        });
        for step in [
            "_checkShape",
            "_checkPoints",
            "_challenges",
            "_invert",
            "_lagrange",
            "_quotient",
            "_evaluations",
            "_commitments",
            "_answer",
        ] {
            out.line(format!("{step}();"));
        }
        out.block("assembly (\"memory-safe\")", |out| {
            out.line(format!("return({answer:#x}, {:#x})", 32 * (2 + 2 * linked.len() + 4)));
        });
    });
}

fn preamble(out: &mut Text, plan: &Plan<'_>, params: &VerifierParams, header: &Header) {
    out.line("// SPDX-License-Identifier: MIT OR Apache-2.0");
    out.line(format!("pragma solidity {COMPILER};"));
    out.line("");
    out.line("// Generated. Do not edit: render it again.");
    for line in header.lines.iter().flat_map(|line| line.lines()) {
        out.line(format!("// {line}"));
    }
    out.line(format!("// Relation {}, 2^{} rows.", plan.layout.name(), plan.layout.k));
    out.line(format!("// Key {}", hex::encode(Bn254::key_digest(plan.key))));
    out.line(format!("// Setup {}: {}", hex::encode(params.digest()), params.provenance().label()));
    if params.provenance().is_insecure() {
        out.line(
            "// INSECURE: the setup's secret is public. Anyone can forge proofs that this contract accepts.",
        );
    }
    out.line("//");
    out.line("// The proof system is halo2 (PLONK with lookups) over BN254 with KZG commitments and SHPLONK openings; challenges");
    out.line("// come from Keccak-256. Where things stand in the calldata (w generates the rows' subgroup):");
    out.line("//");
    for word in plan.points.iter().chain(&plan.scalars) {
        out.line(format!("//   {:#06x}  {}", word.at, word.name));
    }
    out.line("");
    out.line(format!(
        "/// @title Verifies proofs of relation {}, but for the last pairing",
        plan.layout.name()
    ));
    out.line(
        "/// @notice Implements IRelationVerifier: no storage, no owner. What it returns is no verdict: OpeningVerifier pairs.",
    );
}
