//! `apportion ledger backup` and `apportion ledger restore`.

use std::path::{Path, PathBuf};

use apportion::{Error, actions::backup, progress::Progress as _};
use apportion_secrets::{Recipient, read_identities, read_recipients};
use clap::Args;
use serde::Serialize;

use super::{Session, counted, open_ledger};

/// Write the whole ledger into one encrypted file.
#[derive(Debug, Args)]
#[command(after_help = "The file holds public/, private/ and the seed, encrypted with age \
    (https://age-encryption.org) to every key that --to names: whoever has one of the secret keys can restore \
    it, and claim to be the ledger's developer. It says of which epoch it is. Make one after every \
    epoch.\n\nExamples:\n  age-keygen -o backup.key\n  apportion ledger backup --dir ledger --to age1.. --out \
    ledger.backup\n  apportion ledger backup --dir ledger --to recipients.txt --out ledger.backup")]
pub(crate) struct Backup {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// To whom: a public key of age, or a file with one a line.
    #[arg(long, value_name = "KEY|FILE", required = true, num_args = 1..)]
    to: Vec<String>,
    /// The file to write, which must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Restore a ledger from a backup.
#[derive(Debug, Args)]
#[command(
    after_help = "Into a new directory all of the backup is restored. Where the directory has public/ already, \
    only private/ is, and what the backup lacks of it is said: `apportion ledger recover` makes that again. \
    Nothing is overwritten.\n\nExample:\n  apportion ledger restore --from ledger.backup --identity backup.key \
    --dir ledger"
)]
pub(crate) struct Restore {
    /// The backup.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The file of the secret key, as age-keygen writes it.
    #[arg(long, value_name = "FILE")]
    identity: PathBuf,
    /// The ledger's directory: new, or with public/ and without private/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Serialize)]
struct BackupOutput {
    backup: String,
    epoch: u32,
    files: usize,
    bytes: u64,
    keys: usize,
}

#[derive(Serialize)]
struct RestoreOutput {
    ledger: String,
    backup_of_epoch: u32,
    last_epoch: u32,
    private_only: bool,
    missing: Vec<String>,
}

impl Backup {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let mut keys: Vec<Recipient> = Vec::new();
        for text in &self.to {
            let found = recipients(text)?;
            keys.extend(found);
        }
        let ledger = open_ledger(&self.dir, session)?;
        let made = backup::backup(&ledger, &keys, &self.out)?;
        let output = BackupOutput {
            backup: self.out.display().to_string(),
            epoch: made.epoch,
            files: made.files,
            bytes: made.bytes,
            keys: keys.len(),
        };
        let text = format!(
            "{}: the ledger after epoch {}, {}, for {}",
            output.backup,
            output.epoch,
            counted(output.files, "file"),
            counted(output.keys, "key")
        );
        session.console.result(&output, &text);
        Ok(())
    }
}

/// A key, or the keys in a file.
fn recipients(text: &str) -> Result<Vec<Recipient>, Error> {
    match text.parse() {
        Ok(key) => Ok(vec![key]),
        Err(_) if Path::new(text).is_file() => Ok(read_recipients(Path::new(text))?),
        Err(error) => Err(Error::usage(format!("--to: this is no file, and as a key it {error}"))),
    }
}

impl Restore {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let identities = read_identities(&self.identity)?;
        let restored = backup::restore(&self.from, &identities, &self.dir)?;
        let output = RestoreOutput {
            ledger: self.dir.display().to_string(),
            backup_of_epoch: restored.epoch,
            last_epoch: restored.last_epoch,
            private_only: restored.private_only,
            missing: restored.missing.iter().map(|path| path.display().to_string()).collect(),
        };
        let what = if restored.private_only { "private/" } else { "the whole ledger" };
        let mut text = format!("{}: {what} as of epoch {}", output.ledger, output.backup_of_epoch);
        if !output.missing.is_empty() {
            session.console.warn(&format!(
                "the backup is of epoch {}, the ledger's last epoch is {}: {} missing, the first is {}. \
                 `apportion ledger recover --public {dir}/public --seed {dir}/private/seed --dataset .. \
                 --scores .. --dir NEW` makes everything again from the datasets and the scores of all epochs",
                output.backup_of_epoch,
                output.last_epoch,
                counted(output.missing.len(), "private file"),
                output.missing[0],
                dir = output.ledger
            ));
            text += &format!("; {} missing", counted(output.missing.len(), "private file"));
        }
        session.console.result(&output, &text);
        Ok(())
    }
}
