//! What can be wrong with a parameter file.

use std::io;
use std::path::{Path, PathBuf};

/// A parameter file that was refused, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", file.display())]
pub struct ParamsError {
    /// The file (or directory) at fault; `<memory>` for bytes that came from no file.
    pub file: PathBuf,
    /// The reason.
    #[source]
    pub reason: Reason,
}

/// Why a parameter file was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The operating system refused to read or write.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A directory, pipe or device where a file is expected.
    #[error("not a regular file")]
    NotAFile,
    /// The first bytes are not those of the expected format.
    #[error("wrong magic: not a {expected} file")]
    Magic {
        /// The expected format.
        expected: &'static str,
    },
    /// A format version that this build does not read.
    #[error("format version {found} is not supported (this build reads {supported})")]
    Version {
        /// The version in the file.
        found: u32,
        /// The version that is read.
        supported: u32,
    },
    /// Parameters of another proof system.
    #[error("suite id {found} where {expected} is expected")]
    Suite {
        /// The id in the file.
        found: u32,
        /// The id of the suite asked for.
        expected: u32,
    },
    /// A size outside the supported range.
    #[error("k = {k} is outside {min}..={max}", min = super::MIN_K, max = super::MAX_K)]
    SizeRange {
        /// The declared or requested size.
        k: u32,
    },
    /// The file is sound but too small for the request.
    #[error("k = {wanted} was asked for, the file offers at most k = {largest}")]
    TooSmall {
        /// The size asked for.
        wanted: u32,
        /// The largest size the file can give.
        largest: u32,
    },
    /// The file ends just before the power that hides a proof's quotient.
    #[error(
        "the file has 2^{k} powers of the secret, and a table of 2^{k} rows needs one more: proofs hide their quotient \
         with [tau^(2^{k})]1. It serves k = {smaller}",
        smaller = k - 1
    )]
    NoNextPower {
        /// The size asked for.
        k: u32,
    },
    /// The file's length disagrees with what it declares.
    #[error("the file has {found} bytes where {expected} are expected")]
    Length {
        /// The exact length for the declared content.
        expected: u64,
        /// The real length.
        found: u64,
    },
    /// The trailing digest is not the digest of what precedes it.
    #[error("the digest does not match the content")]
    Digest,
    /// A structural fault of a `.ptau` file.
    #[error("malformed .ptau: {0}")]
    Ptau(&'static str),
    /// A point that is not a valid group element in its one accepted encoding.
    #[error("{what}[{index}]: {fault}")]
    Point {
        /// Which vector or element.
        what: &'static str,
        /// Position in it.
        index: usize,
        /// The fault.
        fault: PointFault,
    },
    /// The base point is not the curve's standard generator.
    #[error("{what} is not the standard generator")]
    Generator {
        /// Which element.
        what: &'static str,
    },
    /// The pairing check over all powers failed.
    #[error("the G1 points are not consecutive powers of the secret in s_g2")]
    Powers,
    /// The Lagrange points are not the Lagrange basis of the monomial points.
    #[error("the Lagrange points do not belong to the monomial points")]
    Lagrange,
    /// A pasta generator is not the hash-to-curve output that it must be.
    #[error("{what}[{index}] is not the hash-to-curve generator of that index")]
    HashToCurve {
        /// Which vector or element.
        what: &'static str,
        /// Position in it.
        index: usize,
    },
    /// The file states another origin than its own points show.
    #[error("the file claims provenance {claimed} but its points are of provenance {found}")]
    Provenance {
        /// What the header states.
        claimed: String,
        /// What follows from `s_g2`.
        found: String,
    },
    /// The file name promises other content than the file has.
    #[error("the file name promises {name}, the content is {content}")]
    Name {
        /// `label-k` according to the name.
        name: String,
        /// `label-k` according to the content.
        content: String,
    },
    /// No usable file in the cache.
    #[error("no parameters for k >= {k} here: import a ceremony file first")]
    Missing {
        /// The size asked for.
        k: u32,
    },
    /// Several ceremonies would do; keys made with one do not work with another.
    #[error("several setups are cached ({}): name the one to use", labels.join(", "))]
    Ambiguous {
        /// The candidates' labels.
        labels: Vec<String>,
    },
    /// The system's randomness failed; the randomised checks cannot run.
    #[error("the system's random generator failed")]
    Randomness,
}

/// Why one encoded point was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointFault {
    /// A coordinate is not reduced.
    #[error("a coordinate is not below the field's modulus")]
    NonCanonical,
    /// Not a solution of the curve equation.
    #[error("not on the curve")]
    NotOnCurve,
    /// The point at infinity, which no valid setup contains.
    #[error("the point at infinity")]
    Identity,
    /// Compression flags other than "smaller y" and "larger y".
    #[error("unknown compression flags")]
    Flags,
    /// A compressed point whose x is not reduced or belongs to no point.
    #[error("not the encoding of a point")]
    Encoding,
    /// On the curve, but outside the group of prime order.
    #[error("outside the prime-order subgroup")]
    Subgroup,
}

impl PointFault {
    pub(crate) fn at(self, what: &'static str, index: usize) -> Reason {
        Reason::Point { what, index, fault: self }
    }
}

/// Attaches the file to a reason.
pub(crate) trait InFile<T> {
    fn in_file(self, file: &Path) -> Result<T, ParamsError>;
}

impl<T, E: Into<Reason>> InFile<T> for Result<T, E> {
    fn in_file(self, file: &Path) -> Result<T, ParamsError> {
        self.map_err(|reason| ParamsError { file: file.to_path_buf(), reason: reason.into() })
    }
}
