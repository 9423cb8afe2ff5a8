//! Damaged and hostile files end in an error: no panic, no allocation by a declared length.

use std::fs;

use halo2_axiom::halo2curves::bn256::Fr;
use proptest::prelude::*;

use super::files::{Dir, gnark, halo2, ptau};
use super::{Setup, put, reseal};
use crate::params::{PastaParams, Srs, info};

const K: u32 = 2;

/// Positions (most often near the start, where lengths stand) and new bytes.
fn edits() -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::vec((prop_oneof![0..100usize, 0..10_000usize], any::<u8>()), 1..6)
}

fn apply(mut bytes: Vec<u8>, edits: &[(usize, u8)], len: Option<usize>) -> Vec<u8> {
    for (at, with) in edits {
        let at = at % bytes.len();
        bytes[at] = *with;
    }
    bytes.truncate(len.unwrap_or(usize::MAX));
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn changed_files_never_panic(edits in edits(), len in prop::option::weighted(0.2, 0..1000usize)) {
        let dir = Dir::new();
        let setup = Setup::of(&Fr::from(5000), K);
        let change = |bytes| apply(bytes, &edits, len);
        let _ = dir.ptau(&change(ptau(&Fr::from(5000), K, true)), None).1;
        let _ = dir.halo2(&change(halo2(&setup)), None).1;
        let (g1, g2) = gnark(&setup);
        let _ = dir.gnark(&change(g1), &change(g2)).2;

        let path = dir.0.path().join("made");
        Srs::insecure_dev(K).unwrap().write(&path).unwrap();
        let bn254 = fs::read(&path).unwrap();
        PastaParams::make(K).unwrap().write(&path).unwrap();
        for bytes in [bn254, fs::read(&path).unwrap()] {
            let bytes = change(bytes);
            let bytes = if bytes.len() > 96 { reseal(bytes) } else { bytes };
            let path = put(dir.0.path(), "changed", &bytes);
            let _ = (Srs::read(&path), PastaParams::read(&path), info(&path));
        }
    }
}
