//! What the tests of several crates begin with. For `[dev-dependencies]` only.
//!
//! - [`database`]: tables of their own on the embedded engine, behind HTTP and the real SDK client;
//! - [`builders`]: a shop, its customers, their orders and other facts;
//! - [`providers`]: providers of mails and texts whose lists of addresses are empty;
//! - [`rig`]: a function behind its HTTP handle, called with a key of the shop;
//! - [`web_host`]: a server of the public web.
//!
//! Tests of this workspace never mock the store: what they see is what the engine holds.
pub mod builders;
pub mod database;
pub mod providers;
pub mod rig;
pub mod web_host;

pub use rig::{Answer, Handle, Rig};
pub use web_host::{Reply, WebHost};
