//! Reading a file of orders, for the commands that look at a history without a stack.

use super::output::note;
use super::progress::bar;
use indicatif::HumanCount;
use rekindle_imports::history::Reader;
use rekindle_inbound::Rejection;
use serde_json::Value;
use std::path::Path;

/// Most rejected rows in the output.
const MAX_SHOWN: usize = 5;

/// Reads all orders of a file and gives each event to `add`, which answers with what is wrong with it. Returns how many rows were
/// rejected, and shows the first.
///
/// # Errors
/// The file cannot be read, or `add` fails.
pub(super) fn read(
    reader: &mut Reader,
    file: &Path,
    mut add: impl FnMut(&Value) -> anyhow::Result<Option<Rejection>>,
) -> anyhow::Result<u64> {
    let progress = bar(std::fs::metadata(file)?.len(), "reading the orders");
    let (mut rejected, mut shown) = (0, 0);
    let mut reject = |rows: u64, line: u64, field: &str, reason: &str| {
        rejected += rows;
        shown += 1;
        if shown <= MAX_SHOWN {
            progress.suspend(|| note(format_args!("line {line}: {field} {reason}")));
        }
    };
    while let Some(entry) = reader.next() {
        match entry {
            Ok(entry) => {
                for event in &entry.events {
                    if let Some(bad) = add(event)? {
                        reject(entry.rows, entry.line, &reader.columns().column(&bad.field), &bad.reason);
                        break;
                    }
                }
            }
            Err(refused) => reject(refused.rows, refused.line, &refused.error.field, &refused.error.reason),
        }
        progress.set_position(reader.bytes());
    }
    reader.finish()?;
    progress.finish_and_clear();
    if rejected > 0 {
        note(format_args!("{} rows were left out; `rekindle import --dry-run` names all", HumanCount(rejected)));
    }
    Ok(rejected)
}
