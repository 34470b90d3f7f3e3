//! A run: one passage of a customer through a journey.

use crate::policy::Journey;
use crate::reason::Reason;
use crate::time::Period;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One passage of a customer through a journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredRun", into = "StoredRun")]
pub struct Run {
    /// What started it; the same trigger always names the same run.
    pub id: String,
    /// When it started: what the steps' delays count from.
    pub started_at: Timestamp,
    /// Steps that were created or skipped. A step once here is never created again in this run, and
    /// neither is one that an edit puts before it.
    pub done: Vec<String>,
    /// The delay of the latest of these, in seconds.
    pub through: Option<i64>,
    /// When its last message was created.
    pub last_message_at: Option<Timestamp>,
    /// What holds back the step whose time has come.
    pub held_by: Option<Reason>,
    /// The run takes no more steps.
    pub ended: bool,
}

/// The short form in which every customer's item holds the latest run of each journey. Instants are
/// milliseconds since 1970.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredRun {
    /// One that ended: its id, its start, and how long after that its last message was, if there was any.
    Ended(String, i64, Option<i64>),
    Live {
        i: String,
        a: i64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        d: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        t: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        l: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        h: Option<Reason>,
    },
}

impl From<Run> for StoredRun {
    fn from(run: Run) -> Self {
        let (i, a) = (run.id, run.started_at.as_millisecond());
        let l = run.last_message_at.map(Timestamp::as_millisecond);
        if run.ended {
            Self::Ended(i, a, l.map(|l| l - a))
        } else {
            Self::Live { i, a, d: run.done, t: run.through, l, h: run.held_by }
        }
    }
}

impl From<StoredRun> for Run {
    fn from(stored: StoredRun) -> Self {
        let instant = |millis| Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
        let (id, started_at, last_message_at, ended) = match &stored {
            StoredRun::Ended(i, a, l) => (i.clone(), *a, l.map(|l| a.saturating_add(l)), true),
            StoredRun::Live { i, a, l, .. } => (i.clone(), *a, *l, false),
        };
        let (done, through, held_by) = match stored {
            StoredRun::Ended(..) => (Vec::new(), None, None),
            StoredRun::Live { d, t, h, .. } => (d, t, h),
        };
        Self {
            id,
            started_at: instant(started_at),
            done,
            through,
            last_message_at: last_message_at.map(instant),
            held_by,
            ended,
        }
    }
}

impl Run {
    /// Notes that a step with this delay was created or skipped.
    pub fn pass(&mut self, step: &str, delay: Period) {
        self.done.push(step.to_owned());
        self.through = self.through.max(Some(delay.as_seconds()));
        self.held_by = None;
    }

    /// Adds the run of the same journey that another id of the same customer is in. The later one stays; if they are one run,
    /// it has the steps of both and ends if either did.
    pub fn join(&mut self, other: &Self) {
        let last_message_at = self.last_message_at.max(other.last_message_at);
        if self.id == other.id {
            let (through, ended) = (self.through.max(other.through), self.ended || other.ended);
            self.started_at = self.started_at.min(other.started_at);
            self.done.extend(other.done.iter().filter(|step| !self.done.contains(step)).cloned().collect::<Vec<_>>());
            self.through = through;
            self.held_by = None;
            if ended {
                self.end();
            }
        } else if (self.started_at, &self.id) < (other.started_at, &other.id) {
            *self = other.clone();
        }
        self.last_message_at = last_message_at;
    }

    /// Takes back that a step was created. A run that ended has done all others.
    pub(super) fn take_back(&mut self, step: &str, journey: &Journey) {
        if std::mem::take(&mut self.ended) {
            self.done = journey.steps.iter().map(|step| step.id.clone()).collect();
        }
        self.done.retain(|done| done != step);
        let done = journey.steps.iter().filter(|step| self.done.contains(&step.id));
        self.through = done.map(|step| step.delay.as_seconds()).max();
    }

    /// Ends the run, and drops the state that only a live run needs.
    pub fn end(&mut self) {
        self.ended = true;
        self.done.clear();
        self.through = None;
        self.held_by = None;
    }
}
