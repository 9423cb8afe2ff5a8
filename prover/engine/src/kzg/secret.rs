//! Values that are overwritten when they are dropped.

use std::ops::{Deref, DerefMut};

use apportion_circuits::field::wipe;
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;

/// A column, a polynomial, blinding: nothing of it stays in memory that was given back.
pub(crate) struct Secret(Vec<Fr>);

impl Secret {
    /// So many zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        Self(vec![Fr::ZERO; len])
    }

    /// Takes values over. They must not have been moved by growing: that leaves copies behind.
    pub(crate) fn new(values: Vec<Fr>) -> Self {
        Self(values)
    }
}

impl Deref for Secret {
    type Target = [Fr];

    fn deref(&self) -> &[Fr] {
        &self.0
    }
}

impl DerefMut for Secret {
    fn deref_mut(&mut self) -> &mut [Fr] {
        &mut self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// The values of a column on all rows, in two parts: what a table has, and the blinding below it.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    body: &'a [Fr],
    tail: &'a [Fr],
}

impl<'a> Rows<'a> {
    pub(crate) fn new(body: &'a [Fr], tail: &'a [Fr]) -> Self {
        Self { body, tail }
    }

    pub(crate) fn whole(values: &'a [Fr]) -> Self {
        Self { body: values, tail: &[] }
    }

    pub(crate) fn len(&self) -> usize {
        self.body.len() + self.tail.len()
    }

    pub(crate) fn get(&self, row: usize) -> Fr {
        if row < self.body.len() { self.body[row] } else { self.tail[row - self.body.len()] }
    }

    /// Both parts, with the rows in which they start.
    pub(crate) fn parts(&self) -> [(usize, &'a [Fr]); 2] {
        [(0, self.body), (self.body.len(), self.tail)]
    }

    /// The values of some consecutive rows, from any row on, the last one being followed by the first. Those that do not
    /// stand together are copied to `scratch`.
    pub(crate) fn from<'b>(&self, row: i64, scratch: &'b mut [Fr]) -> &'b [Fr]
    where
        'a: 'b,
    {
        let (n, len) = (self.len(), scratch.len());
        let start = row.rem_euclid(n as i64) as usize;
        if let Some(values) = self.body.get(start..start + len) {
            return values;
        }
        for (i, value) in scratch.iter_mut().enumerate() {
            *value = self.get((start + i) % n);
        }
        scratch
    }

    /// A copy in one piece.
    pub(crate) fn to_secret(self) -> Secret {
        let mut values = Vec::with_capacity(self.len());
        values.extend_from_slice(self.body);
        values.extend_from_slice(self.tail);
        Secret::new(values)
    }
}
