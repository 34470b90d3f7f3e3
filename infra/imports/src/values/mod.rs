//! What the values of columns mean: amounts, dates, states and ids as people and programs write them.
//!
//! A value that can be read in one way only is read so. One that can be read in two is decided by the other values of its column,
//! or by an option, or asked about: `Marks` for decimal and thousands marks, `DateRules` for days, months and zones.

mod amount;
mod date;
mod date_text;
mod decimal;
mod ids;
mod marks;
mod moment;
mod month_names;
mod status;

pub(crate) use amount::{Amount, Mark, currency_beside};
pub(crate) use date::DateRules;
pub(crate) use date_text::read_date;
pub(crate) use decimal::Decimal;
pub(crate) use ids::{IdColumn, damage, is_no_id};
pub(crate) use marks::{Evidence, Marks};
pub use moment::DateOrder;
pub(crate) use moment::{DateShape, Moment};
pub use status::OrderState;
pub(crate) use status::{Statuses, fold_word};
