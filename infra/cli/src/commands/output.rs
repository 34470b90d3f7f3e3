//! Standard output and standard error. Unlike `println!` and `eprintln!`, nothing here panics when a stream cannot be written.

use std::fmt::Display;
use std::io::{self, Write};

/// Why standard output cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutputError {
    /// The reader of a pipe has ended, as in `rekindle shop show | head`. That is a normal end of a command.
    #[error("standard output is closed")]
    Closed,
    /// Anything else, such as a full disk.
    #[error("standard output cannot be written")]
    Failed(#[source] io::Error),
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Failed(error) }
    }
}

/// Prints a line to standard output.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn print(line: impl Display) -> Result<(), OutputError> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}

/// Prints a line to standard error, for people who watch. A line that cannot be written is lost, and the command goes on.
pub(super) fn note(line: impl Display) {
    let _ = try_note(line);
}

/// Prints a line to standard error that must not be lost.
///
/// # Errors
/// Standard error cannot be written.
pub(super) fn try_note(line: impl Display) -> io::Result<()> {
    // In one piece, so that lines of the log do not come in between.
    io::stderr().lock().write_all(format!("{line}\n").as_bytes())
}
