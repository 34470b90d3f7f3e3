//! Why a file cannot be read at all.

use crate::orders::Question;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system cannot open or read it.
    #[error("{path} cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is a file of another kind.
    #[error("{path} cannot be imported: {form}")]
    OtherForm {
        /// The file.
        path: PathBuf,
        /// What it is, and what to do.
        form: String,
    },
    /// Its first line is not text.
    #[error("the first line of {path} {reason}; it should be CSV with a header, or JSON")]
    NotText {
        /// The file.
        path: PathBuf,
        /// The predicate of a sentence about the line.
        reason: String,
    },
    /// A required column is missing.
    #[error("{path} has no column {column}; the first line must name the columns, at least {needed}{found}")]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The first column that is missing.
        column: &'static str,
        /// The required columns.
        needed: &'static str,
        /// The columns that it has, with what to do; empty if there are none.
        found: String,
    },
    /// Its columns cannot be told apart.
    #[error("{path}: {reason}")]
    Columns {
        /// The file.
        path: PathBuf,
        /// Why, and which option says it.
        reason: String,
    },
    /// It may be read in several ways, and an option has to say which.
    #[error("{path} can be read in several ways: {}", sentences(questions))]
    Undecided {
        /// The file.
        path: PathBuf,
        /// Everything that has to be said.
        questions: Vec<Question>,
    },
}

impl ReadError {
    pub(crate) fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::InvalidData {
            return Self::OtherForm { path, form: source.to_string() };
        }
        Self::Io { path, source }
    }

    /// Whether other options may make the file readable.
    #[must_use]
    pub fn is_wrong_use(&self) -> bool {
        matches!(self, Self::Columns { .. } | Self::Undecided { .. })
    }
}

fn sentences(questions: &[Question]) -> String {
    questions.iter().map(|question| format!("\n  {}: {}", question.field, question.text)).collect()
}
