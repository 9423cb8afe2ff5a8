//! Gates as straight-line code.
//!
//! Whatever is linear in a gate is gathered: since all polynomials of a gate are multiplied by one selector and then by
//! powers of y, they are summed up before the first row is looked at, and a linear term costs one product a row however
//! many polynomials have it. What is left are the products of the expressions, each distinct one computed once a row, over
//! blocks of rows that fit the cache. A Tree's 46 polynomials take about 190 products a row, its expressions as
//! they stand 430.

use std::collections::{BTreeMap, HashMap};

use apportion_circuits::plonkish::{Expr, Layout, Query};
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;

use super::secret::{Rows, Secret};

/// Rows of a block.
pub(crate) const BLOCK: usize = 64;

/// `constant + sum coefficient * node`.
#[derive(Clone, Debug, Default)]
struct Linear {
    constant: Fr,
    terms: Vec<(usize, Fr)>,
}

impl Linear {
    /// The node that this is, if it is just that.
    fn alone(&self) -> Option<usize> {
        match self.terms[..] {
            [(node, coefficient)] if self.constant == Fr::ZERO && coefficient == Fr::ONE => Some(node),
            _ => None,
        }
    }

    fn key(&self) -> Vec<(usize, [u8; 32])> {
        let terms = self.terms.iter().map(|(node, c)| (node + 1, c.to_repr()));
        [(0, self.constant.to_repr())].into_iter().chain(terms).collect()
    }
}

/// What is computed once a row.
#[derive(Clone, Debug)]
enum Node {
    Cell(Query),
    Product(Linear, Linear),
}

/// One gate: its selector, and its polynomials.
struct Gate {
    selector: Linear,
    polys: Vec<Linear>,
}

/// All gates and lookup inputs of a layout.
pub(crate) struct Program {
    nodes: Vec<Node>,
    gates: Vec<Gate>,
    inputs: Vec<Linear>,
    /// The nodes that the gates need, in order, and those of each input.
    gate_nodes: Vec<usize>,
    input_nodes: Vec<Vec<usize>>,
}

/// Gates under one challenge: `selector * sum`, summed.
pub(crate) struct Gates<'p> {
    program: &'p Program,
    gates: Vec<(Linear, Linear)>,
}

/// The columns that cells are read from.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) advice: &'a [Rows<'a>],
    pub(crate) fixed: &'a [Rows<'a>],
    pub(crate) public: Rows<'a>,
}

impl Columns<'_> {
    fn column(&self, query: Query) -> (Rows<'_>, i32) {
        match query {
            Query::Advice(column, at) => (self.advice[column], at),
            Query::Fixed(column, at) => (self.fixed[column], at),
            Query::Public(at) => (self.public, at),
        }
    }
}

/// Room for one block's nodes.
pub(crate) struct Scratch {
    nodes: Secret,
    sides: [Secret; 2],
}

/// A linear combination of nodes, coefficients as bytes: what two equal factors have in common.
type Factor = Vec<(usize, [u8; 32])>;

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    cells: HashMap<Query, usize>,
    products: HashMap<[Factor; 2], usize>,
}

impl Builder {
    fn linear(&mut self, expr: &Expr<Fr>) -> Linear {
        let mut sum = (Fr::ZERO, BTreeMap::new());
        self.add(expr, Fr::ONE, &mut sum);
        let terms = sum.1.into_iter().filter(|(_, c)| *c != Fr::ZERO).collect();
        Linear { constant: sum.0, terms }
    }

    /// Adds a multiple of an expression.
    fn add(&mut self, expr: &Expr<Fr>, by: Fr, sum: &mut (Fr, BTreeMap<usize, Fr>)) {
        match expr {
            Expr::Constant(c) => sum.0 += *c * by,
            Expr::Cell(query) => *sum.1.entry(self.cell(*query)).or_insert(Fr::ZERO) += by,
            Expr::Sum(terms) => terms.iter().for_each(|term| self.add(term, by, sum)),
            Expr::Scaled(a, c) => self.add(a, by * c, sum),
            Expr::Product(a, b) => {
                let mut sides = [self.linear(a), self.linear(b)];
                if let Some(constant) = sides.iter().position(|side| side.terms.is_empty()) {
                    let by = by * sides[constant].constant;
                    sum.0 += by * sides[1 - constant].constant;
                    for (node, c) in &sides[1 - constant].terms {
                        *sum.1.entry(*node).or_insert(Fr::ZERO) += by * c;
                    }
                    return;
                }
                let mut by = by;
                for side in &mut sides {
                    if let [(_, c)] = &mut side.terms[..]
                        && side.constant == Fr::ZERO
                    {
                        by *= std::mem::replace(c, Fr::ONE);
                    }
                }
                *sum.1.entry(self.product(sides)).or_insert(Fr::ZERO) += by;
            }
        }
    }

    fn cell(&mut self, query: Query) -> usize {
        let next = self.nodes.len();
        let node = *self.cells.entry(query).or_insert(next);
        if node == next {
            self.nodes.push(Node::Cell(query));
        }
        node
    }

    fn product(&mut self, mut sides: [Linear; 2]) -> usize {
        let mut keys = [sides[0].key(), sides[1].key()];
        if keys[0] > keys[1] {
            keys.swap(0, 1);
            sides.swap(0, 1);
        }
        let next = self.nodes.len();
        let node = *self.products.entry(keys).or_insert(next);
        if node == next {
            let [a, b] = sides;
            self.nodes.push(Node::Product(a, b));
        }
        node
    }
}

impl Program {
    pub(crate) fn new(layout: &Layout<Fr>) -> Self {
        let mut builder = Builder::default();
        let gates: Vec<Gate> = layout
            .gates
            .iter()
            .map(|gate| Gate {
                selector: builder.linear(&gate.selector),
                polys: gate.polys.iter().map(|(_, poly)| builder.linear(poly)).collect(),
            })
            .collect();
        let inputs: Vec<_> = layout.lookups.iter().map(|lookup| builder.linear(&lookup.input)).collect();
        let nodes = builder.nodes;
        let of_gates = gates.iter().flat_map(|gate| gate.polys.iter().chain([&gate.selector]));
        let gate_nodes = needed(&nodes, of_gates);
        let input_nodes = inputs.iter().map(|input| needed(&nodes, [input])).collect();
        Self { nodes, gates, inputs, gate_nodes, input_nodes }
    }

    /// How many polynomials there are.
    pub(crate) fn polys(&self) -> usize {
        self.gates.iter().map(|gate| gate.polys.len()).sum()
    }

    /// The sum of all gates' polynomials, each times its factor.
    pub(crate) fn gates(&self, factors: &[Fr]) -> Gates<'_> {
        let mut factors = factors.iter();
        let gates = self.gates.iter().map(|gate| {
            let mut sum = (Fr::ZERO, BTreeMap::new());
            for (poly, factor) in gate.polys.iter().zip(&mut factors) {
                sum.0 += poly.constant * factor;
                for (node, c) in &poly.terms {
                    *sum.1.entry(*node).or_insert(Fr::ZERO) += *c * factor;
                }
            }
            (gate.selector.clone(), Linear { constant: sum.0, terms: sum.1.into_iter().collect() })
        });
        Gates { program: self, gates: gates.collect() }
    }

    pub(crate) fn scratch(&self) -> Scratch {
        Scratch {
            nodes: Secret::zeros(self.nodes.len() * BLOCK),
            sides: [Secret::zeros(BLOCK), Secret::zeros(BLOCK)],
        }
    }

    /// Computes nodes of a block that starts in this row.
    fn run(&self, nodes: &[usize], columns: &Columns<'_>, row: usize, scratch: &mut Scratch) {
        for index in nodes.iter().copied() {
            let (before, rest) = scratch.nodes.split_at_mut(index * BLOCK);
            let out = &mut rest[..BLOCK];
            match &self.nodes[index] {
                Node::Cell(query) => {
                    let (column, at) = columns.column(*query);
                    out.copy_from_slice(column.from(row as i64 + i64::from(at), &mut scratch.sides[0]));
                }
                Node::Product(a, b) => {
                    let [first, second] = &mut scratch.sides;
                    let a = side(a, before, first);
                    let b = side(b, before, second);
                    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                        *out = *a * b;
                    }
                }
            }
        }
    }

    /// The input of a lookup on a block that starts in this row.
    pub(crate) fn input<'s>(
        &self,
        lookup: usize,
        columns: &Columns<'_>,
        row: usize,
        scratch: &'s mut Scratch,
    ) -> &'s [Fr] {
        self.run(&self.input_nodes[lookup], columns, row, scratch);
        let [out, _] = &mut scratch.sides;
        side(&self.inputs[lookup], &scratch.nodes, out)
    }
}

impl Gates<'_> {
    /// Adds the gates on a block that starts in this row.
    pub(crate) fn add_to(&self, columns: &Columns<'_>, row: usize, sum: &mut [Fr], scratch: &mut Scratch) {
        self.program.run(&self.program.gate_nodes, columns, row, scratch);
        let [first, second] = &mut scratch.sides;
        for (selector, polys) in &self.gates {
            let selector = side(selector, &scratch.nodes, first);
            let polys = side(polys, &scratch.nodes, second);
            for ((sum, a), b) in sum.iter_mut().zip(selector).zip(polys) {
                *sum += *a * b;
            }
        }
    }
}

/// The nodes that combinations need, their own before them.
fn needed<'l>(nodes: &[Node], of: impl IntoIterator<Item = &'l Linear>) -> Vec<usize> {
    let mut needed = vec![false; nodes.len()];
    let mark = |linear: &Linear, needed: &mut [bool]| {
        linear.terms.iter().for_each(|(node, _)| needed[*node] = true);
    };
    of.into_iter().for_each(|linear| mark(linear, &mut needed));
    for (index, node) in nodes.iter().enumerate().rev() {
        if let Node::Product(a, b) = node
            && needed[index]
        {
            mark(a, &mut needed);
            mark(b, &mut needed);
        }
    }
    (0..nodes.len()).filter(|node| needed[*node]).collect()
}

/// A linear combination of nodes: the node itself where it is one.
fn side<'s>(linear: &Linear, nodes: &'s [Fr], out: &'s mut [Fr]) -> &'s [Fr] {
    let node = |node: usize| &nodes[node * BLOCK..(node + 1) * BLOCK];
    if let Some(alone) = linear.alone() {
        return node(alone);
    }
    out.fill(linear.constant);
    for (index, coefficient) in &linear.terms {
        let terms = out.iter_mut().zip(node(*index));
        if *coefficient == Fr::ONE {
            terms.for_each(|(out, value)| *out += value);
        } else if *coefficient == -Fr::ONE {
            terms.for_each(|(out, value)| *out -= value);
        } else {
            terms.for_each(|(out, value)| *out += *value * coefficient);
        }
    }
    out
}
