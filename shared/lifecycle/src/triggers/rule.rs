//! What every trigger defines.

use super::situation::Situation;
use crate::channel::Channel;
use crate::customer::Run;
use crate::message::Requirement;
use crate::reason::Reason;
use crate::referral::Refusal;
use jiff::Timestamp;
use jiff::civil::Date;

/// The rule of one trigger.
pub(super) trait TriggerRule {
    /// Returns the forms in which a policy writes the trigger, such as `nps:<detractor|passive|promoter>`.
    fn form() -> String
    where
        Self: Sized;

    /// Reads the words of a policy, if they are of this trigger.
    fn from_words(words: &str) -> Option<Self>
    where
        Self: Sized;

    /// Returns the words of a policy that mean this trigger.
    fn words(&self) -> String;

    /// Returns the run that the trigger calls for now, if there is one. The same event always names the same run, and a
    /// run that is the journey's latest (`previous`) is never called for again.
    fn start(&self, situation: &Situation<'_>, previous: Option<&Run>) -> Found;

    /// Returns why a live run has to end, if what started it no longer holds.
    fn end(&self, situation: &Situation<'_>, run: &Run) -> Option<Reason>;

    /// Returns what must hold when a message of such a run is sent.
    fn requirement(&self) -> Requirement;

    /// Returns what started a run on this day, to be put after "3d after".
    fn sentence(&self, day: Date) -> String;

    /// Whether holdout and control group apply: only to journeys that the shop begins, not to answers.
    fn is_in_experiments(&self) -> bool;

    /// Returns when a mailbox may get a message of such a run again, under another id of the same person.
    fn repeats(&self) -> Repeat {
        Repeat::AfterTheRun
    }

    /// Whether its messages answer what the customer answered.
    fn is_answer(&self) -> bool {
        false
    }

    /// Returns the only channel that steps may use, if there is only one.
    fn only_channel(&self) -> Option<Channel> {
        None
    }

    /// Whether a run of it is a reward for a referral.
    fn rewards_referrals(&self) -> bool {
        false
    }
}

/// When a mailbox may get the same step again for another customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Never: it comes once in a customer's life.
    Never,
    /// When `at_most_every` of the journey allows it, or else a run of the journey is over.
    AfterTheRun,
    /// At once: each of them was earned.
    AtOnce,
}

/// A run to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Its id among the runs of the journey: the same event always names the same run.
    pub id: String,
    /// When it starts: what the delays of its steps count from.
    pub at: Timestamp,
    /// What started it, in a sentence.
    pub because: String,
}

/// What a trigger finds in a situation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The run to start.
    pub start: Option<Start>,
    /// When the trigger has to be asked again, where a later instant is known at which it may start a run.
    pub again_at: Option<Timestamp>,
    /// Orders of friends that were judged, in this order.
    pub judged: Vec<JudgedFriend>,
}

impl From<Option<Start>> for Found {
    fn from(start: Option<Start>) -> Self {
        Self { start, ..Self::default() }
    }
}

/// The judgement on a friend's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedFriend {
    /// The friend's digest.
    pub friend: String,
    /// The referral code.
    pub code: String,
    /// Why it earns no reward; none if it earns one.
    pub refusal: Option<Refusal>,
}
