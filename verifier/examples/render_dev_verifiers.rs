//! Renders the verifier contracts of the insecure development setup: `render_dev_verifiers DIRECTORY [RELATION/TIER]..`.

use std::{error::Error, fs, path::PathBuf, sync::Arc};

use apportion_circuits::{plonkish::Layout, relation::Relation, split::Split, tree::Tree, types::Tier};
use apportion_verifier::{
    params::Srs,
    solidity::{Header, contract_name, render},
    suite::{Bn254, Suite},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("a directory is missing")?);
    let wanted: Vec<String> = arguments.collect();
    for tier in [Tier::T64, Tier::T1024] {
        let layouts: [Layout<_>; 2] = [Split::layout(tier), Tree::layout(tier)];
        for layout in layouts {
            if !wanted.is_empty() && !wanted.contains(&layout.name) {
                continue;
            }
            let setup = Srs::insecure_dev(layout.k)?;
            let key = Bn254::verifying_key(setup.kzg(), Arc::new(layout))?;
            let header = Header { lines: vec!["contracts/script/build_generated.sh".into()] };
            let source = render(&key, setup.verifier(), &header)?;
            fs::write(directory.join(contract_name(&key)?).with_extension("sol"), source)?;
        }
    }
    Ok(())
}
