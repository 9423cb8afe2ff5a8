//! Taking the newest epoch back, and what remains of it: the attempt that later proofs of the epoch name.

use std::path::PathBuf;

use apportion_statement::files::{Document as _, EpochDoc, ReplacedAttempt, ReplacedSegment, ScoresDoc};

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

    /// Whether it is the very same statement under the very same proofs: it opened nothing that `doc` does not.
    pub(super) fn is(&self, doc: &EpochDoc) -> bool {
        self.doc.pool == doc.pool && self.doc.segments == doc.segments && self.doc.scores == doc.scores
    }

    /// Whether it is another one's, statement and proofs.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.is(&other.doc)
    }

    /// What the next proof says of it.
    pub(super) fn replaced(&self) -> ReplacedAttempt {
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

fn what(epoch: u32) -> String {
    format!("epoch-{epoch:06}")
}
