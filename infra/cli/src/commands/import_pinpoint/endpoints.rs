//! `rekindle import-pinpoint endpoints`: posts exported endpoints as customers.

use crate::commands::import::{SHOWN, as_json, bar, beside, told, write_key};
use anyhow::{Context, bail};
use clap::Args;
use rekindle_imports::history::RowError;
use rekindle_imports::import::{Checkpoint, Import, Rejects, Rows, Summary, Target, WriteKey};
use rekindle_imports::pinpoint::{Endpoints, OptedIn, Tally};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Posts exported endpoints to a running endpoint. Endpoints that are already there change nothing, so an import may be run
/// again at any time; one that was interrupted goes on where it stopped, file by file.
#[derive(Debug, Args)]
pub(super) struct EndpointsArgs {
    /// Exports of endpoints or segments: CSV or one JSON object a line, gzipped or not
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Where to post them
    #[arg(long, default_value = "http://127.0.0.1:8787", value_name = "URL")]
    endpoint: String,
    /// The shop's write key [default: the environment variable REKINDLE_WRITE_KEY]
    #[arg(long, value_name = "KEY")]
    write_key: Option<WriteKey>,
    /// OptOut NONE is an agreement, of which the shop has the proof [default: it says nothing, and the policy decides]
    #[arg(long)]
    none_is_consent: bool,
    /// Post nothing: say what the files would bring
    #[arg(long, conflicts_with_all = ["restart", "write_key"])]
    dry_run: bool,
    /// Write the rejected rows of each file to a CSV file of its name in this directory: line, field, reason
    #[arg(long, value_name = "DIRECTORY")]
    rejects: Option<PathBuf>,
    /// Begin with the first row, whatever an interrupted import has posted
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
    // A file that is none is told before the first call.
    for file in &args.files {
        Endpoints::open(file, args.opted_in())?;
    }
    let (mut done, mut sum, mut not_taken) = (Vec::new(), Summary::default(), BTreeSet::new());
    for file in &args.files {
        let started = Instant::now();
        let (summary, import) = post_file(&args, file, key.clone()).await?;
        if args.json {
            let mut told = as_json(&summary, &import.rejects, started.elapsed().as_secs_f64());
            told["file"] = json!(file);
            done.push(told);
        } else {
            println!("{}: {}", file.display(), told(&summary));
            show(import.rejects.kept(), args.rejects.is_some());
        }
        sum.rows += summary.rows;
        sum.rejected += summary.rejected;
        not_taken.extend(import.reader.not_taken().iter().cloned());
    }
    finish(&args, done, &sum, &not_taken)
}

async fn post_file(args: &EndpointsArgs, file: &Path, key: WriteKey) -> anyhow::Result<(Summary, Import<Endpoints>)> {
    let reader = Endpoints::open(file, args.opted_in())?;
    let checkpoint = Checkpoint::open(&beside(file), file, &args.endpoint, &key, args.restart)?;
    if checkpoint.line() > 0 {
        eprintln!("{}: goes on after line {} (--restart begins anew)", file.display(), checkpoint.line());
    }
    let rejects = args.rejects_of(file, checkpoint.line() > 0)?;
    let bar = bar(std::fs::metadata(file)?.len());
    let mut import = Import { reader, target: Target::new(&args.endpoint, key), checkpoint, rejects };
    let outcome = import
        .run(|bytes, summary| {
            bar.set_position(bytes);
            bar.set_message(told(summary));
        })
        .await;
    bar.finish_and_clear();
    let summary = outcome.with_context(|| file.display().to_string())?;
    Ok((summary, import))
}

fn dry_run(args: &EndpointsArgs) -> anyhow::Result<()> {
    let (mut done, mut sum, mut not_taken) = (Vec::new(), Summary::default(), BTreeSet::new());
    let mut tally = Tally::default();
    for file in &args.files {
        let mut endpoints = Endpoints::open(file, args.opted_in())?;
        let mut rejects = args.rejects_of(file, false)?;
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
            let mut told = as_json(&summary, &rejects, 0.0);
            told["file"] = json!(file);
            done.push(told);
        } else {
            println!("{}: {} of {} rows can be taken", file.display(), summary.accepted, summary.rows);
            show(rejects.kept(), args.rejects.is_some());
        }
        sum.rows += summary.rows;
        sum.rejected += summary.rejected;
        not_taken.extend(endpoints.not_taken().iter().cloned());
    }
    let counts = tally.counts();
    if args.json {
        done.push(json!({ "counts": counts }));
    } else {
        println!(
            "{} customers with {} mail addresses and {} phone numbers; {} endpoints refuse messages, {} have no user and are \
             customers of their own. Nothing was posted.",
            counts.customers, counts.email, counts.sms, counts.opted_out, counts.without_user
        );
    }
    finish(args, done, &sum, &not_taken)
}

fn show(rejected: &[RowError], has_file: bool) {
    for row in rejected.iter().take(SHOWN) {
        println!("  {row}");
    }
    if rejected.len() > SHOWN && !has_file {
        println!("  … --rejects DIRECTORY writes all of them");
    }
}

fn finish(args: &EndpointsArgs, done: Vec<Value>, sum: &Summary, not_taken: &BTreeSet<String>) -> anyhow::Result<()> {
    if args.json {
        let (files, counts): (Vec<Value>, Vec<Value>) = done.into_iter().partition(|told| told.get("file").is_some());
        let counts = counts.first().map(|told| told["counts"].clone()).unwrap_or_default();
        println!("{}", json!({ "dry_run": args.dry_run, "files": files, "counts": counts, "not_taken": not_taken }));
    } else if !not_taken.is_empty() {
        let names: Vec<&str> = not_taken.iter().map(String::as_str).collect();
        eprintln!("there is no place for these columns, and they were left out: {}", names.join(", "));
    }
    if sum.rejected > 0 {
        bail!("{} of {} rows were not taken, each for the reason given", sum.rejected, sum.rows);
    }
    Ok(())
}

impl EndpointsArgs {
    fn opted_in(&self) -> OptedIn {
        if self.none_is_consent { OptedIn::IsConsent } else { OptedIn::SaysNothing }
    }

    fn rejects_of(&self, file: &Path, goes_on: bool) -> anyhow::Result<Rejects> {
        let (Some(directory), Some(name)) = (&self.rejects, file.file_name()) else { return Ok(Rejects::default()) };
        let mut name = name.to_owned();
        name.push(".rejects.csv");
        let path = directory.join(name);
        Rejects::to_file(&path, goes_on)
            .with_context(|| format!("the rejected rows cannot be written to {}", path.display()))
    }
}
