//! `stage:…`: the customer enters a stage. Only entering it starts a run: a journey that is added to the policy later does
//! not write to all customers who have been in the stage for months.

use super::rule::{Found, Start, TriggerRule};
use super::situation::Situation;
use crate::customer::Run;
use crate::message::Requirement;
use crate::reason::Reason;
use crate::stage::Stage;
use jiff::Timestamp;
use jiff::civil::Date;

/// Entering this stage, which is any but `prospect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageEntered(Stage);

impl StageEntered {
    /// The stages that a customer can enter.
    fn stages() -> impl Iterator<Item = Stage> {
        Stage::KNOWN.into_iter().filter(|stage| *stage != Stage::Prospect)
    }

    /// Returns from which instant on the delays of a run count, if one is to start for a stage entered at `since`.
    fn starts_at(situation: &Situation<'_>, since: Timestamp) -> Option<Timestamp> {
        match situation.decided.activates_at {
            Some(activates_at) if activates_at > situation.now => None,
            Some(activates_at) => Some(activates_at),
            None if !situation.has_moved() => None,
            None if situation.is_fresh(since) => Some(since),
            // The change was foreseen and the engine is late; the customer does not miss the journey for that.
            None if situation.customer.due_at.is_some_and(|due_at| due_at <= since) => Some(situation.now),
            None => None,
        }
    }
}

impl TriggerRule for StageEntered {
    fn form() -> String {
        format!("stage:<{}>", Self::stages().map(|stage| stage.to_string()).collect::<Vec<_>>().join("|"))
    }

    fn from_words(words: &str) -> Option<Self> {
        let name = words.strip_prefix("stage:")?;
        Self::stages().find(|stage| stage.code() == name).map(Self)
    }

    fn words(&self) -> String {
        format!("stage:{}", self.0)
    }

    fn start(&self, situation: &Situation<'_>, previous: Option<&Run>) -> Found {
        let since = situation.stage_since.filter(|_| situation.stage() == self.0);
        let is_new = |since: &Timestamp| previous.is_none_or(|run| run.id.parse() != Ok(since.as_millisecond()));
        let start = since.filter(is_new).and_then(|since| {
            Some(Start {
                id: since.as_millisecond().to_string(),
                at: Self::starts_at(situation, since)?,
                because: format!("{} since {}", self.0, situation.day(since)),
            })
        });
        start.into()
    }

    fn end(&self, situation: &Situation<'_>, _: &Run) -> Option<Reason> {
        (situation.assessment.stage != self.0).then_some(Reason::LeftStage)
    }

    fn requirement(&self) -> Requirement {
        Requirement::Stage(self.0)
    }

    fn sentence(&self, day: Date) -> String {
        format!("becoming {} on {day}", self.0)
    }

    fn is_in_experiments(&self) -> bool {
        true
    }
}
