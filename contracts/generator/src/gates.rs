//! Gates: for each, its polynomials folded by y, times its selector.
//!
//! A gate of several polynomials is sum_i y^(m-1-i) p_i. Where a term occurs in several of them with factors that
//! cost a product, as a fifth power in all lanes of a round, it is multiplied once, by its factors folded by y. Those
//! are computed once where several terms have the same, as in all rounds with the same matrix.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use apportion_circuits::{
    field::to_bytes,
    plonkish::{Gate, Layout},
};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;

use super::{
    expr::{Expressions, Id, Value, accumulate},
    plan::literal,
    text::{Memory, Text, mload, mstore, mul},
};

/// Factors of one term, one a polynomial.
type Factors = Vec<Fr>;

/// All gates, their expressions added.
pub(super) struct Gates<'a> {
    gates: Vec<Prepared<'a>>,
}

struct Prepared<'a> {
    gate: &'a Gate<Fr>,
    selector: Id,
    polys: Vec<Id>,
}

/// A gate's polynomials by terms.
struct Linear {
    terms: Vec<(Id, Factors)>,
    constants: Factors,
}

impl Linear {
    fn new(expressions: &Expressions<'_>, polys: &[Id]) -> Self {
        let mut terms: Vec<(Id, Factors)> = Vec::new();
        let mut constants = Vec::new();
        for (i, poly) in polys.iter().enumerate() {
            let (own, constant) = expressions.terms(*poly);
            constants.push(constant);
            for (term, by) in own {
                match terms.iter_mut().find(|(other, _)| *other == term) {
                    Some((_, factors)) => factors[i] += by,
                    None => {
                        let mut factors = vec![Fr::ZERO; polys.len()];
                        factors[i] = by;
                        terms.push((term, factors));
                    }
                }
            }
        }
        Self { terms, constants }
    }
}

/// Whether several factors cost a product.
fn is_wide(factors: &Factors) -> bool {
    let cheap = |by: &&Fr| ![Fr::ZERO, Fr::ONE, -Fr::ONE].contains(by);
    factors.iter().filter(cheap).count() > 1
}

fn key(factors: &Factors) -> Vec<[u8; 32]> {
    factors.iter().map(to_bytes).collect()
}

impl<'a> Gates<'a> {
    pub(super) fn new(layout: &'a Layout<Fr>, expressions: &mut Expressions<'_>) -> Self {
        let gates = layout
            .gates
            .iter()
            .map(|gate| Prepared {
                gate,
                selector: expressions.add(&gate.selector),
                polys: gate.polys.iter().map(|(_, poly)| expressions.add(poly)).collect(),
            })
            .collect();
        Self { gates }
    }

    /// Folds all gates into `acc`. Uses the variables `t`, `s`, `sum` and `wide`.
    pub(super) fn fold(&mut self, out: &mut Text, memory: &mut Memory, expressions: &mut Expressions<'_>) {
        let linear: Vec<_> = self.gates.iter().map(|gate| Linear::new(expressions, &gate.polys)).collect();
        let mut times: HashMap<_, usize> = HashMap::new();
        for (_, factors) in linear.iter().flat_map(|linear| &linear.terms).filter(|(_, f)| is_wide(f)) {
            *times.entry(key(factors)).or_default() += 1;
        }
        let powers = powers(out, memory, self.gates.iter().map(|gate| gate.polys.len()));
        let mut known = HashMap::new();
        for (index, (Prepared { gate, selector, polys }, linear)) in
            self.gates.iter().zip(&linear).enumerate()
        {
            out.line("");
            out.line(format!("// Gate \"{}\"", gate.name));
            for (claim, _) in &gate.polys {
                out.line(format!("// - {claim}"));
            }
            polynomials(out, memory, expressions, linear, &times, &mut known);
            out.line("// selected");
            expressions.assign(out, memory, *selector, "t", 5);
            let folded = mul("t", "sum");
            match powers.get(&polys.len()) {
                _ if index == 0 => out.line(format!("acc := {folded}")),
                Some(at) => out.line(format!("acc := add({}, {folded})", mul("acc", mload(*at)))),
                None => out.line(format!("acc := add({}, {folded})", mul("acc", "y"))),
            }
        }
    }
}

/// The powers of y by which gates are told apart; y itself is a variable.
fn powers(
    out: &mut Text,
    memory: &mut Memory,
    counts: impl Iterator<Item = usize>,
) -> BTreeMap<usize, usize> {
    let counts: BTreeSet<usize> = counts.filter(|count| *count > 1).collect();
    let mut powers = BTreeMap::new();
    for power in 2..=counts.last().copied().unwrap_or(0) {
        out.line(format!("t := {}", mul(if power == 2 { "y" } else { "t" }, "y")));
        if counts.contains(&power) {
            let at = memory.take(1);
            out.line(format!("{} // y^{power}", mstore(at, "t")));
            powers.insert(power, at);
        }
    }
    powers
}

/// Assigns a gate's folded polynomials to `sum`.
fn polynomials(
    out: &mut Text,
    memory: &mut Memory,
    expressions: &mut Expressions<'_>,
    linear: &Linear,
    times: &HashMap<Vec<[u8; 32]>, usize>,
    known: &mut HashMap<Vec<[u8; 32]>, usize>,
) {
    for (term, _) in &linear.terms {
        expressions.ready(out, memory, *term);
    }
    let wide: Vec<_> = linear.terms.iter().filter(|(_, factors)| is_wide(factors)).collect();
    let mut bound = 0;
    for (term, factors) in &wide {
        let key = key(factors);
        let factor = match known.get(&key) {
            Some(at) => mload(*at),
            None => {
                folded_factors(out, factors);
                if times.get(&key).is_some_and(|times| *times > 1) {
                    let at = memory.take(1);
                    out.line(mstore(at, "t"));
                    known.insert(key, at);
                }
                "t".into()
            }
        };
        let product = mul(expressions.value(*term, &Fr::ONE).text, factor);
        out.line(match bound {
            0 => format!("wide := {product}"),
            1..5 => format!("wide := add(wide, {product})"),
            _ => format!("wide := addmod(wide, {product}, r)"),
        });
        bound = if bound == 5 { 1 } else { bound + 1 };
    }

    for (i, constant) in linear.constants.iter().enumerate() {
        let narrow = linear.terms.iter().filter(|(_, factors)| !is_wide(factors) && factors[i] != Fr::ZERO);
        let mut values: Vec<Value> =
            narrow.map(|(term, factors)| expressions.value(*term, &factors[i])).collect();
        values.extend(Value::constant(constant));
        if i == 0 {
            accumulate(out, values, "sum", 5);
        } else if values.is_empty() {
            out.line("sum := mulmod(sum, y, r)");
        } else {
            accumulate(out, values, "t", 4);
            out.line("sum := add(mulmod(sum, y, r), t)");
        }
    }
    if !wide.is_empty() {
        out.line("sum := addmod(sum, wide, r)");
    }
}

/// Assigns factors, folded by y, to `t`; at most twice the modulus.
fn folded_factors(out: &mut Text, factors: &Factors) {
    let mut started = false;
    for factor in factors {
        if !started {
            if *factor != Fr::ZERO {
                out.line(format!("t := {}", literal(factor)));
                started = true;
            }
        } else if *factor == Fr::ZERO {
            out.line("t := mulmod(t, y, r)");
        } else {
            out.line(format!("t := add(mulmod(t, y, r), {})", literal(factor)));
        }
    }
}
