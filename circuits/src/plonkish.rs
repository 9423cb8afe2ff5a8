//! A PLONKish table as data: what columns it has, which polynomials vanish on it, what it looks up and copies.
//!
//! The relations are written once against this description. It is lowered to two proof systems, checked
//! natively, costed, and turned into a Solidity verifier.

mod check;
mod cost;
mod expr;
mod layout;
mod table;

pub use check::{Checker, Failure};
pub use cost::Cost;
pub use expr::{Expr, Query};
pub use layout::{
    AdviceColumn, Cell, FixedColumn, Gate, Layout, Lookup, NamedColumn, PublicInput, advice, fixed, public,
};
pub use table::Table;
