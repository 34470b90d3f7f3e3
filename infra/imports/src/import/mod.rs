//! Imports a file into a running endpoint: an order history, or an export of another system.
//!
//! - [`Rows`] are the entries of a file as events, whatever its form;
//! - `batches` groups them into calls, in the order of the file;
//! - [`Target`] posts a call, and repeats it if that may help;
//! - [`Checkpoint`] stores how far the import has come in a small file;
//! - [`Rejects`] collects the rows that were not accepted, and the warnings;
//! - [`Preview`] says what an import would do, without posting anything, with its [`Totals`];
//! - [`Import::run`] connects them, and returns a [`Summary`].
//!
//! Guarantees:
//! - Memory does not grow with the file: a bounded number of bounded calls is in progress, and only the first thousand
//!   rejected rows are kept.
//! - The checkpoint moves only past rows that the endpoint acknowledged, in the order of the file. Rows that are posted
//!   again after an interruption change nothing the second time.
//! - The write key is in no file, log line or message.

mod batches;
mod checkpoint;
mod preview;
mod rejects;
mod rows;
mod target;
mod totals;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use preview::Preview;
pub use rejects::Rejects;
pub use rows::Rows;
pub use target::{PostError, Target, WriteKey};
pub use totals::Totals;

use crate::history::{ReadError, Reader, RowError};
use batches::Batch;
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Calls in progress at a time.
const CONCURRENCY: usize = 4;

/// Counts of the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows that were read.
    pub rows: u64,
    /// Rows that the endpoint accepted.
    pub accepted: u64,
    /// Rows that the importer or the endpoint rejected.
    pub rejected: u64,
    /// What was left out of accepted rows, by the importer or the endpoint.
    pub warnings: u64,
}

/// Why an import stopped. Running it again continues after the last acknowledged row.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The endpoint did not accept a call.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The checkpoint cannot be written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The file of rejected rows or of warnings cannot be written.
    #[error(
        "the rejected rows and warnings cannot be written; free some space or choose other files with --rejects and --warnings"
    )]
    Rejects(#[from] csv::Error),
}

/// An import that is ready to run.
pub struct Import<R = Reader> {
    /// The rows to import.
    pub reader: R,
    /// The endpoint.
    pub target: Target,
    /// The progress.
    pub checkpoint: Checkpoint,
    /// The rejected rows.
    pub rejects: Rejects,
    /// What was left out of the others.
    pub warnings: Rejects,
}

impl<R: Rows> Import<R> {
    /// Posts the rows that the endpoint has not acknowledged yet. Calls `watch` after each acknowledged call, with the number
    /// of bytes that were read from the file and the counts so far.
    ///
    /// # Errors
    /// The endpoint refused a call or kept failing; a file cannot be read or written.
    pub async fn run(&mut self, mut watch: impl FnMut(u64, &Summary)) -> Result<Summary, ImportError> {
        self.target.check().await?;
        let (reader, target) = (&mut self.reader, &self.target);
        let after = self.checkpoint.line();
        let columns = &reader.columns();
        let batches = stream::iter(batches::split(reader, after));
        let mut answered = batches
            .map(|batch| async move {
                let answer =
                    if batch.is_empty() { Ok(target::Answer::default()) } else { target.post(&batch, columns).await };
                answer.map(|answer| (batch, answer))
            })
            // In the order of the file, so that no unacknowledged row is before the checkpoint.
            .buffered(CONCURRENCY);
        let mut summary = self.checkpoint.summary().clone();
        while let Some(answered) = answered.next().await {
            let (batch, answer) = answered?;
            summary = summary.plus(&batch, &answer);
            let (rejected, warnings) = in_order(&batch, answer);
            self.rejects.add(rejected)?;
            self.warnings.add(warnings)?;
            self.checkpoint.advance(batch.through_line, &summary)?;
            watch(batch.through_byte, &summary);
        }
        drop(answered);
        self.reader.finish()?;
        self.checkpoint.remove()?;
        Ok(summary)
    }
}

impl Summary {
    fn plus(self, batch: &Batch, answer: &target::Answer) -> Self {
        let refused: u64 = batch.refused.iter().map(|refused| refused.rows).sum();
        // An entry of which one event was rejected is not accepted.
        let rejected: BTreeMap<usize, u64> = answer.rejected.iter().map(|(place, rows, _)| (*place, *rows)).collect();
        let rejected: u64 = rejected.values().sum();
        let posted = batch.rows();
        Self {
            rows: self.rows + posted + refused,
            accepted: self.accepted + posted - rejected.min(posted),
            rejected: self.rejected + refused + rejected,
            warnings: self.warnings + (batch.warnings.len() + answer.warnings.len()) as u64,
        }
    }
}

/// The rows of a batch that the importer or the endpoint rejected, and what was left out of the others, in the order of the file.
fn in_order(batch: &Batch, answer: target::Answer) -> (Vec<RowError>, Vec<RowError>) {
    let mut rejected: Vec<RowError> = batch.refused.iter().map(|refused| refused.error.clone()).collect();
    rejected.extend(answer.rejected.into_iter().map(|(_, _, error)| error));
    rejected.sort_by_key(|row| row.line);
    let mut warnings = batch.warnings.clone();
    warnings.extend(answer.warnings);
    warnings.sort_by_key(|row| row.line);
    (rejected, warnings)
}
