//! A shop's policy: every number the rules use and every journey.

use super::error::PolicyError;
use super::journey::Journey;
use crate::country::Country;
use crate::coupon_code;
use crate::money::Currency;
use crate::rules::{
    ConsentRules, CouponSource, EventNames, Experiment, FrequencyCap, IdentityRules, ImportRules, NpsRules,
    ReferralRules, StageRules,
};
use crate::time::{Calendar, QuietHours, Zone};
use std::sync::Arc;

/// All rules of one shop, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// How days are counted.
    pub calendar: Calendar,
    /// Zones in which customers of unknown zone may live; never empty.
    pub candidate_zones: Vec<Zone>,
    /// The country of phone numbers without a country code; if there is none, such numbers are left out.
    pub country: Option<Country>,
    /// The currency of amounts that come without one.
    pub currency: Option<Currency>,
    /// What the shop's own names of events mean.
    pub event_names: Arc<EventNames>,
    /// What makes a customer new, active, loyal, inactive or lapsed.
    pub stages: StageRules,
    /// Which customers may be written to before they answer.
    pub consent: ConsentRules,
    /// How often a customer may be written to.
    pub frequency_cap: FrequencyCap,
    /// When a customer may be written to.
    pub quiet_hours: QuietHours,
    /// The shares of customers who are left out, so that the effect can be measured.
    pub experiment: Experiment,
    /// What to do with answers to the NPS question.
    pub nps: NpsRules,
    /// What earns a reward for a referral.
    pub referral: ReferralRules,
    /// What to do with history that arrives late.
    pub import: ImportRules,
    /// Which ids are one customer.
    pub identity: IdentityRules,
    /// The journeys, in the order in which the policy lists them.
    pub journeys: Vec<Journey>,
    /// The first of what was stored and does not apply, because it is more than a policy may have.
    pub beyond_limit: Option<PolicyError>,
}

impl Policy {
    /// Whether a code may be one that the engine issued: it looks like a generated one, however it was typed, or the shop has pools, whose
    /// codes may look like anything. So an order with a shop's own code for all customers needs no lookup.
    #[must_use]
    pub fn may_have_issued(&self, code: &str) -> bool {
        let generated = coupon_code::is_generated(code);
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
        let rewarding = self.journeys.iter().filter(|journey| journey.trigger.rewards_referrals());
        rewarding.flat_map(|journey| &journey.steps).find_map(|step| Some(step.coupon.as_ref()?.percent))
    }
}
