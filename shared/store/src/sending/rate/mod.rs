//! The slots in which messages are handed to a provider. Workers lease them from one item per limit.
//!
//! `pk` = `rate#{channel}` (of the account) or `rate#{channel}#{shop}`. `tat` is the instant of the next free slot, in
//! microseconds; `rate` is the [`SendingRate`](rekindle_lifecycle::sending_rate::SendingRate) as JSON. Where a shop has a limit of
//! its own, `recent` holds the instants of its latest sends ([`RecentSends`]), and `line` the end of the line of its waiting
//! messages ([`Store::reserve_retry_times`](crate::Store::reserve_retry_times)).
//!
//! A sender leases consecutive slots by advancing `tat` past them, and uses each at its instant. The slots of a worker that stops
//! are lost; nothing else is.
//!
//! A lease names the rate that it assumes. It fails after another rate was written, so no worker continues with an old one. It
//! costs one write unit; a worker that has not seen the item reads it first (one read unit).

mod calls;
mod item;
mod known;
mod lease;
mod line;
mod note_sends;
mod provider_rate;
mod recent;
mod slots;

pub(crate) use known::KnownRates;
pub use recent::RecentSends;
pub use slots::{Leased, SendingLimit, Slots, Wanted};
