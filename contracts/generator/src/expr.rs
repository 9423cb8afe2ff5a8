//! Expressions over evaluations as straight-line Yul.
//!
//! Equal sub-expressions are one node. Fifth powers and long sums that occur more than once are computed once and
//! kept in memory. Sums are not reduced until they might overflow: values carry a bound in multiples of the modulus
//! r, and 5 r < 2^256.

use std::collections::HashMap;

use apportion_circuits::{
    field::to_bytes,
    plonkish::{Expr, Query},
};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;

use super::{
    plan::literal,
    text::{Memory, Text, mload, mstore, mul},
};

/// No value may exceed this many times the modulus.
const MAX_BOUND: usize = 5;
/// Sums of at most this many cells are computed wherever they are needed.
const SHORT: usize = 2;

/// Index of a node.
pub(super) type Id = usize;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node {
    /// Text of a value below r.
    Leaf(String),
    /// Terms with coefficients (big-endian), and a constant.
    Sum(Vec<(Id, [u8; 32])>, [u8; 32]),
    Product(Id, Id),
    Fifth(Id),
}

/// A value's text, at most `bound` times the modulus.
pub(super) struct Value {
    pub(super) text: String,
    pub(super) bound: usize,
}

/// The expressions of one contract.
pub(super) struct Expressions<'a> {
    cell: &'a dyn Fn(Query) -> String,
    nodes: Vec<Node>,
    ids: HashMap<Node, Id>,
    coefficients: HashMap<[u8; 32], Fr>,
    uses: Vec<usize>,
    /// Address and bound of what is in memory.
    stored: HashMap<Id, (usize, usize)>,
}

impl<'a> Expressions<'a> {
    /// `cell` gives the text of a queried cell's evaluation, a value below r.
    pub(super) fn new(cell: &'a dyn Fn(Query) -> String) -> Self {
        Self {
            cell,
            nodes: Vec::new(),
            ids: HashMap::new(),
            coefficients: HashMap::new(),
            uses: Vec::new(),
            stored: HashMap::new(),
        }
    }

    /// Adds an expression that will be used once more.
    pub(super) fn add(&mut self, expr: &Expr<Fr>) -> Id {
        let id = self.node(expr);
        self.uses[id] += 1;
        id
    }

    fn intern(&mut self, node: Node) -> Id {
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        let id = self.nodes.len();
        // A node's own children count once, however often the node is used.
        match &node {
            Node::Leaf(_) => {}
            Node::Sum(terms, _) => terms.iter().for_each(|(term, _)| self.uses[*term] += 1),
            Node::Product(a, b) => {
                self.uses[*a] += 1;
                self.uses[*b] += 1;
            }
            Node::Fifth(a) => self.uses[*a] += 1,
        }
        self.nodes.push(node.clone());
        self.uses.push(0);
        self.ids.insert(node, id);
        id
    }

    fn node(&mut self, expr: &Expr<Fr>) -> Id {
        match expr {
            Expr::Cell(query) => {
                let leaf = Node::Leaf((self.cell)(*query));
                self.intern(leaf)
            }
            Expr::Product(a, b) if !is_constant(a) && !is_constant(b) => {
                if let Some(base) = fifth_power(expr) {
                    let base = self.node(base);
                    return self.intern(Node::Fifth(base));
                }
                let (a, b) = (self.node(a), self.node(b));
                self.intern(Node::Product(a, b))
            }
            _ => {
                let mut terms: Vec<(Id, Fr)> = Vec::new();
                let constant = self.gather(expr, Fr::ONE, &mut terms);
                terms.retain(|(_, by)| *by != Fr::ZERO);
                if let ([(term, Fr::ONE)], Fr::ZERO) = (&terms[..], constant) {
                    return *term;
                }
                let terms = terms.into_iter().map(|(term, by)| (term, self.coefficient(by))).collect();
                let constant = self.coefficient(constant);
                self.intern(Node::Sum(terms, constant))
            }
        }
    }

    fn coefficient(&mut self, value: Fr) -> [u8; 32] {
        let bytes = to_bytes(&value);
        self.coefficients.insert(bytes, value);
        bytes
    }

    /// Flattens sums that are added or subtracted as they stand; a long one that is wrapped in a sign is kept, as it
    /// may occur elsewhere.
    fn gather(&mut self, expr: &Expr<Fr>, by: Fr, terms: &mut Vec<(Id, Fr)>) -> Fr {
        match expr {
            Expr::Constant(c) => *c * by,
            Expr::Sum(inner) if by == Fr::ONE || (by == -Fr::ONE && inner.len() <= SHORT) => {
                inner.iter().map(|term| self.gather(term, by, terms)).sum()
            }
            Expr::Scaled(a, c) => self.gather(a, *c * by, terms),
            Expr::Product(a, b) => match (a.as_ref(), b.as_ref()) {
                (Expr::Constant(c), x) | (x, Expr::Constant(c)) => self.gather(x, *c * by, terms),
                _ => {
                    terms.push((self.node(expr), by));
                    Fr::ZERO
                }
            },
            _ => {
                terms.push((self.node(expr), by));
                Fr::ZERO
            }
        }
    }

    /// Whether a node is computed into memory before it is used.
    fn is_kept(&self, id: Id) -> bool {
        match &self.nodes[id] {
            Node::Leaf(_) => false,
            Node::Fifth(_) => true,
            Node::Sum(terms, _) => {
                let short = terms.len() <= SHORT && terms.iter().all(|(term, _)| self.is_leaf(*term));
                !short || (terms.len() > 1 && self.uses[id] > 2)
            }
            Node::Product(..) => self.uses[id] > 1,
        }
    }

    fn is_leaf(&self, id: Id) -> bool {
        matches!(self.nodes[id], Node::Leaf(_)) || self.stored.contains_key(&id)
    }

    /// Computes whatever the node needs from memory. Uses the variables `t` and `s`.
    fn prepare(&mut self, out: &mut Text, memory: &mut Memory, id: Id) {
        let children = match &self.nodes[id] {
            Node::Leaf(_) => vec![],
            Node::Sum(terms, _) => terms.iter().map(|(term, _)| *term).collect(),
            Node::Product(a, b) => vec![*a, *b],
            Node::Fifth(a) => vec![*a],
        };
        for child in children {
            if self.stored.contains_key(&child) {
                continue;
            }
            self.prepare(out, memory, child);
            if self.is_kept(child) {
                self.store(out, memory, child);
            }
        }
    }

    fn store(&mut self, out: &mut Text, memory: &mut Memory, id: Id) {
        let at = memory.take(1);
        let bound = if let Node::Fifth(base) = self.nodes[id].clone() {
            let base = self.inline(base);
            out.line(format!("t := {}", base.text));
            out.line("s := mulmod(t, t, r)");
            out.line(mstore(at, mul("t", mul("s", "s"))));
            1
        } else {
            let bound = self.statements(out, id, "t", 2);
            out.line(mstore(at, "t"));
            bound
        };
        self.stored.insert(id, (at, bound));
    }

    /// Assigns a node to `variable`, at most `bound` times the modulus. Uses `t` and `s`, and `variable` only after
    /// both.
    pub(super) fn assign(
        &mut self,
        out: &mut Text,
        memory: &mut Memory,
        id: Id,
        variable: &str,
        bound: usize,
    ) -> usize {
        if !self.stored.contains_key(&id) {
            self.prepare(out, memory, id);
            if self.uses[id] > 1 && self.is_kept(id) {
                self.store(out, memory, id);
            }
        }
        self.statements(out, id, variable, bound)
    }

    /// The lines that assign a node whose children are prepared.
    fn statements(&mut self, out: &mut Text, id: Id, variable: &str, max: usize) -> usize {
        let values = match &self.nodes[id] {
            Node::Sum(terms, constant) if !self.stored.contains_key(&id) => {
                let mut values: Vec<Value> = terms.iter().map(|(term, by)| self.term(*term, by)).collect();
                values.extend(Value::constant(&self.coefficients[constant]));
                values
            }
            _ => vec![self.inline(id)],
        };
        accumulate(out, values, variable, max)
    }

    /// A polynomial's terms with their coefficients, and its constant. What is kept in memory is one term.
    pub(super) fn terms(&self, id: Id) -> (Vec<(Id, Fr)>, Fr) {
        match &self.nodes[id] {
            Node::Sum(terms, constant) if self.uses[id] <= 1 => (
                terms.iter().map(|(term, by)| (*term, self.coefficients[by])).collect(),
                self.coefficients[constant],
            ),
            _ => (vec![(id, Fr::ONE)], Fr::ZERO),
        }
    }

    /// Makes a term ready for `value`. Uses `t` and `s`.
    pub(super) fn ready(&mut self, out: &mut Text, memory: &mut Memory, id: Id) {
        if !self.stored.contains_key(&id) {
            self.prepare(out, memory, id);
            if self.is_kept(id) {
                self.store(out, memory, id);
            }
        }
    }

    /// A multiple of a term that is ready.
    pub(super) fn value(&self, id: Id, by: &Fr) -> Value {
        self.multiple(id, *by)
    }

    fn term(&self, id: Id, by: &[u8; 32]) -> Value {
        self.multiple(id, self.coefficients[by])
    }

    fn multiple(&self, id: Id, by: Fr) -> Value {
        let value = self.inline(id);
        if by == Fr::ONE {
            value
        } else if by == -Fr::ONE && value.bound == 1 {
            Value { text: format!("sub(r, {})", value.text), bound: 1 }
        } else {
            Value { text: mul(value.text, literal(&by)), bound: 1 }
        }
    }

    /// A node in one piece. Its children are prepared.
    fn inline(&self, id: Id) -> Value {
        if let Some((at, bound)) = self.stored.get(&id) {
            return Value { text: mload(*at), bound: *bound };
        }
        match &self.nodes[id] {
            Node::Leaf(text) => Value { text: text.clone(), bound: 1 },
            Node::Product(a, b) => Value { text: mul(self.inline(*a).text, self.inline(*b).text), bound: 1 },
            // Always kept.
            Node::Fifth(a) => {
                let base = self.inline(*a).text;
                let square = mul(&base, &base);
                Value { text: mul(base, mul(&square, &square)), bound: 1 }
            }
            Node::Sum(terms, constant) => {
                let mut values: Vec<Value> = terms.iter().map(|(term, by)| self.term(*term, by)).collect();
                let constant = self.coefficients[constant];
                if constant != Fr::ZERO {
                    values.push(Value { text: literal(&constant), bound: 1 });
                }
                values
                    .into_iter()
                    .reduce(|a, b| {
                        if a.bound + b.bound <= MAX_BOUND {
                            let text = format!("add({}, {})", a.text, b.text);
                            Value { text, bound: a.bound + b.bound }
                        } else {
                            Value { text: format!("addmod({}, {}, r)", a.text, b.text), bound: 1 }
                        }
                    })
                    .unwrap_or(Value { text: "0".into(), bound: 1 })
            }
        }
    }
}

impl Value {
    /// A constant, unless it is 0.
    pub(super) fn constant(value: &Fr) -> Option<Self> {
        (*value != Fr::ZERO).then(|| Self { text: literal(value), bound: 1 })
    }
}

/// The lines that assign a sum to a variable, at most `max` times the modulus. Returns the bound.
pub(super) fn accumulate(out: &mut Text, values: Vec<Value>, variable: &str, max: usize) -> usize {
    let mut values = values.into_iter();
    let Some(Value { text: mut pending, mut bound }) = values.next() else {
        out.line(format!("{variable} := 0"));
        return 1;
    };
    let count = values.len();
    for (i, value) in values.enumerate() {
        // The last addition must leave a value that the caller can use.
        let room = if i + 1 == count { max } else { MAX_BOUND };
        if bound + value.bound <= room {
            bound += value.bound;
            pending = format!("add({pending}, {})", value.text);
        } else {
            bound = 1;
            pending = format!("addmod({pending}, {}, r)", value.text);
        }
        out.line(format!("{variable} := {pending}"));
        pending = variable.to_string();
    }
    if pending != variable {
        out.line(format!("{variable} := {pending}"));
    }
    if bound > max {
        out.line(format!("{variable} := mod({variable}, r)"));
        bound = 1;
    }
    bound
}

fn is_constant(expr: &Expr<Fr>) -> bool {
    matches!(expr, Expr::Constant(_))
}

/// The base, if an expression is `(x^2 * x^2) * x`.
fn fifth_power(expr: &Expr<Fr>) -> Option<&Expr<Fr>> {
    let Expr::Product(fourth, base) = expr else { return None };
    let Expr::Product(a, b) = fourth.as_ref() else { return None };
    let square = |expr: &Expr<Fr>| matches!(expr, Expr::Product(x, y) if x.as_ref() == base.as_ref() && y.as_ref() == base.as_ref());
    (square(a) && square(b)).then_some(base)
}
