//! The directory with all files of a local stack, and the lock that reserves it for one process.

use rekindle_emulators::file_lock;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A directory that is reserved for this process until it ends, however it ends.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// Held, never read: the operating system releases it even after a kill.
    _lock: File,
}

/// Why a directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be created or written.
    #[error("the data directory {path} cannot be written; choose another with --data")]
    NotWritable {
        /// The directory.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        source: io::Error,
    },
    /// Another process uses it.
    #[error("the data directory {0} belongs to a running instance; stop that one, or choose another with --data")]
    InUse(PathBuf),
}

impl DataDir {
    /// Reserves a directory, creating it if it does not exist.
    ///
    /// # Errors
    /// It cannot be written, or another process uses it.
    pub fn take(path: &Path) -> Result<Self, DataDirError> {
        let not_writable = |source| DataDirError::NotWritable { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(not_writable)?;
        let lock = file_lock::take(&path.join("lock")).map_err(not_writable)?;
        let lock = lock.ok_or_else(|| DataDirError::InUse(path.to_owned()))?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The content of a small file in it, if the file exists.
    ///
    /// # Errors
    /// The file exists and cannot be read.
    pub fn load(&self, name: &str) -> io::Result<Option<String>> {
        match fs::read_to_string(self.file(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces a small file in it atomically: a kill leaves the old content or the new one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn replace(&self, name: &str, content: &str) -> io::Result<()> {
        let new = self.file(&format!("{name}.new"));
        fs::write(&new, content)?;
        fs::rename(new, self.file(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_belongs_to_one_instance_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = DataDir::take(&folder.path().join("data")).expect("free");
        let second = DataDir::take(&folder.path().join("data")).expect_err("taken");
        assert!(second.to_string().contains("belongs to a running instance"), "{second}");
        drop(first);
        assert!(DataDir::take(&folder.path().join("data")).is_ok());
    }

    #[test]
    fn a_directory_that_cannot_be_created_is_named_with_the_remedy() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        fs::write(&file, "").expect("written");
        let error = DataDir::take(&file.join("data")).expect_err("below a file");
        assert!(error.to_string().contains("--data"), "{error}");
    }
}
