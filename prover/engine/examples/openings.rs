//! What receipts cost: openings of two columns (payee and balance) one by one, and of every slot at once.
//!
//!     cargo run --release -p apportion-engine --example openings [TIER ..]
//!
//! Time on the clock and, where the system tells it, time of all cores: on a busy machine look at the latter.
#![allow(clippy::print_stdout, reason = "its output")]

use std::{env, error::Error, fs, time::Instant};

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    types::Tier,
};
use apportion_engine::openings::{Open, OpeningTable};
use apportion_suite::{Bn254, OpeningClaim, OpeningTerm, Openings, Suite, openings::opening_k, params::Srs};
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;
use rand_core::OsRng;

fn main() -> Result<(), Box<dyn Error>> {
    let tiers: Vec<Tier> = env::args().skip(1).map(|tier| tier.parse()).collect::<Result<_, _>>()?;
    for tier in if tiers.is_empty() { Tier::ALL.to_vec() } else { tiers } {
        measure(tier)?;
    }
    Ok(())
}

fn measure(tier: Tier) -> Result<(), Box<dyn Error>> {
    let setup = Srs::insecure_dev(opening_k(tier))?;
    let params = setup.kzg();
    let values = [160, 128].map(|bits| (0..tier.slots()).map(|_| short(bits)).collect::<Vec<_>>());
    let columns = values.each_ref().map(|values| MaskedColumn::new(values, &Mask::random(&mut OsRng)));
    let columns = columns.each_ref();
    let commitments =
        columns.map(|column| Bn254::commit(params, column)).into_iter().collect::<Result<Vec<_>, _>>()?;
    let claims: Vec<_> = (0..tier.accounts())
        .map(|slot| OpeningClaim {
            tier,
            slot,
            columns: commitments.clone(),
            values: values.iter().map(|values| values[slot]).collect(),
            gamma: Fr::random(OsRng),
        })
        .collect();

    let some = &claims[..claims.len().min(64)];
    let one_by_one = report(tier, "one by one", some.len(), || {
        some.iter()
            .map(|claim| Bn254::open_one(params, &columns, claim, &mut OsRng))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let all = claims.len();
    let table = report(tier, "table of the setup", all, || OpeningTable::new(params, tier))?;
    let prepared = report(tier, "two columns prepared", all, || {
        columns.iter().map(|column| table.open(column)).collect::<Result<Vec<_>, _>>()
    })?;
    let proofs = report(tier, "every slot, prepared", all, || {
        Bn254::open_prepared(params, &columns, &[&prepared[0], &prepared[1]], &claims, |_| OsRng)
    })?;
    if proofs[..some.len()] != one_by_one {
        return Err("both ways make other proofs".into());
    }
    let terms: Vec<_> =
        claims.into_iter().zip(proofs).map(|(claim, proof)| OpeningTerm { claim, proof }).collect();
    report(tier, "checked together", all, || Bn254::check_openings(&Bn254::verifier_params(params), &terms))?;
    Ok(())
}

/// Runs something and says what it took for each account.
fn report<T, E>(
    tier: Tier,
    what: &str,
    accounts: usize,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let (start, cores) = (Instant::now(), core_seconds());
    let outcome = work()?;
    let each = |seconds: f64| 1e3 * seconds / accounts as f64;
    let clock = each(start.elapsed().as_secs_f64());
    match core_seconds().zip(cores) {
        Some((end, start)) => {
            println!("{tier}: {what}: {clock:.3} ms an account, {:.3} of all cores", each(end - start))
        }
        None => println!("{tier}: {what}: {clock:.3} ms an account"),
    }
    Ok(outcome)
}

/// Time that this process has had on all cores together, in steps of a hundredth of a second.
fn core_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some((fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?) / 100.0)
}

fn short(bits: usize) -> Fr {
    let mut repr = Fr::random(OsRng).to_repr();
    repr[bits / 8..].fill(0);
    Fr::from_repr(repr).into_option().unwrap_or(Fr::ZERO)
}
