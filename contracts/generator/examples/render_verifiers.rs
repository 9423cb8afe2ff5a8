//! Renders verifier contracts: `render_verifiers DIRECTORY [G1 G2]`. With the two files of a ceremony's powers of tau in
//! gnark's form they are for that ceremony, without for the insecure development setup.

use std::{error::Error, fs, path::PathBuf, sync::Arc};

use apportion_circuits::{plonkish::Layout, relation::Relation, split::Split, tree::Tree, types::Tier};
use apportion_generator::{Header, OPENING_VERIFIER, contract_name, render, render_opening};
use apportion_suite::params::{ImportSource, Srs};
use apportion_suite::{Bn254, Suite};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let (directory, powers) = match arguments.as_slice() {
        [directory] => (directory, None),
        [directory, g1, g2] => (directory, Some(ImportSource::Gnark { g1: g1.clone(), g2: g2.clone() })),
        _ => return Err("usage: render_verifiers DIRECTORY [G1 G2]".into()),
    };
    let header = Header { lines: vec!["contracts/script/build_generated.sh".into()] };
    let mut verifiers = Vec::new();
    for tier in [Tier::T64, Tier::T1024] {
        let layouts: [Layout<_>; 2] = [Split::layout(tier), Tree::layout(tier)];
        for layout in layouts {
            let setup = match &powers {
                None => Srs::insecure_dev(layout.k)?,
                Some(source) => Srs::import(source, Some(layout.k))?,
            };
            let key = Bn254::verifying_key(setup.kzg(), Arc::new(layout))?;
            let source = render(&key, setup.verifier(), &header)?;
            fs::write(directory.join(contract_name(&key)?).with_extension("sol"), source)?;
            verifiers.push(setup.verifier().clone());
        }
    }
    // All sizes of a setup have the same [tau]2.
    let source = render_opening(&verifiers[0], &header);
    fs::write(directory.join(OPENING_VERIFIER).with_extension("sol"), source)?;
    Ok(())
}
