//! Whole files, as the command reads them.

mod cases;
mod cdnow;
mod customers;
mod exports;
mod feeds;
mod files;
mod lines;
mod nested;
mod questions;

use crate::history::{Entry, Options, ReadError, Reader};
use crate::import::Preview;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A file of a test, which is removed afterwards.
struct TestFile(tempfile::TempDir, &'static str);

impl TestFile {
    fn new(name: &'static str, content: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(name), content).expect("written");
        Self(folder, name)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join(self.1)
    }
}

fn options() -> Options {
    Options { started_at: "2026-11-01T00:00:00Z".parse().expect("an instant"), ..Options::default() }
}

fn in_zone(name: &str) -> Options {
    Options { time_zone: TimeZone::get(name).ok(), ..options() }
}

/// A file of cases that are not part of the repository; `None`, and a line, without them.
fn case(name: &str) -> Option<PathBuf> {
    let Some(cases) = std::env::var_os("REKINDLE_CASES") else {
        println!("skipped: REKINDLE_CASES names no folder");
        return None;
    };
    Some(Path::new(&cases).join(name))
}

fn entries(path: &Path, options: &Options) -> Vec<Entry> {
    let mut reader = Reader::with(path, options).unwrap_or_else(|error| panic!("{error}"));
    let entries = reader.by_ref().map(|entry| entry.unwrap_or_else(|error| panic!("{error}"))).collect();
    reader.finish().expect("read to its end");
    entries
}

/// Each event in short, or the complaint.
fn read(path: &Path, options: &Options) -> Result<Vec<String>, ReadError> {
    let mut reader = Reader::with(path, options)?;
    let mut found = Vec::new();
    for entry in reader.by_ref() {
        match entry {
            Ok(entry) => found.extend(entry.events.iter().map(short)),
            Err(refused) => found.push(refused.to_string()),
        }
    }
    reader.finish()?;
    Ok(found)
}

/// The events of a text, in short.
fn rows(content: impl AsRef<[u8]>) -> Vec<String> {
    let file = TestFile::new("orders", content);
    read(&file.path(), &options()).unwrap_or_else(|error| panic!("{error}"))
}

/// Name, order, customer, amount and time of an event.
fn short(event: &Value) -> String {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let traits = &event["context"]["traits"];
    let who = text(&event["userId"])
        .or(text(&traits["email"]))
        .or(text(&traits["phone"]))
        .or(text(&event["traits"]["email"]));
    let properties = &event["properties"];
    [
        text(&event["event"]).or(text(&event["type"])),
        text(&properties["order_id"]),
        who,
        text(&properties["total"]),
        text(&properties["currency"]),
        text(&event["timestamp"]),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" ")
}

fn preview(path: &Path, options: &Options) -> Preview {
    let mut reader = Reader::with(path, options).unwrap_or_else(|error| panic!("{error}"));
    let now: Timestamp = "2026-11-27T00:00:00Z".parse().expect("an instant");
    Preview::from_rows(&mut reader, None, now).expect("read")
}

/// What was paid in all, by currency.
fn paid(preview: &Preview) -> Vec<String> {
    preview.totals.paid().map(|(code, sum)| format!("{sum} {code}")).collect()
}
