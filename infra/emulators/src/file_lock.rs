//! Locks that reserve a file for one process at a time.

use crate::private_files;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How often a lock that another process holds is tried, and how long apart.
const MAX_ATTEMPTS: u32 = 20;
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Takes the lock of a file, creating the file if it does not exist. Returns `None` if another process still holds the
/// lock after a second; a process that is just ending, or a forked child that has not closed inherited files yet,
/// releases it sooner. The operating system releases the lock when this process ends, however it ends.
///
/// # Errors
/// The file cannot be created or written.
pub fn take(path: &Path) -> io::Result<Option<File>> {
    let lock = private_files::options().create(true).truncate(false).write(true).open(path)?;
    for _ in 0..MAX_ATTEMPTS {
        match lock.try_lock() {
            Ok(()) => return Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(RETRY_INTERVAL),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}
