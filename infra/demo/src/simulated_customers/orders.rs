//! What readers change in the orders of the history: a coupon that they got, a friend's code. The orders themselves,
//! their times and amounts, stay the shop's.

use super::{DeliveredMessage, Model};
use crate::schedule::{Schedule, ScheduleError};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// How long a reader remembers a coupon: as long as the shortest one is good.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long before and after passing a code on.
const PASSED_ON_WITHIN: (SignedDuration, SignedDuration) =
    (SignedDuration::from_hours(1), SignedDuration::from_hours(30 * 24));
/// A friend looks at the page, and orders so much later.
const LOOKED_BEFORE: SignedDuration = SignedDuration::from_mins(20);
/// Newcomers among whom the friend is.
const ACQUAINTANCES: usize = 60;

/// A code that was passed on to a friend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Invitation {
    pub(super) code: String,
    /// When the friend looks at the page.
    pub(super) looks_at: Timestamp,
    /// Tells one friend from another.
    pub(super) visitor: String,
}

/// What the orders to come will name. A function of the letters so far and of the history, whatever was lost of it in
/// between is the same again once the letters are read again.
#[derive(Default)]
pub(super) struct Orders {
    /// By customer: the coupon they would use, and since when they have it.
    coupons: BTreeMap<String, (Timestamp, String)>,
    /// By customer: the own code that they would use themselves.
    own_codes: BTreeMap<String, (Timestamp, String)>,
    /// By friend: the code they got. Of several the first, so that the order in which letters are read does not matter.
    friends: BTreeMap<String, (Timestamp, String, String)>,
}

impl Orders {
    /// Takes in what a letter makes its reader do. The invitation, if they pass their code on.
    pub(super) fn read(
        &mut self,
        letter: &DeliveredMessage,
        model: &Model,
        schedule: &Schedule,
    ) -> Result<Option<Invitation>, ScheduleError> {
        let (rates, about) = (&model.rates().orders, letter.draw.as_str());
        let later = |known: &mut BTreeMap<String, (Timestamp, String)>, code: &str| {
            let known = known.entry(letter.customer.clone()).or_insert_with(|| (letter.sent_at, code.to_owned()));
            if known.0 < letter.sent_at {
                *known = (letter.sent_at, code.to_owned());
            }
        };
        if let Some(code) = letter.coupon.as_deref().filter(|_| model.chance("redeem", about, rates.redeem)) {
            later(&mut self.coupons, code);
        }
        let Some(code) = letter.referral_code().filter(|_| model.chance("share", about, rates.share)) else {
            return Ok(None);
        };
        if model.chance("own code", about, rates.own_code) {
            later(&mut self.own_codes, &code);
        }
        let visitor =
            format!("Mozilla/5.0 (a friend; {})", rekindle_lifecycle::id::short_digest(&["friend", about], 8));
        let (soonest, latest) = PASSED_ON_WITHIN;
        let asked_at = letter.sent_at + soonest;
        let newcomers = schedule.newcomers(asked_at + LOOKED_BEFORE, letter.sent_at + latest, ACQUAINTANCES)?;
        let candidates = newcomers.into_iter().filter(|(customer, _)| *customer != letter.customer);
        let lot = |customer: &str| model.lot("friend", &format!("{about} {customer}"));
        let friend = candidates.min_by(|one, other| lot(&one.0).total_cmp(&lot(&other.0)));
        let Some((friend, orders_at)) = friend.filter(|_| !model.chance("only looks", about, rates.only_looks)) else {
            return Ok(Some(Invitation { code, looks_at: asked_at, visitor }));
        };
        let told = (letter.sent_at, about.to_owned(), code.clone());
        let first = self.friends.entry(friend).or_insert_with(|| told.clone());
        if (told.0, &told.1) < (first.0, &first.1) {
            *first = told;
        }
        Ok(Some(Invitation { code, looks_at: orders_at - LOOKED_BEFORE, visitor }))
    }

    /// Adds to an order that is posted at `at` what its customer names in it.
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
        // Only the next order after the letter: so a code is used once, also after a restart.
        let is_next = |got_at: Timestamp| got_at < at && last.is_none_or(|last| last < got_at);
        if let Some((got_at, code)) = coupon
            && is_next(*got_at)
            && at.duration_since(*got_at) <= REMEMBERED
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
