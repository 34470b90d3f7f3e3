//! Product feeds as files, and what of them is posted.

mod calls;
mod feed_file;

pub use calls::{MAX_CALL_PRODUCTS, discontinued};
pub use feed_file::{FeedFileError, FeedSummary, read_feed_file};
