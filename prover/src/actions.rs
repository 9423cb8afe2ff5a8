//! What the commands do, one module per verb.

mod budget;
pub mod dataset;
pub mod enroll;
pub mod epoch;
pub mod init;
pub mod publish;
pub mod receipt;
pub mod scores;
