//! The pace at which a batch is handed to the providers: each message has a turn at a slot of its own, and all senders together
//! keep to what the provider accepts ([`rekindle_store::sending::rate`]). The page `README.md` of this crate has a drawing.
//!
//! A message asks for its turn when nothing else is left to do but the claim, so that few slots are lost. The messages of a
//! batch wait for each other at that point: one lease serves all of them. Then each waits for its slot, is claimed just
//! before it, and is handed over at it. A sender that stops while it waits has claimed nothing: its messages come back on the
//! queue, and only its slots are lost.
//!
//! Where a shop has a limit of its own, its messages take those of the batch's slots that its limit allows. The others get a
//! retry time and leave the batch, so that the senders are free for other shops meanwhile.
//!
//! - [`Pace::enter`] registers a message with its batch ([`Arrival`]);
//! - [`Arrival::reserve`] gives it a turn, or says when to ask again ([`Reserved`]);
//! - [`Turn::hand_over`] hands it over at its slot.

mod arrivals;
mod lease;
mod reserve;
mod share;
mod share_out;
mod turn;

pub use arrivals::Arrival;
pub(crate) use lease::QUOTA_CHECK_INTERVAL;
pub use reserve::Reserved;
pub use share::NotNow;
pub use turn::Turn;

use crate::Sender;
use arrivals::Requests;
use jiff::{SignedDuration, Timestamp};

/// How long a batch waits for its turns at most. With the calls before and after, it stays well below the minute that an
/// invocation has.
pub const MAX_WAIT: SignedDuration = SignedDuration::from_secs(20);
/// How long before its slot a message is claimed. Most claims take less.
const CLAIM_LEAD: SignedDuration = SignedDuration::from_millis(100);
/// How late after its slot a message under its shop's own limit may go out when no other message wants the slots.
const MAX_LATE_OWN: SignedDuration = SignedDuration::from_millis(30);

/// The pace of one batch.
pub struct Pace<'s> {
    sender: &'s Sender,
    /// The last slot that the batch waits for.
    until: Timestamp,
    requests: Requests,
}

impl<'s> Pace<'s> {
    /// The pace of a batch that begins now.
    #[must_use]
    pub fn new(sender: &'s Sender) -> Self {
        Self::since(sender, sender.clock.precise_now())
    }

    /// The pace of a part of a batch that began at `began`.
    #[must_use]
    pub fn since(sender: &'s Sender, began: Timestamp) -> Self {
        Self { sender, until: began + MAX_WAIT, requests: Requests::default() }
    }

    /// Registers a message that may ask for a turn. The other messages of the batch wait for it until it has asked or its
    /// [`Arrival`] is dropped.
    pub fn enter(&self) -> Arrival<'_> {
        Arrival::new(self)
    }
}
