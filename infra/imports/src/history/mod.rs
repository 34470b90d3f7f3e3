//! Files of orders and customers, read as the events that shops post.
//!
//! - [`Options`] is what a person says about a file; the file itself says the rest, or [`ReadError`] asks;
//! - [`Reader`] reads it twice: once to see how its values are written, and then entry by entry;
//! - [`Entry`] is an order or customer with its events, [`Refused`] rows that are not taken, [`RowError`] says what is wrong, by
//!   line and column; [`Findings`] says how the file is read.

pub(crate) mod cdnow;
mod entry;
mod findings;
mod options;
mod read_error;
mod reader;
mod row_error;

pub use entry::{ColumnNames, Entry, Refused};
pub use findings::Findings;
pub use options::{Options, RepeatedAmounts};
pub use read_error::ReadError;
pub use reader::Reader;
pub use row_error::RowError;
