//! What each of the engine's levers brings, measured alone: on a real table's columns, every step as the engine of bn254
//! takes it and as halo2-axiom's prover would. Then what is left, and how far from the limit it is. Levers are measured in
//! seconds of all cores together, so that a busy machine does not matter much: a step that one core takes alone looks as
//! good as one that all of them share.
//!
//!     cargo run --release -p apportion-benches --example levers -- RELATION TIER [--runs N] [--params DIR]
//!
//! The engine's own sources are compiled in, so nothing of it has a switch.
#![allow(clippy::print_stdout, reason = "its output")]

mod curve;
mod kzg;
mod otherwise;

use std::{env, error::Error, hint::black_box, sync::Arc, time::Instant};

use apportion_benches::{processor_time, sample};
use apportion_circuits::{
    plonkish::{Layout, Query, Table},
    relation::RelationId,
    types::Tier,
};
use apportion_engine::{Engine, bn254::prove_in_steps};
use apportion_suite::{Bn254, Suite, params::ParamsCache};
use ff::{Field, PrimeField};
use halo2_axiom::{
    arithmetic::best_multiexp,
    halo2curves::bn256::{Fq, Fr, G1, G1Affine},
    poly::{EvaluationDomain, commitment::ParamsProver},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rayon::prelude::*;

use self::{
    curve::{Batch, multiexp},
    kzg::{
        columns::Blinded,
        draws::Drawn,
        key::ProvingKey,
        lookups,
        opening::{self, Argument, Opened},
        products,
        program::{BLOCK, Columns},
        quotient::{self, Challenges, LookupPolynomials, Polynomials},
        secret::{Rows, Secret},
    },
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;
type Params = <Bn254 as Suite>::Params;

fn main() -> Outcome {
    let usage = "usage: levers RELATION TIER [--runs N] [--params DIR]";
    let mut words = env::args().skip(1);
    let (Some(relation), Some(tier)) = (words.next(), words.next()) else { return Err(usage.into()) };
    let (relation, tier): (RelationId, Tier) = (relation.parse()?, tier.parse()?);
    let (mut runs, mut dir) = (3, env::temp_dir().join("apportion-engines"));
    while let Some(word) = words.next() {
        match word.as_str() {
            "--runs" => runs = words.next().ok_or(usage)?.parse()?,
            "--params" => dir = words.next().ok_or(usage)?.into(),
            _ => return Err(usage.into()),
        }
    }
    let (layout, table) = sample(relation, tier);
    let layout = Arc::new(layout);
    let params = ParamsCache::new(dir).load_or_make_insecure_dev(layout.k)?.kzg().clone();
    println!("{relation} {tier}, {} cores", rayon::current_num_threads());
    let proof = phases(&params, layout.clone(), &table, runs)?;
    let key = ProvingKey::new(&params, layout)?;
    Measure { params: &params, key: &key, table: &table, runs, spent: 0.0, additions: 0.0 }.levers(proof)
}

/// The engine's steps with seconds on the clock and the cores that they keep busy; seconds of all cores of a whole proof.
fn phases(params: &Params, layout: Arc<Layout<Fr>>, table: &Table<Fr>, runs: usize) -> Outcome<f64> {
    let key = Bn254::proving_key(params, layout)?;
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut phases: Vec<(&str, f64, f64)> = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        let mut steps = Vec::new();
        prove_in_steps(params, &key, table, &mut rng, &mut |step| {
            steps.push((step, start.elapsed().as_secs_f64(), processor_time()));
        })?;
        steps.push(("", start.elapsed().as_secs_f64(), processor_time()));
        phases.resize(steps.len() - 1, ("", 0.0, 0.0));
        for (phase, step) in phases.iter_mut().zip(steps.windows(2)) {
            *phase = (step[0].0, phase.1 + step[1].1 - step[0].1, phase.2 + step[1].2 - step[0].2);
        }
    }
    let [all, processor] = phases.iter().fold([0.0; 2], |[all, sum], phase| [all + phase.1, sum + phase.2]);
    println!("{:<28}{:>9}{:>9}{:>9}", "phase", "s", "share", "cores");
    for (name, seconds, processor) in phases {
        let share = 100.0 * seconds / all;
        println!("{name:<28}{:>9.3}{share:>8.1}%{:>9.2}", seconds / runs as f64, processor / seconds);
    }
    println!("{:<28}{:>9.3}\n", "a proof", all / runs as f64);
    Ok(processor / runs as f64)
}

struct Measure<'a> {
    params: &'a Params,
    key: &'a ProvingKey,
    table: &'a Table<Fr>,
    runs: usize,
    /// Seconds of all cores that a proof spends in multi-exponentiations.
    spent: f64,
    /// Additions of points that they need.
    additions: f64,
}

impl Measure<'_> {
    /// The fewest seconds of all cores together that something takes.
    fn time<T>(&self, mut work: impl FnMut() -> T) -> f64 {
        let times = (0..self.runs).map(|_| {
            let start = processor_time();
            black_box(work());
            processor_time() - start
        });
        times.fold(f64::INFINITY, f64::min)
    }

    /// Both ways to commit to columns, so many times.
    fn commit(&mut self, times: f64, ours: &[(&[G1Affine], &[Fr])], theirs: &[&[Fr]]) -> [f64; 2] {
        let lagrange = &self.key.lagrange;
        let seconds = [
            self.time(|| ours.iter().map(|(points, scalars)| multiexp(points, scalars)).sum::<G1>()),
            self.time(|| theirs.iter().map(|scalars| best_multiexp(scalars, lagrange)).sum::<G1>()),
        ];
        self.spent += times * seconds[0];
        self.additions += times * ours.iter().map(|(_, scalars)| additions(scalars)).sum::<f64>();
        seconds.map(|seconds| times * seconds)
    }

    fn levers(mut self, proof: f64) -> Outcome {
        let (key, table, params) = (self.key, self.table, self.params);
        let (layout, domain, cost) = (key.layout(), &key.domain, &key.cost);
        let (n, powers, lagrange) = (layout.rows(), params.get_g(), &key.lagrange[..]);
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let [beta, gamma, y, x, u] = [(); 5].map(|()| Fr::random(&mut rng));
        let random: Vec<Fr> = (0..n).map(|_| Fr::random(&mut rng)).collect();
        let draws = &mut Drawn(&mut rng);
        let blinded = Blinded::draw(key, draws);
        let advice = blinded.rows(key, table);
        let mut public = vec![Fr::ZERO; n];
        public[..table.public.len()].copy_from_slice(&table.public);
        let fixed: Vec<_> = layout.fixed_values.iter().map(|column| Rows::whole(column)).collect();
        let columns = Columns { advice: &advice, fixed: &fixed, public: Rows::whole(&public) };
        let whole: Vec<_> = advice.iter().map(|column| column.to_secret()).collect();
        let (linked, others) = whole.split_at(layout.linked);
        println!(
            "{:<62}{:>10}{:>10}{:>8}",
            "lever, seconds of all cores a proof", "engine", "otherwise", "times"
        );

        let ours: Vec<_> = table.linked.iter().map(|column| (powers, column.coefficients())).collect();
        let seconds = self.commit(1.0, &ours, &linked.iter().map(|c| &**c).collect::<Vec<_>>());
        line(&format!("{} linked columns by their coefficients", linked.len()), seconds);

        let inputs: Vec<_> =
            (0..layout.lookups.len()).map(|lookup| lookups::input(key, lookup, &columns)).collect();
        let permuted = (0..inputs.len())
            .map(|lookup| lookups::permute(key, lookup, &columns, draws))
            .collect::<Result<Vec<_>, _>>()?;
        let small: Vec<&[Fr]> =
            others.iter().map(|c| &**c).chain(permuted.iter().flat_map(|p| [&*p.input, &*p.table])).collect();
        let ours: Vec<_> = small.iter().map(|column| (lagrange, *column)).collect();
        let seconds = self.commit(1.0, &ours, &small);
        line(&format!("scalars by their size: {} other advice and permuted columns", small.len()), seconds);

        let full = cost.permutation_products + cost.lookups + cost.quotient_pieces + 2;
        let seconds = self.commit(full as f64, &[(lagrange, &random[..])], &[&random[..]]);
        line(&format!("affine additions in batches: {full} columns of full size"), seconds);

        let seconds = self.commit(1.0, &[(powers, &random[..2])], &[&random[..]]);
        line("the random polynomial, of degree 1", seconds);

        let values = |lookup: usize| &*layout.fixed_values[layout.lookups[lookup].table.0];
        let usable = layout.usable_rows();
        let seconds = [
            self.time(|| {
                (0..inputs.len())
                    .map(|lookup| lookups::permute(key, lookup, &columns, draws).is_ok())
                    .collect::<Vec<_>>()
            }),
            self.time(|| {
                let permute = |(lookup, input)| otherwise::permute(input, &values(lookup)[..usable]);
                inputs.iter().map(|input| &**input).enumerate().map(permute).collect::<Vec<_>>()
            }),
        ];
        line("lookups permuted by places in their table", seconds);

        let permutation = products::permutation(key, &advice, [beta, gamma], draws);
        let seconds = [
            self.time(|| products::permutation(key, &advice, [beta, gamma], draws)),
            self.time(|| otherwise::permutation(key, &advice, [beta, gamma])),
        ];
        line("products only where cells are copied", seconds);

        // Columns that are transformed once, and to every coset.
        let once = others.len() + cost.permutation_products + 3 * cost.lookups;
        let coset = once + linked.len() + layout.fixed_values.len() + key.permutation.columns.len();
        let pieces = cost.quotient_pieces;
        let theirs = EvaluationDomain::<Fr>::new(cost.degree as u32, layout.k);
        let scaling = domain.scaling(domain.scale, x);
        let one = [
            self.time(|| {
                let mut values = Secret::new(random.clone());
                scaling.apply(&mut values);
                domain.to_values(&mut values);
                values
            }),
            self.time(|| theirs.coeff_to_extended_part(theirs.coeff_from_vec(random.clone()), x)),
        ];
        let count = once + coset * pieces;
        line(&format!("transforms in place, two layers at a time: {count}"), one.map(|s| s * count as f64));
        let coefficients = |column: &[Fr]| {
            let mut values = Secret::new(column.to_vec());
            domain.to_coefficients(&mut values);
            values
        };
        let product_of = |(lookup, permuted): (usize, &lookups::Permuted)| {
            products::lookup(key, lookup, &inputs[lookup], permuted, [beta, gamma], &mut Drawn(&mut rng))
        };
        let products: Vec<_> = permuted.iter().enumerate().map(product_of).collect();
        let polynomials = || Polynomials {
            linked: table.linked.iter().map(|column| column.coefficients()).collect(),
            advice: others.iter().map(|column| coefficients(column)).collect(),
            products: permutation.iter().map(|column| coefficients(column)).collect(),
            lookups: permuted
                .iter()
                .zip(&products)
                .map(|(permuted, product)| LookupPolynomials {
                    product: coefficients(product),
                    input: coefficients(&permuted.input),
                    table: coefficients(&permuted.table),
                })
                .collect(),
        };
        let to_coefficients = self.time(polynomials);
        let quotient = self
            .time(|| quotient::pieces(key, polynomials(), &table.public, Challenges { beta, gamma, y }))
            - to_coefficients;
        let ratio = pieces.next_power_of_two() as f64 / pieces as f64;
        line(&format!("the quotient on {pieces} cosets (otherwise: scaled)"), [quotient, quotient * ratio]);

        let factors: Vec<Fr> = (0..key.program.polys()).map(|i| y.pow_vartime([i as u64])).collect();
        let gates = key.program.gates(&factors);
        let mut out = vec![Fr::ZERO; n];
        let ours = self.time(|| {
            out.par_chunks_mut(BLOCK).enumerate().with_min_len(8).for_each_init(
                || key.program.scratch(),
                |scratch, (block, out)| gates.add_to(&columns, block * BLOCK, out, scratch),
            );
        });
        let theirs = self.time(|| otherwise::gates(layout, &columns, y, &mut out));
        line("gates gathered and straightened", [ours, theirs].map(|seconds| seconds * pieces as f64));

        let seconds = self.opening(&advice, &fixed, &permutation, (&products[..], &permuted[..]), [x, y, u]);
        line("evaluations and opening with one inversion", seconds);
        let places = 2 * cost.lookups * 28 * n;
        let cosets = (pieces.next_power_of_two() - 1) * coset * 32 * n;
        println!("memory: permuted columns as places keep {} MiB less,", places >> 20);
        println!("one coset at a time {} MiB less than all at once\n", cosets >> 20);
        self.limit(proof);
        Ok(())
    }

    fn opening(
        &self,
        advice: &[Rows<'_>],
        fixed: &[Rows<'_>],
        permutation: &[Secret],
        (products, permuted): (&[Secret], &[lookups::Permuted]),
        [x, y, u]: [Fr; 3],
    ) -> [f64; 2] {
        let (layout, domain) = (self.key.layout(), &self.key.domain);
        let queries = layout.queries();
        let mut columns: Vec<(Rows<'_>, Vec<i32>)> = Vec::new();
        for (is_advice, rows) in [(true, advice), (false, fixed)] {
            for (index, rows) in rows.iter().enumerate() {
                let at = |query: &Query| match query {
                    Query::Advice(column, at) if is_advice && *column == index => Some(*at),
                    Query::Fixed(column, at) if !is_advice && *column == index => Some(*at),
                    _ => None,
                };
                columns.push((*rows, queries.iter().filter_map(at).collect()));
            }
        }
        columns.extend(permutation.iter().chain(products).map(|column| (Rows::whole(column), vec![0, 1])));
        columns.extend(permuted.iter().map(|permuted| (permuted.rows()[0], vec![0, -1])));
        columns.extend(permuted.iter().map(|permuted| (permuted.rows()[1], vec![0])));
        let images: Vec<_> = (0..self.key.permutation.columns.len())
            .map(|column| self.key.permutation.values(domain, column))
            .collect();
        columns.extend(images.iter().map(|image| (Rows::whole(image), vec![0])));
        columns.retain(|(_, rotations)| !rotations.is_empty());
        columns.iter_mut().for_each(|(_, rotations)| rotations.sort_unstable());

        let ours = self.time(|| {
            let mut opened: Vec<_> =
                columns.iter().map(|(rows, rotations)| Opened::new(*rows, rotations.clone())).collect();
            let inverses = opening::inverses(domain, x);
            opening::evaluate(domain, x, &inverses, &mut opened);
            let argument = Argument::new(domain, (x, inverses), opened, [y, u]);
            let quotient = argument.quotient();
            let last = argument.last(u, &quotient);
            (quotient, last)
        });
        // What is opened is opened as coefficients there; any values do.
        let values: Vec<_> = columns.iter().map(|(rows, _)| rows.to_secret()).collect();
        let mut sets: Vec<(Vec<i32>, Vec<&[Fr]>)> = Vec::new();
        for ((_, rotations), values) in columns.iter().zip(&values) {
            match sets.iter_mut().find(|set| set.0 == *rotations) {
                Some(set) => set.1.push(values),
                None => sets.push((rotations.clone(), vec![&values[..]])),
            }
        }
        let point = |rotation: i32| x * domain.root(rotation);
        let sets: Vec<(Vec<Fr>, _)> =
            sets.into_iter().map(|(at, columns)| (at.into_iter().map(point).collect(), columns)).collect();
        [ours, self.time(|| otherwise::opening(&sets, [y, u]))]
    }

    /// What the multi-exponentiations need at the least.
    fn limit(&self, proof: f64) {
        let Self { spent, additions, .. } = self;
        // In the cache, on all cores, which share it.
        let cores = rayon::current_num_threads();
        const PAIRS: usize = 1 << 10;
        const ROUNDS: usize = 200;
        let (first, second) = self.key.lagrange[..2 * PAIRS.min(self.key.lagrange.len() / 2)]
            .split_at(PAIRS.min(self.key.lagrange.len() / 2));
        let rate = self.time(|| {
            (0..cores).into_par_iter().with_max_len(1).for_each(|_| {
                let (mut sums, mut batch) = (first.to_vec(), Batch::default());
                (0..ROUNDS).for_each(|_| batch.add(&mut sums, second));
                black_box(sums);
            });
        }) / (ROUNDS * first.len() * cores) as f64;
        let product = self.time(|| {
            (0..cores).into_par_iter().with_max_len(1).for_each(|_| {
                let mut values: Vec<Fq> = first.iter().map(|point| point.x).collect();
                (0..20 * ROUNDS).for_each(|_| {
                    values.iter_mut().zip(second).for_each(|(value, point)| *value *= point.y);
                });
                black_box(values);
            });
        }) / (20 * ROUNDS * first.len() * cores) as f64;
        println!("multi-exponentiations: {spent:.3} s of a proof's {proof:.3} s, of all cores");
        println!(
            "  {:.2} million additions of {:.0} ns in the cache: {:.3} s",
            additions / 1e6,
            1e9 * rate,
            additions * rate
        );
        println!(
            "  at six products of {:.1} ns an addition: {:.3} s, the limit; a proof takes {:.2} times that",
            1e9 * product,
            6.0 * additions * product,
            proof / (6.0 * additions * product)
        );
    }
}

fn line(lever: &str, [ours, theirs]: [f64; 2]) {
    println!("{lever:<62}{ours:>10.3}{theirs:>10.3}{:>8.2}", theirs / ours);
}

/// The fewest additions for scalars of these sizes, in windows of whatever width is best.
fn additions(scalars: &[Fr]) -> f64 {
    let mut sizes = [0usize; 255];
    for scalar in scalars {
        sizes[bits(scalar).min(bits(&-*scalar))] += 1;
    }
    let of_size = |from: usize, to: usize| {
        let count = sizes[from..=to].iter().sum::<usize>();
        let cost = |c: usize| (to + 1).div_ceil(c) as f64 * (count as f64 + f64::from(1u32 << (c - 1)));
        if count == 0 { 0.0 } else { (2..=17).map(cost).fold(f64::INFINITY, f64::min) }
    };
    [(1, 16), (17, 64), (65, 128), (129, 254)].into_iter().map(|(from, to)| of_size(from, to)).sum()
}

fn bits(scalar: &Fr) -> usize {
    let repr = scalar.to_repr();
    let top = repr.iter().rposition(|byte| *byte != 0);
    top.map_or(0, |top| 8 * (top + 1) - repr[top].leading_zeros() as usize)
}
