//! Channels that are closed, folded from facts: by bounces, complaints, a STOP, or the shop.

use crate::channel::Channel;
use crate::facts::SuppressionCause;
use crate::time::Period;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many messages that come back ...
const BOUNCES_TO_CLOSE: usize = 3;
/// ... within this time close a channel ...
const BOUNCE_WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// ... for this long.
const BOUNCE_CLOSURE: Period = Period::days(90);
/// How many bounces of a channel are kept: the latest.
const MAX_REMEMBERED_BOUNCES: usize = 6;

/// Channels that are closed, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Closures {
    /// When a cause was last reported, in milliseconds since 1970.
    #[serde(rename = "c", skip_serializing_if = "BTreeMap::is_empty")]
    causes: BTreeMap<Channel, BTreeMap<SuppressionCause, i64>>,
    /// When the shop last opened the channel again.
    #[serde(rename = "o", skip_serializing_if = "BTreeMap::is_empty")]
    opened: BTreeMap<Channel, i64>,
    /// When messages bounced that may arrive another time, in order; the latest [`MAX_REMEMBERED_BOUNCES`].
    #[serde(rename = "b", skip_serializing_if = "BTreeMap::is_empty")]
    soft: BTreeMap<Channel, Vec<i64>>,
}

impl Closures {
    /// Notes that a channel is closed.
    pub fn close(&mut self, channel: Channel, cause: SuppressionCause, at: Timestamp) {
        let known = self.causes.entry(channel).or_default().entry(cause).or_insert(i64::MIN);
        *known = at.as_millisecond().max(*known);
    }

    /// Notes that the shop opened a channel again.
    pub fn open(&mut self, channel: Channel, at: Timestamp) {
        let known = self.opened.entry(channel).or_insert(i64::MIN);
        *known = at.as_millisecond().max(*known);
    }

    /// Records a bounce.
    pub fn bounce(&mut self, channel: Channel, at: Timestamp) {
        let known = self.soft.entry(channel).or_default();
        if let Err(place) = known.binary_search(&at.as_millisecond()) {
            known.insert(place, at.as_millisecond());
        }
        if known.len() > MAX_REMEMBERED_BOUNCES {
            known.remove(0);
        }
    }

    /// Whether nothing was ever noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns why a channel is closed at `now`, if it is. The shop can open a channel again, but not after a complaint or a
    /// STOP: that is for the customer, whose own yes was last given at `own_yes`.
    #[must_use]
    pub fn cause(&self, channel: Channel, own_yes: Option<Timestamp>, now: Timestamp) -> Option<SuppressionCause> {
        let opened = self.opened.get(&channel).copied().unwrap_or(i64::MIN);
        let own_yes = own_yes.map_or(i64::MIN, Timestamp::as_millisecond);
        let still = |cause: SuppressionCause, at: i64| match cause {
            // A cause of another version may be the customer's own wish, so only the customer lifts it.
            SuppressionCause::Complaint | SuppressionCause::Stop | SuppressionCause::Unrecognised(_) => at >= own_yes,
            SuppressionCause::PermanentBounce
            | SuppressionCause::RepeatedBounce
            | SuppressionCause::Manual
            | SuppressionCause::ProviderList
            | SuppressionCause::Erased => at >= opened,
        };
        let causes = self.causes.get(&channel).into_iter().flatten();
        let found = causes.map(|(cause, at)| (*cause, *at)).find(|(cause, at)| still(*cause, *at));
        found.map(|(cause, _)| cause).or_else(|| {
            let closed = self.soft_until(channel, opened).is_some_and(|until| now < until);
            closed.then_some(SuppressionCause::RepeatedBounce)
        })
    }

    /// Until when repeated bounces close a channel.
    fn soft_until(&self, channel: Channel, opened: i64) -> Option<Timestamp> {
        let bounces: Vec<i64> = self.soft.get(&channel)?.iter().copied().filter(|at| *at >= opened).collect();
        let close = |window: &&[i64]| i128::from(window[BOUNCES_TO_CLOSE - 1] - window[0]) <= BOUNCE_WINDOW.as_millis();
        let last = bounces.windows(BOUNCES_TO_CLOSE).rev().find(close)?[BOUNCES_TO_CLOSE - 1];
        Timestamp::from_millisecond(last).ok().map(|at| BOUNCE_CLOSURE.after(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel::{Email, Sms};

    fn day(number: i64) -> Timestamp {
        Timestamp::from_second(number * 86_400).expect("an instant")
    }

    fn bounced(days: &[i64]) -> Closures {
        let mut closures = Closures::default();
        days.iter().for_each(|number| closures.bounce(Email, day(*number)));
        closures
    }

    #[test]
    fn three_bounces_within_thirty_days_close_a_channel_for_ninety() {
        let cause = |closures: &Closures, at: i64| closures.cause(Email, None, day(at));
        assert_eq!(cause(&bounced(&[1, 20]), 21), None);
        assert_eq!(cause(&bounced(&[1, 20, 32]), 33), None, "the first is too old");
        let closed = bounced(&[31, 1, 20]);
        assert_eq!(cause(&closed, 31), Some(SuppressionCause::RepeatedBounce));
        assert_eq!(cause(&closed, 120), Some(SuppressionCause::RepeatedBounce));
        assert_eq!(cause(&closed, 121), None);
        assert_eq!(closed.cause(Sms, None, day(40)), None);
    }

    #[test]
    fn the_same_bounce_reported_again_counts_once() {
        assert_eq!(bounced(&[1, 1, 1, 2]).cause(Email, None, day(3)), None);
    }

    #[test]
    fn the_latest_six_bounces_are_remembered_so_that_later_ones_do_not_hide_the_three_that_closed_a_channel() {
        // After the third day no three are within thirty days of each other.
        let days = [1, 2, 3, 34, 65, 92];
        let closed = bounced(&days);
        assert_eq!(closed.cause(Email, None, day(92)), Some(SuppressionCause::RepeatedBounce));
        assert_eq!(closed.cause(Email, None, day(93)), None);
        let more = bounced(&[1, 2, 3, 34, 65, 92, 92, 123]);
        assert_eq!(more.cause(Email, None, day(92)), None, "the first made room for a seventh");
    }

    #[test]
    fn the_shop_reopens_a_bounced_channel_but_not_one_that_the_customer_closed() {
        let mut closures = bounced(&[1, 2, 3]);
        closures.close(Email, SuppressionCause::PermanentBounce, day(3));
        closures.open(Email, day(5));
        assert_eq!(closures.cause(Email, None, day(6)), None);
        closures.close(Email, SuppressionCause::Complaint, day(2));
        assert_eq!(closures.cause(Email, None, day(6)), Some(SuppressionCause::Complaint));
        assert_eq!(closures.cause(Email, Some(day(1)), day(6)), Some(SuppressionCause::Complaint));
        assert_eq!(closures.cause(Email, Some(day(3)), day(6)), None, "the customer said yes afterwards");
    }
}
