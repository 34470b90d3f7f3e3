//! A clock on which only waiting takes time: on one thread without a network, all tasks run as far as they can, and
//! then the clock moves to the next instant for which a task waits.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;

/// Scheduler turns before the clock moves: more than any chain of tasks that wake each other.
const TURNS: usize = 40;

/// Microseconds since the beginning. Clones are the same time.
#[derive(Clone, Default)]
pub(crate) struct VirtualTime(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    now: i64,
    count: u64,
    first: BinaryHeap<Reverse<(i64, u64)>>,
    wake: std::collections::HashMap<u64, oneshot::Sender<()>>,
}

impl VirtualTime {
    pub(crate) fn now(&self) -> i64 {
        self.0.lock().expect("no panic").now
    }

    pub(crate) async fn rest(&self, micros: i64) {
        let (wake, woken) = oneshot::channel();
        {
            let mut waiting = self.0.lock().expect("no panic");
            waiting.count += 1;
            let (at, number) = (waiting.now + micros.max(0), waiting.count);
            waiting.first.push(Reverse((at, number)));
            waiting.wake.insert(number, wake);
        }
        let _ = woken.await;
    }

    /// Lets the time pass until an instant. The runtime's own time, which must be paused, passes with it: by it the store
    /// pauses after a lost race.
    pub(crate) async fn run_until(&self, until: i64) {
        loop {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            let Some((passed, wake)) = self.next_within(until) else { return };
            tokio::time::advance(passed).await;
            if let Some(wake) = wake {
                // The task that waited may have ended.
                let _ = wake.send(());
            }
        }
    }

    /// Moves to the next instant for which a task waits, if it is not after `until`; returns the time that passed and
    /// the task to wake.
    fn next_within(&self, until: i64) -> Option<(Duration, Option<oneshot::Sender<()>>)> {
        let mut waiting = self.0.lock().expect("no panic");
        waiting.first.peek().filter(|Reverse((at, _))| *at <= until)?;
        let Reverse((at, number)) = waiting.first.pop()?;
        let passed = Duration::from_micros(u64::try_from(at - waiting.now).unwrap_or_default());
        waiting.now = at;
        Some((passed, waiting.wake.remove(&number)))
    }
}

/// Pseudo-random numbers from a seed (SplitMix64).
pub(crate) struct Draws(Mutex<u64>);

impl Draws {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    /// A number from `low` to below `high`.
    pub(crate) fn between(&self, low: i64, high: i64) -> i64 {
        let mut state = self.0.lock().expect("no panic");
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        let span = u64::try_from(high - low).expect("low is below high");
        low + i64::try_from(mixed % span).expect("below the span")
    }

    /// Whether an event with this chance in a thousand happens.
    pub(crate) fn happens(&self, in_a_thousand: i64) -> bool {
        self.between(0, 1_000) < in_a_thousand
    }
}
