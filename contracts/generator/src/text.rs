//! Indented lines, and places in memory.

use std::fmt::Display;

/// Lines of Solidity.
#[derive(Default)]
pub(super) struct Text {
    lines: String,
    indent: usize,
}

impl Text {
    /// Text that stands inside of `indent` blocks.
    pub(super) fn nested(indent: usize) -> Self {
        Self { lines: String::new(), indent }
    }

    /// Indents what `body` writes.
    pub(super) fn nest(&mut self, body: impl FnOnce(&mut Self)) {
        self.indent += 1;
        body(self);
        self.indent -= 1;
    }

    /// One line; an empty one has no blanks.
    pub(super) fn line(&mut self, line: impl Display) {
        let line = line.to_string();
        if !line.is_empty() {
            self.lines.extend(std::iter::repeat_n(' ', 4 * self.indent));
            self.lines.push_str(&line);
        }
        self.lines.push('\n');
    }

    /// A line that opens a block, the block, and its end.
    pub(super) fn block<T>(&mut self, head: impl Display, body: impl FnOnce(&mut Self) -> T) -> T {
        self.line(format!("{head} {{"));
        self.indent += 1;
        let result = body(self);
        self.indent -= 1;
        self.line("}");
        result
    }

    /// A documented internal function whose body is one assembly block in which `r` is the scalar field's modulus.
    /// `kind` is `view` where precompiles are called, else `pure`.
    pub(super) fn step(&mut self, doc: &[&str], name: &str, kind: &str, body: impl FnOnce(&mut Self)) {
        self.line("");
        for line in doc {
            self.line(format!("/// {line}"));
        }
        self.block(format!("function {name}() private {kind}"), |out| {
            out.block("assembly (\"memory-safe\")", |out| {
                out.line("let r := R");
                body(out);
            });
        });
    }

    pub(super) fn finish(self) -> String {
        self.lines
    }
}

/// Hands out words of memory.
pub(super) struct Memory {
    next: usize,
    end: usize,
}

impl Memory {
    pub(super) fn from(start: usize) -> Self {
        Self { next: start, end: start }
    }

    /// The address of `words` new words.
    pub(super) fn take(&mut self, words: usize) -> usize {
        let at = self.next;
        self.next += 32 * words;
        self.end = self.end.max(self.next);
        at
    }

    /// Where the next word would stand.
    pub(super) fn next(&self) -> usize {
        self.next
    }

    /// Gives back everything from `at` on.
    pub(super) fn rewind(&mut self, at: usize) {
        self.next = at;
    }

    /// The end of everything that was ever handed out.
    pub(super) fn end(&self) -> usize {
        self.end
    }
}

pub(super) fn mload(at: usize) -> String {
    format!("mload({at:#x})")
}

pub(super) fn mstore(at: usize, value: impl Display) -> String {
    format!("mstore({at:#x}, {value})")
}

pub(super) fn calldata(at: usize) -> String {
    format!("calldataload({at:#x})")
}

pub(super) fn mul(a: impl Display, b: impl Display) -> String {
    format!("mulmod({a}, {b}, r)")
}

/// `reverts` unless `condition`.
pub(super) fn require(out: &mut Text, condition: impl Display, error: super::errors::Failure) {
    out.line(format!(
        "if iszero({condition}) {{ mstore(0x00, {:#010x}) revert(0x1c, 0x04) }} // {}()",
        error.selector(),
        error.name()
    ));
}
