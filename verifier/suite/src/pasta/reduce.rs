//! Gates rewritten so that their expensive terms are evaluated once.
//!
//! halo2_proofs' evaluator shares no sub-expressions: five polynomials that are five combinations of the same five
//! fifth powers cost it 25 fifth powers. The polynomials of a gate vanish together, so they may be replaced by any
//! invertible combination of them: Gauss-Jordan elimination leaves one fifth power in each. Where elimination does
//! not pay (it may fill in other terms), the gate is left alone.

use apportion_circuits::{field::SuiteField, plonkish::Expr};

/// Equivalent polynomials that are cheaper for an evaluator without shared sub-expressions, or the same ones.
pub(super) fn reduce<F: SuiteField>(polys: &[Expr<F>]) -> Vec<Expr<F>> {
    let mut terms: Vec<Expr<F>> = Vec::new();
    let mut rows: Vec<Vec<F>> = Vec::new();
    for poly in polys {
        let mut row = vec![F::ZERO; terms.len()];
        collect(poly, F::ONE, &mut terms, &mut row);
        rows.push(row);
    }
    rows.iter_mut().for_each(|row| row.resize(terms.len(), F::ZERO));
    let before = cost(&terms, &rows);
    // Expensive terms are eliminated first.
    let mut order: Vec<usize> = (0..terms.len()).filter(|term| terms[*term].degree() > 1).collect();
    order.sort_by_key(|term| std::cmp::Reverse(products(&terms[*term])));
    eliminate(&mut rows, &order);
    if cost(&terms, &rows) < before {
        rows.iter().map(|row| Expr::linear(row, &terms)).collect()
    } else {
        polys.to_vec()
    }
}

/// Adds `scale * expr` to a row of coefficients over `terms`, which grow as needed.
fn collect<F: SuiteField>(expr: &Expr<F>, scale: F, terms: &mut Vec<Expr<F>>, row: &mut Vec<F>) {
    match expr {
        Expr::Sum(parts) => parts.iter().for_each(|part| collect(part, scale, terms, row)),
        Expr::Scaled(part, c) => collect(part, scale * c, terms, row),
        Expr::Constant(c) => add(Expr::Constant(F::ONE), scale * c, terms, row),
        term => add(term.clone(), scale, terms, row),
    }
}

fn add<F: SuiteField>(term: Expr<F>, scale: F, terms: &mut Vec<Expr<F>>, row: &mut Vec<F>) {
    let index = terms.iter().position(|other| *other == term).unwrap_or_else(|| {
        terms.push(term);
        terms.len() - 1
    });
    if row.len() <= index {
        row.resize(index + 1, F::ZERO);
    }
    row[index] += scale;
}

/// Gauss-Jordan elimination with pivots in these columns, in this order.
fn eliminate<F: SuiteField>(rows: &mut [Vec<F>], order: &[usize]) {
    let mut done = 0;
    for column in order {
        let Some(pivot) = (done..rows.len()).find(|row| !rows[*row][*column].is_zero_vartime()) else {
            continue;
        };
        rows.swap(done, pivot);
        let Some(scale) = Option::<F>::from(rows[done][*column].invert()) else {
            continue;
        };
        rows[done].iter_mut().for_each(|x| *x *= scale);
        let pivot = rows[done].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            let factor = row[*column];
            if index != done && !factor.is_zero_vartime() {
                row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
            }
        }
        done += 1;
    }
}

/// Field products in evaluating all rows.
fn cost<F: SuiteField>(terms: &[Expr<F>], rows: &[Vec<F>]) -> usize {
    rows.iter()
        .flat_map(|row| row.iter().zip(terms))
        .filter(|(c, _)| !c.is_zero_vartime())
        .map(|(c, term)| usize::from(*c != F::ONE) + products(term))
        .sum()
}

fn products<F: SuiteField>(expr: &Expr<F>) -> usize {
    match expr {
        Expr::Constant(_) | Expr::Cell(_) => 0,
        Expr::Sum(terms) => terms.iter().map(products).sum(),
        Expr::Product(a, b) => 1 + products(a) + products(b),
        Expr::Scaled(a, _) => 1 + products(a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::{
        plonkish::{Layout, Query},
        relation::Relation,
        split::Split,
        tree::Tree,
        types::Tier,
    };
    use ff::Field;
    use pasta_curves::Fp;
    use rand_core::OsRng;

    /// The reduced polynomials vanish where the original ones do, and only there: each set spans the other.
    fn spans(from: &[Expr<Fp>], to: &[Expr<Fp>]) {
        // Values at random points as rows of a matrix: `to` adds nothing to the rank of `from`.
        let points: Vec<_> = (0..2 * from.len())
            .map(|_| std::collections::HashMap::<Query, Fp>::new())
            .map(std::cell::RefCell::new)
            .collect();
        let values = |poly: &Expr<Fp>| -> Vec<Fp> {
            points
                .iter()
                .map(|point| {
                    poly.evaluate(&|query| {
                        *point.borrow_mut().entry(query).or_insert_with(|| Fp::random(OsRng))
                    })
                })
                .collect()
        };
        let rank = |polys: Vec<&Expr<Fp>>| {
            let mut rows: Vec<Vec<Fp>> = polys.into_iter().map(values).collect();
            let order: Vec<usize> = (0..points.len()).collect();
            eliminate(&mut rows, &order);
            rows.iter().filter(|row| row.iter().any(|x| *x != Fp::ZERO)).count()
        };
        assert_eq!(rank(from.iter().collect()), from.len());
        assert_eq!(rank(to.iter().collect()), from.len());
        assert_eq!(rank(from.iter().chain(to).collect()), from.len());
    }

    #[test]
    fn reduced_gates_are_equivalent_and_cheaper() {
        let layouts: [Layout<Fp>; 2] = [Tree::layout(Tier::T64), Split::layout(Tier::T64)];
        let mut changed = Vec::new();
        for gate in layouts.iter().flat_map(|layout| &layout.gates) {
            let polys: Vec<_> = gate.polys.iter().map(|(_, poly)| poly.clone()).collect();
            let reduced = reduce(&polys);
            spans(&polys, &reduced);
            let cost = |polys: &[Expr<Fp>]| polys.iter().map(products).sum::<usize>();
            if reduced != polys {
                changed.push(gate.name.as_str());
                assert!(cost(&reduced) < cost(&polys), "{}", gate.name);
            }
        }
        let poseidon = ["first row", "full round into w0 .. w4", "full round into w5 .. w9"]
            .into_iter()
            .chain(["into the partial rounds", "out of the partial rounds", "output"])
            .map(|gate| format!("poseidon {gate}"));
        let expected: Vec<_> = poseidon.chain(["account".to_string()]).collect();
        assert_eq!(changed, expected);
    }
}
