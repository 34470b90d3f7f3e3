//! Compiles a mail's MJML to HTML and leaves the template language in it as it is.
//!
//! It is a crate of its own because it works ahead of time: the built-in mails are compiled when `shared/messaging` is
//! built, a shop's own when it is stored. Sending a message compiles no MJML.
//!
//! [`compile`] makes HTML from a source, or reports the line of a mistake ([`Mistake`]); [`check_language`] is the allow-list of
//! the template language.
//!
//! Guarantees:
//! - Every expression of the template language reaches the HTML byte for byte, wherever MJML puts it.
//! - Only the source is read: no file, no address. The same source makes the same HTML.
//! - Every source is compiled or refused, with a stack, memory and work that its limits bound; nothing panics.

mod compile;
mod language;
mod markup;
mod mistake;
mod placeholders;

pub use compile::compile;
pub use language::{FILTERS, LISTS, check_language};
pub use mistake::Mistake;
