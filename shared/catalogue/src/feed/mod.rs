//! Product feeds as Google Merchant Center takes them, which nearly every shop system can write: RSS 2.0 or Atom with fields
//! in the namespace `g:`, or a table separated by tabs.
//! Source of names and forms: Google's product data specification (support.google.com/merchants/answer/7052112).
//!
//! [`read_feed`] reads entry by entry, whatever the size and the encoding ([`FeedText`]), and says at the end whether the file was whole. [`FeedEntry::parse`] says what an
//! entry states about which product, or which field cannot be used; [`FeedGroups`] puts the variants of a product together.

mod entries;
mod entry;
mod error;
mod fields;
mod groups;
mod named;
mod table;
mod text;
mod xml;

pub use entries::{Feed, read_feed};
pub use entry::{FeedProduct, UnusableEntry};
pub use error::FeedError;
pub use fields::FeedEntry;
pub use groups::{FeedGroup, FeedGroups};
pub use named::NamedProducts;
pub use text::{FeedText, charset_of};
