//! Three verifiers of the same proofs: our contract, the native verifier, and the contract that snark-verifier makes of
//! the same key (contracts/oracle). Its authors' generator and ours share no code, so what both get wrong would have to
//! be wrong in halo2-axiom too.
//!
//! The oracle is laxer about encodings than ours may be: it reads every scalar modulo r, takes missing bytes for zeros
//! and ignores what follows the proof. `normal` says so in code, and every mutant is held to it:
//!
//! - ours answers as the native verifier does to the bytes as they are;
//! - the oracle answers as the native verifier does to the bytes as the oracle reads them.
//!
//! For bytes of the right length with canonical scalars both say the same: all three agree.
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use apportion_circuits::field::to_bytes;
use apportion_evm::{
    Artifact,
    evm::{Address, End, Evm, MAX_CODE, Outcome, U256},
};
use apportion_generator::{AccumulateCall, Failure};
use common::{Fixture, Refusal, split_64, split_1024, tree_64, tree_1024};
use sha2::{Digest, Sha256};

const AGAIN: &str = "contracts/oracle/build.sh makes the oracle's contracts again";

/// r and p.
const R: &str = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
const P: &str = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

type Word = [u8; 32];

fn number(digits: &str) -> U256 {
    U256::from_str_radix(digits, 16).unwrap()
}

fn of(word: &Word) -> U256 {
    U256::from_be_bytes(*word)
}

/// A relation at a tier, its proofs, our contract and the oracle's.
struct Pair {
    ours: &'static Fixture,
    code: Vec<u8>,
    evm: Evm,
    address: Address,
}

impl Pair {
    fn new(ours: &'static Fixture, json: &str) -> Self {
        let artifact = Artifact::parse(json).unwrap();
        assert_eq!(artifact.name, ours.artifact.name);
        let size = serde_json::from_str::<serde_json::Value>(json).unwrap()["deployedSize"].as_u64().unwrap();
        // The compiler appends the code to what deploys it.
        let code = artifact.bytecode[artifact.bytecode.len() - size as usize..].to_vec();
        let mut evm = Evm::default();
        let address = if code.len() <= MAX_CODE {
            let (address, _) = evm.deploy(Address::ZERO, &artifact.bytecode).unwrap();
            assert_eq!(evm.code(address), code);
            address
        } else {
            // No chain would take it: put there without a transaction. Limits on size change nothing else.
            let address = Address::repeat_byte(0x0a);
            evm.replace_code(address, &code);
            address
        };
        Self { ours, code, evm, address }
    }

    fn name(&self) -> &str {
        &self.ours.artifact.name
    }

    /// Inputs, then the proof: the oracle's calldata.
    fn oracle_outcome(&self, data: &[u8]) -> Outcome {
        self.evm.clone().call(Address::ZERO, self.address, data).unwrap()
    }

    /// What the oracle takes the bytes for: of the right length, with reduced scalars.
    fn normal(&self, statement: &Statement) -> Statement {
        let mut data = statement.data();
        let inputs = self.ours.key.layout().public.len();
        let proof = self.ours.proofs[0].1.len();
        data.resize(32 * inputs + proof, 0);
        let mut words: Vec<Word> = data.chunks_exact(32).map(|word| word.try_into().unwrap()).collect();
        for (index, word) in words.iter_mut().enumerate() {
            if index < inputs || self.is_scalar(index - inputs) {
                *word = (of(word) % number(R)).to_be_bytes();
            }
        }
        Statement { inputs: words[..inputs].to_vec(), proof: words[inputs..].concat() }
    }

    /// Whether a word of a proof is a scalar: they stand between the commitments and the two points of the opening.
    fn is_scalar(&self, word: usize) -> bool {
        let end = self.ours.proofs[0].1.len() / 32 - 4;
        (end - self.ours.scalars()..end).contains(&word)
    }

    /// Holds all three to what they should answer.
    fn judge(&self, mutant: &Mutant) -> Verdict {
        let Mutant { statement, what } = mutant;
        let what = format!("{}: {what}", self.name());
        let ours = self.ours.agree(&statement.inputs, &statement.proof, &what);
        let normal = self.normal(statement);
        let expected = if normal == *statement {
            ours.is_ok()
        } else {
            // Ours refuses everything but the one encoding.
            assert!(ours.is_err(), "{what}");
            self.ours.native(&normal.inputs, &normal.proof).is_some()
        };
        let outcome = self.oracle_outcome(&statement.data());
        assert_eq!(outcome.is_success(), expected, "{what}: {outcome:?}, where ours said {ours:?}");
        // It says nothing more, either way.
        assert!(outcome.output.is_empty(), "{what}: {outcome:?}");
        let same_lengths = |other: &Statement| {
            (other.inputs.len(), other.proof.len()) == (statement.inputs.len(), statement.proof.len())
        };
        let encoding = match (normal == *statement, same_lengths(&normal)) {
            (true, _) => Encoding::Canonical,
            (false, true) => Encoding::Scalar,
            (false, false) => Encoding::Length,
        };
        Verdict { encoding, ours, oracle: outcome.end }
    }

    fn honest(&self) -> impl Iterator<Item = Statement> {
        self.ours
            .proofs
            .iter()
            .map(|(inputs, proof)| Statement { inputs: inputs.clone(), proof: proof.clone() })
    }

    /// Every word of proof and inputs, changed in every way.
    fn words(&self) -> Vec<Mutant> {
        let honest = self.honest().next().unwrap();
        let mut mutants = Vec::new();
        for index in 0..honest.data().len() / 32 {
            let old = honest.word(index);
            for (how, new) in changes(index, &old) {
                if new != old {
                    let what = format!("word {index}, {how}");
                    mutants.push(Mutant { statement: honest.with_word(index, new), what });
                }
            }
        }
        mutants
    }

    /// Words and points that are valid where they come from, elsewhere: only the equations refuse most of these.
    fn moved(&self) -> Vec<Mutant> {
        let honest = self.honest().next().unwrap();
        let inputs = honest.inputs.len();
        let words = honest.data().len() / 32;
        let scalars: Vec<usize> =
            (0..words).filter(|index| *index < inputs || self.is_scalar(*index - inputs)).collect();
        let points: Vec<usize> = (inputs..scalars[inputs]).step_by(2).chain([words - 4, words - 2]).collect();
        let mut mutants = Vec::new();
        for pair in scalars.windows(2) {
            let (a, b) = (honest.word(pair[0]), honest.word(pair[1]));
            if a != b {
                let statement = honest.with_word(pair[0], b).with_word(pair[1], a);
                mutants.push(Mutant { statement, what: format!("scalars {pair:?} swapped") });
            }
        }
        for pair in points.windows(2) {
            let point = |index| [honest.word(index), honest.word(index + 1)];
            let put = |statement: Statement, index, [x, y]: [Word; 2]| {
                statement.with_word(index, x).with_word(index + 1, y)
            };
            let (a, b) = (point(pair[0]), point(pair[1]));
            if a != b {
                let statement = put(put(honest.clone(), pair[0], b), pair[1], a);
                mutants.push(Mutant { statement, what: format!("points {pair:?} swapped") });
                let statement = put(honest.clone(), pair[0], b);
                mutants.push(Mutant { statement, what: format!("point {} is the next", pair[0]) });
            }
            let generator = [U256::from(1).to_be_bytes(), U256::from(2).to_be_bytes()];
            let statement = put(honest.clone(), pair[0], generator);
            mutants.push(Mutant { statement, what: format!("point {} is the generator", pair[0]) });
            let statement = put(honest.clone(), pair[0], [[0; 32]; 2]);
            mutants.push(Mutant { statement, what: format!("point {} is the identity", pair[0]) });
        }
        mutants
    }

    /// Proofs that are too short or too long, and too few or too many inputs.
    fn lengths(&self) -> Vec<Mutant> {
        let honest = self.honest().next().unwrap();
        let length = honest.proof.len();
        let mut mutants = Vec::new();
        let mut push = |what: String, inputs: &[Word], proof: Vec<u8>| {
            mutants.push(Mutant { statement: Statement { inputs: inputs.to_vec(), proof }, what });
        };
        let all = &honest.inputs[..];
        for cut in (1..=length).filter(|cut| *cut < 66 || cut % 64 == 0 || *cut == length - 1) {
            push(format!("{cut} bytes cut"), all, honest.proof[..length - cut].to_vec());
        }
        for (more, byte) in
            [1, 31, 32, 33, 64, 4096].into_iter().flat_map(|more| [(more, 0), (more, 1), (more, 0xff)])
        {
            let mut proof = honest.proof.clone();
            proof.resize(length + more, byte);
            push(format!("{more} bytes {byte} more"), all, proof);
        }
        for count in 0..all.len() {
            push(format!("the first {count} inputs"), &all[..count], honest.proof.clone());
            if count > 0 {
                push(format!("the last {count} inputs"), &all[all.len() - count..], honest.proof.clone());
            }
        }
        for more in [1, 2, 100] {
            let inputs = [all, &vec![[0; 32]; more]].concat();
            push(format!("{more} inputs more"), &inputs, honest.proof.clone());
            let inputs = [&vec![[0; 32]; more], all].concat();
            push(format!("{more} inputs before"), &inputs, honest.proof.clone());
        }
        // The border between inputs and proof moved: the same bytes for the oracle.
        let mut proof = all[all.len() - 1].to_vec();
        proof.extend(&honest.proof);
        push("the last input in the proof".into(), &all[..all.len() - 1], proof);
        let first = [all, &[honest.proof[..32].try_into().unwrap()]].concat();
        push("the first word of the proof an input".into(), &first, honest.proof[32..].to_vec());
        mutants
    }

    /// Statements and proofs of others, in all combinations.
    fn foreign(&self, others: &[&Pair]) -> Vec<Mutant> {
        let own: Vec<Statement> = self.honest().collect();
        let mut all: Vec<(String, Statement)> = Vec::new();
        for pair in others.iter().copied().chain([self]) {
            all.extend(pair.honest().enumerate().map(|(i, one)| (format!("{} {i}", pair.name()), one)));
        }
        let mut mutants = Vec::new();
        for (inputs_of, Statement { inputs, .. }) in &all {
            for (proof_of, Statement { proof, .. }) in &all {
                let statement = Statement { inputs: inputs.clone(), proof: proof.clone() };
                if !own.contains(&statement) {
                    let what = format!("inputs of {inputs_of}, proof of {proof_of}");
                    mutants.push(Mutant { statement, what });
                }
            }
        }
        mutants
    }

    /// All of these; a thread for each processor.
    fn judge_all(&self, mutants: &[Mutant]) -> Vec<Verdict> {
        let next = AtomicUsize::new(0);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let mut verdicts: Vec<(usize, Verdict)> = thread::scope(|scope| {
            let work = || {
                let mut done = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mutant) = mutants.get(index) else { return done };
                    done.push((index, self.judge(mutant)));
                }
            };
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        verdicts.sort_by_key(|(index, _)| *index);
        verdicts.into_iter().map(|(_, verdict)| verdict).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    inputs: Vec<Word>,
    proof: Vec<u8>,
}

impl Statement {
    fn data(&self) -> Vec<u8> {
        [&self.inputs.concat()[..], &self.proof].concat()
    }

    /// Inputs are counted first, as in the oracle's calldata.
    fn word(&self, index: usize) -> Word {
        self.data()[32 * index..][..32].try_into().unwrap()
    }

    fn with_word(&self, index: usize, word: Word) -> Self {
        let mut changed = self.clone();
        match index.checked_sub(self.inputs.len()) {
            None => changed.inputs[index] = word,
            Some(index) => changed.proof[32 * index..][..32].copy_from_slice(&word),
        }
        changed
    }
}

struct Mutant {
    statement: Statement,
    what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Encoding {
    /// As ours demands.
    Canonical,
    /// The right length, but some scalar is not below r.
    Scalar,
    /// Another length of proof or inputs.
    Length,
}

struct Verdict {
    encoding: Encoding,
    ours: Result<(), Refusal>,
    oracle: End,
}

/// What is done to a word: (how, result).
fn changes(index: usize, old: &Word) -> Vec<(&'static str, Word)> {
    let (x, r, p) = (of(old), number(R), number(P));
    let flip = |bit: usize| x ^ (U256::from(1) << bit);
    let changed = [
        ("lowest bit", flip(0)),
        ("some bit", flip((index * 7 + 1) % 253)),
        ("highest bit", flip(255)),
        ("+ 1", x.wrapping_add(U256::from(1))),
        ("+ r", x.wrapping_add(r)),
        ("+ p", x.wrapping_add(p)),
        ("r - x", r.wrapping_sub(x)),
        ("p - x", p.wrapping_sub(x)),
        ("zero", U256::ZERO),
        ("r", r),
        ("p", p),
        ("all ones", U256::MAX),
    ];
    changed.into_iter().map(|(how, new)| (how, new.to_be_bytes())).collect()
}

fn pairs() -> &'static [Pair; 4] {
    static PAIRS: OnceLock<[Pair; 4]> = OnceLock::new();
    PAIRS.get_or_init(|| {
        [
            Pair::new(split_64(), include_str!("../../oracle/artifacts/Split64Verifier.json")),
            Pair::new(split_1024(), include_str!("../../oracle/artifacts/Split1024Verifier.json")),
            Pair::new(tree_64(), include_str!("../../oracle/artifacts/Tree64Verifier.json")),
            Pair::new(tree_1024(), include_str!("../../oracle/artifacts/Tree1024Verifier.json")),
        ]
    })
}

#[test]
fn the_oracle_is_the_one_on_record() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../oracle/artifacts");
    let sums = fs::read_to_string(directory.join("SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), pairs().len());
    for line in sums.lines() {
        let (digest, file) = line.split_once("  ").unwrap();
        assert_eq!(hex::encode(Sha256::digest(fs::read(directory.join(file)).unwrap())), digest, "{file}");
    }
}

#[test]
fn the_oracle_is_for_the_same_key() {
    for pair in pairs() {
        // What its transcript absorbs first stands for the whole key.
        let key = to_bytes(&pair.ours.key.transcript_repr());
        assert!(pair.code.windows(32).any(|word| word == key), "{}: {AGAIN}", pair.name());
    }
}

#[test]
fn all_three_accept_honest_proofs() {
    for pair in pairs() {
        for statement in pair.honest() {
            assert_eq!(pair.normal(&statement), statement);
            let verdict = pair.judge(&Mutant { statement, what: format!("an honest proof ({AGAIN})") });
            assert_eq!((verdict.ours, verdict.oracle), (Ok(()), End::Success), "{}: {AGAIN}", pair.name());
        }
    }
}

#[test]
fn all_three_agree_on_mutants() {
    let mut counts: BTreeMap<Encoding, [usize; 2]> = BTreeMap::new();
    let mut failures: BTreeMap<String, usize> = BTreeMap::new();
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    let [split_64, split_1024, tree_64, tree_1024] = pairs();
    let all = [split_64, split_1024, tree_64, tree_1024];
    for (index, pair) in all.into_iter().enumerate() {
        let others: Vec<&Pair> =
            all.into_iter().enumerate().filter(|(i, _)| *i != index).map(|(_, p)| p).collect();
        let mut mutants = pair.words();
        mutants.extend(pair.moved());
        mutants.extend(pair.lengths());
        mutants.extend(pair.foreign(&others));
        for (mutant, verdict) in mutants.iter().zip(pair.judge_all(&mutants)) {
            let failure = verdict.ours.expect_err(&mutant.what);
            *failures.entry(format!("{failure:?}")).or_default() += 1;
            *ends.entry(format!("{:?}", verdict.oracle)).or_default() += 1;
            let accepted = verdict.oracle == End::Success;
            // Nothing but another encoding of an honest proof, whatever the native verifier may say.
            let normal = pair.normal(&mutant.statement);
            assert_eq!(accepted, pair.honest().any(|honest| honest == normal), "{}", mutant.what);
            counts.entry(verdict.encoding).or_default()[usize::from(accepted)] += 1;
        }
    }
    let total: usize = counts.values().flatten().sum();
    eprintln!("{total} mutants. [refused, accepted] by the oracle: {counts:?}");
    eprintln!("ours: {failures:?}; the oracle: {ends:?}");
    // A canonical encoding: refused by all three, and enough of them.
    let [refused, accepted] = counts[&Encoding::Canonical];
    assert_eq!(accepted, 0);
    assert!(refused >= 2_000);
    assert!(total >= 5_000);
    for failure in [
        Refusal::Accumulate(Failure::MalformedCalldata),
        Refusal::Accumulate(Failure::InputNotCanonical),
        Refusal::Accumulate(Failure::ScalarNotCanonical),
        Refusal::Accumulate(Failure::PointNotOnCurve),
        Refusal::NOT_ONE,
    ] {
        assert!(failures.contains_key(&format!("{failure:?}")), "{failure:?} never occurred");
    }
}

/// The first of two classes in which the oracle accepts what ours refuses.
#[test]
fn the_oracle_reads_scalars_modulo_r_and_ours_refuses_them() {
    for pair in pairs() {
        let honest = pair.honest().next().unwrap();
        let inputs = honest.inputs.len();
        let scalars: Vec<usize> = (0..honest.data().len() / 32)
            .filter(|index| *index < inputs || pair.is_scalar(index - inputs))
            .collect();
        assert_eq!(scalars.len(), inputs + pair.ours.scalars());
        // The least and the greatest encoding of every scalar that is not its own.
        let mut mutants = Vec::new();
        for &index in &scalars {
            let x = of(&honest.word(index));
            let most = (U256::MAX - x) / number(R);
            for k in [U256::from(1), most] {
                let statement = honest.with_word(index, (x + k * number(R)).to_be_bytes());
                mutants.push(Mutant { statement, what: format!("word {index} + {k} r") });
            }
        }
        for (mutant, verdict) in mutants.iter().zip(pair.judge_all(&mutants)) {
            let input = mutant.statement.inputs != honest.inputs;
            let failure = if input {
                Refusal::Accumulate(Failure::InputNotCanonical)
            } else {
                Refusal::Accumulate(Failure::ScalarNotCanonical)
            };
            assert_eq!(verdict.ours, Err(failure), "{}", mutant.what);
            assert_eq!(verdict.oracle, End::Success, "{}", mutant.what);
        }
        eprintln!("{}: {} encodings that only the oracle accepts", pair.name(), mutants.len());
    }
}

/// The second: it looks at no length.
#[test]
fn the_oracle_ignores_what_follows_the_proof_and_ours_refuses_it() {
    for pair in pairs() {
        let honest = pair.honest().next().unwrap().data();
        let mut mutants = pair.lengths();
        mutants.retain(|mutant| mutant.statement.data().starts_with(&honest));
        // Six lengths of three bytes, and the border between inputs and proof moved either way.
        assert_eq!(mutants.len(), 20);
        for (mutant, verdict) in mutants.iter().zip(pair.judge_all(&mutants)) {
            assert_eq!(verdict.ours, Err(Refusal::Accumulate(Failure::MalformedCalldata)), "{}", mutant.what);
            assert_eq!(verdict.oracle, End::Success, "{}", mutant.what);
        }
    }
}

/// A refusal by ours is a revert that keeps the gas; the oracle's may burn all that it was given.
#[test]
fn the_oracle_burns_gas_on_a_point_off_the_curve_and_ours_does_not() {
    for pair in pairs() {
        let honest = pair.honest().next().unwrap();
        let index = honest.inputs.len();
        let statement = honest.with_word(index, [0; 32]);
        let (_, ours) = pair.ours.contract(&statement.inputs, &statement.proof);
        let oracle = pair.oracle_outcome(&statement.data());
        assert_eq!(Failure::from_revert(&ours.output), Some(Failure::PointNotOnCurve));
        assert!(ours.gas < 1_000_000 && oracle.gas > 15_000_000, "{} and {}", ours.gas, oracle.gas);
    }
}

const BEGIN: &str = "<!-- compared: begin -->\n";
const END: &str = "<!-- compared: end -->";

/// The table in docs/gas.md of the verifier; APPORTION_REGENERATE=1 writes it again.
#[test]
fn the_comparison_on_record_is_right() {
    let mut table = String::from(
        "| | ours: gas | bytes of code | snark-verifier: gas | bytes of code | ours / theirs |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for pair in pairs() {
        let honest = pair.honest().next().unwrap();
        let call = AccumulateCall::unchecked(honest.proof.clone(), honest.inputs.clone()).encode();
        let (ours, theirs) = (pair.ours.call(&call), pair.oracle_outcome(&honest.data()));
        assert!(ours.is_success() && theirs.is_success());
        let pairing = pair.ours.pairing_gas(&honest.inputs, &honest.proof);
        // Had the proof no zero byte: a figure that no run changes.
        let zeros = 12 * honest.proof.iter().filter(|byte| **byte == 0).count() as u64;
        let (ours, theirs) = (ours.gas + pairing + zeros, theirs.gas + zeros);
        let code = pair.ours.evm.clone().code(pair.ours.address).len();
        let beyond = if pair.code.len() > MAX_CODE { " (not deployable)" } else { "" };
        let name = pair.name().trim_end_matches("Verifier");
        let percent = 100 * ours / theirs;
        writeln!(
            table,
            "| {name} | {ours} | {code} | {theirs} | {}{beyond} | {percent} % |",
            pair.code.len()
        )
        .unwrap();
    }
    eprint!("{table}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/docs/gas.md");
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let new = format!("{before}{BEGIN}{table}{END}{after}");
    if std::env::var_os("APPORTION_REGENERATE").is_some() {
        fs::write(&file, new).unwrap();
        return;
    }
    assert!(text == new, "contracts/docs/gas.md is out of date: APPORTION_REGENERATE=1");
}
