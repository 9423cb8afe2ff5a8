//! The relations that Apportion proves, without a proof system and without I/O.
