//! `links`: the pages behind the links in a message. A customer unsubscribes, chooses what to receive and
//! answers the NPS question; every act is a fact that has taken effect before the response is sent.
//!
//! - [`handle`] answers one HTTP request, [`ROUTES`] is what can be requested, `visit` what is known of the visitor;
//! - `unsubscribe` is `/u/{token}`, also for the mail program's one click (RFC 8058);
//! - `preferences` is `/p/{token}`: purposes by channel, language, time zone, a pause;
//! - `data_request` is the part of it where a customer asks for what is stored of them, or for its deletion;
//! - `nps` is `/n/{token}`: one score a link, one open question;
//! - `referral` is `/r/{code}`: where a friend arrives; and the code that a customer passes on;
//! - `confirm` is `/c/{token}`: the customer's own yes to a channel (double opt-in);
//! - `reopen` leads off the lists that a complaint or a STOP put an address on, before a yes is stored;
//! - `consent` makes the facts of a consent or a refusal, `pause` that of a pause;
//! - `page` renders, in the customer's language and the shop's colours.
//!
//! What is guaranteed:
//! - GET and HEAD change nothing, however many scanners follow every link of every mail;
//! - a message claimed after the answer to an unsubscribe is impossible;
//! - no page needs a script, a cookie or anything from another host;
//! - a link that is damaged, expired or foreign gets a page that helps and does not reveal whether the customer exists.

mod confirm;
mod consent;
mod data_request;
mod error;
mod form;
mod handle;
mod nps;
mod page;
mod pause;
mod preferences;
mod referral;
mod reopen;
mod routes;
mod unsubscribe;
mod visit;
mod wiring;

pub use error::LinksError;
pub use handle::handle;
pub use routes::{PageId, ROUTES};
pub use wiring::wire;

use rekindle_messaging::{KeyRing, ProviderLists};
use rekindle_platform::{Clock, Throttle};
use rekindle_store::Store;
use std::sync::Arc;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Links {
    /// The tables.
    pub store: Store,
    /// Opens the links.
    pub link_keys: Arc<KeyRing>,
    /// Where the pages are, without a slash at the end: what the links that customers pass on begin with.
    pub links_base_url: String,
    /// The lists of providers, off which an address is taken whose owner wants messages again.
    pub provider_lists: ProviderLists,
    /// The time.
    pub clock: Clock,
    /// How often a client sees a page that needs no link of its own, and how often a visit is counted.
    pub throttle: Throttle,
}
