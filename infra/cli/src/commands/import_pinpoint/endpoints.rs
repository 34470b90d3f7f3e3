//! `rekindle import-pinpoint endpoints`: posts exported endpoints as customers.

use crate::commands::import::{as_json, bar, beside, in_words, write_key};
use crate::commands::import_preview::MAX_SHOWN;
use crate::commands::output::{OutputError, note, print};
use anyhow::{Context, bail};
use clap::Args;
use rekindle_imports::history::RowError;
use rekindle_imports::import::{Checkpoint, Import, Rejects, Rows, Summary, Target, WriteKey};
use rekindle_imports::pinpoint::{Endpoints, OptedIn, Tally};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Posts exported endpoints to a running endpoint. Endpoints that were imported before change nothing, so an import may be
/// run again at any time; an interrupted import continues where it stopped, file by file.
#[derive(Debug, Args)]
pub(super) struct EndpointsArgs {
    /// Exports of endpoints or segments: CSV or one JSON object a line, gzipped or not
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The URL of the endpoint
    #[arg(long, default_value = "http://127.0.0.1:8787", value_name = "URL")]
    endpoint: String,
    /// The shop's write key [default: the environment variable REKINDLE_WRITE_KEY]
    #[arg(long, value_name = "KEY")]
    write_key: Option<WriteKey>,
    /// OptOut NONE means consent, of which the shop has the proof [default: it means nothing, and the policy decides]
    #[arg(long)]
    none_is_consent: bool,
    /// Post nothing: print what the files contain
    #[arg(long, conflicts_with_all = ["restart", "write_key"])]
    dry_run: bool,
    /// Write the rejected rows of each file to a CSV file of its name in this directory: line, field, reason
    #[arg(long, value_name = "DIRECTORY")]
    rejects: Option<PathBuf>,
    /// Begin with the first row, even if an import was interrupted
    #[arg(long)]
    restart: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: EndpointsArgs) -> anyhow::Result<()> {
    if let Some(directory) = &args.rejects {
        std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    }
    if args.dry_run { dry_run(&args) } else { post(args).await }
}

async fn post(args: EndpointsArgs) -> anyhow::Result<()> {
    let key = write_key(args.write_key.clone())?;
    // An invalid file is reported before the first call.
    for file in &args.files {
        Endpoints::open(file, args.opted_in())?;
    }
    let (mut done, mut sum, mut ignored_columns) = (Vec::new(), Summary::default(), BTreeSet::new());
    for file in &args.files {
        let started = Instant::now();
        let (summary, import) = post_file(&args, file, key.clone()).await?;
        if args.json {
            let mut described = as_json(&summary, &import.rejects, &import.warnings, started.elapsed().as_secs_f64());
            described["file"] = json!(file);
            done.push(described);
        } else {
            print(format_args!("{}: {}", file.display(), in_words(&summary)))?;
            show(import.rejects.first(), args.rejects.is_some())?;
            for warning in import.warnings.first().iter().take(MAX_SHOWN) {
                note(format_args!("  warning: {warning}"));
            }
        }
        sum.rows += summary.rows;
        sum.rejected += summary.rejected;
        ignored_columns.extend(import.reader.ignored_columns().iter().cloned());
    }
    finish(&args, done, &sum, &ignored_columns)
}

async fn post_file(args: &EndpointsArgs, file: &Path, key: WriteKey) -> anyhow::Result<(Summary, Import<Endpoints>)> {
    let reader = Endpoints::open(file, args.opted_in())?;
    let checkpoint = Checkpoint::open(&beside(file), file, &args.endpoint, &key, args.fingerprint(), args.restart)?;
    if checkpoint.line() > 0 {
        note(format_args!("{}: continues after line {} (--restart begins anew)", file.display(), checkpoint.line()));
    }
    let rejects = args.open_rejects(file, checkpoint.line() > 0)?;
    let bar = bar(std::fs::metadata(file)?.len());
    let (target, warnings) = (Target::new(&args.endpoint, key), Rejects::default());
    let mut import = Import { reader, target, checkpoint, rejects, warnings };
    let outcome = import
        .run(|bytes, summary| {
            bar.set_position(bytes);
            bar.set_message(in_words(summary));
        })
        .await;
    bar.finish_and_clear();
    let summary = outcome.with_context(|| file.display().to_string())?;
    Ok((summary, import))
}

fn dry_run(args: &EndpointsArgs) -> anyhow::Result<()> {
    let (mut done, mut sum, mut ignored_columns) = (Vec::new(), Summary::default(), BTreeSet::new());
    let mut tally = Tally::default();
    for file in &args.files {
        let mut endpoints = Endpoints::open(file, args.opted_in())?;
        let mut rejects = args.open_rejects(file, false)?;
        let mut summary = Summary::default();
        while let Some(row) = endpoints.next_endpoint() {
            summary.rows += 1;
            match row {
                Ok(endpoint) => {
                    summary.accepted += 1;
                    tally.add(&endpoint);
                }
                Err(error) => {
                    summary.rejected += 1;
                    rejects.add(vec![error])?;
                }
            }
        }
        endpoints.finish()?;
        if args.json {
            let mut described = as_json(&summary, &rejects, &Rejects::default(), 0.0);
            described["file"] = json!(file);
            done.push(described);
        } else {
            print(format_args!("{}: {} of {} rows are valid", file.display(), summary.accepted, summary.rows))?;
            show(rejects.first(), args.rejects.is_some())?;
        }
        sum.rows += summary.rows;
        sum.rejected += summary.rejected;
        ignored_columns.extend(endpoints.ignored_columns().iter().cloned());
    }
    let counts = tally.counts();
    if args.json {
        done.push(json!({ "counts": counts }));
    } else {
        print(format_args!(
            "{} customers with {} mail addresses and {} phone numbers; {} endpoints refuse messages, {} have no user and are \
             customers of their own. Nothing was posted.",
            counts.customers, counts.email, counts.sms, counts.opted_out, counts.without_user
        ))?;
    }
    finish(args, done, &sum, &ignored_columns)
}

fn show(rejected: &[RowError], has_file: bool) -> Result<(), OutputError> {
    for row in rejected.iter().take(MAX_SHOWN) {
        print(format_args!("  {row}"))?;
    }
    if rejected.len() > MAX_SHOWN && !has_file {
        print(format_args!("  … --rejects DIRECTORY writes all of them"))?;
    }
    Ok(())
}

fn finish(
    args: &EndpointsArgs,
    done: Vec<Value>,
    sum: &Summary,
    ignored_columns: &BTreeSet<String>,
) -> anyhow::Result<()> {
    if args.json {
        let (files, counts): (Vec<Value>, Vec<Value>) =
            done.into_iter().partition(|described| described.get("file").is_some());
        let counts = counts.first().map(|described| described["counts"].clone()).unwrap_or_default();
        print(json!({ "dry_run": args.dry_run, "files": files, "counts": counts, "not_taken": ignored_columns }))?;
    } else if !ignored_columns.is_empty() {
        let names: Vec<&str> = ignored_columns.iter().map(String::as_str).collect();
        note(format_args!("these columns are not used: {}", names.join(", ")));
    }
    if sum.rejected > 0 {
        bail!("{} of {} rows were rejected, each for the reason given", sum.rejected, sum.rows);
    }
    Ok(())
}

impl EndpointsArgs {
    fn opted_in(&self) -> OptedIn {
        if self.none_is_consent { OptedIn::IsConsent } else { OptedIn::SaysNothing }
    }

    /// What decides about the events, other than the file.
    fn fingerprint(&self) -> &'static str {
        if self.none_is_consent { "none is consent" } else { "" }
    }

    fn open_rejects(&self, file: &Path, append: bool) -> anyhow::Result<Rejects> {
        let (Some(directory), Some(name)) = (&self.rejects, file.file_name()) else { return Ok(Rejects::default()) };
        let mut name = name.to_owned();
        name.push(".rejects.csv");
        let path = directory.join(name);
        Rejects::to_file(&path, append)
            .with_context(|| format!("the rejected rows cannot be written to {}", path.display()))
    }
}
