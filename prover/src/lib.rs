//! The model developer's side of Apportion.
