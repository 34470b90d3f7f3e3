//! The small file that stores how far an import has come.

use super::{Summary, WriteKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes at the beginning of a file that distinguish it from files of the same size and age.
const FINGERPRINT_BYTES: u64 = 64 * 1024;

/// How far an import of one file into one shop has come.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    record: Record,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// Identifies the file, the endpoint and the key that this progress is about.
    fingerprint: String,
    /// The line up to which all rows are acknowledged.
    line: u64,
    summary: Summary,
    /// When the import began, in milliseconds since 1970. It is that of what has no moment of its own, so that a continued import
    /// posts the same events.
    #[serde(default)]
    started_at: i64,
}

/// The progress cannot be stored.
#[derive(Debug, thiserror::Error)]
#[error("the progress of the import cannot be kept in {path}; choose another file with --state")]
pub struct CheckpointError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl Checkpoint {
    /// Loads the progress stored in `path` if it is about this file, endpoint, key and way to read the file, and begins anew
    /// otherwise or with `restart`. A file whose size, age or beginning changed counts as another file.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn open(
        path: &Path,
        history: &Path,
        endpoint: &str,
        key: &WriteKey,
        options: &str,
        restart: bool,
    ) -> Result<Self, CheckpointError> {
        let failed = |source| CheckpointError { path: path.to_owned(), source };
        let fingerprint = fingerprint(history, endpoint, key, options).map_err(failed)?;
        let stored = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice::<Record>(&bytes).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let stored = stored.filter(|record| !restart && record.fingerprint == fingerprint);
        let now = jiff::Timestamp::now().as_millisecond();
        let mut record = stored.unwrap_or_else(|| Record { fingerprint, ..Record::default() });
        if record.started_at == 0 {
            record.started_at = now;
        }
        let checkpoint = Self { path: path.to_owned(), record };
        // A path that cannot be written shows here, before the first call.
        checkpoint.write()?;
        Ok(checkpoint)
    }

    /// The line up to which all rows are acknowledged; 0 at the beginning.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.record.line
    }

    /// When the import began.
    #[must_use]
    pub fn started_at(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.record.started_at).unwrap_or_default()
    }

    /// The counts of the rows up to that line.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.record.summary
    }

    /// Stores that all rows up to a line are acknowledged.
    pub(super) fn advance(&mut self, line: u64, summary: &Summary) -> Result<(), CheckpointError> {
        self.record.line = line;
        self.record.summary = summary.clone();
        self.write()
    }

    /// Deletes the checkpoint of a complete import.
    pub(super) fn remove(&self) -> Result<(), CheckpointError> {
        fs::remove_file(&self.path).map_err(|source| CheckpointError { path: self.path.clone(), source })
    }

    /// Replaces the file atomically: a kill leaves the old content or the new one.
    fn write(&self) -> Result<(), CheckpointError> {
        let failed = |source| CheckpointError { path: self.path.clone(), source };
        let mut new = self.path.clone().into_os_string();
        new.push(".new");
        let text = serde_json::to_string(&self.record).map_err(|error| failed(error.into()))?;
        fs::write(&new, text).and_then(|()| fs::rename(&new, &self.path)).map_err(failed)
    }
}

fn fingerprint(history: &Path, endpoint: &str, key: &WriteKey, options: &str) -> io::Result<String> {
    let file = File::open(history)?;
    let about = file.metadata()?;
    let changed = about.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let mut beginning = Vec::new();
    file.take(FINGERPRINT_BYTES).read_to_end(&mut beginning)?;
    let mut digest = Sha256::new();
    let target = format!("{endpoint}\n{}\n{}\n{changed:?}\n", key.digest(), about.len());
    digest.update(target.as_bytes());
    digest.update(options.as_bytes());
    digest.update(&beginning);
    Ok(base16ct::lower::encode_string(&digest.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_belongs_to_one_file_one_endpoint_and_one_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let (history, state) = (folder.path().join("orders.csv"), folder.path().join("state"));
        fs::write(&history, "a\n").expect("written");
        let open = |endpoint: &str, key: &str, restart: bool| {
            Checkpoint::open(&state, &history, endpoint, &WriteKey::new(key), "", restart).expect("opened")
        };
        let summary = Summary { rows: 7, ..Summary::default() };
        let advance = || open("http://a", "k", false).advance(7, &summary).expect("written");
        advance();
        assert_eq!((open("http://a", "k", false).line(), open("http://a", "k", false).summary()), (7, &summary));
        for (endpoint, key, restart) in [("http://b", "k", false), ("http://a", "l", false), ("http://a", "k", true)] {
            assert_eq!(open(endpoint, key, restart).line(), 0, "{endpoint} {key} {restart}");
            open("http://a", "k", true);
            advance();
        }
        let begun = open("http://a", "k", false).started_at();
        assert_eq!(open("http://a", "k", false).started_at(), begun, "a continued import began when it began");
        let other_way = Checkpoint::open(&state, &history, "http://a", &WriteKey::new("k"), "--decimal ,", false);
        assert_eq!(other_way.expect("opened").line(), 0);
        open("http://a", "k", true);
        advance();
        fs::write(&history, "b\n").expect("changed");
        assert_eq!(open("http://a", "k", false).line(), 0);
        let kept = fs::read_to_string(&state).expect("kept");
        assert!(!kept.contains("\"k\""), "{kept}");
    }

    #[test]
    fn an_unwritable_checkpoint_is_reported_before_anything_is_posted() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = folder.path().join("orders.csv");
        fs::write(&history, "a\n").expect("written");
        let nowhere = folder.path().join("missing/state");
        let error =
            Checkpoint::open(&nowhere, &history, "http://a", &WriteKey::new("k"), "", false).expect_err("refused");
        assert!(error.to_string().contains("missing/state") && error.to_string().contains("--state"), "{error}");
    }
}
