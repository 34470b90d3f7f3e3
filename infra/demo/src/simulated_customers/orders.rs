//! Adds to orders of the history what simulated customers enter with them: a coupon, a friend's code. The orders themselves,
//! their times and amounts, stay as they are.

use super::{DeliveredMessage, Model};
use crate::schedule::{Schedule, ScheduleError};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// How long a customer uses a coupon: as long as the shortest one is valid.
const COUPON_MEMORY: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The earliest and the latest time after a message at which its code is passed on.
const PASSING_ON_DELAYS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_hours(1), SignedDuration::from_hours(30 * 24));
/// Time from a friend's visit of the page to their order.
const VISIT_TO_ORDER: SignedDuration = SignedDuration::from_mins(20);
/// The largest number of newcomers from whom the friend is chosen.
const MAX_CANDIDATES: usize = 60;

/// A code that was passed on to a friend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Invitation {
    pub(super) code: String,
    /// When the friend visits the page.
    pub(super) visits_at: Timestamp,
    /// The friend's user agent, which differs from others'.
    pub(super) visitor: String,
}

/// The codes that customers will enter. They are a function of the messages so far and the history, so that a restart computes
/// the same ones again.
#[derive(Default)]
pub(super) struct Orders {
    /// By customer: since when they have a coupon, and its code.
    coupons: BTreeMap<String, (Timestamp, String)>,
    /// By customer who uses their own referral code: since when they have it, and the code.
    own_codes: BTreeMap<String, (Timestamp, String)>,
    /// By friend: the referral code that they got. Of several the first one counts, so that the order of processing does not
    /// matter.
    friends: BTreeMap<String, (Timestamp, String, String)>,
}

impl Orders {
    /// Draws which codes of a message its recipient uses. Returns an invitation if they pass their referral code on.
    pub(super) fn add_message(
        &mut self,
        message: &DeliveredMessage,
        model: &Model,
        schedule: &Schedule,
    ) -> Result<Option<Invitation>, ScheduleError> {
        let (rates, about) = (&model.rates().orders, message.draw_key.as_str());
        let later = |known: &mut BTreeMap<String, (Timestamp, String)>, code: &str| {
            let known = known.entry(message.customer.clone()).or_insert_with(|| (message.sent_at, code.to_owned()));
            if known.0 < message.sent_at {
                *known = (message.sent_at, code.to_owned());
            }
        };
        if let Some(code) = message.coupon.as_deref().filter(|_| model.chance("redeem", about, rates.redeem)) {
            later(&mut self.coupons, code);
        }
        let Some(code) = message.referral_code().filter(|_| model.chance("share", about, rates.share)) else {
            return Ok(None);
        };
        if model.chance("own code", about, rates.own_code) {
            later(&mut self.own_codes, &code);
        }
        let visitor =
            format!("Mozilla/5.0 (a friend; {})", rekindle_lifecycle::id::short_digest(&["friend", about], 8));
        let (soonest, latest) = PASSING_ON_DELAYS;
        let asked_at = message.sent_at + soonest;
        let newcomers = schedule.newcomers(asked_at + VISIT_TO_ORDER, message.sent_at + latest, MAX_CANDIDATES)?;
        let candidates = newcomers.into_iter().filter(|(customer, _)| *customer != message.customer);
        let random = |customer: &str| model.random("friend", &format!("{about} {customer}"));
        let friend = candidates.min_by(|one, other| random(&one.0).total_cmp(&random(&other.0)));
        let Some((friend, orders_at)) = friend.filter(|_| !model.chance("only looks", about, rates.only_looks)) else {
            return Ok(Some(Invitation { code, visits_at: asked_at, visitor }));
        };
        let candidate = (message.sent_at, about.to_owned(), code.clone());
        let first = self.friends.entry(friend).or_insert_with(|| candidate.clone());
        if (candidate.0, &candidate.1) < (first.0, &first.1) {
            *first = candidate;
        }
        Ok(Some(Invitation { code, visits_at: orders_at - VISIT_TO_ORDER, visitor }))
    }

    /// Adds the customer's codes to an order that is posted at `at`.
    pub(super) fn add_to(&self, event: &mut Value, at: Timestamp, schedule: &Schedule) -> Result<(), ScheduleError> {
        if event["event"] != "Order Completed" {
            return Ok(());
        }
        let Some(customer) = event["userId"].as_str().map(str::to_owned) else { return Ok(()) };
        let (coupon, own) = (self.coupons.get(&customer), self.own_codes.get(&customer));
        let friend = self.friends.get(&customer);
        if coupon.is_none() && own.is_none() && friend.is_none() {
            return Ok(());
        }
        let last = schedule.last_before(&customer, at)?;
        // Only the next order after the message, so that a code is used once, also after a restart.
        let is_next = |got_at: Timestamp| got_at < at && last.is_none_or(|last| last < got_at);
        if let Some((got_at, code)) = coupon
            && is_next(*got_at)
            && at.duration_since(*got_at) <= COUPON_MEMORY
        {
            event["properties"]["coupon"] = code.as_str().into();
        }
        if let Some((got_at, code)) = own
            && is_next(*got_at)
        {
            event["properties"]["referral_code"] = code.as_str().into();
        }
        if let Some((_, _, code)) = friend
            && last.is_none()
        {
            event["properties"]["referral_code"] = code.as_str().into();
        }
        Ok(())
    }
}
