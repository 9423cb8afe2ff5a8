//! What a proof contains and where: the protocol's order, once, for all steps.
//!
//! Everything here restates halo2-axiom's verifier: the order of commitments, challenges and evaluations, and how
//! SHPLONK groups what is opened at equal sets of points.

use std::collections::BTreeSet;

use apportion_circuits::{
    field::to_bytes,
    plonkish::{Cost, Layout, Query},
};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};

use super::SolidityError;
use apportion_suite::bn254::VerifyingKey;

/// Where a calldata word stands: the offset of `proof` in `verify(bytes,uint256[])`'s canonical encoding is after the
/// selector, two offsets and the length.
pub(super) const PROOF_AT: usize = 4 + 3 * 32;

/// Something at a place in the calldata.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) name: String,
    pub(super) at: usize,
}

/// One polynomial that is opened.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub(super) name: String,
    pub(super) commitment: Commitment,
    /// Rotations, with the calldata offset of the evaluation there; `None` is the quotient's, which is computed.
    pub(super) evaluations: Vec<(i32, Option<usize>)>,
}

/// Where a commitment comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Commitment {
    /// The proof: a calldata offset.
    Proof(usize),
    /// The verifying key; the identity for a column of zeros.
    Key(G1Affine),
    /// The quotient's pieces, folded by powers of x^n.
    Quotient,
}

/// What is opened at one set of points.
#[derive(Clone, Debug)]
pub(super) struct RotationSet {
    /// In increasing order.
    pub(super) rotations: Vec<i32>,
    /// Indices into `Plan::opened`, in the order of their first query.
    pub(super) members: Vec<usize>,
}

/// The evaluations of one lookup argument, by calldata offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct LookupEvaluations {
    pub(super) product: usize,
    pub(super) product_next: usize,
    pub(super) input: usize,
    pub(super) input_previous: usize,
    pub(super) table: usize,
}

/// The evaluations of one running product of the permutation argument, by calldata offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProductEvaluations {
    pub(super) at: usize,
    pub(super) next: usize,
    /// At the last usable row, for all products but the last.
    pub(super) last: Option<usize>,
}

/// A step of the transcript: what is absorbed, and which challenges follow.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Calldata range that is absorbed; empty where a challenge follows another.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The challenge squeezed after it.
    pub(super) challenge: &'static str,
}

/// The whole proof.
pub(super) struct Plan<'a> {
    pub(super) layout: &'a Layout<Fr>,
    pub(super) key: &'a VerifyingKey,
    pub(super) degree: usize,
    /// Every group element of the proof, in order; the last two are the opening argument's.
    pub(super) points: Vec<Word>,
    /// Every scalar of the proof, in order.
    pub(super) scalars: Vec<Word>,
    pub(super) segments: Vec<Segment>,
    pub(super) quotient_pieces: Vec<usize>,
    pub(super) queries: Vec<(Query, usize)>,
    pub(super) sigma_evaluations: Vec<usize>,
    pub(super) products: Vec<ProductEvaluations>,
    pub(super) lookups: Vec<LookupEvaluations>,
    pub(super) opened: Vec<Opened>,
    pub(super) sets: Vec<RotationSet>,
    /// Every point of the opening argument, as rotations of x, in increasing order.
    pub(super) rotations: Vec<i32>,
    pub(super) proof_bytes: usize,
}

struct Cursor {
    at: usize,
    points: Vec<Word>,
    scalars: Vec<Word>,
}

impl Cursor {
    fn point(&mut self, name: impl Into<String>) -> usize {
        self.points.push(Word { name: name.into(), at: self.at });
        self.at += 64;
        self.at - 64
    }

    fn scalar(&mut self, name: impl Into<String>) -> usize {
        self.scalars.push(Word { name: name.into(), at: self.at });
        self.at += 32;
        self.at - 32
    }
}

impl<'a> Plan<'a> {
    pub(super) fn new(key: &'a VerifyingKey) -> Result<Self, SolidityError> {
        let layout = key.layout();
        check(layout)?;
        let cost = Cost::of(layout);
        let degree = cost.degree;
        let last = -(layout.blinding_rows() as i32);
        let mut cursor = Cursor { at: PROOF_AT, points: Vec::new(), scalars: Vec::new() };
        let mut segments = Vec::new();
        let mut from = cursor.at;
        let mut squeeze = |cursor: &Cursor, challenge| {
            segments.push(Segment { from, to: cursor.at, challenge });
            from = cursor.at;
        };

        let advice: Vec<_> = layout.advice.iter().map(|column| cursor.point(&column.name)).collect();
        squeeze(&cursor, "theta");
        let permuted: Vec<_> = (0..layout.lookups.len())
            .map(|i| {
                let input = cursor.point(format!("lookup {i}: permuted input"));
                (input, cursor.point(format!("lookup {i}: permuted table")))
            })
            .collect();
        squeeze(&cursor, "beta");
        squeeze(&cursor, "gamma");
        let product_points: Vec<_> = (0..cost.permutation_products)
            .map(|i| cursor.point(format!("permutation: running product {i}")))
            .collect();
        let lookup_products: Vec<_> =
            (0..layout.lookups.len()).map(|i| cursor.point(format!("lookup {i}: running product"))).collect();
        let random = cursor.point("random polynomial");
        squeeze(&cursor, "y");
        let quotient_pieces: Vec<_> =
            (0..cost.quotient_pieces).map(|i| cursor.point(format!("quotient: piece {i}"))).collect();
        squeeze(&cursor, "x");

        let mut queries = Vec::new();
        for query in layout.queries() {
            match query {
                Query::Advice(column, rotation) => {
                    queries.push((query, cursor.scalar(at(&layout.advice[column].name, rotation))));
                }
                Query::Fixed(column, rotation) => {
                    queries.push((query, cursor.scalar(at(&layout.fixed[column].name, rotation))));
                }
                Query::Public(_) => {}
            }
        }
        let random_evaluation = cursor.scalar("random polynomial @ x");
        let sigma_evaluations: Vec<_> = layout
            .equality
            .iter()
            .map(|column| cursor.scalar(format!("sigma of {} @ x", layout.advice[column.0].name)))
            .collect();
        let products: Vec<_> = (0..cost.permutation_products)
            .map(|i| ProductEvaluations {
                at: cursor.scalar(format!("running product {i} @ x")),
                next: cursor.scalar(format!("running product {i} @ x w")),
                last: (i + 1 < cost.permutation_products)
                    .then(|| cursor.scalar(format!("running product {i} @ {last}"))),
            })
            .collect();
        let lookups: Vec<_> = (0..layout.lookups.len())
            .map(|i| LookupEvaluations {
                product: cursor.scalar(format!("lookup {i}: running product @ x")),
                product_next: cursor.scalar(format!("lookup {i}: running product @ 1")),
                input: cursor.scalar(format!("lookup {i}: permuted input @ x")),
                input_previous: cursor.scalar(format!("lookup {i}: permuted input @ -1")),
                table: cursor.scalar(format!("lookup {i}: permuted table @ x")),
            })
            .collect();
        squeeze(&cursor, "zeta");
        squeeze(&cursor, "nu");
        cursor.point("opening: W");
        squeeze(&cursor, "u");
        cursor.point("opening: W'");
        let proof_bytes = cursor.at - PROOF_AT;

        // The order of queries decides the order of rotation sets and of their members.
        let mut opened = Vec::new();
        for (column, (named, commitment)) in layout.advice.iter().zip(&advice).enumerate() {
            let of = |query| matches!(query, Query::Advice(c, _) if c == column);
            opened.extend(column_opened(&named.name, Commitment::Proof(*commitment), &queries, of));
        }
        for (i, product) in products.iter().enumerate() {
            let mut evaluations = vec![(0, Some(product.at)), (1, Some(product.next))];
            evaluations.extend(product.last.map(|at| (last, Some(at))));
            opened.push(Opened {
                name: format!("permutation: running product {i}"),
                commitment: Commitment::Proof(product_points[i]),
                evaluations,
            });
        }
        for (i, lookup) in lookups.iter().enumerate() {
            let mut open = |what: &str, at, evaluations| {
                let commitment = Commitment::Proof(at);
                opened.push(Opened { name: format!("lookup {i}: {what}"), commitment, evaluations });
            };
            open(
                "running product",
                lookup_products[i],
                vec![(0, Some(lookup.product)), (1, Some(lookup.product_next))],
            );
            open(
                "permuted input",
                permuted[i].0,
                vec![(-1, Some(lookup.input_previous)), (0, Some(lookup.input))],
            );
            open("permuted table", permuted[i].1, vec![(0, Some(lookup.table))]);
        }
        for (column, (named, commitment)) in layout.fixed.iter().zip(key.fixed_commitments()).enumerate() {
            let of = |query| matches!(query, Query::Fixed(c, _) if c == column);
            opened.extend(column_opened(&named.name, Commitment::Key(*commitment), &queries, of));
        }
        for ((commitment, column), at) in
            key.permutation_commitments().iter().zip(&layout.equality).zip(&sigma_evaluations)
        {
            opened.push(Opened {
                name: format!("sigma of {}", layout.advice[column.0].name),
                commitment: Commitment::Key(*commitment),
                evaluations: vec![(0, Some(*at))],
            });
        }
        opened.push(Opened {
            name: "quotient".into(),
            commitment: Commitment::Quotient,
            evaluations: vec![(0, None)],
        });
        opened.push(Opened {
            name: "random polynomial".into(),
            commitment: Commitment::Proof(random),
            evaluations: vec![(0, Some(random_evaluation))],
        });

        opened.iter_mut().for_each(|poly| poly.evaluations.sort_unstable());
        let sets = rotation_sets(&opened);
        let rotations: BTreeSet<i32> = sets.iter().flat_map(|set| set.rotations.iter().copied()).collect();
        Ok(Self {
            layout,
            key,
            degree,
            points: cursor.points,
            scalars: cursor.scalars,
            segments,
            quotient_pieces,
            queries,
            sigma_evaluations,
            products,
            lookups,
            opened,
            sets,
            rotations: rotations.into_iter().collect(),
            proof_bytes,
        })
    }

    /// Where the inputs' length stands.
    pub(super) fn inputs_length_at(&self) -> usize {
        PROOF_AT + self.proof_bytes
    }

    /// Where the first input stands.
    pub(super) fn inputs_at(&self) -> usize {
        self.inputs_length_at() + 32
    }

    /// The exact size of a call.
    pub(super) fn calldata_bytes(&self) -> usize {
        self.inputs_at() + 32 * self.layout.public.len()
    }

    /// Where the evaluation of a column stands.
    pub(super) fn evaluation(&self, query: Query) -> Option<usize> {
        self.queries.iter().find(|(other, _)| *other == query).map(|(_, at)| *at)
    }

    /// The two elements of the opening argument, by calldata offset.
    pub(super) fn opening(&self) -> (usize, usize) {
        (PROOF_AT + self.proof_bytes - 128, PROOF_AT + self.proof_bytes - 64)
    }
}

/// `column @ x`, `column @ x w^3`.
fn at(name: &str, rotation: i32) -> String {
    match rotation {
        0 => format!("{name} @ x"),
        1 => format!("{name} @ x w"),
        _ => format!("{name} @ x w^{rotation}"),
    }
}

/// A column as it is opened; none where nothing reads it.
fn column_opened(
    name: &str,
    commitment: Commitment,
    queries: &[(Query, usize)],
    of: impl Fn(Query) -> bool,
) -> Option<Opened> {
    let evaluations: Vec<_> = queries
        .iter()
        .filter(|(query, _)| of(*query))
        .map(|(query, at)| match query {
            Query::Advice(_, rotation) | Query::Fixed(_, rotation) | Query::Public(rotation) => {
                (*rotation, Some(*at))
            }
        })
        .collect();
    (!evaluations.is_empty()).then(|| Opened { name: name.into(), commitment, evaluations })
}

/// Sets of equal points are one set, placed where its first member is first queried.
fn rotation_sets(opened: &[Opened]) -> Vec<RotationSet> {
    let mut sets: Vec<RotationSet> = Vec::new();
    for (index, poly) in opened.iter().enumerate() {
        let rotations: Vec<i32> = poly.evaluations.iter().map(|(rotation, _)| *rotation).collect();
        match sets.iter_mut().find(|set| set.rotations == rotations) {
            Some(set) => set.members.push(index),
            None => sets.push(RotationSet { rotations, members: vec![index] }),
        }
    }
    sets
}

/// What the generator relies on, beyond what keys are checked for.
fn check(layout: &Layout<Fr>) -> Result<(), SolidityError> {
    let unsupported = |reason: String| Err(SolidityError::Unsupported(reason));
    if layout.public.is_empty() {
        return unsupported("a relation without public inputs".into());
    }
    if layout.linked == 0 {
        return unsupported("a relation without linked columns".into());
    }
    // Two rotations that are congruent modulo the number of rows would be opened at one point: the multi-opening
    // argument is unsound then, and the native verifier refuses.
    let rows = layout.rows() as i64;
    let mut seen = BTreeSet::new();
    for query in layout.queries() {
        let (kind, column, rotation) = match query {
            Query::Advice(column, rotation) => (0, column, rotation),
            Query::Fixed(column, rotation) => (1, column, rotation),
            Query::Public(rotation) => (2, 0, rotation),
        };
        if !seen.insert((kind, column, i64::from(rotation).rem_euclid(rows))) {
            return unsupported(format!("{query:?} coincides with another rotation of its column"));
        }
        // All rotations and the last usable row must be distinct points.
        if i64::from(rotation).abs() >= rows / 2 {
            return unsupported(format!("{query:?} reaches over half of the table"));
        }
    }
    Ok(())
}

/// A field element as the shortest hexadecimal literal.
pub(super) fn literal(value: &Fr) -> String {
    let digits = hex::encode(to_bytes(value));
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { "0".into() } else { format!("0x{digits}") }
}
