//! Files that are damaged, locked or not writable: the start is refused with an error that says what to do.

use crate::stage::{BEGINNING, alone, open};
use rekindle_emulators::Durability;
use rekindle_local_stack::{DataDir, Stack, StackTime};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Starts a stack once, so that its files are there, and ends it. Everything is in the files themselves then: two
/// connections of SQLite that are closed at the same moment can leave it beside the file, which would heal what a test damages.
fn new_stack(folder: &Path) {
    alone(async { drop(open(folder, BEGINNING, "http://127.0.0.1:1").await) });
    for name in ["tables.db", "cloud.db"] {
        let file = rusqlite::Connection::open(folder.join(name)).expect("a database");
        file.pragma_update(None, "journal_mode", "DELETE").expect("merged");
    }
}

/// The error of a start.
fn refusal(folder: &Path) -> String {
    alone(start(folder))
}

async fn start(folder: &Path) -> String {
    let data = match DataDir::take(folder) {
        Ok(data) => Arc::new(data),
        Err(error) => return error.to_string(),
    };
    let time = StackTime::virtual_from(crate::stage::instant(BEGINNING), &data).expect("a time");
    match Stack::start(data, time, Durability::Full, "http://127.0.0.1:1").await {
        Ok(_) => panic!("it starts"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn damaged_files_are_refused_by_name() {
    for name in ["tables.db", "cloud.db", "link-keys.json"] {
        let folder = tempfile::tempdir().expect("a folder");
        new_stack(folder.path());
        let damage = b"this is a letter, not a database. ".repeat(400);
        fs::write(folder.path().join(name), &damage).expect("written");
        let refusal = refusal(folder.path());
        assert!(refusal.contains(name), "{name}: {refusal}");
        assert_eq!(fs::read(folder.path().join(name)).expect("read"), damage, "{name} is left as it is");
    }
}

#[test]
fn a_file_that_is_damaged_in_the_middle_is_refused_too() {
    for name in ["tables.db", "cloud.db"] {
        let folder = tempfile::tempdir().expect("a folder");
        new_stack(folder.path());
        // The page of the schema made unreadable.
        let path = folder.path().join(name);
        let mut bytes = fs::read(&path).expect("read");
        let end = bytes.len().min(4096);
        bytes[100..end].fill(0xaa);
        fs::write(&path, bytes).expect("written");
        let refusal = refusal(folder.path());
        assert!(refusal.contains(name), "{name}: {refusal}");
    }
}

#[test]
fn a_directory_that_is_locked_or_cannot_be_written_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    alone(async {
        let _running = open(folder.path(), BEGINNING, "http://127.0.0.1:1").await;
        assert!(start(folder.path()).await.contains("belongs to a running instance"));
    });
    new_stack(folder.path());
    // No user may write below a file, not even root.
    let file = folder.path().join("cloud.db");
    let refusal = refusal(&file.join("data"));
    assert!(refusal.contains("cannot be written") && refusal.contains("--data"), "{refusal}");
}
