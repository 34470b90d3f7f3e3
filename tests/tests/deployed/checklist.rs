//! What was checked, printed while the test runs.

use std::io::Write;
use std::time::Instant;

/// Prints what was checked, with the seconds since the start.
pub(crate) struct Checklist {
    started: Instant,
}

impl Checklist {
    /// Begins a list with a title.
    pub(crate) fn begin(title: &str) -> Self {
        print(&format!("\n{title}\n"));
        Self { started: Instant::now() }
    }

    /// Records a statement that was checked.
    pub(crate) fn done(&mut self, what: &str) {
        print(&format!("  [{:>4} s] ✓ {what}\n", self.started.elapsed().as_secs()));
    }
}

/// Writes past the test harness, which would keep the text until the end and show it only after a failure.
fn print(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
