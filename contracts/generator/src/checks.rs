//! Step 1: the calldata's shape, canonical scalars, points on the curve.

use super::{
    errors::Failure,
    plan::{PROOF_AT, Plan},
    text::{Text, calldata, require},
};

/// Iterations of an unrolled loop.
const UNROLL: usize = 8;

pub(super) fn shape(out: &mut Text, plan: &Plan<'_>) {
    let doc = [
        "Step 1: one encoding only. Every offset below relies on it: proof and inputs stand where the ABI's canonical",
        "encoding puts them, and nothing else does.",
    ];
    out.step(&doc, "_checkShape", "pure", |out| {
        out.line(format!("let ok := eq(calldatasize(), {:#x})", plan.calldata_bytes()));
        let inputs = plan.layout.public.len();
        for (at, value, what) in [
            (0x04, PROOF_AT - 36, "offset of the proof"),
            (0x24, plan.inputs_length_at() - 4, "offset of the inputs"),
            (PROOF_AT - 32, plan.proof_bytes, "length of the proof"),
            (plan.inputs_length_at(), inputs, "number of inputs"),
        ] {
            out.line(format!("ok := and(ok, eq({}, {value:#x})) // {what}", calldata(at)));
        }
        require(out, "ok", Failure::MalformedCalldata);
        out.line("");
        out.line("// Public inputs: x and x + r would be one statement.");
        out.line("ok := 1");
        for (i, input) in plan.layout.public.iter().enumerate() {
            let word = calldata(plan.inputs_at() + 32 * i);
            out.line(format!("ok := and(ok, lt({word}, r)) // {}", input.name));
        }
        require(out, "ok", Failure::InputNotCanonical);
        out.line("");
        let (from, count) = (plan.scalars[0].at, plan.scalars.len());
        out.line(format!("// The proof's {count} scalars."));
        let looped = count / UNROLL * UNROLL;
        let (end, step) = (from + 32 * looped, 32 * UNROLL);
        out.block(
            format!("for {{ let at := {from:#x} }} lt(at, {end:#x}) {{ at := add(at, {step:#x}) }}"),
            |out| {
                out.line("ok := and(ok, lt(calldataload(at), r))");
                for i in 1..UNROLL {
                    out.line(format!("ok := and(ok, lt(calldataload(add(at, {:#x})), r))", 32 * i));
                }
            },
        );
        for i in looped..count {
            out.line(format!("ok := and(ok, lt({}, r))", calldata(from + 32 * i)));
        }
        require(out, "ok", Failure::ScalarNotCanonical);
    });
}

pub(super) fn points(out: &mut Text, plan: &Plan<'_>) {
    let doc = [
        "Step 2: every point of the proof is canonical and satisfies y^2 = x^3 + 3 before a precompile sees it: on bad",
        "points precompiles fail and burn what they were given. The identity, (0, 0), is not on the curve.",
    ];
    out.step(&doc, "_checkPoints", "pure", |out| {
        out.line("let ok := 1");
        let (w, _) = plan.opening();
        for (from, to) in [(PROOF_AT, plan.scalars[0].at), (w, w + 128)] {
            out.block(
                format!("for {{ let at := {from:#x} }} lt(at, {to:#x}) {{ at := add(at, 0x40) }}"),
                |out| {
                    out.line("let x := calldataload(at)");
                    out.line("let y := calldataload(add(at, 0x20))");
                    out.line("let cube := mulmod(x, mulmod(x, x, P), P)");
                    out.line("ok := and(ok, and(lt(x, P), lt(y, P)))");
                    out.line("ok := and(ok, eq(mulmod(y, y, P), addmod(cube, 3, P)))");
                },
            );
        }
        require(out, "ok", Failure::PointNotOnCurve);
    });
}
