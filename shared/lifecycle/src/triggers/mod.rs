//! Triggers: what starts a run of a journey.
//!
//! Everything the engine does because of a trigger is in the trigger's own file, as its `TriggerRule`: its words in
//! a policy, when a run starts and ends, what its messages require, its sentence for readers. To add one, write its file,
//! name it here and add a line to the table; the compiler says what is missing. A journey that uses it belongs in
//! `policy.toml`, and its words in the comment there.

mod first_order;
mod nps_answer;
mod order;
mod referral_converted;
mod rule;
mod situation;
mod stage_entered;
mod unconfirmed;

pub use first_order::FirstOrder;
pub use nps_answer::NpsAnswered;
pub use order::AnyOrder;
pub use referral_converted::ReferralConverted;
pub use rule::{Found, JudgedFriend, Repeat, Start};
pub use situation::Situation;
pub use stage_entered::StageEntered;
pub use unconfirmed::ConsentUnconfirmed;

use crate::channel::Channel;
use crate::customer::Run;
use crate::message::Requirement;
use crate::reason::Reason;
use jiff::civil::Date;
use rule::TriggerRule;
use serde::Deserialize;
use std::fmt;

macro_rules! trigger_table {
    ($($(#[$doc:meta])* $rule:ident,)*) => {
        /// What starts a run. Written in a policy as one of [`Trigger::forms`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "String")]
        pub enum Trigger {
            $($(#[$doc])* $rule($rule),)*
        }

        impl Trigger {
            /// Returns the forms in which a policy can write a trigger, in the order of the table.
            #[must_use]
            pub fn forms() -> Vec<String> {
                vec![$($rule::form()),*]
            }

            fn from_words(words: &str) -> Option<Self> {
                $(if let Some(rule) = $rule::from_words(words) {
                    return Some(Self::$rule(rule));
                })*
                None
            }

            fn rule(&self) -> &dyn TriggerRule {
                match self {
                    $(Self::$rule(rule) => rule,)*
                }
            }
        }
    };
}

trigger_table! {
    /// The customer's first order: once in a customer's life.
    FirstOrder,
    /// Any order.
    AnyOrder,
    /// Entering a stage.
    StageEntered,
    /// An answer to the NPS question.
    NpsAnswered,
    /// A friend's order that earns a reward.
    ReferralConverted,
    /// A consent that the shop reported and that needs the customer's own.
    ConsentUnconfirmed,
}

impl Trigger {
    /// Reads a trigger as a policy writes it.
    ///
    /// # Errors
    /// Lists the forms that are triggers.
    pub fn parse(words: &str) -> Result<Self, String> {
        Self::from_words(words)
            .ok_or_else(|| format!("{words:?} is not a trigger; use one of {}", Self::forms().join(", ")))
    }

    /// Returns the run that the trigger calls for now, if there is one. `previous` is the latest run of the journey.
    #[must_use]
    pub fn start(&self, situation: &Situation<'_>, previous: Option<&Run>) -> Found {
        self.rule().start(situation, previous)
    }

    /// Returns why a live run has to end, if what started it no longer holds.
    #[must_use]
    pub fn end(&self, situation: &Situation<'_>, run: &Run) -> Option<Reason> {
        self.rule().end(situation, run)
    }

    /// Returns what must hold when a message of such a run is sent.
    #[must_use]
    pub fn requirement(&self) -> Requirement {
        self.rule().requirement()
    }

    /// Returns what started a run on this day, to be put after "3d after".
    #[must_use]
    pub fn sentence(&self, day: Date) -> String {
        self.rule().sentence(day)
    }

    /// Whether holdout and control group apply: only to journeys that the shop begins, not to answers.
    #[must_use]
    pub fn is_in_experiments(&self) -> bool {
        self.rule().is_in_experiments()
    }

    /// Returns when a mailbox may get a message of such a run again, under another id of the same person.
    #[must_use]
    pub fn repeats(&self) -> Repeat {
        self.rule().repeats()
    }

    /// Whether its messages answer what the customer answered.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.rule().is_answer()
    }

    /// Returns the only channel that steps may use, if there is only one.
    #[must_use]
    pub fn only_channel(&self) -> Option<Channel> {
        self.rule().only_channel()
    }

    /// Whether a run of it is a reward for a referral.
    #[must_use]
    pub fn rewards_referrals(&self) -> bool {
        self.rule().rewards_referrals()
    }
}

impl TryFrom<String> for Trigger {
    type Error = String;

    fn try_from(words: String) -> Result<Self, String> {
        Self::parse(&words)
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule().words())
    }
}

#[cfg(test)]
mod tests;
