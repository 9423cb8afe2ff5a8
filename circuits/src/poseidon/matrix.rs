//! Linear algebra on 5 by 5 matrices, for deriving constants.

use super::WIDTH;
use crate::field::SuiteField;

pub(crate) type Vector<F> = [F; WIDTH];
pub(crate) type Matrix<F> = [[F; WIDTH]; WIDTH];

pub(super) fn identity<F: SuiteField>() -> Matrix<F> {
    std::array::from_fn(|i| std::array::from_fn(|j| if i == j { F::ONE } else { F::ZERO }))
}

pub(super) fn dot<F: SuiteField>(a: &Vector<F>, b: &Vector<F>) -> F {
    a.iter().zip(b).map(|(a, b)| *a * b).sum()
}

pub(super) fn mul_vector<F: SuiteField>(m: &Matrix<F>, v: &Vector<F>) -> Vector<F> {
    std::array::from_fn(|i| dot(&m[i], v))
}

pub(super) fn row_times<F: SuiteField>(row: &Vector<F>, m: &Matrix<F>) -> Vector<F> {
    std::array::from_fn(|j| (0..WIDTH).map(|i| row[i] * m[i][j]).sum())
}

pub(super) fn mul<F: SuiteField>(a: &Matrix<F>, b: &Matrix<F>) -> Matrix<F> {
    std::array::from_fn(|i| row_times(&a[i], b))
}

/// The inverse of an invertible matrix, by Gauss-Jordan elimination.
///
/// A singular matrix gives a wrong result, never a panic: the constants that would follow fail every test vector.
pub(super) fn inverse<F: SuiteField>(m: &Matrix<F>) -> Matrix<F> {
    let mut left = *m;
    let mut right = identity::<F>();
    for column in 0..WIDTH {
        if let Some(pivot) = (column..WIDTH).find(|row| !left[*row][column].is_zero_vartime()) {
            left.swap(column, pivot);
            right.swap(column, pivot);
        }
        let scale = left[column][column].invert().unwrap_or(F::ZERO);
        left[column].iter_mut().chain(&mut right[column]).for_each(|x| *x *= scale);
        let (pivot_left, pivot_right) = (left[column], right[column]);
        for row in (0..WIDTH).filter(|row| *row != column) {
            let factor = left[row][column];
            for j in 0..WIDTH {
                left[row][j] -= factor * pivot_left[j];
                right[row][j] -= factor * pivot_right[j];
            }
        }
    }
    right
}
