//! Failures of the local cloud itself, as opposed to calls that it refuses.

use std::path::PathBuf;

/// A failure of the local cloud. Its message says what a person can do about it, if anything.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// The file exists but is no database, or is damaged.
    #[error("{} is damaged or is no database; move it away to start with empty queues and an empty mailbox", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
    /// Another version of this program wrote the file.
    #[error("{} has layout {found}, this program reads layout {expected}; use the version that wrote it, or move the file away", path.display())]
    Layout {
        /// The file.
        path: PathBuf,
        /// The layout in the file.
        found: i64,
        /// The layout this program reads and writes.
        expected: i64,
    },
    /// Another process uses the file.
    #[error("{} belongs to an instance that is running; stop it, or choose another data directory", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file can neither be opened nor created.
    #[error("{} cannot be opened; check that its directory exists and is writable", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The disk is full.
    #[error("{} cannot grow because the disk is full; free some space, nothing that was acknowledged is lost", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
    /// Any other failure of the database.
    #[error("the local cloud's database failed")]
    Database(#[from] rusqlite::Error),
    /// No queue has this name.
    #[error("no queue is named {0:?}; create it first")]
    NoSuchQueue(String),
    /// A provider event was to be published without a feedback queue.
    #[error("no feedback queue is configured; name one in the cloud's settings")]
    NoFeedbackQueue,
}
