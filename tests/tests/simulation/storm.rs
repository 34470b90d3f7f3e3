//! How bad a history gets: which faults happen, how often, and until when.

use crate::fault::Fault;

/// The usual storm, in which every fault happens; and the weights of those that a history draws for itself.
const USUAL: [(Fault, u8); 12] = [
    (Fault::CrashBefore, 1),
    (Fault::CrashAfter, 2),
    (Fault::Refused, 1),
    (Fault::Unavailable, 1),
    (Fault::AppliedButRefused, 1),
    (Fault::AppliedButLost, 2),
    (Fault::Throttled, 1),
    (Fault::Conflict, 1),
    (Fault::Partly, 1),
    (Fault::Stale, 1),
    (Fault::Twice, 1),
    (Fault::Slow, 1),
];
/// The largest weight of a fault that a history draws.
const MAX_WEIGHT: u8 = 8;
/// By how many milliseconds clocks are usually wrong.
const USUAL_CLOCKS: i64 = 500;
/// The same where they are off by minutes. Above five minutes AWS refuses the signatures of calls.
const WRONG_CLOCKS: i64 = 150_000;

/// Which faults happen in a storm, each as often as its weight says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mix([(Fault, u8); USUAL.len()]);

impl Mix {
    /// About half of the faults, with weights of their own: what one fault hides is seen where it never happens.
    fn drawn(draws: &mut fastrand::Rng) -> Self {
        let mut mix = USUAL;
        for (_, weight) in &mut mix {
            *weight = if draws.bool() { draws.u8(1..=MAX_WEIGHT) } else { 0 };
        }
        if mix.iter().all(|(_, weight)| *weight == 0) { Self(USUAL) } else { Self(mix) }
    }

    /// The next fault.
    pub(crate) fn pick(&self, draws: &mut fastrand::Rng) -> Fault {
        let sum: u64 = self.0.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = draws.u64(0..sum);
        for (fault, weight) in self.0 {
            match left.checked_sub(u64::from(weight)) {
                None => return fault,
                Some(rest) => left = rest,
            }
        }
        unreachable!("the weights are more than the draw")
    }
}

/// How often faults happen in a storm, and until when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Storm {
    /// Of a thousand calls.
    pub(crate) calls: u64,
    /// Of a thousand triggers: a batch delivered twice, a schedule that fires twice.
    pub(crate) triggers: u64,
    /// Of a hundred mails: the events about it arrive hours late, or never.
    pub(crate) late_events: u64,
    pub(crate) missing_events: u64,
    /// By how many milliseconds clocks are wrong at most.
    pub(crate) clocks: i64,
    /// Which faults happen to calls.
    pub(crate) mix: Mix,
    /// Seconds after the beginning.
    pub(crate) until: u64,
}

impl Storm {
    /// From a calm week with an outage at most to a week in which every seventeenth call fails. In every second history all faults
    /// happen at the usual rates; the others draw what happens in them and how often.
    pub(crate) fn drawn(draws: &mut fastrand::Rng, until: u64) -> Self {
        let calls = [0, 5, 20, 60][draws.usize(0..4)];
        let triggers = [0, 50, 250][draws.usize(0..3)];
        let usual =
            Self { calls, triggers, late_events: 4, missing_events: 4, clocks: USUAL_CLOCKS, mix: Mix(USUAL), until };
        if draws.bool() {
            return usual;
        }
        let rare_or_often = |draws: &mut fastrand::Rng, most| if draws.u8(0..4) == 0 { 0 } else { draws.u64(1..=most) };
        Self {
            calls: rare_or_often(draws, 120),
            triggers: rare_or_often(draws, 400),
            late_events: rare_or_often(draws, 50),
            missing_events: rare_or_often(draws, 30),
            clocks: [0, USUAL_CLOCKS, WRONG_CLOCKS][draws.usize(0..3)],
            mix: Mix::drawn(draws),
            ..usual
        }
    }
}
