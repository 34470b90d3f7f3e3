//! Rows as orders, and orders as the events that a shop posts.
//!
//! - [`Survey`] reads a whole file once and says how its values are written; [`Plan`] is what follows, or what has to be asked;
//! - [`Line`] is a row, read by a plan; [`Draft`] joins the rows of an order; [`Order`] is the result, and [`events`] what is
//!   posted of it;
//! - rows of one order that do not stand together are sorted on disk (`sorter`).

mod draft;
pub(crate) mod events;
mod line;
mod order;
mod plan;
mod product;
mod reader;
mod sorter;
mod survey;

pub use plan::Question;
pub(crate) use plan::{AmountRule, Plan, keys_have_states};
pub(crate) use reader::Orders;
pub(crate) use survey::Survey;
