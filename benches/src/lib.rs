//! Criterion benches of Apportion live in `benches/*.rs` beside this crate.
