//! Why a message could not be processed.

use crate::shop_context::ShopContextError;
use rekindle_platform::QueueError;
use rekindle_platform::retry::LostRaces;
use rekindle_store::StoreError;

/// Why a message could not be processed. It belongs back on the queue.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The database failed.
    #[error("the message could not be read or written")]
    Store(#[from] StoreError),
    /// The message could not be put on the queue for later.
    #[error("the message could not be put on the queue for later")]
    Queue(#[from] QueueError),
    /// The shop has no brand.
    #[error("the shop is not ready to send")]
    ShopContext(#[from] ShopContextError),
    /// The provider accepts nothing at the moment.
    #[error("the provider takes nothing at the moment: {0}")]
    NotNow(String),
    /// The work on the queue does not name a message.
    #[error("what the queue asks for is no key of a message; it goes to the dead letters")]
    NoSuchKey,
    /// Other writers kept changing the customer or the message.
    #[error(transparent)]
    Busy(#[from] LostRaces),
}
