//! How a file is read, for people.

/// How a file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Its form and encoding.
    pub form: String,
    /// What it is.
    pub title: &'static str,
    /// Whether that was recognised by its columns, and not said by an option.
    pub is_recognised: bool,
    /// Each column and what it is read as; `None` if it is not read.
    pub columns: Vec<(String, Option<String>)>,
    /// How each of several possibilities was decided.
    pub decisions: Vec<String>,
    /// What does not come over, and what to know.
    pub notes: Vec<String>,
}
