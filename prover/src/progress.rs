//! How long-running work reports on itself.

/// Takes what is to be told. Implementations write to standard error or nowhere; secrets are never passed.
pub trait Progress: Sync {
    /// A line of information.
    fn note(&self, text: &str);

    /// A line that must be read, also by those who want no progress.
    fn warn(&self, text: &str);

    /// `steps` steps of `what` begin; `done` of them were done by an earlier run.
    fn begin(&self, what: &str, steps: usize, done: usize);

    /// One of the steps is done.
    fn step(&self, text: &str);

    /// All steps are done, or the work failed.
    fn end(&self);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn note(&self, _: &str) {}
    fn warn(&self, _: &str) {}
    fn begin(&self, _: &str, _: usize, _: usize) {}
    fn step(&self, _: &str) {}
    fn end(&self) {}
}
