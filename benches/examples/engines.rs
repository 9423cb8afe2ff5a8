//! The engine beside halo2-axiom's prover: the same table, in turn.
//!
//!     cargo run --release -p apportion-benches --example engines -- RELATION TIER [--json] [--runs N] [--params DIR]
//!
//! Times are medians of runs that alternate in one process; the peak of memory is measured for each prover in a process of
//! its own, which finds the parameters in the directory. Every proof is verified.
#![allow(clippy::print_stdout, reason = "its output")]

use std::{env, error::Error, fs, path::PathBuf, process::Command, sync::Arc, time::Instant};

use apportion_benches::{processor_time, sample};
use apportion_circuits::{relation::RelationId, types::Tier};
use apportion_engine::{Engine, bn254::prove_in_steps};
use apportion_reference::ReferenceKey;
use apportion_suite::{Bn254, Suite, params::ParamsCache};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

struct Arguments {
    relation: RelationId,
    tier: Tier,
    json: bool,
    runs: usize,
    params: PathBuf,
    /// Prove once with this prover and print the peak.
    alone: Option<String>,
}

fn main() -> Outcome {
    let arguments = arguments()?;
    let (layout, table) = sample(arguments.relation, arguments.tier);
    let layout = Arc::new(layout);
    let params = ParamsCache::new(&arguments.params).load_or_make_insecure_dev(layout.k)?.kzg().clone();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    if let Some(prover) = &arguments.alone {
        let proof = match prover.as_str() {
            "ours" => {
                let key = Bn254::proving_key(&params, layout)?;
                Bn254::prove_unchecked(&params, &key, &table, &mut rng)?
            }
            _ => {
                let key = ReferenceKey::new(&params, layout)?;
                apportion_reference::prove(&params, &key, &table, &mut rng)?
            }
        };
        println!("{} {}", peak()?, proof.len());
        return Ok(());
    }

    let ours = Bn254::proving_key(&params, layout.clone())?;
    let reference = ReferenceKey::new(&params, layout)?;
    let verifier = Bn254::verifier_params(&params);
    let (mut ours_s, mut reference_s) = (Vec::new(), Vec::new());
    // Step, seconds, seconds of all cores together; of the last run.
    let mut phases: Vec<(&str, f64, f64)> = Vec::new();
    for _ in 0..arguments.runs {
        let start = Instant::now();
        let mut steps = vec![];
        let proof = prove_in_steps(&params, &ours, &table, &mut rng, &mut |step| {
            steps.push((step, start.elapsed().as_secs_f64(), processor_time()));
        })?;
        steps.push(("", start.elapsed().as_secs_f64(), processor_time()));
        ours_s.push(start.elapsed().as_secs_f64());
        phases = steps.windows(2).map(|w| (w[0].0, w[1].1 - w[0].1, w[1].2 - w[0].2)).collect();
        Bn254::verify(&verifier, reference.key(), &table.public, &proof)?;
        let start = Instant::now();
        let proof = apportion_reference::prove(&params, &reference, &table, &mut rng)?;
        reference_s.push(start.elapsed().as_secs_f64());
        Bn254::verify(&verifier, Bn254::key_of(&ours), &table.public, &proof)?;
    }
    drop((ours, reference, table, params));
    let [ours_s, reference_s] = [median(ours_s), median(reference_s)];
    let [ours_mib, reference_mib] = [alone("ours")?, alone("reference")?];
    if arguments.json {
        let line = serde_json::json!({
            "relation": arguments.relation.name(), "tier": arguments.tier.slots(), "ours_s": ours_s,
            "reference_s": reference_s, "ours_mib": ours_mib, "reference_mib": reference_mib,
            "phases": phases,
        });
        println!("{line}");
    } else {
        println!(
            "{} {}: {ours_s:.2} s and {ours_mib} MiB; halo2-axiom's prover {reference_s:.2} s ({:.2} times) and \
             {reference_mib} MiB ({:.2} of it)",
            arguments.relation,
            arguments.tier,
            reference_s / ours_s,
            ours_mib as f64 / reference_mib as f64
        );
        for (step, seconds, processor) in phases {
            println!("  {step}: {seconds:.2} s, {processor:.2} s of all cores");
        }
    }
    Ok(())
}

fn arguments() -> Outcome<Arguments> {
    let usage = "usage: engines RELATION TIER [--json] [--runs N] [--params DIR]";
    let mut words = env::args().skip(1);
    let (Some(relation), Some(tier)) = (words.next(), words.next()) else { return Err(usage.into()) };
    let mut arguments = Arguments {
        relation: relation.parse()?,
        tier: tier.parse()?,
        json: false,
        runs: 3,
        params: env::temp_dir().join("apportion-engines"),
        alone: None,
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => arguments.json = true,
            "--runs" => arguments.runs = words.next().ok_or(usage)?.parse()?,
            "--params" => arguments.params = words.next().ok_or(usage)?.into(),
            "--alone" => arguments.alone = Some(words.next().ok_or(usage)?),
            _ => return Err(usage.into()),
        }
    }
    Ok(arguments)
}

/// The peak of one prover in a process of its own, in MiB.
fn alone(prover: &str) -> Outcome<u64> {
    let output =
        Command::new(env::current_exe()?).args(env::args().skip(1)).args(["--alone", prover]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let bytes =
        text.split_whitespace().next().ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok(bytes.parse::<u64>()?.div_ceil(1 << 20))
}

/// The largest resident set so far, in bytes.
fn peak() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?.parse()?;
    Ok(kib * 1024)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
