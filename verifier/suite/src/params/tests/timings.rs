//! Timings, printed: `cargo test --release -p apportion-suite timings -- --ignored --nocapture`.

use std::time::Instant;

use super::ceremony;
use crate::params::{PastaParams, Srs};

fn timed<T>(what: &str, f: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let out = f();
    println!("{what}: {:.2} s", start.elapsed().as_secs_f64());
    out
}

#[test]
#[ignore = "minutes"]
fn timings() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    for k in [14, 16, 17] {
        let srs = timed(&format!("bn254 k = {k}: make dev"), || Srs::insecure_dev(k).unwrap());
        timed(&format!("bn254 k = {k}: write"), || srs.write(&path).unwrap());
        timed(&format!("bn254 k = {k}: load"), || Srs::read(&path).unwrap());
        timed(&format!("bn254 k = {k}: downsize to k - 1"), || srs.downsize(k - 1).unwrap());
    }
    if let Some(source) = ceremony::source() {
        for k in [14, 16] {
            timed(&format!("bn254 k = {k}: import gnark"), || Srs::import(&source, Some(k)).unwrap());
        }
    }
    for k in [10, 12, 14, 16] {
        let params = timed(&format!("pasta k = {k}: make"), || PastaParams::make(k).unwrap());
        timed(&format!("pasta k = {k}: write"), || params.write(&path).unwrap());
        timed(&format!("pasta k = {k}: load"), || PastaParams::read(&path).unwrap());
    }
}
