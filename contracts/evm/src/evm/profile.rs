//! Where a transaction's gas goes.

use revm::{
    Inspector,
    interpreter::{Interpreter, interpreter_types::Jumps},
};

/// One line of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The step of the contract in which the gas was used.
    pub step: String,
    /// The precompile that took it, `keccak256`, or `code`.
    pub what: &'static str,
    /// How often.
    pub count: u64,
    /// How much.
    pub gas: u64,
}

/// All of them, in the order in which they first occurred.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The transaction's base, its data, and what happens before the first step.
    pub items: Vec<Item>,
}

/// Attributes the gas of every instruction of a single contract to the step that runs.
pub(super) struct Meter<'a> {
    steps: &'a [(String, usize)],
    step: String,
    last: Option<(&'static str, u64)>,
    items: Vec<Item>,
}

const STATICCALL: u8 = 0xfa;
const KECCAK256: u8 = 0x20;

impl<'a> Meter<'a> {
    pub(super) fn new(steps: &'a [(String, usize)]) -> Self {
        Self { steps, step: "dispatch".into(), last: None, items: Vec::new() }
    }

    fn add(&mut self, what: &'static str, gas: u64) {
        match self.items.iter_mut().find(|item| item.step == self.step && item.what == what) {
            Some(item) => {
                item.count += 1;
                item.gas += gas;
            }
            None => self.items.push(Item { step: self.step.clone(), what, count: 1, gas }),
        }
    }

    /// What no instruction took is the transaction's own: its base and its data.
    pub(super) fn finish(mut self, total: u64) -> Profile {
        let instructions: u64 = self.items.iter().map(|item| item.gas).sum();
        let own = total.saturating_sub(instructions);
        self.items.insert(0, Item { step: "transaction".into(), what: "base and data", count: 1, gas: own });
        Profile { items: self.items }
    }
}

impl<CTX> Inspector<CTX> for Meter<'_> {
    fn step(&mut self, interpreter: &mut Interpreter, _: &mut CTX) {
        let gas = interpreter.gas.remaining();
        if let Some((what, before)) = self.last.take() {
            self.add(what, before.saturating_sub(gas));
        }
        let pc = interpreter.bytecode.pc();
        if let Some((name, _)) = self.steps.iter().find(|(_, at)| *at == pc) {
            self.step = name.clone();
        }
        let what = match interpreter.bytecode.opcode() {
            KECCAK256 => "keccak256",
            STATICCALL => {
                match interpreter.stack.data().iter().rev().nth(1).map(|address| address.to::<u64>()) {
                    Some(5) => "modexp",
                    Some(6) => "ecAdd",
                    Some(7) => "ecMul",
                    Some(8) => "pairing",
                    _ => "call",
                }
            }
            _ => "code",
        };
        self.last = Some((what, gas));
    }
}
