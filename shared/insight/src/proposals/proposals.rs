//! What was proposed to a shop, and what became of it.

use super::found::Found;
use super::subject::Subject;
use crate::day::Day;
use crate::thresholds::{Direction, PastProposal, STANDS_FOR, may_propose};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Proposals that are kept of each subject: enough to know that none swings.
const MAX_KEPT: usize = 12;

/// All that was proposed to a shop, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposals {
    /// The proposals.
    #[serde(default)]
    all: Vec<Entry>,
}

/// What is stored of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    /// One that this version can read.
    Known(Proposed),
    /// One of a later version, about something that this one does not know: it is kept as it is.
    Unrecognised(Value),
}

impl Entry {
    fn known(&self) -> Option<&Proposed> {
        match self {
            Self::Known(proposed) => Some(proposed),
            Self::Unrecognised(_) => None,
        }
    }

    fn known_mut(&mut self) -> Option<&mut Proposed> {
        match self {
            Self::Known(proposed) => Some(proposed),
            Self::Unrecognised(_) => None,
        }
    }
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// What is proposed. While it stands, it is what the latest pass found.
    #[serde(flatten)]
    pub found: Found,
    /// When it was first proposed, in the shop's zone.
    pub made: Day,
    /// What a person decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// Since when the history no longer speaks for it, or something else is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Day>,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Whether they accepted it.
    pub accepted: bool,
    /// When, in the shop's zone.
    pub on: Day,
    /// Who, as the versions of the policy name them.
    pub by: String,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It can be accepted.
    Open,
    /// It was accepted.
    Accepted,
    /// It was rejected.
    Rejected,
    /// Nobody decided within 28 days.
    Expired,
    /// A later pass did not find it any more.
    Withdrawn,
}

impl Proposed {
    /// Where it stands on a day.
    #[must_use]
    pub fn standing(&self, today: Day) -> Standing {
        match &self.decided {
            Some(Decided { accepted: true, .. }) => Standing::Accepted,
            Some(_) => Standing::Rejected,
            None if self.withdrawn.is_some() => Standing::Withdrawn,
            None if self.past().is_expired(today) => Standing::Expired,
            None => Standing::Open,
        }
    }

    /// The last day on which it can be accepted.
    #[must_use]
    pub fn open_until(&self) -> Day {
        self.made.plus(i32::try_from(STANDS_FOR).unwrap_or(i32::MAX) - 1)
    }

    fn past(&self) -> PastProposal {
        let applied = self.decided.as_ref().filter(|decided| decided.accepted).map(|decided| decided.on);
        let direction = if self.found.is_higher() { Direction::Up } else { Direction::Down };
        PastProposal { made: self.made, applied, direction }
    }
}

impl Proposals {
    /// All proposals, the latest first.
    pub fn latest_first(&self) -> impl Iterator<Item = &Proposed> {
        self.all.iter().rev().filter_map(Entry::known)
    }

    /// The proposal about a subject that can be accepted on a day.
    #[must_use]
    pub fn open(&self, subject: Subject, today: Day) -> Option<&Proposed> {
        self.about(subject).find(|proposed| proposed.standing(today) == Standing::Open)
    }

    /// Takes in what the pass of a day found: open proposals get its values or, if it did not find them, are withdrawn; what is new is
    /// proposed, at most once in 28 days for each subject, and not back for 56 days after one was accepted. Whether anything changed;
    /// the same pass again changes nothing.
    pub fn revise(&mut self, found: &[Found], today: Day) -> bool {
        let before = self.clone();
        let known = self.all.iter_mut().filter_map(Entry::known_mut);
        for proposed in known.filter(|proposed| proposed.standing(today) == Standing::Open) {
            match found.iter().find(|found| found.subject == proposed.found.subject) {
                // In the other direction it is another proposal.
                Some(found) if found.is_higher() == proposed.found.is_higher() => proposed.found = *found,
                _ => proposed.withdrawn = Some(today),
            }
        }
        for found in found {
            let direction = if found.is_higher() { Direction::Up } else { Direction::Down };
            let past: Vec<PastProposal> = self.about(found.subject).map(Proposed::past).collect();
            if may_propose(direction, today, &past) {
                let proposed = Proposed { found: *found, made: today, decided: None, withdrawn: None };
                self.all.push(Entry::Known(proposed));
            }
        }
        self.forget_old();
        *self != before
    }

    /// Notes what a person decided about the open proposal of a subject; whether there was one.
    pub fn decide(&mut self, subject: Subject, decided: Decided) -> bool {
        let is_open = |proposed: &&mut Proposed| {
            proposed.found.subject == subject && proposed.standing(decided.on) == Standing::Open
        };
        let open = self.all.iter_mut().filter_map(Entry::known_mut).find(is_open);
        open.is_some_and(|proposed| {
            proposed.decided = Some(decided);
            true
        })
    }

    fn about(&self, subject: Subject) -> impl Iterator<Item = &Proposed> {
        self.all.iter().filter_map(Entry::known).filter(move |proposed| proposed.found.subject == subject)
    }

    fn forget_old(&mut self) {
        let mut kept = std::collections::BTreeMap::<Subject, usize>::new();
        let mut latest: Vec<Entry> = std::mem::take(&mut self.all);
        latest.reverse();
        latest.retain(|entry| {
            let Some(proposed) = entry.known() else { return true };
            let kept = kept.entry(proposed.found.subject).or_default();
            *kept += 1;
            *kept <= MAX_KEPT
        });
        latest.reverse();
        self.all = latest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i32) -> Day {
        Day::from_number(number)
    }

    fn found(old: u32, new: u32) -> Found {
        Found { subject: Subject::InactiveFirst, old, new, lo: new - 9, hi: new + 9, n: 400 }
    }

    fn accepted(on: i32) -> Decided {
        Decided { accepted: true, on: day(on), by: "key 1234".to_owned() }
    }

    #[test]
    fn a_proposal_stands_for_28_days_with_the_values_of_the_latest_pass() {
        let mut proposals = Proposals::default();
        assert!(proposals.revise(&[found(90, 166)], day(0)));
        assert!(!proposals.revise(&[found(90, 166)], day(0)), "the same pass again");
        assert!(proposals.revise(&[found(90, 170)], day(3)));
        let open = proposals.open(Subject::InactiveFirst, day(27)).expect("open");
        assert_eq!((open.found.new, open.made), (170, day(0)));
        assert_eq!(proposals.open(Subject::InactiveFirst, day(28)), None);
        assert!(proposals.revise(&[found(90, 170)], day(28)), "it is proposed anew");
        let standings: Vec<Standing> = proposals.latest_first().map(|proposed| proposed.standing(day(28))).collect();
        assert_eq!(standings, [Standing::Open, Standing::Expired]);
    }

    #[test]
    fn what_a_later_pass_does_not_find_is_withdrawn_and_not_proposed_again_at_once() {
        let mut proposals = Proposals::default();
        proposals.revise(&[found(90, 166)], day(0));
        proposals.revise(&[], day(1));
        assert_eq!(proposals.latest_first().next().expect("kept").standing(day(1)), Standing::Withdrawn);
        assert!(!proposals.decide(Subject::InactiveFirst, accepted(1)), "nothing to accept");
        assert!(!proposals.revise(&[found(90, 166)], day(2)));
        assert!(proposals.revise(&[found(90, 166)], day(28)));
    }

    #[test]
    fn a_proposal_of_a_later_version_is_kept_as_it_is_and_hinders_nothing() {
        let mut stored =
            serde_json::json!({ "all": [{ "subject": "season", "months": [7, 8], "made": "2026-03-01" }] });
        let mut proposals: Proposals = serde_json::from_value(stored.clone()).expect("readable");
        assert_eq!(proposals.latest_first().count(), 0);
        assert!(proposals.revise(&[found(90, 166)], day(0)));
        assert!(proposals.decide(Subject::InactiveFirst, accepted(1)));
        let written = serde_json::to_value(&proposals).expect("JSON");
        assert_eq!(written["all"][0], stored["all"][0].take(), "what it does not know is written back");
        assert_eq!(proposals.latest_first().count(), 1);
    }

    #[test]
    fn an_accepted_proposal_is_not_taken_back_for_56_days() {
        let mut proposals = Proposals::default();
        proposals.revise(&[found(90, 166)], day(0));
        assert!(proposals.decide(Subject::InactiveFirst, accepted(2)));
        assert!(!proposals.decide(Subject::InactiveFirst, accepted(2)), "only once");
        assert!(!proposals.revise(&[found(166, 100)], day(57)));
        assert!(proposals.revise(&[found(166, 100)], day(58)));
    }

    #[test]
    fn a_rejected_one_comes_again_after_28_days_and_only_so_many_are_kept() {
        let mut proposals = Proposals::default();
        for round in 0..20 {
            assert!(proposals.revise(&[found(90, 166)], day(28 * round)), "{round}");
            let rejected = Decided { accepted: false, ..accepted(28 * round) };
            assert!(proposals.decide(Subject::InactiveFirst, rejected), "{round}");
        }
        assert_eq!(proposals.latest_first().count(), MAX_KEPT);
        let stored = serde_json::to_string(&proposals).expect("JSON");
        assert_eq!(serde_json::from_str::<Proposals>(&stored).expect("readable"), proposals);
    }
}
