//! The slots in which messages are handed to a provider, shared by all who send: a lease.
//!
//! `pk` = `rate#{channel}` (of the account) or `rate#{channel}#{shop}`. `tat` is the instant of the next free slot, in
//! microseconds; `rate` is the [`SendingRate`] as JSON; Where a shop has a limit of its own, `recent` is
//! when its latest sends are ([`RecentSends`]), and `line` the end of the line of its messages that wait ([`Store::reserve_retry_times`]). Who sends takes some slots in a row by moving `tat` behind them, and uses each at its time. Slots that nobody uses,
//! because a worker stopped, are lost and nothing else is.
//!
//! A lease names the rate that it reckons with. After another rate was written it fails, so nobody goes on with an old
//! one. It costs one write unit; a worker that does not know the item yet reads it first (one read unit).

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
