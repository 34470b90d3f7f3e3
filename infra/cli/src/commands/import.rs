//! `rekindle import`: posts the orders or customers of a file to a running endpoint.

use super::WrongUse;
use super::import_options::ReadingArgs;
use super::import_preview::{self, MAX_SHOWN, remarks_as_json};
use super::output::{note, print};
use anyhow::{Context, bail};
use clap::Args;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use rekindle_imports::history::{Options, ReadError, Reader};
use rekindle_imports::import::{Checkpoint, Import, Preview, Rejects, Summary, Target, WriteKey};
use rekindle_lifecycle::country::Country;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Posts the orders or customers of a file to a running endpoint, and says first how the file is read. What it does not say by
/// itself, such as the decimal mark of 1.500, is asked about and never guessed: the command ends with 2 and names the option.
/// Rows that were imported before change nothing, so an import may be run again at any time; an interrupted import continues
/// where it stopped.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// An export of a shop system, or CSV or JSON with customer_id (of guests: email or phone), order_id, ordered_at, amount,
    /// and optionally currency, status, lines and others; gzipped or not
    file: PathBuf,
    /// The URL of the endpoint
    #[arg(long, default_value = "http://127.0.0.1:8787", value_name = "URL")]
    endpoint: String,
    /// The shop's write key [default: the environment variable REKINDLE_WRITE_KEY]
    #[arg(long, value_name = "KEY")]
    write_key: Option<WriteKey>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Write every rejected row to this CSV file: line, field, reason
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Write every warning to this CSV file: line, field, reason
    #[arg(long, value_name = "FILE")]
    warnings: Option<PathBuf>,
    /// Keep the progress in this file until the import is complete [default: beside the history]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Begin with the first row, even if an import was interrupted
    #[arg(long)]
    restart: bool,
    /// Post nothing: say how the file is read, which rows would be rejected, what they are in sum, and how many customers the
    /// file would close for marketing
    #[arg(long, alias = "check")]
    dry_run: bool,
    /// The country of phone numbers without a country code in the preview, as two letters: that of the shop's policy
    #[arg(long, value_name = "COUNTRY", value_parser = Country::parse)]
    country: Option<Country>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: ImportArgs) -> anyhow::Result<()> {
    args.reading.check().map_err(WrongUse)?;
    if args.dry_run {
        return dry_run(&args);
    }
    let started = Instant::now();
    let key = write_key(args.write_key.clone())?;
    let fingerprint = args.reading.options(Timestamp::UNIX_EPOCH).fingerprint();
    // An invalid file is reported before anything is written or posted.
    let reading = reading();
    let mut reader = open(&args.file, &args.reading.options(Timestamp::now()))?;
    let state = args.state.clone().unwrap_or_else(|| beside(&args.file));
    let checkpoint = Checkpoint::open(&state, &args.file, &args.endpoint, &key, &fingerprint, args.restart)?;
    let is_continued = checkpoint.line() > 0;
    let [rejects, warnings] =
        [("rejected rows", &args.rejects), ("warnings", &args.warnings)].map(|(what, file)| match file {
            Some(file) => Rejects::to_file(file, is_continued)
                .with_context(|| format!("the {what} cannot be written to {}", file.display())),
            None => Ok(Rejects::default()),
        });
    let (rejects, warnings) = (rejects?, warnings?);
    if is_continued {
        note(format_args!("continues after line {} (--restart begins anew)", checkpoint.line()));
    } else if !args.json {
        let preview = Preview::from_rows(&mut reader, args.country, Timestamp::now())?;
        reading.finish_and_clear();
        import_preview::lines(reader.findings(), &preview).iter().for_each(note);
    }
    let reader = reader.again(checkpoint.started_at())?;
    reading.finish_and_clear();
    let bar = bar(std::fs::metadata(&args.file)?.len());
    let target = Target::new(&args.endpoint, key);
    let mut import = Import { reader, target, checkpoint, rejects, warnings };
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
        print(as_json(&summary, &import.rejects, &import.warnings, seconds))?;
    } else {
        print(format_args!("{}, in {seconds:.1} seconds", in_words(&summary)))?;
        for (word, rows, file) in
            [("", &import.rejects, &args.rejects), ("warning: ", &import.warnings, &args.warnings)]
        {
            for row in rows.first().iter().take(MAX_SHOWN) {
                print(format_args!("  {word}{row}"))?;
            }
            if rows.first().len() > MAX_SHOWN && file.is_none() {
                let option = if word.is_empty() { "--rejects" } else { "--warnings" };
                print(format_args!("  … {option} FILE writes all of them"))?;
            }
        }
    }
    if summary.rejected > 0 {
        bail!("{} of {} rows were rejected; mend them and import them again", summary.rejected, summary.rows);
    }
    Ok(())
}

/// Reads the file and posts nothing. Fails if rows would be rejected, as the import would.
fn dry_run(args: &ImportArgs) -> anyhow::Result<()> {
    let reading = reading();
    let mut reader = open(&args.file, &args.reading.options(Timestamp::now()))?;
    let preview = Preview::from_rows(&mut reader, args.country, Timestamp::now())?;
    reading.finish_and_clear();
    if args.json {
        print(import_preview::to_json(reader.findings(), &preview))?;
    } else {
        for line in import_preview::lines(reader.findings(), &preview).iter().chain(&import_preview::remarks(&preview))
        {
            print(line)?;
        }
    }
    if preview.rejected > 0 {
        bail!("{} of {} rows would be rejected", preview.rejected, preview.rows);
    }
    Ok(())
}

/// Says, at a terminal, that the file is being read.
fn reading() -> ProgressBar {
    let is_terminal = std::io::stderr().is_terminal();
    let target = if is_terminal { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target).with_message("reading the file");
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Opens a file. What an option may mend is wrong use.
pub(super) fn open(file: &Path, options: &Options) -> anyhow::Result<Reader> {
    Reader::with(file, options).map_err(|error: ReadError| {
        if error.is_wrong_use() { WrongUse(error.to_string()).into() } else { error.into() }
    })
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

pub(super) fn as_json(summary: &Summary, rejects: &Rejects, warnings: &Rejects, seconds: f64) -> Value {
    json!({
        "rows": summary.rows,
        "accepted": summary.accepted,
        // The first thousand of this run; their number over all runs follows.
        "rejected": remarks_as_json(rejects.first()),
        "rejected_rows": summary.rejected,
        "warnings": summary.warnings,
        "warned": remarks_as_json(warnings.first()),
        "seconds": (seconds * 100.0).round() / 100.0,
    })
}
