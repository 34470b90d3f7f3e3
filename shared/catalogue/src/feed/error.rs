//! Why a feed cannot be read to its end.

/// Why the rest of a feed cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Io(#[from] std::io::Error),
    /// It is not what it begins as.
    #[error("after entry {after} the feed is not well-formed: {reason}")]
    Malformed {
        /// The last whole entry before the place.
        after: u64,
        /// What is wrong there.
        reason: String,
    },
    /// It is neither XML nor a table with the column `id`.
    #[error("this is no product feed: it is neither XML nor a table, separated by tabs, with the column \"id\"")]
    NoFeed,
    /// It ends before its end.
    #[error("the feed is cut: it ends after entry {after} without its closing tag")]
    Cut {
        /// The last whole entry.
        after: u64,
    },
}
