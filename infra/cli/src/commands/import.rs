//! `rekindle import`: posts an order history to a running endpoint.

use super::import_check;
use super::output::{note, print};
use anyhow::{Context, bail};
use clap::Args;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use rekindle_imports::history::Reader;
use rekindle_imports::import::{Checkpoint, Import, Rejects, Summary, Target, WriteKey};
use rekindle_lifecycle::country::Country;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Most rejected rows in the output.
pub(super) const MAX_SHOWN: usize = 20;

/// Posts an order history to a running endpoint. Rows that were imported before change nothing, so an import may be run again
/// at any time; an interrupted import continues where it stopped.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// CSV or NDJSON with customer_id (of guests: email or phone), order_id, ordered_at, amount, and optionally currency, status
    file: PathBuf,
    /// The URL of the endpoint
    #[arg(long, default_value = "http://127.0.0.1:8787", value_name = "URL")]
    endpoint: String,
    /// The shop's write key [default: the environment variable REKINDLE_WRITE_KEY]
    #[arg(long, value_name = "KEY")]
    write_key: Option<WriteKey>,
    /// Write every rejected row to this CSV file: line, field, reason
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Keep the progress in this file until the import is complete [default: beside the history]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Begin with the first row, even if an import was interrupted
    #[arg(long)]
    restart: bool,
    /// Post nothing: say which rows would be rejected, and how many customers the file would close for marketing
    #[arg(long)]
    check: bool,
    /// With --check, the country of phone numbers without a country code, as two letters: that of the shop's policy
    #[arg(long, value_name = "COUNTRY", requires = "check", value_parser = Country::parse)]
    country: Option<Country>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: ImportArgs) -> anyhow::Result<()> {
    if args.check {
        return import_check::run(&args.file, args.country, args.json);
    }
    let started = Instant::now();
    let key = write_key(args.write_key)?;
    let reader = Reader::open(&args.file)?;
    let state = args.state.unwrap_or_else(|| beside(&args.file));
    let checkpoint = Checkpoint::open(&state, &args.file, &args.endpoint, &key, args.restart)?;
    let rejects = match &args.rejects {
        Some(file) => Rejects::to_file(file, checkpoint.line() > 0)
            .with_context(|| format!("the rejected rows cannot be written to {}", file.display()))?,
        None => Rejects::default(),
    };
    if checkpoint.line() > 0 {
        note(format_args!("continues after line {} (--restart begins anew)", checkpoint.line()));
    }
    let size = std::fs::metadata(&args.file)?.len();
    let bar = bar(size);
    let target = Target::new(&args.endpoint, key);
    let mut import = Import { reader, target, checkpoint, rejects };
    let outcome = import
        .run(|bytes, summary| {
            bar.set_position(bytes);
            bar.set_message(in_words(summary));
        })
        .await;
    bar.finish_and_clear();
    let summary = outcome?;
    let seconds = started.elapsed().as_secs_f64();
    if args.json {
        print(as_json(&summary, &import.rejects, seconds))?;
    } else {
        print(format_args!("{}, in {seconds:.1} seconds", in_words(&summary)))?;
        for row in import.rejects.first().iter().take(MAX_SHOWN) {
            print(format_args!("  {row}"))?;
        }
        if import.rejects.first().len() > MAX_SHOWN && args.rejects.is_none() {
            print(format_args!("  … --rejects FILE writes all of them"))?;
        }
    }
    if summary.rejected > 0 {
        bail!("{} of {} rows were rejected; mend them and import them again", summary.rejected, summary.rows);
    }
    Ok(())
}

/// The key of the option, or else of the environment.
pub(super) fn write_key(given: Option<WriteKey>) -> anyhow::Result<WriteKey> {
    let key = given.or_else(|| std::env::var("REKINDLE_WRITE_KEY").ok().map(|key| WriteKey::new(&key)));
    key.context("no write key: give one with --write-key or in REKINDLE_WRITE_KEY")
}

/// The file beside a history in which the progress is kept.
pub(super) fn beside(history: &Path) -> PathBuf {
    let mut name = history.to_owned().into_os_string();
    name.push(".import-state");
    name.into()
}

/// A progress bar over the bytes of a file. It is hidden without a terminal.
pub(super) fn bar(bytes: u64) -> ProgressBar {
    let is_terminal = std::io::stderr().is_terminal();
    let target = if is_terminal { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(bytes), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:24.cyan/black} {percent}% {eta} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// The counts in a sentence.
pub(super) fn in_words(summary: &Summary) -> String {
    let Summary { rows, accepted, rejected, warnings } = summary;
    let [rows, accepted, rejected, warnings] = [rows, accepted, rejected, warnings].map(|count| HumanCount(*count));
    format!("{rows} rows: {accepted} accepted, {rejected} rejected, {warnings} warnings")
}

pub(super) fn as_json(summary: &Summary, rejects: &Rejects, seconds: f64) -> Value {
    let rejected = rejects.first().iter();
    let rejected = rejected.map(|row| json!({ "line": row.line, "field": row.field, "reason": row.reason }));
    json!({
        "rows": summary.rows,
        "accepted": summary.accepted,
        // The first thousand of this run; their number over all runs follows.
        "rejected": rejected.collect::<Vec<_>>(),
        "rejected_rows": summary.rejected,
        "warnings": summary.warnings,
        "seconds": (seconds * 100.0).round() / 100.0,
    })
}
