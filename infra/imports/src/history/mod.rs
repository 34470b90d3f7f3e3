//! Order histories: files that shops export, parsed row by row into the events that shops post.
//!
//! - [`OrderRow`] is a parsed row; [`RowError`] says what is wrong with a row, by line and field;
//! - [`Reader`] parses the rows of a file: CSV (`csv_rows`), NDJSON, and the text files of the CDNOW data set (`cdnow`);
//!   `lines` splits the file;
//! - [`event`] makes the event to post. It depends on the row alone, so posting it again changes nothing.

mod cdnow;
pub(crate) mod csv_rows;
pub mod event;
pub(crate) mod lines;
mod reader;
mod row;

pub use reader::{ReadError, Reader};
pub use row::{OrderRow, OrderState, RowError};
