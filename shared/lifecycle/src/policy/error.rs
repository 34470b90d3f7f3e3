//! Why a policy is refused.

/// Why a policy was refused. The message names the line or the journey, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, an unknown key, or a value of the wrong form. The message shows line and column.
    #[error("{0}")]
    Malformed(String),
    /// A value that no rule can work with.
    #[error("{place}: {reason}")]
    Invalid {
        /// The key or the journey and step.
        place: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// More than a policy may have: longer, or with a larger number, than a decision can work with.
    #[error("{place}: {reason}")]
    BeyondLimit {
        /// The key or the journey and step.
        place: String,
        /// How much it is, and how much is allowed.
        reason: String,
    },
}
