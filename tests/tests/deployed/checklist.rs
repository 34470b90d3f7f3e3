//! What was checked, told while it happens.

use std::io::Write;
use std::time::{Duration, Instant};

/// Longest that the test waits for the stack to do something that takes a sweep or two.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// Tells what was checked, with the seconds since the start.
pub(crate) struct Checklist {
    started: Instant,
}

impl Checklist {
    /// Begins a list with a title.
    pub(crate) fn begin(title: &str) -> Self {
        tell(&format!("\n{title}\n"));
        Self { started: Instant::now() }
    }

    /// Something was seen to be so.
    pub(crate) fn done(&mut self, what: &str) {
        tell(&format!("  [{:>4} s] ✓ {what}\n", self.started.elapsed().as_secs()));
    }
}

/// Past the test harness, which would keep it until the end and then show it only after a failure.
fn tell(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Waits until something is there; `what` is said if it never is.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(500));
    }
}
