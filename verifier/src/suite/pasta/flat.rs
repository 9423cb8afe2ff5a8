//! The layout that is lowered to halo2_proofs in a relation's place.

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Expr, Layout, Query},
};

/// The layout that `halo2_proofs` can represent: it reads fixed columns at rotation 0 only, and cannot read a
/// lookup's table in a gate. Every such read goes to a column of its own, appended to the fixed columns, whose
/// values are the rotated ones (and zero where blinding stands, where no gate is active).
///
/// Second: which column and rotation each appended column repeats.
pub(super) fn flatten<F: SuiteField>(layout: &Layout<F>) -> (Layout<F>, Vec<(usize, i32)>) {
    let is_table = |column| layout.lookups.iter().any(|lookup| lookup.table.0 == column);
    let mut copies: Vec<(usize, i32)> = Vec::new();
    let mut read = |expr: &Expr<F>| {
        expr.visit(&mut |query| {
            if let Query::Fixed(column, rotation) = query
                && (rotation != 0 || is_table(column))
                && !copies.contains(&(column, rotation))
            {
                copies.push((column, rotation));
            }
        })
    };
    for gate in &layout.gates {
        read(&gate.selector);
        gate.polys.iter().for_each(|(_, poly)| read(poly));
    }
    layout.lookups.iter().for_each(|lookup| read(&lookup.input));

    let mut flat = Layout {
        name: layout.name.clone(),
        k: layout.k,
        slots: layout.slots,
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
    for (column, rotation) in &copies {
        let mut named = layout.fixed[*column].clone();
        named.name = format!("{} at {rotation}", named.name);
        flat.fixed.push(named);
    }
    let rename = |query| match query {
        Query::Fixed(column, rotation) => match copies.iter().position(|copy| *copy == (column, rotation)) {
            Some(index) => Query::Fixed(layout.fixed.len() + index, 0),
            None => query,
        },
        query => query,
    };
    for gate in &mut flat.gates {
        map_queries(&mut gate.selector, &rename);
        gate.polys.iter_mut().for_each(|(_, poly)| map_queries(poly, &rename));
    }
    flat.lookups.iter_mut().for_each(|lookup| map_queries(&mut lookup.input, &rename));
    (flat, copies)
}

/// Fills in the fixed values of a flattened layout.
pub(super) fn flat_values<F: SuiteField>(layout: &Layout<F>, copies: &[(usize, i32)]) -> Vec<Vec<F>> {
    let (rows, usable) = (layout.rows(), layout.usable_rows());
    let mut values = layout.fixed_values.clone();
    values.extend(copies.iter().map(|(column, rotation)| {
        let source = &layout.fixed_values[*column];
        let at = |row: usize| source[(row as i64 + i64::from(*rotation)).rem_euclid(rows as i64) as usize];
        (0..rows).map(|row| if row < usable { at(row) } else { F::ZERO }).collect()
    }));
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
    use ff::Field;
    use pasta_curves::Fp;

    #[test]
    fn a_flat_layout_reads_the_same_values() {
        let mut layout = Layout::<Fp>::new("flat", 64, 4);
        let x = layout.linked_column("x");
        let (table, plain) = (layout.fixed_column("table"), layout.fixed_column("plain"));
        let usable = layout.usable_rows();
        for row in 0..usable {
            layout.set_fixed(plain, row, Fp::from(row as u64 + 1));
        }
        let read = fixed(plain, 0) + fixed(plain, -2) * fixed(table, 0) + fixed(plain, 2);
        layout.gate("gate", fixed(plain, 2), vec![("read".into(), read * advice(x, 0))]);
        layout.lookups.push(Lookup { name: "lookup".into(), input: advice(x, 0), table });
        let (mut flat, copies) = flatten(&layout);
        assert_eq!(copies, [(1, 2), (1, -2), (0, 0)]);
        flat.fixed_values = flat_values(&layout, &copies);
        assert_eq!(flat.fixed.len(), 5);
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
