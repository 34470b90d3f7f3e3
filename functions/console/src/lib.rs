//! `console`: the pages that a shop's people open every morning.
//!
//! The console is a client of the product's own API and stores nothing. People sign in with an admin key of their shop; it travels
//! sealed in a cookie, and each page calls the API with it. So a page shows what the key may read, a button does what the key may do,
//! and neither can do more.
//!
//! - [`handle`] answers one HTTP request, [`ROUTES`] is what can be requested;
//! - [`Api`] is the API, over the network or in the same process; `shop_api` calls it as the person who looks;
//! - `session` seals who signed in, `origin` and the token of a form tell the console's own forms from those of others;
//! - `pages` has a file a page; `policy_file` reads and edits journeys in the text of a policy, of which a `journey_row` is one for readers; `difference` compares two texts,
//!   `bars`, `interval` and `rhythm` draw;
//! - `page` renders templates in the reader's language, `formats` writes numbers, amounts and times as it does.
//!
//! What is guaranteed:
//! - GET changes nothing;
//! - a POST does something only with the token of the session it comes from, and from a page of this host;
//! - no page needs a script or anything from another host;
//! - the key is in no page, no log line and no address.

mod api;
mod bars;
mod difference;
mod form;
mod formats;
mod handle;
mod interval;
mod journey_row;
mod language;
mod origin;
mod page;
mod pages;
mod policy_file;
mod rhythm;
mod routes;
mod session;
mod shop_api;
mod texts;
mod trouble;
mod visit;
mod wiring;

pub use api::Api;
pub use handle::handle;
pub use routes::{PageId, ROUTES};
pub use wiring::wire;

use rekindle_messaging::KeyRing;
use rekindle_platform::Clock;
use std::sync::Arc;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Console {
    /// The API that every page calls.
    pub api: Api,
    /// Seals sessions.
    pub link_keys: Arc<KeyRing>,
    /// The time.
    pub clock: Clock,
}
