//! A clock on which only waiting takes time: on one thread without a network, all tasks run as far as they can, and
//! then the clock moves to the next instant for which a task waits.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;

/// Scheduler turns before the clock moves: more than any chain of tasks that wake each other.
const TURNS: usize = 40;

/// The same after a step at whose end no task of the clock wakes: at most a pause of the store ends.
const TURNS_BETWEEN: usize = 10;

/// The longest step of the time, in microseconds: the precision of the runtime's timers.
const MAX_STEP: i64 = 1_000;

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

    /// Lets the time pass until an instant. The runtime's own time, which must be paused, passes with it in steps of at most
    /// [`MAX_STEP`]: by it the store pauses after a lost race.
    pub(crate) async fn run_until(&self, until: i64) {
        let mut turns = TURNS;
        loop {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            let Some(at) = self.next_at().filter(|at| *at <= until) else { return };
            let step = (at - self.now()).clamp(0, MAX_STEP);
            self.0.lock().expect("no panic").now += step;
            tokio::time::advance(Duration::from_micros(step.unsigned_abs())).await;
            turns = TURNS_BETWEEN;
            if self.now() >= at {
                self.wake_next();
                turns = TURNS;
            }
        }
    }

    /// The next instant for which a task waits.
    fn next_at(&self) -> Option<i64> {
        self.0.lock().expect("no panic").first.peek().map(|Reverse((at, _))| *at)
    }

    /// Wakes the task that waits for the next instant.
    fn wake_next(&self) {
        let mut waiting = self.0.lock().expect("no panic");
        let next = waiting.first.pop();
        if let Some(wake) = next.and_then(|Reverse((_, number))| waiting.wake.remove(&number)) {
            // The task that waited may have ended.
            let _ = wake.send(());
        }
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
