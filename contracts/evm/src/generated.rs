//! The generated verifiers, compiled: [`crate::Artifact::parse`] reads them. `contracts/script/build_generated.sh` makes
//! the files.

macro_rules! artifacts {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = include_str!(concat!("../../generated/", $file));)*
    };
}

// Verifiers for the insecure development setup: anyone can forge proofs that they accept.
artifacts! {
    /// Openings and last pairings, insecure development setup.
    DEV_OPENING = "OpeningVerifier.json";
    /// Split at tier 64, insecure development setup.
    DEV_SPLIT_64 = "Split64Verifier.json";
    /// Split at tier 1,024, insecure development setup.
    DEV_SPLIT_1024 = "Split1024Verifier.json";
    /// Tree at tier 64, insecure development setup.
    DEV_TREE_64 = "Tree64Verifier.json";
    /// Tree at tier 1,024, insecure development setup.
    DEV_TREE_1024 = "Tree1024Verifier.json";
}
