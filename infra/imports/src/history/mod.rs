//! Order histories: what a shop exports, read row by row and turned into the events that shops post.
//!
//! The cast:
//! - [`OrderRow`] is one row, parsed; [`RowError`] says what is wrong with one, by line and field;
//! - [`Reader`] reads the rows of a file, `lines` by line: CSV (`csv_rows`), NDJSON, and the text files of the CDNOW
//!   data set (`cdnow`);
//! - [`event`] makes the event to post: a function of the row alone, so posting it again is harmless.

mod cdnow;
pub(crate) mod csv_rows;
pub mod event;
pub(crate) mod lines;
mod reader;
mod row;

pub use reader::{ReadError, Reader};
pub use row::{OrderRow, OrderState, RowError};
