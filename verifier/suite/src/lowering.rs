//! Layouts as the proof systems' circuits, for whoever proves with them.

pub use crate::lower::{check_layout, check_shape};

/// halo2-axiom.
pub mod bn254 {
    pub use crate::{
        bn254::{check_params, circuit::TableCircuit},
        keccak::EvmTranscript,
    };
}

/// halo2_proofs.
pub mod pasta {
    pub use crate::pasta::{
        check_params,
        circuit::{TableCircuit, with_layout},
        flat_layout,
    };
}
