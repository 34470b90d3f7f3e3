//! Reading files at addresses that others name, without being led into places that are not theirs to see.
//!
//! A shop names the address of its product feed, and a function fetches it from inside the deployment. So an address is used only
//! if it is of the public web:
//! - [`WebAddress`] is https on its usual port, without a user or a password in it;
//! - the name is resolved once, every address that it has must be public ([`is_public`]), and the connection goes to one of these
//!   very addresses: a name that is resolved to something else a moment later gains nothing;
//! - each redirect is checked the same way, and there are at most [`MAX_REDIRECTS`];
//! - every wait has an end. How many bytes are read is decided by who reads them.
//!
//! No error and no log line has the address or an answer's content: addresses of feeds often have a key in them.
//!
//! [`Network`] is what a test replaces: it resolves names and opens connections. What is checked in between is not part of it.

mod address;
mod answer;
mod client;
mod error;
mod network;
mod public;

pub use address::{AddressError, WebAddress};
pub use answer::{Answer, Download, Version};
pub use client::PublicWeb;
pub use error::{MAX_REDIRECTS, WebError};
pub use network::{Network, System};
pub use public::is_public;
