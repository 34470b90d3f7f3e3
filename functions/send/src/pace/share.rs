//! What a message that asks for a turn gets.

use jiff::Timestamp;

/// Why a message has no turn in this batch, and when it should ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotNow {
    /// The account's slots are taken until then.
    ProviderBusy(Timestamp),
    /// The shop's own limit is used up: this is the message's retry time.
    ShopBusy(Timestamp),
}

/// What a message gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// A slot that was leased for it.
    Slot(Timestamp),
    /// The slot at this instant, if it is still free then: the shop's own limit allows none before.
    Due(Timestamp),
    /// No slot in this batch.
    NotNow(NotNow),
}
