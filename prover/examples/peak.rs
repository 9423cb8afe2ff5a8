//! The memory and time of one proof in a process of its own, beside what is predicted.
//!
//!     cargo run --release -p apportion --example peak -- bn254 split 1024 PARAMS_DIR
//!
//! The directory caches parameters; the run that makes them takes more than one that finds them.
#![allow(clippy::print_stdout, reason = "its output")]

use std::{env, error::Error, sync::Arc, time::Instant};

use apportion::prove::predicted_memory;
use apportion_benches::{epoch, tree};
use apportion_circuits::{relation::Relation, split::Split, tree::Tree, types::Tier};
use apportion_suite::params::ParamsCache;
use apportion_suite::{Bn254, Pasta, Suite};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [suite, relation, tier, dir] = &arguments[..] else {
        return Err("usage: peak SUITE RELATION TIER PARAMS_DIR".into());
    };
    let (tier, cache) = (tier.parse::<Tier>()?, ParamsCache::new(dir));
    let pasta = |k| Ok(cache.load_or_make_pasta(k)?.params().clone());
    let bn254 = |k| Ok(cache.load_or_make_insecure_dev(k)?.kzg().clone());
    match (suite.as_str(), relation.as_str()) {
        ("pasta", "split") => one::<Pasta, Split>(tier, pasta, epoch),
        ("pasta", "tree") => one::<Pasta, Tree>(tier, pasta, tree),
        ("bn254", "split") => one::<Bn254, Split>(tier, bn254, epoch),
        ("bn254", "tree") => one::<Bn254, Tree>(tier, bn254, tree),
        _ => Err("suites are pasta and bn254, relations split and tree".into()),
    }
}

fn one<S: Suite, R: Relation<S::F>>(
    tier: Tier,
    params: impl Fn(u32) -> Result<S::Params, Box<dyn Error>>,
    sample: fn(Tier) -> (R::Instance, R::Witness),
) -> Outcome {
    let layout = Arc::new(R::layout(tier));
    let params = params(layout.k)?;
    let key = S::proving_key(&params, layout.clone())?;
    let with_key = peak()?;
    let (instance, witness) = sample(tier);
    let start = Instant::now();
    let table = R::assign(&layout, tier, &instance, &witness);
    S::prove(&params, &key, &table)?;
    let seconds = start.elapsed().as_secs_f64();
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    println!(
        "{} {}: {seconds:.2} s, peak {} MiB ({} MiB with the key alone), predicted {} MiB",
        S::ID,
        layout.name,
        mib(peak()?),
        mib(with_key),
        mib(predicted_memory::<S>(&layout))
    );
    Ok(())
}

/// The largest resident set so far, in bytes.
fn peak() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?.parse()?;
    Ok(kib * 1024)
}
