//! Keeping a file to one process at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How often a lock that is held is tried again, and how long after.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// Takes the lock of a file, creating the file if there is none. Nothing, if another process holds the lock for
/// longer than a second: one that is just ending, or a child that was just forked from it and has not closed what
/// it inherited, lets go sooner. The operating system gives the lock back when the process ends, however it ends.
///
/// # Errors
/// The file cannot be created or written.
pub fn take(path: &Path) -> io::Result<Option<File>> {
    let lock = File::options().create(true).truncate(false).write(true).open(path)?;
    for _ in 0..TRIES {
        match lock.try_lock() {
            Ok(()) => return Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}
