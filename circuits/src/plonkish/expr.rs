//! Polynomial expressions over the cells around a row.

use std::ops::{Add, Mul, Neg, Sub};

use crate::field::SuiteField;

/// A cell relative to the row at hand: a column and a rotation (rows below are positive, and the table wraps).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Query {
    /// A committed, private column.
    Advice(usize, i32),
    /// A column that is part of the key.
    Fixed(usize, i32),
    /// The public inputs, one a row from row 0, zero below.
    Public(i32),
}

/// A polynomial in the queried cells.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr<F> {
    /// A constant.
    Constant(F),
    /// A cell.
    Cell(Query),
    /// A sum of any number of terms; the empty sum is 0.
    Sum(Vec<Expr<F>>),
    /// A product.
    Product(Box<Expr<F>>, Box<Expr<F>>),
    /// A constant multiple.
    Scaled(Box<Expr<F>>, F),
}

impl<F: SuiteField> Expr<F> {
    /// `self^5`, with the square shared so that an evaluator computes three products.
    pub fn pow5(self) -> Self {
        let square = self.clone() * self.clone();
        square.clone() * square * self
    }

    /// `coefficients[i] * terms[i]`, summed; zero coefficients are left out.
    pub fn linear(coefficients: &[F], terms: &[Expr<F>]) -> Self {
        Expr::Sum(
            coefficients
                .iter()
                .zip(terms)
                .filter(|(c, _)| !c.is_zero_vartime())
                .map(|(c, term)| term.clone() * *c)
                .collect(),
        )
    }

    /// Total degree in the queried cells.
    pub fn degree(&self) -> usize {
        match self {
            Expr::Constant(_) => 0,
            Expr::Cell(_) => 1,
            Expr::Sum(terms) => terms.iter().map(Expr::degree).max().unwrap_or(0),
            Expr::Product(a, b) => a.degree() + b.degree(),
            Expr::Scaled(a, _) => a.degree(),
        }
    }

    /// Calls `f` on every query, in order of appearance, repetitions included.
    pub fn visit(&self, f: &mut impl FnMut(Query)) {
        match self {
            Expr::Constant(_) => {}
            Expr::Cell(query) => f(*query),
            Expr::Sum(terms) => terms.iter().for_each(|term| term.visit(f)),
            Expr::Product(a, b) => {
                a.visit(f);
                b.visit(f);
            }
            Expr::Scaled(a, _) => a.visit(f),
        }
    }

    /// The value where `cell` gives the queried cells'.
    pub fn evaluate(&self, cell: &impl Fn(Query) -> F) -> F {
        match self {
            Expr::Constant(c) => *c,
            Expr::Cell(query) => cell(*query),
            Expr::Sum(terms) => terms.iter().map(|term| term.evaluate(cell)).sum(),
            Expr::Product(a, b) => {
                let a = a.evaluate(cell);
                if a.is_zero_vartime() { a } else { a * b.evaluate(cell) }
            }
            Expr::Scaled(a, c) => a.evaluate(cell) * c,
        }
    }
}

impl<F: SuiteField> From<F> for Expr<F> {
    fn from(c: F) -> Self {
        Expr::Constant(c)
    }
}

impl<F: SuiteField> Add for Expr<F> {
    type Output = Self;

    fn add(self, rhs: Self) -> Self {
        match (self, rhs) {
            (Expr::Sum(mut a), Expr::Sum(b)) => {
                a.extend(b);
                Expr::Sum(a)
            }
            (Expr::Sum(mut a), b) => {
                a.push(b);
                Expr::Sum(a)
            }
            (a, b) => Expr::Sum(vec![a, b]),
        }
    }
}

impl<F: SuiteField> Neg for Expr<F> {
    type Output = Self;

    fn neg(self) -> Self {
        Expr::Scaled(Box::new(self), -F::ONE)
    }
}

impl<F: SuiteField> Sub for Expr<F> {
    type Output = Self;

    fn sub(self, rhs: Self) -> Self {
        self + (-rhs)
    }
}

impl<F: SuiteField> Mul for Expr<F> {
    type Output = Self;

    fn mul(self, rhs: Self) -> Self {
        Expr::Product(Box::new(self), Box::new(rhs))
    }
}

impl<F: SuiteField> Mul<F> for Expr<F> {
    type Output = Self;

    fn mul(self, rhs: F) -> Self {
        if rhs == F::ONE { self } else { Expr::Scaled(Box::new(self), rhs) }
    }
}
