//! The rejected rows, with line, field and reason.

use crate::history::RowError;
use std::fs::OpenOptions;
use std::path::Path;

/// Most rows in memory; a file gets all of them.
const MAX_IN_MEMORY: usize = 1_000;

/// Collects rejected rows.
#[derive(Default)]
pub struct Rejects {
    first: Vec<RowError>,
    file: Option<csv::Writer<std::fs::File>>,
}

impl Rejects {
    /// Also writes the rows to a CSV file: with `append` after those of an interrupted run, else from the beginning.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn to_file(path: &Path, append: bool) -> Result<Self, csv::Error> {
        let file = OpenOptions::new().create(true).write(true).append(append).truncate(!append).open(path)?;
        let is_new = file.metadata()?.len() == 0;
        let mut file = csv::Writer::from_writer(file);
        if is_new {
            file.write_record(["line", "field", "reason"])?;
            file.flush()?;
        }
        Ok(Self { first: Vec::new(), file: Some(file) })
    }

    /// The first thousand rows.
    #[must_use]
    pub fn first(&self) -> &[RowError] {
        &self.first
    }

    /// Adds rows.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, rows: Vec<RowError>) -> Result<(), csv::Error> {
        if let Some(file) = &mut self.file {
            for row in &rows {
                file.write_record([&row.line.to_string(), &row.field, &row.reason])?;
            }
            file.flush()?;
        }
        let room = MAX_IN_MEMORY - self.first.len();
        self.first.extend(rows.into_iter().take(room));
        Ok(())
    }
}
