//! Arithmetic on BN254's G1 for many points at once.
//!
//! In affine coordinates an addition takes one inversion and three multiplications, a doubling four; of many at once
//! (Montgomery's trick) the inversions become three multiplications each. That is about half of what the same costs
//! in projective coordinates. Everything here takes variable time.

mod batch;
mod glv;
mod multiexp;
mod products;
mod transform;

pub(crate) use self::{
    batch::Batch,
    glv::Digits,
    multiexp::multiexp,
    products::{FixedPoints, add_all, products},
    transform::Transform,
};
