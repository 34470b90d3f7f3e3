//! Why something on the queue could not be read.

/// Why something on the queue could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON, or without the parts that every report and every text has.
    #[error("neither a report of SES nor a text: {0} is missing or malformed")]
    Malformed(&'static str),
    /// About a mail without our tags: another sender of the account sent it.
    #[error("an event about a mail that is not ours")]
    NotOurs,
    /// A text that is not from a phone number but, for example, from a short code: it cannot be answered.
    #[error("a text that is not from a phone number")]
    NotANumber,
}
