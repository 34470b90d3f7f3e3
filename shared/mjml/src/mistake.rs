//! What is wrong with a template, and where.

/// A mistake in a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct Mistake {
    /// The line it is on, from 1.
    pub line: usize,
    /// What is wrong, as a sentence.
    pub problem: String,
}

/// The line, from 1, that a byte of the text is on.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|b| *b == b'\n').count()
}
