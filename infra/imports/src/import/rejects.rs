//! The rows that were not taken, with line, field and reason.

use crate::history::RowError;
use std::fs::OpenOptions;
use std::path::Path;

/// Most rows kept in memory; a file gets them all.
const KEPT: usize = 1_000;

/// Collects rejected rows.
#[derive(Default)]
pub struct Rejects {
    kept: Vec<RowError>,
    file: Option<csv::Writer<std::fs::File>>,
}

impl Rejects {
    /// Writes them to a CSV file as well, after what an interrupted run wrote there, or from the beginning.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn to_file(path: &Path, goes_on: bool) -> Result<Self, csv::Error> {
        let file = OpenOptions::new().create(true).write(true).append(goes_on).truncate(!goes_on).open(path)?;
        let is_new = file.metadata()?.len() == 0;
        let mut file = csv::Writer::from_writer(file);
        if is_new {
            file.write_record(["line", "field", "reason"])?;
            file.flush()?;
        }
        Ok(Self { kept: Vec::new(), file: Some(file) })
    }

    /// The first thousand.
    #[must_use]
    pub fn kept(&self) -> &[RowError] {
        &self.kept
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
        let room = KEPT - self.kept.len();
        self.kept.extend(rows.into_iter().take(room));
        Ok(())
    }
}
