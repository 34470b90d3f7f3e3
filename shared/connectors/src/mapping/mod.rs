//! Any other shop system: a description that is stored with the connection, and no code.
//!
//! A [`Mapping`] has rules. A rule says for which deliveries it is ([`Condition`]), over which list it goes, what it drops and why, and
//! for every field of the event an expression of Jinja over `body`, `headers`, `item` and `index`:
//!
//! ```text
//! "properties.total": "body.total|money(body.currency)"
//! ```
//!
//! Expressions know the operators `== != < <= > >= + - and or not in is`, `a if b else c`, members and elements, and the filters in
//! [`FILTERS`]. They have no loops, no templates, no includes and no functions; a text and a list cannot be multiplied. What is not
//! there is nothing, and a field that is nothing is left out.
//!
//! The work of one delivery is bounded by what its expressions could do at worst with its body, not by a clock, so that the same
//! delivery always has the same reading.
//!
//! What no mapping says, and native code does: sums over a list of lists and conversions by the quotient of two sums (Shopify's refunds
//! in two currencies), consents whose field a setting names, products, stock and requests about people.

mod builtin;
mod context;
mod definition;
mod evaluator;
mod filters;
mod money_filters;
mod output;
mod run;
mod time_filter;
mod tried;
mod values;

pub use builtin::{BUILTIN, Builtin};
pub use definition::{Condition, DropIf, ListField, MAX_CONDITIONS, MAX_FIELDS, MAX_RULES, Mapping, Rule, VERSION};
pub use evaluator::MAX_EXPRESSION_LEN;
pub use filters::FILTERS;
pub use run::MAX_EVENTS;
pub use tried::Tried;
