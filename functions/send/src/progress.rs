//! How far a message came.

use crate::pace::NotNow;
use jiff::Timestamp;
use rekindle_lifecycle::message::MessageState;

/// How far a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is no such message.
    Absent,
    /// There is nothing more to do about it now.
    Done(MessageState),
    /// It cannot continue before then. At the customer's due time it is queued again.
    Waiting(Timestamp),
    /// The provider accepts no more before then. It belongs on the queue again, to return then.
    HeldByProvider(Timestamp),
    /// The shop's own limit allows no more before then. It belongs on the queue again, to return then.
    HeldByShop(Timestamp),
}

impl From<NotNow> for Progress {
    fn from(not_now: NotNow) -> Self {
        match not_now {
            NotNow::ProviderBusy(until) => Self::HeldByProvider(until),
            NotNow::ShopBusy(until) => Self::HeldByShop(until),
        }
    }
}
