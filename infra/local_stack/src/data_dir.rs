//! The directory with all files of a local stack, and the lock that reserves it for one process. It holds what the stack knows
//! of customers, so only its owner can read it.

use rekindle_emulators::{file_lock, private_files};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The files of a local stack. What SQLite keeps beside one begins with its name.
const OWN_FILES: [&str; 9] = [
    "lock",
    "clock",
    "keys-told",
    "link-keys.json",
    "aws-keys.json",
    "tables.db",
    "cloud.db",
    "history.db",
    "sample.csv",
];

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
    /// It has files that others can read, and belongs to another user.
    #[error(
        "{path} can be read by others on this machine, which cannot be changed; choose another directory with --data"
    )]
    NotPrivate {
        /// The file or directory.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        source: io::Error,
    },
    /// Everybody may write there, and other things than a stack's are in it.
    #[error("the directory {0} is shared with other users of this machine; choose another with --data")]
    Shared(PathBuf),
}

impl DataDir {
    /// Reserves a directory, creating it if it does not exist. What others could read of the stack's files they cannot afterwards;
    /// a directory that has other files as well keeps its own mode.
    ///
    /// # Errors
    /// It cannot be written or kept from others, or another process uses it.
    pub fn take(path: &Path) -> Result<Self, DataDirError> {
        let not_writable = |source| DataDirError::NotWritable { path: path.to_owned(), source };
        private_files::create_dir_all(path).map_err(not_writable)?;
        if keep_from_others(path)? {
            tracing::warn!(directory = %path.display(), "others could read the data directory; now only its owner can");
        }
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
        private_files::write(&new, content.as_bytes())?;
        fs::rename(new, self.file(name))
    }
}

/// Takes from others what they may do with the stack's files, and returns whether there was anything that they could read.
fn keep_from_others(directory: &Path) -> Result<bool, DataDirError> {
    let unreadable = |source| DataDirError::NotWritable { path: directory.to_owned(), source };
    let entries: io::Result<Vec<_>> = fs::read_dir(directory).map_err(unreadable)?.collect();
    let (own, others): (Vec<_>, Vec<_>) = entries.map_err(unreadable)?.into_iter().partition(|entry| {
        let name = entry.file_name();
        OWN_FILES.iter().any(|own| name.to_string_lossy().starts_with(own))
    });
    let is_new = own.is_empty();
    let mut paths: Vec<PathBuf> = own.into_iter().map(|entry| entry.path()).collect();
    if others.is_empty() {
        // First, so that nobody opens a file whose turn has not come.
        paths.insert(0, directory.to_owned());
    } else if private_files::is_writable_by_all(directory) {
        return Err(DataDirError::Shared(directory.to_owned()));
    }
    let mut tightened = false;
    for path in paths {
        let done = private_files::tighten(&path);
        tightened |= done.map_err(|source| DataDirError::NotPrivate { path, source })?;
    }
    Ok(tightened && !is_new)
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

    #[cfg(unix)]
    mod modes {
        use super::*;
        use std::os::unix::fs::PermissionsExt;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).expect("there").permissions().mode() & 0o777
        }

        fn set_mode(path: &Path, mode: u32) {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
        }

        #[test]
        fn only_the_owner_can_read_the_directory_and_what_is_written_there() {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("data");
            let data = DataDir::take(&path).expect("free");
            data.replace("link-keys.json", "secret").expect("written");
            let modes = [&path, &data.file("lock"), &data.file("link-keys.json")].map(|path| mode(path));
            assert_eq!(modes, [0o700, 0o600, 0o600]);
        }

        #[test]
        fn what_others_could_read_is_tightened() {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("data");
            fs::create_dir(&path).expect("made");
            set_mode(&path, 0o755);
            let names = ["link-keys.json", "tables.db", "tables.db-wal", "cloud.db.lock"];
            for name in names {
                fs::write(path.join(name), "").expect("written");
                set_mode(&path.join(name), 0o666);
            }
            assert!(keep_from_others(&path).expect("tightened"));
            assert_eq!((mode(&path), names.map(|name| mode(&path.join(name)))), (0o700, [0o600; 4]));
            assert!(!keep_from_others(&path).expect("nothing is left to do"), "it is said once");
        }

        #[test]
        fn a_directory_with_other_things_keeps_its_mode_and_theirs_and_one_for_everybody_is_refused() {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("data");
            fs::create_dir(&path).expect("made");
            for name in ["index.html", "link-keys.json"] {
                fs::write(path.join(name), "").expect("written");
                set_mode(&path.join(name), 0o644);
            }
            set_mode(&path, 0o755);
            assert!(keep_from_others(&path).expect("tightened"));
            let modes = [&path, &path.join("index.html"), &path.join("link-keys.json")].map(|path| mode(path));
            assert_eq!(modes, [0o755, 0o644, 0o600]);
            set_mode(&path, 0o777);
            let refused = DataDir::take(&path).expect_err("shared");
            assert!(refused.to_string().contains("shared with other users"), "{refused}");
        }
    }
}
