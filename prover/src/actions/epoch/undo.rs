//! Taking the newest epoch back, and what remains of it: the attempt that later proofs of the epoch name.

use std::path::PathBuf;

use apportion_statement::files::{
    Document as _, EpochDoc, EpochSegment, ReplacedAttempt, ReplacedSegment, ScoresDoc,
};

use crate::{
    error::Error,
    ledger::{Ledger, files},
};

/// Where the public files of an epoch that was taken back are, under its place in `private/undone/`.
const EPOCH: &str = "epoch";
/// Where its balances are.
const BALANCES: &str = "balances";
/// Where the openings of its scores are.
const SCORES: &str = "scores";

/// Takes the newest epoch back: its files move from `public/` to `private/undone/`, with the openings of its
/// scores and its balances beside them, and the balances before it are the current ones again. Nothing is
/// deleted. Its proofs may be known to others, so that their openings still count (V8): the next proof of the
/// epoch names the attempt.
///
/// # Errors
/// If the epoch is not the newest.
pub fn undo(ledger: &Ledger, epoch: u32) -> Result<(), Error> {
    let last = ledger.history.last_epoch();
    if last == 0 {
        return Err(Error::usage("no epoch is proven: there is none to take back"));
    }
    if epoch != last {
        return Err(Error::usage(format!("only the newest epoch can be taken back, that is epoch {last}")));
    }
    let place = ledger.private.undone_place(&what(epoch));
    files::create_private_dir(&place)?;
    // Copied before the step that commits: an interruption leaves a copy too many, never one too few.
    let secrets = [(ledger.private.balances(epoch), BALANCES), (ledger.private.scores(epoch), SCORES)];
    for (from, name) in &secrets {
        if from.exists() {
            files::copy_secrets(from, &place.join(name))?;
        }
    }
    files::commit(&ledger.public.epoch(epoch), &place.join(EPOCH))?;
    for (from, _) in &secrets {
        files::remove_dir(from)?;
    }
    Ok(())
}

/// An attempt at an epoch that was taken back.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    doc: EpochDoc,
    scores: ScoresDoc,
}

impl Attempt {
    /// The attempts at an epoch, oldest first.
    pub(super) fn all(ledger: &Ledger, epoch: u32) -> Result<Vec<Self>, Error> {
        let prefix = format!("{}-", what(epoch));
        let mut places = Vec::new();
        for (name, path) in files::entries(&ledger.private.undone())? {
            let number = name.strip_prefix(&prefix).and_then(|number| number.parse::<u64>().ok());
            // Without its epoch it is a copy that an interruption left.
            places.extend(
                number.filter(|_| path.join(EPOCH).is_dir()).map(|number| (number, path.join(EPOCH))),
            );
        }
        places.sort();
        let read = |(_, path): (u64, PathBuf)| {
            let doc = EpochDoc::read(&path.join("epoch.json"))?;
            let scores = ScoresDoc::read(&path.join(&doc.scores.file))?;
            Ok(Self { doc, scores })
        };
        places.into_iter().map(read).collect()
    }

    /// Whether it is the very same statement.
    fn states(&self, doc: &EpochDoc) -> bool {
        let same = |(own, other): (&EpochSegment, &EpochSegment)| {
            (own.id(), &own.balance_column, own.paid) == (other.id(), &other.balance_column, other.paid)
        };
        self.doc.pool == doc.pool
            && self.doc.scores == doc.scores
            && self.doc.segments.len() == doc.segments.len()
            && self.doc.segments.iter().zip(&doc.segments).all(same)
    }

    /// Whether it is the very same statement under the very same proofs.
    fn is(&self, doc: &EpochDoc) -> bool {
        self.states(doc) && self.doc.segments == doc.segments
    }

    /// What the next proof says of it.
    fn replaced(&self) -> ReplacedAttempt {
        let proven = self.doc.segments.iter().filter_map(|moved| {
            let posted = self.scores.segment(moved.id())?;
            let score_column = posted.commitment.clone();
            Some(ReplacedSegment { dataset: moved.dataset, segment: moved.segment, score_column })
        });
        ReplacedAttempt {
            pool: self.doc.pool,
            total_score: self.scores.total_score,
            score_root: self.scores.root,
            segments: proven.collect(),
        }
    }
}

/// Which attempts opened nothing that an epoch's document does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeats {
    /// Those with the same proofs.
    Proofs,
    /// Those of the same statement: the engine will make the same proofs.
    Statement,
    /// None: the engine never makes the same proofs.
    Never,
}

/// What a document says of the attempts that were taken back. One that opened nothing else than `doc` is not named, and
/// one that was made twice is named once.
pub(super) fn replaced(attempts: &[Attempt], doc: &EpochDoc, repeats: Repeats) -> Vec<ReplacedAttempt> {
    let repeated = |attempt: &Attempt| match repeats {
        Repeats::Proofs => attempt.is(doc),
        Repeats::Statement => attempt.states(doc),
        Repeats::Never => false,
    };
    let mut listed: Vec<&Attempt> = Vec::new();
    for attempt in attempts {
        if !repeated(attempt) && !listed.iter().any(|other| attempt.is(&other.doc)) {
            listed.push(attempt);
        }
    }
    listed.into_iter().map(Attempt::replaced).collect()
}

fn what(epoch: u32) -> String {
    format!("epoch-{epoch:06}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::{
        column::Commitment,
        field::SuiteId,
        types::{Payee, Word},
    };
    use apportion_statement::files::{Amount, FileRef, PublicDir, ScoredSegment};
    use apportion_statement::policy::Share;

    /// An epoch of one segment, and what was posted for it; `proof` is what its proof's file holds.
    fn attempt(score: u8, proof: u32) -> Attempt {
        let scores = ScoresDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model_id: Word::default(),
            epoch: 1,
            total_score: Amount(7),
            root: Word([score; 32]),
            segments: vec![ScoredSegment {
                dataset: 0,
                segment: 0,
                revision: 0,
                score: Amount(7),
                commitment: Commitment(vec![score; 32]),
            }],
        };
        let doc = EpochDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model_id: Word::default(),
            epoch: 1,
            policy: 1,
            revenue: Amount(100),
            carried: Amount(0),
            shares: vec![Share { name: "x".into(), address: Payee([1; 20]), amount: Amount(10) }],
            pool: Amount(90),
            scores: FileRef::new(PublicDir::scores(), &scores.to_json()),
            segments: vec![EpochSegment {
                dataset: 0,
                segment: 0,
                balance_column: Commitment(vec![9; 32]),
                paid: Amount(90),
                proof: FileRef::new(PublicDir::split_proof(0, 0), &proof.to_be_bytes()),
            }],
            replaced: Vec::new(),
        };
        Attempt { doc, scores }
    }

    fn named(attempts: &[Attempt], repeats: Repeats) -> usize {
        replaced(attempts, &attempt(1, 0).doc, repeats).len()
    }

    #[test]
    fn the_same_proofs_are_never_named_and_others_once() {
        // Proven and taken back, over and over: the budget of V8 is as it was.
        let again = vec![attempt(1, 0); 120];
        assert_eq!(named(&again, Repeats::Proofs), 0);
        assert_eq!(named(&again, Repeats::Statement), 0);
        // Of the same statement other proofs each time, or those of another version of the engine.
        let other: Vec<_> = (1..=120).map(|proof| attempt(1, proof)).collect();
        assert_eq!(named(&other, Repeats::Proofs), 120);
        assert_eq!(named(&other, Repeats::Never), 120);
        assert_eq!(named(&other, Repeats::Statement), 0);
        // Another statement, made twice.
        let twice = [attempt(2, 5), attempt(1, 0), attempt(2, 5)];
        assert_eq!(named(&twice, Repeats::Proofs), 1);
        assert_eq!(named(&twice, Repeats::Statement), 1);
        assert_eq!(named(&twice, Repeats::Never), 2);
        // As a statement another one already if an amount or the scores differ.
        let mut paid = attempt(1, 0);
        paid.doc.segments[0].paid.0 += 1;
        let mut pool = attempt(1, 0);
        pool.doc.pool.0 += 1;
        let mut more = attempt(1, 0);
        more.doc.segments.push(more.doc.segments[0].clone());
        assert_eq!(named(&[paid, pool, more, attempt(2, 0)], Repeats::Statement), 4);
    }
}
