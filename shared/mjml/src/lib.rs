//! From a mail's MJML to HTML, with the template language in it left as it is.
//!
//! It is a crate of its own because it works ahead of time: the built-in mails are compiled when `shared/messaging` is
//! built, a shop's own when it is stored. What sends has no MJML in it.
//!
//! The cast: [`compile`] makes HTML of a source and says on which line one is wrong ([`Mistake`]); [`expressions`] finds
//! where a source uses the template language.
//!
//! What holds:
//! - Every expression of the template language reaches the HTML byte for byte, and once.
//! - Nothing is read but what is given: no file, no address. The same source makes the same HTML.
//! - Whatever the source is, it is compiled or refused; nothing panics.

mod compile;
mod expressions;
mod mistake;

pub use compile::compile;
pub use expressions::expressions;
pub use mistake::Mistake;
