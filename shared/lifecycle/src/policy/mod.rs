//! Policy: every number the rules use and every journey, as data. The default is the documented file
//! `policy.toml` of this crate.

mod calendar;
mod journey;
mod period;
mod quiet_hours;
mod step;
mod text;
mod values;

pub use calendar::{Calendar, OffSeason, UnknownZone, Zone, seconds_between};
pub use journey::{Journey, NpsGroup, Trigger};
pub use period::{NotAPeriod, Period};
pub use quiet_hours::QuietHours;
pub use step::{Condition, CouponOffer, CouponSource, Spent, Step};
pub use values::PolicyValues;

use crate::channel::Channel;
use crate::short_code;
use serde::Deserialize;
use std::sync::LazyLock;

/// The text of the default policy, with its documentation.
pub const DEFAULT_POLICY: &str = include_str!("../../policy.toml");

/// All rules of one shop, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// How days and silence are counted.
    pub calendar: Calendar,
    /// Where customers of unknown zone may live; never empty.
    pub candidate_zones: Vec<Zone>,
    /// What makes a customer new, active, loyal, inactive or lapsed.
    pub stages: StageRules,
    /// Whom silence allows to write to.
    pub consent: ConsentRules,
    /// How often a customer may be written to.
    pub frequency_cap: FrequencyCap,
    /// When a customer may be written to.
    pub quiet_hours: QuietHours,
    /// Who is left out so that the effect can be measured.
    pub experiment: Experiment,
    /// What to do with answers to the NPS question.
    pub nps: NpsRules,
    /// What brings a reward to whom.
    pub referral: ReferralRules,
    /// What to do with history that arrives late.
    pub import: ImportRules,
    /// The journeys, in the order in which the policy lists them.
    pub journeys: Vec<Journey>,
}

/// What makes a customer new, active, loyal, inactive or lapsed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRules {
    /// How long a first order makes a customer new.
    pub honeymoon: Period,
    /// Silence that makes a customer inactive while their cadence is unknown.
    pub inactive_after: Period,
    /// Occasions from which on the cadence is known; at least 2.
    pub cadence_from: u32,
    /// How many usual gaps of silence make a customer inactive.
    pub cadence_factor: u32,
    /// Lower bound of that silence.
    pub inactive_at_least: Period,
    /// Upper bound of that silence.
    pub inactive_at_most: Period,
    /// How many times that silence makes a customer lapse; at least 1.
    pub lapsed_factor: u32,
    /// Occasions that make a customer loyal, at most 3.
    pub loyal_occasions: u32,
    /// How recent those occasions must be.
    pub loyal_window: Period,
    /// How much longer the silence of a customer who reacted may be.
    pub reaction_allowance: Period,
    /// Days that are not silence.
    off_season: Vec<OffSeason>,
}

/// Whom silence allows to write to, by channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRules {
    email: ConsentDefault,
    sms: ConsentDefault,
    handoff: ConsentDefault,
    /// Channels on which the shop's word is not enough.
    confirm: ConfirmRules,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmRules {
    email: bool,
    sms: bool,
}

/// What a customer's silence about a channel means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentDefault {
    /// They may be written to until they refuse.
    UntilRefused,
    /// They may be written to only once they agreed.
    WhenGranted,
}

impl ConsentRules {
    /// Whether a customer who said nothing about the channel may be written to.
    #[must_use]
    pub fn allows_by_default(&self, channel: Channel) -> bool {
        let rule = match channel {
            Channel::Email => self.email,
            Channel::Sms => self.sms,
            Channel::Handoff => self.handoff,
        };
        rule == ConsentDefault::UntilRefused && !self.needs_confirmation(channel)
    }

    /// Whether a yes that the shop passes on needs the customer's own on top (double opt-in).
    #[must_use]
    pub fn needs_confirmation(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.confirm.email,
            Channel::Sms => self.confirm.sms,
            Channel::Handoff => false,
        }
    }
}

/// How often a customer may be written to, over all channels and journeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrequencyCap {
    /// The sliding window.
    pub window: Period,
    /// Messages in any such window.
    pub total: usize,
    /// Text messages among them.
    pub sms: usize,
    /// Least time between two messages.
    pub min_gap: Period,
}

/// Who is left out, as shares between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Of each journey, drawn per journey.
    pub holdout: f64,
    /// Of everything, drawn once.
    pub control_group: f64,
}

/// What to do with answers to the NPS question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NpsRules {
    /// How long nothing is offered to a customer who answered 0 to 6.
    pub detractor_pause: Period,
}

/// What brings a reward to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferralRules {
    /// Per cent off for the friend, with the referral code as the coupon; 0 for nothing.
    pub friend_percent: u8,
    /// How long a visit with a code may be before the order that it is credited with.
    pub attribution_window: Period,
    /// How long after it a friend's order may still be sent back.
    pub return_window: Period,
    /// Rewards to one referrer in 30 days.
    pub at_most_per_month: usize,
    /// No reward if friend and referrer have one mailbox.
    pub refuse_same_address: bool,
    /// No reward if they have one phone number.
    pub refuse_same_phone: bool,
    /// No reward if the order goes to the referrer's name and postcode.
    pub refuse_same_shipping: bool,
}

/// What to do with history that arrives late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRules {
    /// Age from which on a fact starts no journey.
    pub late_after: Period,
    /// Time over which imported customers are taken into journeys.
    pub activation_window: Period,
}

/// Why a policy was refused. The message names the line or the journey and says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, an unknown key, or a value of the wrong form. The message shows line and column.
    #[error("{0}")]
    Malformed(String),
    /// A value that no rule can work with.
    #[error("{place}: {reason}")]
    Invalid {
        /// The key or the journey and step.
        place: String,
        /// What is wrong and what would be right.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    time_zone: Zone,
    candidate_zones: Vec<Zone>,
    stages: StageRules,
    consent: ConsentRules,
    frequency_cap: FrequencyCap,
    quiet_hours: QuietHours,
    experiment: Experiment,
    nps: NpsRules,
    referral: ReferralRules,
    import: ImportRules,
    #[serde(rename = "journey")]
    journeys: Vec<Journey>,
}

impl Policy {
    /// The policy of [`DEFAULT_POLICY`].
    #[must_use]
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Policy> =
            LazyLock::new(|| PolicyValues::default().policy().expect("the default policy is valid; a test reads it"));
        &BUILT_IN
    }

    /// Reads a shop's policy: what `text` leaves out has its default, except that a text with journeys
    /// has only those. What is stored is read by way of [`PolicyValues`].
    ///
    /// # Errors
    /// Says where the first mistake is and what would be right.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: PolicyFile = text::read(text)?;
        file.try_into().map_err(|error| text::located(text, error))
    }

    /// Whether a code may be one that the engine issued: it looks like a generated one, or the shop has pools, whose
    /// codes may look like anything. So an order that uses a code of the shop's own for everybody costs no look.
    #[must_use]
    pub fn may_have_issued(&self, code: &str) -> bool {
        let generated = code.rsplit_once('-').is_some_and(|(_, code)| short_code::is_valid(code));
        let offers = self.journeys.iter().flat_map(|journey| &journey.steps).filter_map(|step| step.coupon.as_ref());
        generated || offers.into_iter().any(|offer| matches!(offer.source, CouponSource::Pool(_)))
    }

    /// The journey of this id.
    #[must_use]
    pub fn journey(&self, id: &str) -> Option<&Journey> {
        self.journeys.iter().find(|journey| journey.id == id)
    }

    /// What a customer gets, in per cent, once a friend's order is there to stay: the coupon of the journey that a
    /// referral starts.
    #[must_use]
    pub fn referral_reward_percent(&self) -> Option<u8> {
        let rewarding = self.journeys.iter().filter(|journey| journey.trigger == Trigger::ReferralConverted);
        rewarding.flat_map(|journey| &journey.steps).find_map(|step| Some(step.coupon.as_ref()?.percent))
    }
}

impl TryFrom<PolicyFile> for Policy {
    type Error = PolicyError;

    fn try_from(file: PolicyFile) -> Result<Self, PolicyError> {
        let invalid = |place: &str, reason: &str| {
            Err(PolicyError::Invalid { place: place.to_owned(), reason: reason.to_owned() })
        };
        let stages = &file.stages;
        if stages.cadence_from < 2 {
            return invalid("stages.cadence_from", "must be at least 2: one occasion has no gaps");
        }
        if stages.cadence_factor == 0 || stages.lapsed_factor == 0 {
            return invalid("stages", "cadence_factor and lapsed_factor must be at least 1");
        }
        if !(1..=3).contains(&stages.loyal_occasions) {
            return invalid("stages.loyal_occasions", "must be 1, 2 or 3");
        }
        if stages.inactive_at_least > stages.inactive_at_most {
            return invalid("stages.inactive_at_least", "must not be longer than inactive_at_most");
        }
        if stages.honeymoon > stages.inactive_at_least.min(stages.inactive_after) {
            return invalid("stages.honeymoon", "must not be longer than the silence that makes inactive");
        }
        for (name, share) in [("holdout", file.experiment.holdout), ("control_group", file.experiment.control_group)] {
            if !(0.0..=1.0).contains(&share) {
                return invalid(&format!("experiment.{name}"), "must be a share between 0 and 1");
            }
        }
        if file.frequency_cap.total == 0 {
            return invalid("frequency_cap.total", "must be at least 1; to send nothing, set control_group = 1.0");
        }
        if file.referral.friend_percent > 100 {
            return invalid("referral.friend_percent", "must be 0 to 100");
        }
        journey::check(&file.journeys)?;
        let candidate_zones =
            if file.candidate_zones.is_empty() { vec![file.time_zone.clone()] } else { file.candidate_zones };
        Ok(Self {
            calendar: Calendar::new(file.time_zone, file.stages.off_season.clone()),
            candidate_zones,
            stages: file.stages,
            consent: file.consent,
            frequency_cap: file.frequency_cap,
            quiet_hours: file.quiet_hours,
            experiment: file.experiment,
            nps: file.nps,
            referral: file.referral,
            import: file.import,
            journeys: file.journeys,
        })
    }
}

#[cfg(test)]
mod tests;
