//! Waiting for another process or task, however busy the machine is.
//!
//! A test that gives something a fixed time fails on a machine that is slow or busy. These functions give up only when nothing
//! has changed for [`STALLED_AFTER`]: a test passes however long the work takes, and one whose work stands still still ends.

use std::fmt::Debug;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// How long nothing may change before a test fails. More than any lease, time-out or schedule that the tests wait for.
pub const STALLED_AFTER: Duration = Duration::from_secs(600);

/// The pause after the first look; each is longer than the one before it, up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const MAX_PAUSE: Duration = Duration::from_millis(500);

/// Looks until `look` breaks, and returns what it breaks with. Whatever it continues with says how far the work has come.
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

/// Looks until `look` finds something, and returns it.
///
/// # Panics
/// With `what`, if it found nothing for [`STALLED_AFTER`].
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    wait_while_it_advances(what, || look().map_or(ControlFlow::Continue(()), ControlFlow::Break))
}
