//! The SQLite file: opening, checking, writing and reading it.

use crate::CloudError;
use crate::{file_lock, private_files};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The end of the process and the loss of power: every commit waits for the disk.
    #[default]
    Full,
    /// The end of the process, `kill -9` included, but not the loss of power. Many times faster.
    Relaxed,
}

/// The version of `schema.sql`. Raise it with every change there.
const LAYOUT: i64 = 3;
/// More than the cloud has statements, so that each is compiled once.
const STATEMENT_CACHE_SIZE: usize = 64;

/// One SQLite file with one connection that writes, and a second one that reads meanwhile.
pub(crate) struct Database {
    path: PathBuf,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    /// Held, never read: the operating system releases it when the process ends, however it ends.
    _lock: File,
}

impl Database {
    /// Opens `path`, creating it if it does not exist.
    pub(crate) fn open(path: &Path, durability: Durability) -> Result<Self, CloudError> {
        let lock = lock(path)?;
        // SQLite gives its other files the mode of this one.
        private_files::create_if_missing(path).map_err(|source| CloudError::Open { path: path.to_owned(), source })?;
        let explained = |error: rusqlite::Error| explain(path, error);
        let writer = connect(path, durability).map_err(explained)?;
        check_layout(&writer, path)?;
        let reader = connect(path, durability).map_err(explained)?;
        reader.pragma_update(None, "query_only", true).map_err(explained)?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), reader: Mutex::new(reader), _lock: lock })
    }

    /// Runs `work` in one transaction, which is rolled back if `work` fails.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        let mut connection = hold(&self.writer);
        let done = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })();
        done.map_err(|error| self.explain(error))
    }

    /// Runs `work` on the connection that only reads. It does not wait for a writer.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, CloudError>) -> Result<T, CloudError> {
        work(&hold(&self.reader)).map_err(|error| self.explain(error))
    }

    fn explain(&self, error: CloudError) -> CloudError {
        match error {
            CloudError::Database(source) => explain(&self.path, source),
            other => other,
        }
    }
}

/// Locks a connection. A panic of an earlier holder rolled its transaction back, so the connection is still good.
fn hold(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reserves the file for this process: two processes on one file would each release what the other has in flight.
fn lock(path: &Path) -> Result<File, CloudError> {
    let mut name = OsString::from(path);
    name.push(".lock");
    let cannot_open = |source| CloudError::Open { path: path.to_owned(), source };
    let lock = file_lock::take(Path::new(&name)).map_err(cannot_open)?;
    lock.ok_or_else(|| CloudError::InUse { path: path.to_owned() })
}

fn connect(path: &Path, durability: Durability) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE_SIZE);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(
        None,
        "synchronous",
        match durability {
            Durability::Full => "FULL",
            Durability::Relaxed => "OFF",
        },
    )?;
    Ok(connection)
}

fn check_layout(connection: &Connection, path: &Path) -> Result<(), CloudError> {
    let explained = |error: rusqlite::Error| explain(path, error);
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(explained)?;
    let tables: i64 =
        connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(explained)?;
    match (found, tables) {
        (LAYOUT, 1..) => Ok(()),
        (0, 0) => {
            let create = format!("BEGIN; {} PRAGMA user_version = {LAYOUT}; COMMIT;", include_str!("schema.sql"));
            connection.execute_batch(&create).map_err(explained)
        }
        _ => Err(CloudError::Layout { path: path.to_owned(), found, expected: LAYOUT }),
    }
}

fn explain(path: &Path, source: rusqlite::Error) -> CloudError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => CloudError::Damaged { path, source },
        Some(ErrorCode::DiskFull) => CloudError::DiskFull { path, source },
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            CloudError::Open { path, source: std::io::Error::other(source) }
        }
        _ => CloudError::Database(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(path: &Path) -> String {
        Database::open(path, Durability::Relaxed).err().expect("the file must be refused").to_string()
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_with_its_name_and_the_remedy() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("cloud.db");
        std::fs::write(&path, "this is a letter, not a database. ".repeat(200)).expect("a file");
        let refusal = refusal(&path);
        assert!(refusal.contains("cloud.db is damaged") && refusal.contains("move it away"), "{refusal}");
    }

    #[test]
    fn a_file_of_another_version_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("cloud.db");
        drop(Database::open(&path, Durability::Relaxed).expect("a new file"));
        Connection::open(&path).and_then(|file| file.pragma_update(None, "user_version", 7)).expect("a change");
        assert!(refusal(&path).contains("has layout 7, this program reads layout 3"), "{}", refusal(&path));
    }

    #[test]
    fn a_file_of_a_running_instance_is_refused_until_it_ends() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("cloud.db");
        let running = Database::open(&path, Durability::Relaxed).expect("a new file");
        assert!(refusal(&path).contains("belongs to an instance that is running"), "{}", refusal(&path));
        drop(running);
        Database::open(&path, Durability::Relaxed).expect("free again");
    }

    #[test]
    fn a_directory_that_does_not_exist_is_named() {
        let refusal = refusal(Path::new("/nowhere/cloud.db"));
        assert!(refusal.contains("/nowhere/cloud.db cannot be opened"), "{refusal}");
    }

    #[test]
    fn a_full_disk_is_named_and_loses_nothing_that_was_stored() {
        let directory = tempfile::tempdir().expect("a directory");
        let database = Database::open(&directory.path().join("cloud.db"), Durability::Full).expect("a new file");
        // SQLite answers the same when it meets this limit as when the disk is full.
        hold(&database.writer).pragma_update(None, "max_page_count", 40).expect("a limit");
        let store = |phone: &str| {
            database.write(|transaction| {
                transaction.execute("INSERT INTO opted_out VALUES (?1, 0)", [phone.repeat(500)])?;
                Ok(())
            })
        };
        let (stored, refused) =
            (0..).find_map(|n| store(&format!("{n:04}")).err().map(|error| (n, error))).expect("a limit");
        assert!(matches!(refused, CloudError::DiskFull { .. }), "{refused}");
        assert!(refused.to_string().contains("cloud.db cannot grow because the disk is full"), "{refused}");
        let left: i32 = database
            .read(|connection| Ok(connection.query_row("SELECT COUNT(*) FROM opted_out", [], |row| row.get(0))?))
            .expect("a count");
        assert_eq!(left, stored);
        hold(&database.writer).pragma_update(None, "max_page_count", 400).expect("more space");
        store("again").expect("as soon as there is space");
    }

    #[test]
    fn a_transaction_that_fails_leaves_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let database = Database::open(&directory.path().join("cloud.db"), Durability::Full).expect("a new file");
        let failed: Result<(), _> = database.write(|transaction| {
            transaction.execute("INSERT INTO opted_out VALUES ('+12025550100', 0)", [])?;
            Err(CloudError::NoFeedbackQueue)
        });
        assert!(failed.is_err());
        let left: i64 = database
            .read(|connection| Ok(connection.query_row("SELECT COUNT(*) FROM opted_out", [], |row| row.get(0))?))
            .expect("a count");
        assert_eq!(left, 0);
    }
}
