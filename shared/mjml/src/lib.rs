//! Compiles a mail's MJML to HTML and leaves the template language in it as it is.
//!
//! It is a crate of its own because it works ahead of time: the built-in mails are compiled when `shared/messaging` is
//! built, a shop's own when it is stored. Sending a message compiles no MJML.
//!
//! [`compile`] makes HTML from a source, or reports the line of a mistake ([`Mistake`]); [`expressions`] finds where a
//! source uses the template language.
//!
//! Guarantees:
//! - Every expression of the template language reaches the HTML byte for byte, and once.
//! - Only the source is read: no file, no address. The same source makes the same HTML.
//! - Every source is compiled or refused; nothing panics.

mod compile;
mod expressions;
mod mistake;

pub use compile::compile;
pub use expressions::expressions;
pub use mistake::Mistake;
