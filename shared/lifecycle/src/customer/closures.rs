//! Channels that are closed, folded from facts: by bounces, complaints, a STOP, or the shop.

use crate::channel::Channel;
use crate::facts::SuppressionCause;
use crate::time::Period;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How many messages that come back ...
const BOUNCES_TO_CLOSE: usize = 3;
/// ... within this time close a channel ...
const BOUNCE_WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// ... for this long.
const BOUNCE_CLOSURE: Period = Period::days(90);
/// How many bounces of a channel are kept: the latest.
const MAX_REMEMBERED_BOUNCES: usize = 6;
/// How many addresses of a channel that do not exist are kept: those that bounced last.
const MAX_REMEMBERED_ADDRESSES: usize = 4;

/// Channels that are closed, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Closures {
    /// When a cause was last reported, in milliseconds since 1970.
    causes: BTreeMap<Channel, BTreeMap<SuppressionCause, i64>>,
    /// When the shop last opened the channel again.
    opened: BTreeMap<Channel, i64>,
    /// When messages bounced that may arrive another time, in order; the latest [`MAX_REMEMBERED_BOUNCES`].
    soft: BTreeMap<Channel, Vec<Bounce>>,
    /// Addresses that nothing can be delivered to, by digest: when that was last reported, and by which cause.
    bounced: BTreeMap<Channel, BTreeMap<String, (i64, SuppressionCause)>>,
    /// The cause for which the present address is on the shop's list, and since when. Never stored with a customer: it
    /// is read with the mailbox.
    listed: BTreeMap<Channel, (SuppressionCause, i64)>,
}

/// The form in a customer's item.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    #[serde(rename = "c", skip_serializing_if = "BTreeMap::is_empty")]
    causes: BTreeMap<Channel, BTreeMap<SuppressionCause, i64>>,
    #[serde(rename = "o", skip_serializing_if = "BTreeMap::is_empty")]
    opened: BTreeMap<Channel, i64>,
    /// The instants of all bounces: an earlier version knows no addresses, and counts each for the channel.
    #[serde(rename = "b", skip_serializing_if = "BTreeMap::is_empty")]
    soft: BTreeMap<Channel, Vec<i64>>,
    /// The addresses of those bounces whose report named one.
    #[serde(rename = "f", skip_serializing_if = "BTreeMap::is_empty")]
    soft_of: BTreeMap<Channel, Vec<(i64, String)>>,
    /// The addresses that nothing can be delivered to: an earlier version takes each for one that does not exist.
    #[serde(rename = "a", skip_serializing_if = "BTreeMap::is_empty")]
    bounced: BTreeMap<Channel, BTreeMap<String, i64>>,
    /// The causes of those that have another one.
    #[serde(rename = "w", skip_serializing_if = "BTreeMap::is_empty")]
    bounced_by: BTreeMap<Channel, BTreeMap<String, SuppressionCause>>,
}

impl From<Closures> for Stored {
    fn from(closures: Closures) -> Self {
        let Closures { causes, opened, soft: bounces, bounced: addresses, listed: _ } = closures;
        let (mut soft, mut soft_of) = (BTreeMap::new(), BTreeMap::new());
        for (channel, bounces) in bounces {
            let mut instants: Vec<i64> = bounces.iter().map(Bounce::at).collect();
            instants.dedup();
            soft.insert(channel, instants);
            let with_address = bounces.into_iter().filter_map(|bounce| match bounce {
                Bounce::OfAny(_) => None,
                Bounce::Of(at, address) => Some((at, address)),
            });
            let with_address: Vec<_> = with_address.collect();
            if !with_address.is_empty() {
                soft_of.insert(channel, with_address);
            }
        }
        let (mut bounced, mut bounced_by) =
            (BTreeMap::<_, BTreeMap<_, _>>::new(), BTreeMap::<_, BTreeMap<_, _>>::new());
        for (channel, addresses) in addresses {
            for (address, (at, cause)) in addresses {
                if cause != SuppressionCause::PermanentBounce {
                    bounced_by.entry(channel).or_default().insert(address.clone(), cause);
                }
                bounced.entry(channel).or_default().insert(address, at);
            }
        }
        Self { causes, opened, soft, soft_of, bounced, bounced_by }
    }
}

impl From<Stored> for Closures {
    fn from(stored: Stored) -> Self {
        let Stored { causes, opened, soft, soft_of, bounced, mut bounced_by } = stored;
        let mut closures = Self { causes, opened, ..Self::default() };
        for (channel, addresses) in bounced {
            let mut by = bounced_by.remove(&channel).unwrap_or_default();
            let with_cause = addresses.into_iter().map(|(address, at)| {
                let cause = by.remove(&address).unwrap_or(SuppressionCause::PermanentBounce);
                (address, (at, cause))
            });
            closures.bounced.insert(channel, with_cause.collect());
        }
        for (channel, instants) in soft {
            instants.into_iter().for_each(|at| closures.remember(channel, Bounce::OfAny(at)));
        }
        for (channel, with_address) in soft_of {
            with_address.into_iter().for_each(|(at, address)| closures.remember(channel, Bounce::Of(at, address)));
        }
        closures
    }
}

/// A bounce that may not repeat: when, in milliseconds since 1970, and of which address, where the report says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Bounce {
    OfAny(i64),
    Of(i64, String),
}

impl Bounce {
    fn at(&self) -> i64 {
        match self {
            Self::OfAny(at) | Self::Of(at, _) => *at,
        }
    }

    fn concerns(&self, address: Option<&str>) -> bool {
        match self {
            Self::OfAny(_) => true,
            Self::Of(_, of) => address == Some(of.as_str()),
        }
    }
}

impl Closures {
    /// Notes that a channel is closed. A bounce closes it for the address that bounced only, given by its
    /// [digest](crate::contact::Address::digest) where the report says which one it was.
    pub fn close(&mut self, channel: Channel, cause: SuppressionCause, address: Option<&str>, at: Timestamp) {
        let at = at.as_millisecond();
        let is_of_address = matches!(cause, SuppressionCause::PermanentBounce | SuppressionCause::ProviderList);
        match address.filter(|_| is_of_address) {
            Some(address) => self.close_address(channel, address, (at, cause)),
            None => raise(self.causes.entry(channel).or_default().entry(cause), at),
        }
    }

    fn close_address(&mut self, channel: Channel, address: &str, reported: (i64, SuppressionCause)) {
        let known = self.bounced.entry(channel).or_default();
        let latest = known.entry(address.to_owned()).or_insert(reported);
        *latest = reported.max(*latest);
        if known.len() > MAX_REMEMBERED_ADDRESSES
            && let Some(oldest) = known.iter().min_by_key(|(address, at)| (**at, *address)).map(|(old, _)| old.clone())
        {
            known.remove(&oldest);
        }
    }

    /// Notes that the shop opened a channel again.
    pub fn open(&mut self, channel: Channel, at: Timestamp) {
        raise(self.opened.entry(channel), at.as_millisecond());
    }

    /// Records a bounce, of this address where the report says which one it was.
    pub fn bounce(&mut self, channel: Channel, address: Option<&str>, at: Timestamp) {
        let at = at.as_millisecond();
        let bounce = address.map_or(Bounce::OfAny(at), |address| Bounce::Of(at, address.to_owned()));
        self.remember(channel, bounce);
    }

    /// Keeps a bounce, if it is among the latest. A report that names no address adds nothing to one of the same instant
    /// that does.
    fn remember(&mut self, channel: Channel, bounce: Bounce) {
        let known = self.soft.entry(channel).or_default();
        let at_once = |other: &Bounce| other.at() == bounce.at();
        match bounce {
            Bounce::OfAny(_) if known.iter().any(at_once) => return,
            Bounce::OfAny(_) => {}
            Bounce::Of(..) => known.retain(|other| *other != bounce && *other != Bounce::OfAny(bounce.at())),
        }
        known.push(bounce);
        known.sort_unstable_by(|one, other| (one.at(), one).cmp(&(other.at(), other)));
        if known.len() > MAX_REMEMBERED_BOUNCES {
            known.remove(0);
        }
    }

    /// Notes that the present address on a channel is on the shop's list.
    pub fn list(&mut self, channel: Channel, cause: SuppressionCause, at: Timestamp) {
        self.listed.insert(channel, (cause, at.as_millisecond()));
    }

    /// What closes one address on a channel: the causes that concern any address, and those that concern this one, as causes of
    /// an item that is about this address only.
    pub(super) fn about(&self, channel: Channel, address: Option<&str>) -> Self {
        let only = |map: &BTreeMap<Channel, i64>| {
            map.iter().filter(|(of, _)| **of == channel).map(|(c, at)| (*c, *at)).collect()
        };
        let mut about = Self { opened: only(&self.opened), ..Self::default() };
        about.causes.extend(self.causes.get_key_value(&channel).map(|(of, causes)| (*of, causes.clone())));
        let bounced = self.bounced.get(&channel).zip(address).and_then(|(known, address)| known.get(address));
        if let Some((at, cause)) = bounced {
            raise(about.causes.entry(channel).or_default().entry(*cause), *at);
        }
        let soft = self.soft.get(&channel).into_iter().flatten().filter(|bounce| bounce.concerns(address));
        soft.for_each(|bounce| about.remember(channel, Bounce::OfAny(bounce.at())));
        about
    }

    /// Joins what was noted elsewhere. Joining is commutative, associative and idempotent.
    pub(super) fn join(&mut self, other: &Self) {
        for (channel, causes) in &other.causes {
            causes.iter().for_each(|(cause, at)| raise(self.causes.entry(*channel).or_default().entry(*cause), *at));
        }
        other.opened.iter().for_each(|(channel, at)| raise(self.opened.entry(*channel), *at));
        for (channel, bounces) in &other.soft {
            bounces.iter().for_each(|bounce| self.remember(*channel, bounce.clone()));
        }
        for (channel, bounced) in &other.bounced {
            bounced.iter().for_each(|(address, reported)| self.close_address(*channel, address, *reported));
        }
        self.listed.extend(other.listed.iter().map(|(channel, listed)| (*channel, *listed)));
    }

    /// Whether nothing was ever noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns why a channel is closed at `now` for the customer's present address (`address`, its digest), if it is. The shop
    /// can open a channel again, but not after a complaint or a STOP: that is for the customer, whose own yes was last given
    /// at `own_yes`. An address on the shop's list stays closed until it is off the list, whatever was said before.
    #[must_use]
    pub fn cause(
        &self,
        channel: Channel,
        address: Option<&str>,
        own_yes: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<SuppressionCause> {
        let opened = self.opened.get(&channel).copied().unwrap_or(i64::MIN);
        let own_yes = own_yes.map_or(i64::MIN, Timestamp::as_millisecond);
        // A cause of another version may be the customer's own wish, so only the customer lifts it.
        let still = |cause: SuppressionCause, at: i64| at >= if cause.is_customers_own() { own_yes } else { opened };
        // The list knows the exact cause.
        let listed = self.listed.get(&channel).filter(|(cause, at)| !cause.is_customers_own() || *at >= own_yes);
        let causes = self.causes.get(&channel).into_iter().flatten().map(|(cause, at)| (*cause, *at));
        let bounced = self.bounced.get(&channel).zip(address).and_then(|(known, address)| known.get(address));
        let bounced = bounced.map(|(at, cause)| (*cause, *at));
        let closed = listed.copied().or_else(|| causes.chain(bounced).find(|(cause, at)| still(*cause, *at)));
        closed.map(|(cause, _)| cause).or_else(|| {
            let closed = self.soft_until(channel, address, opened).is_some_and(|until| now < until);
            closed.then_some(SuppressionCause::RepeatedBounce)
        })
    }

    /// Until when repeated bounces close a channel.
    fn soft_until(&self, channel: Channel, address: Option<&str>, opened: i64) -> Option<Timestamp> {
        let bounces = self.soft.get(&channel)?.iter().filter(|bounce| bounce.concerns(address)).map(Bounce::at);
        let bounces: Vec<i64> = bounces.filter(|at| *at >= opened).collect();
        let close = |window: &&[i64]| i128::from(window[BOUNCES_TO_CLOSE - 1] - window[0]) <= BOUNCE_WINDOW.as_millis();
        let last = bounces.windows(BOUNCES_TO_CLOSE).rev().find(close)?[BOUNCES_TO_CLOSE - 1];
        Timestamp::from_millisecond(last).ok().map(|at| BOUNCE_CLOSURE.after(at))
    }
}

/// Raises an instant to `at`, if it is earlier.
fn raise<K: Ord>(entry: Entry<'_, K, i64>, at: i64) {
    let known = entry.or_insert(i64::MIN);
    *known = at.max(*known);
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
        days.iter().for_each(|number| closures.bounce(Email, None, day(*number)));
        closures
    }

    #[test]
    fn three_bounces_within_thirty_days_close_a_channel_for_ninety() {
        let cause = |closures: &Closures, at: i64| closures.cause(Email, None, None, day(at));
        assert_eq!(cause(&bounced(&[1, 20]), 21), None);
        assert_eq!(cause(&bounced(&[1, 20, 32]), 33), None, "the first is too old");
        let closed = bounced(&[31, 1, 20]);
        assert_eq!(cause(&closed, 31), Some(SuppressionCause::RepeatedBounce));
        assert_eq!(cause(&closed, 120), Some(SuppressionCause::RepeatedBounce));
        assert_eq!(cause(&closed, 121), None);
        assert_eq!(closed.cause(Sms, None, None, day(40)), None);
    }

    #[test]
    fn the_same_bounce_reported_again_counts_once() {
        assert_eq!(bounced(&[1, 1, 1, 2]).cause(Email, None, None, day(3)), None);
    }

    #[test]
    fn the_latest_six_bounces_are_remembered_so_that_later_ones_do_not_hide_the_three_that_closed_a_channel() {
        // After the third day no three are within thirty days of each other.
        let days = [1, 2, 3, 34, 65, 92];
        let closed = bounced(&days);
        assert_eq!(closed.cause(Email, None, None, day(92)), Some(SuppressionCause::RepeatedBounce));
        assert_eq!(closed.cause(Email, None, None, day(93)), None);
        let more = bounced(&[1, 2, 3, 34, 65, 92, 92, 123]);
        assert_eq!(more.cause(Email, None, None, day(92)), None, "the first made room for a seventh");
    }

    #[test]
    fn the_shop_reopens_a_bounced_channel_but_not_one_that_the_customer_closed() {
        let mut closures = bounced(&[1, 2, 3]);
        closures.close(Email, SuppressionCause::PermanentBounce, None, day(3));
        closures.open(Email, day(5));
        assert_eq!(closures.cause(Email, None, None, day(6)), None);
        closures.close(Email, SuppressionCause::Complaint, None, day(2));
        assert_eq!(closures.cause(Email, None, None, day(6)), Some(SuppressionCause::Complaint));
        assert_eq!(closures.cause(Email, None, Some(day(1)), day(6)), Some(SuppressionCause::Complaint));
        assert_eq!(closures.cause(Email, None, Some(day(3)), day(6)), None, "the customer said yes afterwards");
    }

    #[test]
    fn a_bounce_closes_the_address_that_bounced_and_no_other() {
        let mut closures = Closures::default();
        closures.close(Email, SuppressionCause::PermanentBounce, Some("mistyped"), day(1));
        (2..5).for_each(|number| closures.bounce(Email, Some("full"), day(number)));
        let cause = |address| closures.cause(Email, Some(address), None, day(6));
        assert_eq!(cause("mistyped"), Some(SuppressionCause::PermanentBounce));
        assert_eq!(cause("full"), Some(SuppressionCause::RepeatedBounce));
        assert_eq!(cause("corrected"), None);
        let about = |address| closures.about(Email, Some(address)).cause(Email, None, None, day(6));
        assert_eq!(
            [about("mistyped"), about("full"), about("corrected")],
            ["mistyped", "full", "corrected"].map(cause)
        );
    }

    #[test]
    fn an_address_on_the_shops_list_is_closed_until_it_is_off_the_list() {
        let mut closures = Closures::default();
        closures.open(Email, day(5));
        closures.list(Email, SuppressionCause::Manual, day(1));
        assert_eq!(closures.cause(Email, None, Some(day(9)), day(9)), Some(SuppressionCause::Manual));
        closures.list(Email, SuppressionCause::Stop, day(1));
        assert_eq!(closures.cause(Email, None, None, day(9)), Some(SuppressionCause::Stop));
        assert_eq!(closures.cause(Email, None, Some(day(9)), day(9)), None, "the customer's own yes");
    }

    #[test]
    fn bounces_of_an_address_are_stored_so_that_an_earlier_version_reads_them_as_bounces_of_the_channel() {
        let mut closures = bounced(&[1]);
        closures.bounce(Email, Some("full"), day(2));
        let stored = serde_json::to_value(&closures).expect("JSON");
        let (first, second) = (day(1).as_millisecond(), day(2).as_millisecond());
        assert_eq!(stored, serde_json::json!({"b": {"email": [first, second]}, "f": {"email": [[second, "full"]]}}));
        assert_eq!(serde_json::from_value::<Closures>(stored).expect("JSON"), closures);
    }

    #[test]
    fn an_address_on_the_providers_list_is_stored_so_that_an_earlier_version_reads_it_as_one_that_does_not_exist() {
        let mut closures = Closures::default();
        closures.close(Email, SuppressionCause::ProviderList, Some("listed"), day(1));
        closures.close(Email, SuppressionCause::PermanentBounce, Some("gone"), day(2));
        let stored = serde_json::to_value(&closures).expect("JSON");
        let (first, second) = (day(1).as_millisecond(), day(2).as_millisecond());
        let expected = serde_json::json!({
            "a": {"email": {"listed": first, "gone": second}}, "w": {"email": {"listed": "provider_list"}},
        });
        assert_eq!(stored, expected);
        assert_eq!(serde_json::from_value::<Closures>(stored).expect("JSON"), closures);
    }
}
