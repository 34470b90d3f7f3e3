//! `nps:…`: the customer answers the NPS question. Another answer in the same survey that is of another group ends the run.

use super::rule::{Found, Start, TriggerRule};
use super::situation::Situation;
use crate::customer::Run;
use crate::message::Requirement;
use crate::nps::NpsGroup;
use crate::reason::Reason;
use jiff::civil::Date;

/// An answer of this group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NpsAnswered(NpsGroup);

impl TriggerRule for NpsAnswered {
    fn form() -> String {
        format!("nps:<{}>", NpsGroup::ALL.map(NpsGroup::name).join("|"))
    }

    fn from_words(words: &str) -> Option<Self> {
        let name = words.strip_prefix("nps:")?;
        NpsGroup::ALL.into_iter().find(|group| group.name() == name).map(Self)
    }

    fn words(&self) -> String {
        format!("nps:{}", self.0.name())
    }

    fn start(&self, situation: &Situation<'_>, previous: Option<&Run>) -> Found {
        let Some(answer) = situation.customer.folded.nps.as_ref().filter(|answer| situation.is_fresh(answer.at)) else {
            return Found::default();
        };
        if answer.at > situation.now {
            // A second answer within a millisecond is noted a millisecond later.
            return Found { again_at: Some(answer.at), ..Found::default() };
        }
        let (score, survey) = (answer.value.score, &answer.value.survey);
        let is_new = previous.is_none_or(|run| run.id != *survey);
        let start = (is_new && NpsGroup::from_score(score) == self.0).then(|| Start {
            id: survey.clone(),
            at: answer.at,
            because: format!("answered {score} on {}", situation.day(answer.at)),
        });
        start.into()
    }

    fn end(&self, situation: &Situation<'_>, run: &Run) -> Option<Reason> {
        let answer = situation.customer.folded.nps.as_ref().filter(|answer| answer.value.survey == run.id)?;
        (NpsGroup::from_score(answer.value.score) != self.0).then_some(Reason::AnswerChanged)
    }

    fn requirement(&self) -> Requirement {
        Requirement::Nothing
    }

    fn sentence(&self, day: Date) -> String {
        format!("an answer of a {} on {day}", self.0.name())
    }

    fn is_in_experiments(&self) -> bool {
        false
    }

    fn is_answer(&self) -> bool {
        true
    }
}
