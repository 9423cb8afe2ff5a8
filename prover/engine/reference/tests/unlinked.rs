//! What ships has no way to the reference prover: not through any feature of any package of the workspace.
#![allow(clippy::unwrap_used)]

use std::process::Command;

fn tree(package: &str, edges: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--all-features",
            "--prefix",
            "none",
            "--edges",
            edges,
            "--package",
            package,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn no_binary_links_the_reference_prover() {
    for package in ["apportion", "apportion-verifier", "apportion-engine"] {
        let tree = tree(package, "normal,build");
        assert!(tree.contains("apportion-suite "), "{package}");
        assert!(!tree.contains("apportion-reference "), "{package} links the reference prover");
    }
    assert!(
        tree("apportion-benches", "normal,build").contains("apportion-reference "),
        "the test would see it"
    );
}
