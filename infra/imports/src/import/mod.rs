//! Importing a file into a running endpoint: an order history, or what another system exported.
//!
//! The cast:
//! - [`Rows`] are the rows of a file as events, whatever its form;
//! - `batches` cuts them into calls, as they stand in the file;
//! - [`Target`] posts one call, and comes again as long as that makes sense;
//! - [`Checkpoint`] is the small file that remembers how far the endpoint has taken the file in;
//! - [`Rejects`] collects the rows that were not taken;
//! - [`Import::run`] puts them together, and [`Summary`] is what comes of it.
//!
//! What is guaranteed:
//! - memory does not grow with the file: a bounded number of bounded calls is under way, and of rejected rows only the
//!   first thousand are kept;
//! - only what the endpoint acknowledged moves the checkpoint, in the order of the file; whatever is posted twice because
//!   of an interruption changes nothing the second time;
//! - the write key is in no file, log line or message.

mod batches;
mod checkpoint;
mod rejects;
mod rows;
mod target;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use rejects::Rejects;
pub use rows::Rows;
pub use target::{PostError, Target, WriteKey};

use crate::history::{ReadError, Reader, RowError};
use batches::Batch;
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};

/// Calls under way at once.
const AT_ONCE: usize = 4;

/// What became of the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows looked at.
    pub rows: u64,
    /// Rows that the endpoint has.
    pub accepted: u64,
    /// Rows that were not taken, by us or by the endpoint.
    pub rejected: u64,
    /// Fields of accepted rows that were left out.
    pub warnings: u64,
}

/// Why an import stopped. What was acknowledged before is remembered: running it again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The endpoint.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The file.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file that remembers the progress.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The file for rejected rows.
    #[error("the rejected rows cannot be written; free some space or choose another file with --rejects")]
    Rejects(#[from] csv::Error),
}

/// An import that is ready to run.
pub struct Import<R = Reader> {
    /// The rows.
    pub reader: R,
    /// Where they go.
    pub target: Target,
    /// How far it has come.
    pub checkpoint: Checkpoint,
    /// What was not taken.
    pub rejects: Rejects,
}

impl<R: Rows> Import<R> {
    /// Posts the rows that the endpoint has not acknowledged yet. After each acknowledged call, `watch` is told how many
    /// bytes of the file have been read, and where the import stands.
    ///
    /// # Errors
    /// The endpoint refused, or did not answer in spite of repetitions; a file cannot be read or written.
    pub async fn run(&mut self, mut watch: impl FnMut(u64, &Summary)) -> Result<Summary, ImportError> {
        self.target.check().await?;
        let (reader, target) = (&mut self.reader, &self.target);
        let after = self.checkpoint.line();
        let batches = stream::iter(batches::of(reader, after));
        let mut answered = batches
            .map(|batch| async move {
                let answer =
                    if batch.is_empty() { Ok(target::Answer::default()) } else { target.post(&batch, R::column).await };
                answer.map(|answer| (batch, answer))
            })
            // In the order of the file, so that the checkpoint never leaves a gap behind.
            .buffered(AT_ONCE);
        let mut summary = self.checkpoint.summary().clone();
        while let Some(answered) = answered.next().await {
            let (batch, answer) = answered?;
            summary = summary.and(&batch, &answer);
            self.rejects.add(in_order(&batch, answer))?;
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
    fn and(self, batch: &Batch, answer: &target::Answer) -> Self {
        let (read, refused, unwelcome) = (batch.len(), batch.refused.len() as u64, answer.rejected.len() as u64);
        Self {
            rows: self.rows + read + refused,
            accepted: self.accepted + read - unwelcome.min(read),
            rejected: self.rejected + refused + unwelcome,
            warnings: self.warnings + answer.warnings,
        }
    }
}

/// Everything that was rejected of a batch, by us and by the endpoint, in the order of the file.
fn in_order(batch: &Batch, answer: target::Answer) -> Vec<RowError> {
    let mut rejected = batch.refused.clone();
    rejected.extend(answer.rejected);
    rejected.sort_by_key(|row| row.line);
    rejected
}
