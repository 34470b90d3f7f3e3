//! Waiting for another process or task, however busy the machine is.
//!
//! A test with a fixed time-out fails on a slow or busy machine. These functions give up only when nothing has changed for
//! [`STALLED_AFTER`]: a test passes however long the work takes, and ends if the work makes no progress.

use std::fmt::Debug;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// How long nothing may change before a test fails. More than any lease, time-out or schedule that the tests wait for.
pub const STALLED_AFTER: Duration = Duration::from_secs(600);

/// The pause after the first call; each pause is longer than the one before it, up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const MAX_PAUSE: Duration = Duration::from_millis(500);

/// Calls `look` until it breaks, and returns the value that it breaks with. The value that it continues with is the progress.
///
/// # Panics
/// With `what` and the last progress, if the progress has not changed for [`STALLED_AFTER`].
pub fn wait_while_it_advances<T, P: PartialEq + Debug>(what: &str, mut look: impl FnMut() -> ControlFlow<T, P>) -> T {
    let (mut last, mut changed_at, mut pause) = (None, Instant::now(), FIRST_PAUSE);
    loop {
        let progress = match look() {
            ControlFlow::Break(found) => return found,
            ControlFlow::Continue(progress) => Some(progress),
        };
        if progress != last {
            (last, changed_at) = (progress, Instant::now());
        }
        assert!(changed_at.elapsed() < STALLED_AFTER, "nothing changed for {STALLED_AFTER:?}: {what}; last: {last:?}");
        std::thread::sleep(pause);
        pause = MAX_PAUSE.min(pause * 5 / 4);
    }
}

/// Calls `look` until it returns something, and returns that.
///
/// # Panics
/// With `what`, if `look` returned nothing for [`STALLED_AFTER`].
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    wait_while_it_advances(what, || look().map_or(ControlFlow::Continue(()), ControlFlow::Break))
}
