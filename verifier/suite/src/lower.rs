//! What both lowerings share: refusing layouts that they cannot represent, translating expressions, and the
//! digest of a key.

use std::fmt::{self, Write};

use apportion_circuits::{
    column::MASK_COEFFICIENTS,
    field::{SuiteField, to_bytes},
    plonkish::{Checker, Cost, Expr, Layout, Query, Table},
    types::RESERVED_SLOTS,
};
use sha2::{Digest, Sha256};

use super::{SuiteError, constants};

/// The expressions of a proof system, built bottom-up.
pub(super) trait Target<F> {
    type Expression;

    fn constant(&mut self, value: F) -> Self::Expression;
    fn cell(&mut self, query: Query) -> Self::Expression;
    fn negated(&mut self, a: Self::Expression) -> Self::Expression;
    fn sum(&mut self, a: Self::Expression, b: Self::Expression) -> Self::Expression;
    fn product(&mut self, a: Self::Expression, b: Self::Expression) -> Self::Expression;
    fn scaled(&mut self, a: Self::Expression, by: F) -> Self::Expression;

    /// Makes every query of a layout, in the order of `Layout::queries`. Done before anything else, it fixes
    /// the order of the evaluations in a proof, whatever the gates look like.
    fn query_all(&mut self, layout: &Layout<F>)
    where
        F: SuiteField,
    {
        for query in layout.queries() {
            self.cell(query);
        }
    }
}

/// Translates an expression. Sums are flattened, constants are gathered, and subtraction is kept apart from
/// multiplication by -1, all without changing any degree: the evaluators of both proof systems compute each
/// node as it stands, one of them sharing equal nodes.
pub(super) fn lower<F: SuiteField, T: Target<F>>(target: &mut T, expr: &Expr<F>) -> T::Expression {
    match expr {
        Expr::Constant(c) => target.constant(*c),
        Expr::Cell(query) => target.cell(*query),
        Expr::Scaled(a, c) => lower_scaled(target, a, *c),
        Expr::Product(a, b) => match (a.as_ref(), b.as_ref()) {
            (Expr::Constant(c), x) | (x, Expr::Constant(c)) => lower_scaled(target, x, *c),
            (a, b) => {
                let a = lower(target, a);
                let b = lower(target, b);
                target.product(a, b)
            }
        },
        Expr::Sum(_) => lower_sum(target, expr, F::ONE),
    }
}

fn lower_sum<F: SuiteField, T: Target<F>>(target: &mut T, sum: &Expr<F>, by: F) -> T::Expression {
    let mut terms = Vec::new();
    let constant = gather(sum, by, &mut terms);
    // A term that is not subtracted goes first, so that nothing has to be negated by itself.
    if let Some(first) = terms.iter().position(|(_, c)| *c != -F::ONE) {
        terms[..=first].rotate_right(1);
    }
    let mut sum = None;
    for (term, c) in terms {
        let term = lower_scaled(target, term, c);
        sum = Some(match sum {
            None => term,
            Some(sum) => target.sum(sum, term),
        });
    }
    match sum {
        None => target.constant(constant),
        Some(sum) if constant.is_zero_vartime() => sum,
        Some(sum) => {
            let constant = target.constant(constant);
            target.sum(sum, constant)
        }
    }
}

fn lower_scaled<F: SuiteField, T: Target<F>>(target: &mut T, expr: &Expr<F>, by: F) -> T::Expression {
    match expr {
        Expr::Constant(c) => target.constant(*c * by),
        Expr::Scaled(a, c) => lower_scaled(target, a, *c * by),
        Expr::Sum(_) if by == -F::ONE => lower_sum(target, expr, by),
        _ => {
            let lowered = lower(target, expr);
            if by == F::ONE {
                lowered
            } else if by == -F::ONE {
                target.negated(lowered)
            } else {
                target.scaled(lowered, by)
            }
        }
    }
}

/// Collects the terms of nested sums with their coefficients; returns the sum of the constants among them.
fn gather<'e, F: SuiteField>(expr: &'e Expr<F>, by: F, terms: &mut Vec<(&'e Expr<F>, F)>) -> F {
    match expr {
        Expr::Constant(c) => *c * by,
        // Distributing any other coefficient over a sum would cost a product a term.
        Expr::Sum(inner) if by == F::ONE || by == -F::ONE => {
            inner.iter().map(|term| gather(term, by, terms)).sum()
        }
        Expr::Scaled(a, c) => gather(a, *c * by, terms),
        Expr::Product(a, b) => match (a.as_ref(), b.as_ref()) {
            (Expr::Constant(c), x) | (x, Expr::Constant(c)) => gather(x, *c * by, terms),
            _ => {
                terms.push((expr, by));
                F::ZERO
            }
        },
        _ => {
            terms.push((expr, by));
            F::ZERO
        }
    }
}

/// Refuses a layout that cannot be lowered, or that the native checker finds defective, and any where the constants of
/// Poseidon are not the reference generator's. What passes cannot make either proof system panic.
pub fn check_layout<F: SuiteField>(layout: &Layout<F>) -> Result<(), SuiteError> {
    constants::check::<F>()?;
    match defect(layout) {
        None => Ok(()),
        Some(reason) => Err(SuiteError::Backend(format!("layout '{}': {reason}", layout.name()))),
    }
}

fn defect<F: SuiteField>(layout: &Layout<F>) -> Option<String> {
    if layout.k >= F::S {
        return Some(format!("2^{} rows", layout.k));
    }
    let rows = layout.rows();
    if !layout.slots().is_power_of_two() || layout.slots() <= RESERVED_SLOTS || layout.slots() > rows {
        return Some(format!("{} slots", layout.slots()));
    }
    if rows < layout.blinding_rows() + 3 {
        return Some("too few rows for blinding".into());
    }
    if layout.linked > layout.advice.len() {
        return Some("more linked columns than advice columns".into());
    }
    if layout.linked > 0 && rows < layout.slots() + MASK_COEFFICIENTS {
        return Some("too few rows for a masked column".into());
    }
    // The proof systems' quotient lives on a domain of at least `rows * (degree - 1)` points.
    let quotient_domain = (Cost::of(layout).degree - 1).next_power_of_two().trailing_zeros();
    if layout.k + quotient_domain > F::S {
        return Some("the field has no domain for its quotient".into());
    }
    if layout.gates.is_empty() || layout.gates.iter().any(|gate| gate.polys.is_empty()) {
        return Some("no gates, or a gate without polynomials".into());
    }
    if layout.fixed_values.len() != layout.fixed.len()
        || layout.fixed_values.iter().any(|column| column.len() != rows)
    {
        return Some("fixed values of another size".into());
    }
    let usable = layout.usable_rows();
    for (column, values) in layout.fixed.iter().zip(&layout.fixed_values) {
        if values[usable..].iter().any(|value| !value.is_zero_vartime()) {
            return Some(format!(
                "fixed column '{}' is not zero in the rows that hold blinding",
                column.name
            ));
        }
    }
    let missing = |query: &Query| match query {
        Query::Advice(column, _) => *column >= layout.advice.len(),
        Query::Fixed(column, _) => *column >= layout.fixed.len(),
        Query::Public(_) => false,
    };
    if let Some(query) = layout.queries().iter().find(|query| missing(query)) {
        return Some(format!("{query:?} reads no column"));
    }
    if (1..layout.equality.len()).any(|i| layout.equality[..i].contains(&layout.equality[i])) {
        return Some("a column is listed twice for copies".into());
    }
    for cell in layout.copies.iter().flat_map(|(a, b)| [a, b]) {
        if cell.row >= usable || !layout.equality.contains(&cell.column) {
            return Some(format!("{cell:?} cannot take part in copies"));
        }
    }
    Checker::new(layout).defects().into_iter().next()
}

/// Refuses tables of other dimensions than their layout's.
pub fn check_shape<F: SuiteField>(layout: &Layout<F>, table: &Table<F>) -> Result<(), SuiteError> {
    let fits = table.advice.len() == layout.advice.len()
        && table.advice.iter().all(|column| column.len() == layout.rows())
        && table.public.len() == layout.public.len()
        && table.linked.len() == layout.linked
        && table.linked.iter().all(|column| column.slots() == layout.slots());
    if fits {
        Ok(())
    } else {
        Err(SuiteError::Witness("the table has other dimensions than its layout".into()))
    }
}

/// Refuses statements and proofs of other sizes than the only possible ones.
pub(super) fn check_sizes<F: SuiteField>(
    layout: &Layout<F>,
    public: usize,
    proof: usize,
    proof_bytes: usize,
) -> Result<(), SuiteError> {
    let malformed =
        |what, have, want| Err(SuiteError::Malformed { what, reason: format!("{have} instead of {want}") });
    if public != layout.public.len() {
        return malformed("number of public inputs", public, layout.public.len());
    }
    if proof != proof_bytes {
        return malformed("length of the proof", proof, proof_bytes);
    }
    Ok(())
}

/// What a proof system made of a layout must be what `Layout` and `Cost` predict: others rely on it.
pub(super) fn check_prediction<F: SuiteField>(
    layout: &Layout<F>,
    degree: usize,
    blinding_factors: usize,
) -> Result<(), SuiteError> {
    let (want_degree, want_blinding) = (Cost::of(layout).degree, layout.blinding_rows());
    if degree == want_degree && blinding_factors + 1 == want_blinding {
        return Ok(());
    }
    Err(SuiteError::Backend(format!(
        "layout '{}': degree {degree} and {} blinding rows, predicted were {want_degree} and {want_blinding}",
        layout.name(),
        blinding_factors + 1
    )))
}

/// See `Suite::key_digest`. `pinned` is the proof system's own description of the key.
pub(super) fn key_digest<F: SuiteField>(
    layout: &Layout<F>,
    transcript_repr: &F,
    pinned: impl fmt::Debug,
) -> [u8; 32] {
    struct Hasher(Sha256);

    impl Write for Hasher {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.update(text.as_bytes());
            Ok(())
        }
    }

    let mut hasher = Hasher(Sha256::new());
    hasher.0.update(b"apportion.key.v1");
    hasher.0.update([F::SUITE as u8]);
    hasher.0.update(layout.digest());
    hasher.0.update(to_bytes(transcript_repr));
    // Writing to a hasher does not fail.
    _ = write!(hasher, "{pinned:?}");
    hasher.0.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::plonkish::{AdviceColumn, FixedColumn, advice, fixed};
    use halo2_axiom::halo2curves::bn256::Fr;

    /// Evaluates what it is given, and counts how often it is asked to do what.
    #[derive(Default)]
    struct Count {
        sums: usize,
        negations: usize,
        products: usize,
        scalings: usize,
    }

    fn value(query: Query) -> Fr {
        match query {
            Query::Advice(column, rotation) => {
                Fr::from(1000 + 31 * column as u64) + Fr::from((rotation + 5) as u64)
            }
            Query::Fixed(column, rotation) => {
                Fr::from(7000 + 77 * column as u64) + Fr::from((rotation + 5) as u64)
            }
            Query::Public(rotation) => Fr::from((90_000 + rotation) as u64),
        }
    }

    impl Target<Fr> for Count {
        type Expression = Fr;

        fn constant(&mut self, value: Fr) -> Fr {
            value
        }

        fn cell(&mut self, query: Query) -> Fr {
            value(query)
        }

        fn negated(&mut self, a: Fr) -> Fr {
            self.negations += 1;
            -a
        }

        fn sum(&mut self, a: Fr, b: Fr) -> Fr {
            self.sums += 1;
            a + b
        }

        fn product(&mut self, a: Fr, b: Fr) -> Fr {
            self.products += 1;
            a * b
        }

        fn scaled(&mut self, a: Fr, by: Fr) -> Fr {
            self.scalings += 1;
            a * by
        }
    }

    #[test]
    fn lowering_keeps_values_and_does_little() {
        let cell = |column, rotation| advice::<Fr>(AdviceColumn(column), rotation);
        let constant = |x: u64| Expr::Constant(Fr::from(x));
        let cases = [
            // Expression; sums, negations, products, scalings.
            (Expr::Sum(vec![]), [0; 4]),
            (constant(3) * constant(4) + constant(5), [0; 4]),
            (cell(0, 0) - cell(1, 0), [1, 1, 0, 0]),
            (-cell(0, 0) + cell(1, 0), [1, 1, 0, 0]),
            (-(cell(0, 0) - cell(1, 0) + constant(2)), [2, 1, 0, 0]),
            ((cell(0, 0) * Fr::from(2)) * Fr::from(3) * constant(5), [0, 0, 0, 1]),
            ((cell(0, 0) + cell(1, 1) + constant(1)) * Fr::from(9) - constant(9), [3, 0, 0, 1]),
            (cell(0, 0) + constant(2) - (constant(2) + cell(0, 0) * cell(1, -1)), [1, 1, 1, 0]),
            ((cell(0, 0) + constant(3)).pow5() * fixed(FixedColumn(2), 1), [5, 0, 5, 0]),
            (constant(0) * cell(0, 0), [0, 0, 0, 1]),
        ];
        for (expr, counts) in cases {
            let mut target = Count::default();
            assert_eq!(lower(&mut target, &expr), expr.evaluate(&value), "{expr:?}");
            let Count { sums, negations, products, scalings } = target;
            assert_eq!([sums, negations, products, scalings], counts, "{expr:?}");
        }
    }
}
