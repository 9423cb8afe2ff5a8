//! What the commands do, one module per verb.

pub mod backup;
pub mod check;
pub mod closed;
pub mod dataset;
pub mod enroll;
pub mod epoch;
pub mod init;
pub mod policy;
pub mod receipt;
pub mod recover;
pub mod retire;
pub mod scores;
pub mod standing;
pub mod statement;
pub mod status;
pub mod undo;

#[cfg(test)]
mod tests;
