//! Step 3: the challenges, from a Keccak transcript.

use super::{
    plan::{PROOF_AT, Plan, literal},
    text::{Text, mstore},
};

/// Addresses of the challenges that are used.
pub(super) struct Challenges {
    pub(super) beta: usize,
    pub(super) gamma: usize,
    pub(super) y: usize,
    pub(super) x: usize,
    pub(super) zeta: usize,
    pub(super) nu: usize,
    pub(super) u: usize,
}

impl Challenges {
    /// Their number.
    pub(super) const WORDS: usize = 7;

    pub(super) fn at(start: usize) -> Self {
        let word = |i: usize| start + 32 * i;
        Self { beta: word(0), gamma: word(1), y: word(2), x: word(3), zeta: word(4), nu: word(5), u: word(6) }
    }

    fn address(&self, name: &str) -> Option<usize> {
        match name {
            "beta" => Some(self.beta),
            "gamma" => Some(self.gamma),
            "y" => Some(self.y),
            "x" => Some(self.x),
            "zeta" => Some(self.zeta),
            "nu" => Some(self.nu),
            "u" => Some(self.u),
            _ => None,
        }
    }
}

/// `buffer` is where the transcript is laid out: the key's digest, the inputs, the proof. Returns its end.
pub(super) fn transcript(out: &mut Text, plan: &Plan<'_>, challenges: &Challenges, buffer: usize) -> usize {
    let inputs = 32 * plan.layout.public.len();
    let proof = buffer + 32 + inputs;
    let doc = [
        "Step 3: the challenges. A challenge is the hash of the last hash and of what was sent since, modulo r; where",
        "nothing was sent, of the last hash and a byte 1. The transcript is laid out once; the last hash overwrites the",
        "word before what is absorbed next.",
    ];
    out.step(&doc, "_challenges", "pure", |out| {
        out.line(mstore(buffer, literal(&plan.key.transcript_repr())));
        out.line(format!("calldatacopy({:#x}, {:#x}, {inputs:#x}) // inputs", buffer + 32, plan.inputs_at()));
        out.line(format!("calldatacopy({proof:#x}, {PROOF_AT:#x}, {:#x}) // proof", plan.proof_bytes));
        for (i, segment) in plan.segments.iter().enumerate() {
            let from = proof + segment.from - PROOF_AT;
            let length = segment.to - segment.from;
            out.line("");
            if i == 0 {
                out.line("// The verifying key, the public inputs and the advice commitments.");
                out.line(format!("let hash := keccak256({buffer:#x}, {:#x})", from + length - buffer));
            } else if length == 0 {
                out.line("mstore(0x00, hash)");
                out.line("mstore8(0x20, 1)");
                out.line("hash := keccak256(0x00, 0x21)");
            } else {
                let words = plan.points.iter().chain(&plan.scalars);
                let words: Vec<_> =
                    words.filter(|word| (segment.from..segment.to).contains(&word.at)).collect();
                if let (Some(first), Some(last)) = (words.first(), words.last()) {
                    out.line(format!("// {} .. {}", first.name, last.name));
                }
                out.line(mstore(from - 32, "hash"));
                out.line(format!("hash := keccak256({:#x}, {:#x})", from - 32, length + 32));
            }
            match challenges.address(segment.challenge) {
                Some(at) => out.line(format!("{} // {}", mstore(at, "mod(hash, r)"), segment.challenge)),
                None => out.line(format!(
                    "// {}: no lookup has several columns, nothing uses it",
                    segment.challenge
                )),
            }
        }
    });
    proof + plan.proof_bytes
}
