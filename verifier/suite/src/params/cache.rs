//! A directory of parameter files, so that callers ask for a size only.
//!
//! File names: `pasta-k12.params`, `bn254-<label>-k16.params`. A name decides which file is opened, never what
//! is in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::bn254::{Srs, VerifierParams};
use super::error::{InFile, ParamsError, Reason};
use super::pasta::PastaParams;
use super::{MAX_K, MIN_K, Suite, check_k};

/// Labels of setups with a known secret start with this; a setup's label follows from its points.
const INSECURE: &str = "insecure_";

/// Cached parameters in one directory.
#[derive(Clone, Debug)]
pub struct ParamsCache {
    dir: PathBuf,
}

impl ParamsCache {
    /// Uses `dir`, which is made when something is first stored.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The pasta parameters of exactly this size, made and stored if they are not there.
    ///
    /// # Errors
    /// If a stored file is unsound (it is named, not replaced), `k` out of range, or the directory unwritable.
    pub fn load_or_make_pasta(&self, k: u32) -> Result<PastaParams, ParamsError> {
        check_k(k).in_file(&self.dir)?;
        let path = self.pasta_path(k);
        if path.exists() {
            let params = PastaParams::read(&path)?;
            return same_name(&format!("k{k}"), &format!("k{}", params.k())).in_file(&path).map(|()| params);
        }
        let params = PastaParams::make(k)?;
        params.write(&path)?;
        Ok(params)
    }

    /// The bn254 setup of size `k`: from the smallest cached file that offers it. A setup with a known secret is
    /// never taken. If only a larger one is there, the smaller is computed and stored beside it.
    ///
    /// # Errors
    /// If there is none, several ceremonies are cached, or the file is unsound.
    pub fn load_bn254(&self, k: u32) -> Result<Srs, ParamsError> {
        self.load_bn254_labelled(&self.only_label(k)?, k)
    }

    /// As [`Self::load_bn254`], of the setup with this label (secure or not).
    ///
    /// # Errors
    /// If there is none or the file is unsound.
    pub fn load_bn254_labelled(&self, label: &str, k: u32) -> Result<Srs, ParamsError> {
        let (at, path) = self.find_bn254(label, k)?;
        let srs = Srs::read(&path)?;
        let content = format!("{}-k{}", srs.provenance().label(), srs.k());
        same_name(&format!("{label}-k{at}"), &content).in_file(&path)?;
        if at == k {
            return Ok(srs);
        }
        let srs = srs.downsize(k).in_file(&path)?;
        // Storing it only saves time later: a read-only directory is no reason to fail.
        let _ = self.store_bn254(&srs);
        Ok(srs)
    }

    /// What verifiers need of the setup that [`Self::load_bn254`] or, with a label, [`Self::load_bn254_labelled`]
    /// gives, without its powers: they are neither looked at nor checked, which takes most of the time. Whoever
    /// computes with them loads them, and must compare.
    ///
    /// # Errors
    /// If there is none, several ceremonies are cached, or what is looked at is unsound.
    pub fn bn254_verifier(&self, label: Option<&str>, k: u32) -> Result<VerifierParams, ParamsError> {
        let label = label.map_or_else(|| self.only_label(k), |label| Ok(label.to_owned()))?;
        let (at, path) = self.find_bn254(&label, k)?;
        let (found, verifier) = VerifierParams::read(&path)?;
        let content = format!("{}-k{found}", verifier.provenance().label());
        same_name(&format!("{label}-k{at}"), &content).in_file(&path).map(|()| verifier)
    }

    /// The label of the one setup whose secret is not public.
    fn only_label(&self, k: u32) -> Result<String, ParamsError> {
        let mut labels = self.labels()?;
        labels.retain(|label| !label.starts_with(INSECURE));
        match labels.as_slice() {
            [] => Err(Reason::Missing { k }),
            [label] => return Ok(label.clone()),
            _ => Err(Reason::Ambiguous { labels }),
        }
        .in_file(&self.dir)
    }

    /// The smallest file of a setup that offers a size, and its own size.
    fn find_bn254(&self, label: &str, k: u32) -> Result<(u32, PathBuf), ParamsError> {
        check_k(k).in_file(&self.dir)?;
        let found = (k..=MAX_K).find(|k| is_label(label) && self.bn254_path(label, *k).exists());
        let at = found.ok_or(Reason::Missing { k }).in_file(&self.dir)?;
        Ok((at, self.bn254_path(label, at)))
    }

    /// The development setup with its public secret, made and stored if it is not there.
    ///
    /// # Errors
    /// As [`Self::load_bn254_labelled`].
    pub fn load_or_make_insecure_dev(&self, k: u32) -> Result<Srs, ParamsError> {
        check_k(k).in_file(&self.dir)?;
        let label = super::Provenance::InsecureDev.label();
        if self.bn254_path(&label, k).exists() {
            return self.load_bn254_labelled(&label, k);
        }
        // Knowing the secret, making it is faster than cutting down a larger one.
        let srs = Srs::insecure_dev(k)?;
        self.store_bn254(&srs)?;
        Ok(srs)
    }

    /// Stores a setup under the name that its own points give it, and returns the path.
    ///
    /// # Errors
    /// If the directory is unwritable.
    pub fn store_bn254(&self, srs: &Srs) -> Result<PathBuf, ParamsError> {
        let path = self.bn254_path(&srs.provenance().label(), srs.k());
        srs.write(&path)?;
        Ok(path)
    }

    /// The paths of all files named as parameters, sorted.
    ///
    /// # Errors
    /// If the directory cannot be read. A missing one is empty.
    pub fn files(&self) -> Result<Vec<PathBuf>, ParamsError> {
        let names = self.names()?;
        Ok(names.iter().map(|n| self.dir.join(n)).filter(|p| parse(p).is_some()).collect())
    }

    fn labels(&self) -> Result<Vec<String>, ParamsError> {
        let mut labels: Vec<_> = self
            .files()?
            .iter()
            .filter_map(|p| parse(p))
            .filter_map(|(suite, label, _)| (suite == Suite::Bn254).then_some(label))
            .collect();
        labels.dedup();
        Ok(labels)
    }

    fn names(&self) -> Result<Vec<String>, ParamsError> {
        let entries = match fs::read_dir(&self.dir) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.in_file(&self.dir)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry.in_file(&self.dir)?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    fn pasta_path(&self, k: u32) -> PathBuf {
        self.dir.join(format!("pasta-k{k}.params"))
    }

    fn bn254_path(&self, label: &str, k: u32) -> PathBuf {
        self.dir.join(format!("bn254-{label}-k{k}.params"))
    }
}

/// Suite, label (empty for pasta) and k of a file name.
fn parse(path: &Path) -> Option<(Suite, String, u32)> {
    let name = path.file_name()?.to_str()?.strip_suffix(".params")?;
    let (name, k) = name.rsplit_once("-k")?;
    let k = k.parse().ok().filter(|parsed: &u32| parsed.to_string() == k)?;
    if !(MIN_K..=MAX_K).contains(&k) {
        return None;
    }
    match name.split_once('-') {
        None => (name == "pasta").then(|| (Suite::Pasta, String::new(), k)),
        Some(("bn254", label)) if is_label(label) => Some((Suite::Bn254, label.to_owned(), k)),
        Some(_) => None,
    }
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn same_name(name: &str, content: &str) -> Result<(), Reason> {
    if name == content {
        return Ok(());
    }
    Err(Reason::Name { name: name.to_owned(), content: content.to_owned() })
}
