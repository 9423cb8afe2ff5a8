//! The layout that is lowered to halo2_proofs in a relation's place.

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Expr, Layout, NamedColumn, Query},
};
use rayon::prelude::*;

use super::reduce::reduce;

/// The layout that `halo2_proofs` can represent, and is fast on.
///
/// It reads fixed columns at rotation 0 only, and cannot read a lookup's table in a gate: every such read goes to a
/// column of its own. Its evaluator shares no sub-expressions, so a selector that is a sum of marks would be summed
/// anew for every polynomial and point: every selector goes to a column of its own too, and gates are rewritten
/// (see `reduce`). The new columns are appended
/// to the fixed columns; they are zero where blinding stands, where no gate is active.
///
/// Second: the expression over the original fixed columns that each appended column holds.
pub(super) fn flatten<F: SuiteField>(layout: &Layout<F>) -> (Layout<F>, Vec<Expr<F>>) {
    let is_table = |column| layout.lookups.iter().any(|lookup| lookup.table.0 == column);
    let must_move = |query: &Query| matches!(query, Query::Fixed(column, rotation) if *rotation != 0 || is_table(*column));
    let mut appended: Vec<Expr<F>> = Vec::new();
    let mut append = |expr: Expr<F>| {
        if !appended.contains(&expr) {
            appended.push(expr);
        }
    };
    let mut read = |expr: &Expr<F>| {
        expr.visit(&mut |query| {
            if must_move(&query) {
                append(Expr::Cell(query));
            }
        })
    };
    for gate in &layout.gates {
        gate.polys.iter().for_each(|(_, poly)| read(poly));
    }
    layout.lookups.iter().for_each(|lookup| read(&lookup.input));
    let plain = |expr: &Expr<F>| matches!(expr, Expr::Cell(query) if !must_move(query));
    layout.gates.iter().filter(|gate| !plain(&gate.selector)).for_each(|gate| append(gate.selector.clone()));

    let mut flat = Layout {
        relation: layout.relation,
        k: layout.k,
        tier: layout.tier,
        advice: layout.advice.clone(),
        linked: layout.linked,
        fixed: layout.fixed.clone(),
        fixed_values: Vec::new(),
        public: layout.public.clone(),
        gates: layout.gates.clone(),
        lookups: layout.lookups.clone(),
        equality: layout.equality.clone(),
        copies: layout.copies.clone(),
    };
    flat.fixed.extend((0..appended.len()).map(|i| NamedColumn { name: format!("flat {i}") }));
    let column_of = |expr: &Expr<F>| {
        appended.iter().position(|other| other == expr).map(|i| Query::Fixed(layout.fixed.len() + i, 0))
    };
    let rename = |query| column_of(&Expr::Cell(query)).unwrap_or(query);
    for gate in &mut flat.gates {
        if let Some(query) = column_of(&gate.selector) {
            gate.selector = Expr::Cell(query);
        }
        gate.polys.iter_mut().for_each(|(_, poly)| map_queries(poly, &rename));
        let polys: Vec<_> = gate.polys.iter().map(|(_, poly)| poly.clone()).collect();
        gate.polys.iter_mut().zip(reduce(&polys)).for_each(|((_, poly), reduced)| *poly = reduced);
    }
    flat.lookups.iter_mut().for_each(|lookup| map_queries(&mut lookup.input, &rename));
    (flat, appended)
}

/// Fills in the fixed values of a flattened layout.
pub(super) fn flat_values<F: SuiteField>(layout: &Layout<F>, appended: &[Expr<F>]) -> Vec<Vec<F>> {
    let (rows, usable) = (layout.rows(), layout.usable_rows());
    let at = |column: usize, rotation: i32, row: usize| {
        layout.fixed_values[column][(row as i64 + i64::from(rotation)).rem_euclid(rows as i64) as usize]
    };
    let value = |expr: &Expr<F>, row: usize| {
        expr.evaluate(&|query| match query {
            Query::Fixed(column, rotation) => at(column, rotation, row),
            // Not in an expression over fixed columns; 1 keeps a selector that wrongly read it active.
            _ => F::ONE,
        })
    };
    let mut values = layout.fixed_values.clone();
    values.par_extend(
        appended
            .par_iter()
            .map(|expr| (0..rows).map(|row| if row < usable { value(expr, row) } else { F::ZERO }).collect()),
    );
    values
}

fn map_queries<F: SuiteField>(expr: &mut Expr<F>, rename: &impl Fn(Query) -> Query) {
    match expr {
        Expr::Constant(_) => {}
        Expr::Cell(query) => *query = rename(*query),
        Expr::Sum(terms) => terms.iter_mut().for_each(|term| map_queries(term, rename)),
        Expr::Product(a, b) => {
            map_queries(a, rename);
            map_queries(b, rename);
        }
        Expr::Scaled(a, _) => map_queries(a, rename),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::plonkish::{Lookup, advice, fixed};
    use apportion_circuits::{relation::RelationId, types::Tier};
    use ff::Field;
    use pasta_curves::Fp;

    #[test]
    fn a_flat_layout_reads_the_same_values() {
        let mut layout = Layout::<Fp>::new(RelationId::Split, Tier::T64, 4);
        let x = layout.linked_column("x");
        let (table, plain) = (layout.fixed_column("table"), layout.fixed_column("plain"));
        let usable = layout.usable_rows();
        for row in 0..usable {
            layout.set_fixed(plain, row, Fp::from(row as u64 + 1));
        }
        let read = fixed(plain, 0) + fixed(plain, -2) * fixed(table, 0) + fixed(plain, 2);
        layout.gate("gate", fixed(plain, 2), vec![("read".into(), read * advice(x, 0))]);
        layout.lookups.push(Lookup { name: "lookup".into(), input: advice(x, 0), table });
        let (mut flat, appended) = flatten(&layout);
        let at_rotation = |column, rotation| Expr::Cell(Query::Fixed(column, rotation));
        assert_eq!(appended, [at_rotation(1, -2), at_rotation(0, 0), at_rotation(1, 2)]);
        flat.fixed_values = flat_values(&layout, &appended);
        assert_eq!(flat.fixed.len(), 5);
        assert_eq!(flat.gates[0].selector, at_rotation(4, 0));
        assert_eq!(flat.lookups[0].table, table);
        let at = |layout: &Layout<Fp>, column: usize, rotation: i32, row: usize| {
            layout.fixed_values[column][(row as i32 + rotation).rem_euclid(256) as usize]
        };
        for row in 0..usable {
            let value = |layout: &Layout<Fp>| {
                layout.gates[0].polys[0].1.evaluate(&|query| match query {
                    Query::Fixed(column, rotation) => at(layout, column, rotation, row),
                    _ => Fp::ONE,
                })
            };
            assert_eq!(value(&flat), value(&layout), "row {row}");
        }
        assert!(flat.fixed_values.iter().all(|column| column[usable..].iter().all(|x| *x == Fp::ZERO)));
        assert!(
            flat.queries().iter().all(|query| !matches!(query, Query::Fixed(_, rotation) if *rotation != 0))
        );
    }
}
