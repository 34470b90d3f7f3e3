//! A policy as its file has it, and the checks that make it one.

use super::error::PolicyError;
use super::journey::{Journey, check_journeys};
use super::policy::Policy;
use crate::country::Country;
use crate::money::Currency;
use crate::rules::{
    ConsentRules, EventNames, Experiment, FrequencyCap, IdentityRules, ImportRules, NpsRules, ReferralRules, StageRules,
};
use crate::time::{Calendar, QuietHours, Zone};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    time_zone: Zone,
    pub(super) candidate_zones: Vec<Zone>,
    #[serde(default)]
    country: Option<Country>,
    #[serde(default)]
    currency: Option<Currency>,
    #[serde(default)]
    pub(super) event_names: EventNames,
    pub(super) stages: StageRules,
    consent: ConsentRules,
    pub(super) frequency_cap: FrequencyCap,
    quiet_hours: QuietHours,
    experiment: Experiment,
    nps: NpsRules,
    referral: ReferralRules,
    import: ImportRules,
    identity: IdentityRules,
    #[serde(rename = "journey")]
    pub(super) journeys: Vec<Journey>,
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
        for (class, silence) in stages.silence.known() {
            if silence.inactive > silence.lapsed {
                return invalid(&format!("stages.silence.{class}"), "inactive must not be longer than lapsed");
            }
        }
        if stages.silence.first.is_some_and(|first| stages.honeymoon > first.inactive) {
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
        if let Some((name, reason)) = file.event_names.mistake() {
            return invalid("event_names", &format!("{name:?} {reason}"));
        }
        check_journeys(&file.journeys)?;
        let candidate_zones =
            if file.candidate_zones.is_empty() { vec![file.time_zone.clone()] } else { file.candidate_zones };
        Ok(Self {
            calendar: Calendar::new(file.time_zone, file.stages.off_season.clone()),
            candidate_zones,
            country: file.country,
            currency: file.currency,
            event_names: Arc::new(file.event_names),
            stages: file.stages,
            consent: file.consent,
            frequency_cap: file.frequency_cap,
            quiet_hours: file.quiet_hours,
            experiment: file.experiment,
            nps: file.nps,
            referral: file.referral,
            import: file.import,
            identity: file.identity,
            journeys: file.journeys,
            beyond_limit: None,
        })
    }
}
