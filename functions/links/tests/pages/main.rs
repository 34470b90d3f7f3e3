//! The customers' pages, against the real engine.
//!
//! - [`shop`] is a shop with one customer, with the requests that a browser makes;
//! - the other modules are tests, each about one page or about all of them.

mod confirm;
mod every_page;
mod filled_form;
mod nps;
mod preferences;
mod referral;
mod shop;
mod unsubscribe;
