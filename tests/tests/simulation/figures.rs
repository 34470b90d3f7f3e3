//! The sums over a run of histories, in one line.

use crate::checker::{Kind, Violation};
use crate::play::Seen;
use indicatif::HumanCount;
use std::fmt;
use std::io::Write as _;

/// Prints a line past the test harness, which keeps what tests print to itself unless they fail.
pub(crate) fn tell(line: &str) {
    writeln!(std::io::stdout(), "  {line}").expect("standard output is open");
}

/// Sums over histories.
#[derive(Debug, Default, Clone)]
pub(crate) struct Figures {
    pub(crate) histories: u64,
    pub(crate) calls: u64,
    pub(crate) faults: u64,
    pub(crate) crashes: u64,
    pub(crate) messages: u64,
    /// Of these, messages that the provider doubled by itself.
    pub(crate) doubled_by_provider: u64,
    /// Sent twice, because the answer and every event about the first time were lost.
    pub(crate) unheard: u64,
    pub(crate) unconfirmed: u64,
    /// Changes of settings.
    pub(crate) edits: u64,
    /// Histories in which a key was added that seals links; in which clocks were off by minutes.
    pub(crate) rotations: u64,
    pub(crate) wrong_clocks: u64,
    /// Calls to a partition that took no more.
    pub(crate) throttled: u64,
    pub(crate) broken: std::collections::BTreeMap<Kind, u64>,
}

impl Figures {
    /// Counts a history in.
    pub(crate) fn add(&mut self, seen: &Seen, violations: &[Violation]) {
        self.histories += 1;
        self.calls += seen.calls;
        self.faults += seen.happened.len() as u64;
        self.crashes += seen.happened.iter().filter(|one| one.fault.is_crash()).count() as u64;
        let accepted = &seen.history.accepted;
        self.messages += accepted.len() as u64;
        self.doubled_by_provider += accepted.iter().filter(|one| one.doubled).count() as u64;
        let again = |one: &&crate::history::Accepted| {
            !one.doubled && accepted[..one.number].iter().any(|first| first.message == one.message && first.unheard)
        };
        self.unheard += accepted.iter().filter(again).count() as u64;
        let timelines =
            seen.told.values().flat_map(|(_, timeline)| timeline["entries"].as_array().into_iter().flatten());
        self.unconfirmed += timelines.filter(|entry| entry["state"] == "unconfirmed").count() as u64;
        self.edits += seen.history.edits;
        self.rotations += u64::from(seen.was_rotated);
        self.wrong_clocks += u64::from(seen.clocks > jiff::SignedDuration::from_mins(1));
        self.throttled += seen.history.throttled;
        for violation in violations {
            *self.broken.entry(violation.kind).or_default() += 1;
        }
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        self.histories += other.histories;
        self.calls += other.calls;
        self.faults += other.faults;
        self.crashes += other.crashes;
        self.messages += other.messages;
        self.doubled_by_provider += other.doubled_by_provider;
        self.unheard += other.unheard;
        self.unconfirmed += other.unconfirmed;
        self.edits += other.edits;
        self.rotations += other.rotations;
        self.wrong_clocks += other.wrong_clocks;
        self.throttled += other.throttled;
        for (kind, count) in other.broken {
            *self.broken.entry(kind).or_default() += count;
        }
        self
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let broken = |kind| self.broken.get(&kind).copied().unwrap_or(0);
        write!(
            f,
            "{} histories, {} calls, {} faults ({} crashes), {} messages ({} unconfirmed, {} doubled by the provider itself, {} sent again because \
             nothing told of the first time), {} edits, {} rotations of keys, {} with clocks off by minutes, {} calls to a throttled partition; lost {}, doubled {}, stuck {}, asleep {}, against consent {}, over the cap or at night {}, across shops {}, \
             of the erased {}, people taken for one {}",
            HumanCount(self.histories),
            HumanCount(self.calls),
            HumanCount(self.faults),
            HumanCount(self.crashes),
            HumanCount(self.messages),
            HumanCount(self.unconfirmed),
            HumanCount(self.doubled_by_provider),
            HumanCount(self.unheard),
            HumanCount(self.edits),
            HumanCount(self.rotations),
            HumanCount(self.wrong_clocks),
            HumanCount(self.throttled),
            broken(Kind::Lost),
            broken(Kind::Doubled),
            broken(Kind::Stuck),
            broken(Kind::Asleep),
            broken(Kind::AgainstConsent),
            broken(Kind::Pestered),
            broken(Kind::Crossed),
            broken(Kind::Remembered),
            broken(Kind::Mixed),
        )
    }
}
