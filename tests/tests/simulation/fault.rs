//! What can go wrong with one call to the outside, and when.

use crate::call::Call;
use crate::storm::Storm;
use std::sync::Mutex;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The function stops before the call is applied.
    CrashBefore,
    /// The function stops after the call was applied, before it gets the answer.
    CrashAfter,
    /// Not applied, with an answer that the SDK does not retry.
    Refused,
    /// Not applied, with an answer that the SDK retries.
    Unavailable,
    /// Applied, with an answer that says it was refused.
    AppliedButRefused,
    /// Applied, and the connection breaks: the SDK retries it where it may.
    AppliedButLost,
    /// Not applied: too fast.
    Throttled,
    /// Not applied: another transaction held the item.
    Conflict,
    /// A batch of which only a part is applied.
    Partly,
    /// An earlier answer, where the read is not consistent.
    Stale,
    /// Applied twice by the receiving service.
    Twice,
    /// Applied, but the answer takes longer than any client waits.
    Slow,
}

impl Fault {
    /// The faults that are injected into every single call.
    pub(crate) const SINGLE: [Self; 6] = [
        Self::CrashBefore,
        Self::CrashAfter,
        Self::Refused,
        Self::Unavailable,
        Self::AppliedButRefused,
        Self::AppliedButLost,
    ];

    /// Whether the function stops.
    pub(crate) fn is_crash(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }

    /// Whether it can happen to a call.
    fn fits(self, call: &Call) -> bool {
        match self {
            Self::Conflict => {
                matches!(call.operation.as_str(), "TransactWriteItems" | "PutItem" | "UpdateItem" | "DeleteItem")
            }
            Self::Partly => {
                matches!(call.operation.as_str(), "BatchWriteItem" | "SendMessageBatch" | "DeleteMessageBatch")
            }
            Self::Stale => call.may_be_stale(),
            Self::Twice => call.hands_over(),
            _ => true,
        }
    }
}

/// Which calls go wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// The faults by chance.
    pub(crate) storm: Option<Storm>,
    /// These calls, by their numbers, and no others; without it, the storm decides.
    pub(crate) at: Option<Vec<(u64, Fault)>>,
}

/// Decides what happens to each call, and records it.
pub(crate) struct Faults {
    plan: Plan,
    kept: Mutex<Kept>,
}

struct Kept {
    /// Separate from all other random choices: without one of its faults a history is otherwise the same.
    draws: fastrand::Rng,
    calls: u64,
    happened: Vec<Happened>,
}

/// A fault that happened.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    pub(crate) number: u64,
    pub(crate) fault: Fault,
    /// To which call of which function.
    pub(crate) call: String,
}

impl Faults {
    pub(crate) fn new(plan: Plan, seed: u64) -> Self {
        let draws = fastrand::Rng::with_seed(seed);
        Self { plan, kept: Mutex::new(Kept { draws, calls: 0, happened: Vec::new() }) }
    }

    /// The storm, as long as it lasts.
    pub(crate) fn storm(&self, elapsed: u64) -> Option<Storm> {
        self.plan.storm.filter(|storm| elapsed < storm.until)
    }

    /// What happens to this call.
    pub(crate) fn next(&self, function: &str, call: &Call, elapsed: u64) -> Option<Fault> {
        let mut kept = self.kept.lock().expect("no panic");
        let number = kept.calls;
        kept.calls += 1;
        let fault = match &self.plan.at {
            Some(planned) => planned.iter().find(|(at, _)| *at == number).map(|(_, fault)| *fault),
            None => self.storm(elapsed).and_then(|storm| {
                // Handing a message over is one call in hundreds, and the one that matters most.
                let often = if call.hands_over() { storm.calls * 5 } else { storm.calls };
                let happens = kept.draws.u64(0..1_000) < often;
                happens.then(|| storm.mix.pick(&mut kept.draws))
            }),
        };
        let fault = fault.filter(|fault| fault.fits(call))?;
        let call = format!("{function} {}", call.operation);
        kept.happened.push(Happened { number, fault, call });
        Some(fault)
    }

    /// How many calls there were, and what happened to them.
    pub(crate) fn take(&self) -> (u64, Vec<Happened>) {
        let mut kept = self.kept.lock().expect("no panic");
        (kept.calls, std::mem::take(&mut kept.happened))
    }
}
