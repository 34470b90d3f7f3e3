//! Files as shop systems, spreadsheets and data tools write them, read as rows of named values.
//!
//! - `source` opens a file: decompresses it, recognises its encoding, refuses by name what is no text;
//! - `lines` splits text at any line break, `csv_rows` makes records of lines, `json_objects` finds objects in JSON that
//!   is not one object a line;
//! - `Table` puts them together.
//!
//! Guarantees: memory does not grow with the file; every line is part of a row or of an error that names it.

pub(crate) mod csv_rows;
mod encodings;
mod header;
mod json_objects;
pub(crate) mod lines;
mod nested;
pub(crate) mod source;
mod table;

pub use encodings::FileEncoding;
pub(crate) use table::{Cells, Row, Table};
