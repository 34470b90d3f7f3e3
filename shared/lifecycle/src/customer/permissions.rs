//! What a customer agreed to, per channel and purpose, folded from facts.
//!
//! There are two shops: the shop's, which passes on what it was told, and the customer's own, on our pages and by SMS.
//! A refusal by the customer is lifted by the customer only; so a shop that repeats an old consent with every call
//! undoes nothing. Otherwise what was said last holds.

use super::closures::Closures;
use super::register::{self, Register, apply};
use crate::channel::{Channel, Purpose};
use crate::facts::{ConsentEvent, SuppressionCause, Traits};
use crate::rules::ConsentRules;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a customer agreed to, and which channels are closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Permissions {
    /// What the shop says.
    shop: Answers,
    /// What the customer says.
    own: Answers,
    closures: Closures,
    paused_until: Option<Register<Timestamp>>,
}

/// Whether a customer may be written to on a channel for a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Yes.
    Allowed,
    /// No.
    Refused,
    /// The shop says yes, but this channel needs the customer's own yes: nothing may be sent but the question.
    Unconfirmed,
}

type Answers = BTreeMap<(Channel, Purpose), Register<Answer>>;

/// A refusal is the larger value, so that of two sayings of one instant the refusal holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Answer {
    #[serde(rename = "y")]
    Granted,
    #[serde(rename = "n")]
    Refused,
}

impl Permissions {
    /// Takes in a saying about one channel and one purpose, or all purposes.
    pub fn apply(&mut self, consent: &ConsentEvent, at: Timestamp) {
        let said = if consent.granted { Answer::Granted } else { Answer::Refused };
        let words = if consent.own { &mut self.own } else { &mut self.shop };
        for purpose in Purpose::ALL.into_iter().filter(|purpose| consent.purpose.is_none_or(|only| only == *purpose)) {
            let mut register = words.remove(&(consent.channel, purpose));
            apply(&mut register, said, at);
            words.extend(register.map(|register| ((consent.channel, purpose), register)));
        }
    }

    /// Takes in what a shop says about consent among the traits: it holds for all purposes.
    pub fn apply_traits(&mut self, traits: &Traits, at: Timestamp) {
        for (channel, granted) in traits.consents() {
            let source = String::new();
            let consent = ConsentEvent { channel, purpose: None, granted, source, text_version: None, own: false };
            self.apply(&consent, at);
        }
    }

    /// The channels that are closed, to be told of more of them.
    pub fn closures_mut(&mut self) -> &mut Closures {
        &mut self.closures
    }

    /// Takes in a wish for silence.
    pub fn pause(&mut self, until: Timestamp, at: Timestamp) {
        apply(&mut self.paused_until, until, at);
    }

    /// Until when the customer wants silence, if that is still to come at `now`.
    #[must_use]
    pub fn paused_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.paused_until.as_ref().map(|said| said.value).filter(|until| now < *until)
    }

    /// The latest instant at which anybody said anything about what the customer wants.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        let said = self.shop.values().chain(self.own.values()).map(|register| register.at);
        said.chain(self.paused_until.as_ref().map(|register| register.at)).max()
    }

    /// Why a channel is closed, if it is.
    #[must_use]
    pub fn suppressed(&self, channel: Channel, now: Timestamp) -> Option<SuppressionCause> {
        let own = self.own.iter().filter(|((of, _), said)| *of == channel && said.value == Answer::Granted);
        self.closures.cause(channel, own.map(|(_, said)| said.at).max(), now)
    }

    /// Whether a STOP is all that closes a channel: the customer refused in no other way, so that START opens it again.
    #[must_use]
    pub fn is_only_stopped(&self, rules: &ConsentRules, channel: Channel, now: Timestamp) -> bool {
        let refuses = |purpose| self.consent(rules, channel, purpose) == Consent::Refused;
        self.suppressed(channel, now) == Some(SuppressionCause::Stop) && !Purpose::ALL.into_iter().all(refuses)
    }

    /// Whether the customer may be written to on a channel for a purpose, a closed channel aside.
    #[must_use]
    pub fn consent(&self, rules: &ConsentRules, channel: Channel, purpose: Purpose) -> Consent {
        let (shop, own) = (self.shop.get(&(channel, purpose)), self.own.get(&(channel, purpose)));
        match (own.map(|said| (said.value, said.at)), shop.map(|said| (said.value, said.at))) {
            (Some((Answer::Refused, _)), _) => Consent::Refused,
            (Some((Answer::Granted, own_at)), Some((Answer::Refused, shop_at))) if own_at <= shop_at => {
                Consent::Refused
            }
            (Some((Answer::Granted, _)), _) => Consent::Allowed,
            (None, Some((Answer::Refused, _))) => Consent::Refused,
            (None, Some((Answer::Granted, _))) if rules.needs_confirmation(channel) => Consent::Unconfirmed,
            (None, Some((Answer::Granted, _))) => Consent::Allowed,
            (None, None) if rules.allows_by_default(channel) => Consent::Allowed,
            (None, None) => Consent::Refused,
        }
    }

    /// Whether [`Permissions::consent`] is a yes.
    #[must_use]
    pub fn allow(&self, rules: &ConsentRules, channel: Channel, purpose: Purpose) -> bool {
        self.consent(rules, channel, purpose) == Consent::Allowed
    }

    /// Since when the shop's yes to a channel, for any purpose, waits for the customer's own.
    #[must_use]
    pub fn unconfirmed_since(&self, rules: &ConsentRules, channel: Channel) -> Option<Timestamp> {
        let waits = |purpose: &Purpose| self.consent(rules, channel, *purpose) == Consent::Unconfirmed;
        let waiting = Purpose::ALL.into_iter().filter(waits);
        waiting.filter_map(|purpose| self.shop.get(&(channel, purpose)).map(|said| said.at)).max()
    }
}

/// The short form that every customer's item holds.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    /// When the latest of all words was said.
    #[serde(skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    t: Option<Timestamp>,
    /// The shop's words by channel and purpose; by channel alone where the same holds for all purposes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    c: BTreeMap<String, register::Stored<Answer>>,
    /// The customer's own, likewise.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    o: BTreeMap<String, register::Stored<Answer>>,
    #[serde(skip_serializing_if = "Closures::is_empty")]
    s: Closures,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<Register<Timestamp>>,
}

impl From<Permissions> for Stored {
    fn from(permissions: Permissions) -> Self {
        let Permissions { shop, own, closures, paused_until } = permissions;
        let t = shop.values().chain(own.values()).map(|said| said.at).max();
        let latest = t.unwrap_or_default();
        Self { t, c: shortened(&shop, latest), o: shortened(&own, latest), s: closures, p: paused_until }
    }
}

impl From<Stored> for Permissions {
    fn from(stored: Stored) -> Self {
        let latest = stored.t.unwrap_or_default();
        Self {
            shop: in_full(stored.c, latest),
            own: in_full(stored.o, latest),
            closures: stored.s,
            paused_until: stored.p,
        }
    }
}

fn shortened(words: &Answers, latest: Timestamp) -> BTreeMap<String, register::Stored<Answer>> {
    let mut short = BTreeMap::new();
    for channel in Channel::ALL {
        let of = |purpose| words.get(&(channel, purpose)).copied();
        let whole = of(Purpose::ALL[0]).filter(|first| Purpose::ALL.into_iter().all(|p| of(p) == Some(*first)));
        if let Some(whole) = whole {
            short.insert(slot(channel, None), whole.stored(latest));
            continue;
        }
        let apart = Purpose::ALL.into_iter().filter_map(|purpose| Some((purpose, of(purpose)?)));
        short.extend(apart.map(|(purpose, said)| (slot(channel, Some(purpose)), said.stored(latest))));
    }
    short
}

fn in_full(short: BTreeMap<String, register::Stored<Answer>>, latest: Timestamp) -> Answers {
    let mut short: BTreeMap<String, Register<Answer>> =
        short.into_iter().map(|(slot, said)| (slot, said.said(latest))).collect();
    let mut words = Answers::new();
    for channel in Channel::ALL {
        let whole = short.remove(&slot(channel, None));
        for purpose in Purpose::ALL {
            let apart = short.remove(&slot(channel, Some(purpose)));
            words.extend(whole.or(apart).map(|register| ((channel, purpose), register)));
        }
    }
    words
}

/// `em` for e-mail and marketing, `e` for e-mail and all purposes: short, because it is stored with every
/// customer.
fn slot(channel: Channel, purpose: Option<Purpose>) -> String {
    let first = |name: &str| name.chars().take(1).collect::<String>();
    first(channel.name()) + &purpose.map(|purpose| first(purpose.name())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    /// What holds after words of `s`hop and `c`ustomer: `+` a yes, `-` a no, in this order.
    fn after(channel: Channel, words: &[&str]) -> Consent {
        let mut permissions = Permissions::default();
        for (second, word) in words.iter().enumerate() {
            let consent = ConsentEvent {
                channel,
                purpose: None,
                granted: word.ends_with('+'),
                source: "test".to_owned(),
                text_version: None,
                own: word.starts_with('c'),
            };
            permissions.apply(&consent, at(i64::try_from(second).expect("small")));
        }
        let stored = serde_json::to_string(&permissions).expect("JSON");
        assert_eq!(serde_json::from_str::<Permissions>(&stored).expect("JSON"), permissions);
        permissions.consent(&Policy::built_in().consent, channel, Purpose::Marketing)
    }

    #[test]
    fn only_the_customer_lifts_the_customers_own_refusal() {
        assert_eq!(after(Channel::Email, &[]), Consent::Allowed);
        assert_eq!(after(Channel::Email, &["s-"]), Consent::Refused);
        assert_eq!(after(Channel::Email, &["s-", "s+"]), Consent::Allowed);
        assert_eq!(after(Channel::Email, &["s+", "c-"]), Consent::Refused);
        assert_eq!(after(Channel::Email, &["c-", "s+"]), Consent::Refused, "a shop that repeats an old yes");
        assert_eq!(after(Channel::Email, &["c-", "s+", "c+"]), Consent::Allowed);
        assert_eq!(after(Channel::Email, &["c+", "s-"]), Consent::Refused, "told to the shop, later");
        assert_eq!(after(Channel::Email, &["s-", "c+"]), Consent::Allowed);
    }

    fn said(permissions: &mut Permissions, channel: Channel, granted: bool, second: i64) {
        let consent = ConsentEvent {
            channel,
            purpose: Some(Purpose::Survey),
            granted,
            source: "test".to_owned(),
            text_version: None,
            own: true,
        };
        permissions.apply(&consent, at(second));
    }

    #[test]
    fn only_the_customers_own_later_yes_to_this_channel_opens_what_they_closed() {
        let suppressed = |channel, granted, second| {
            let mut permissions = Permissions::default();
            permissions.closures_mut().close(Channel::Email, SuppressionCause::Stop, at(10));
            said(&mut permissions, channel, granted, second);
            permissions.suppressed(Channel::Email, at(30))
        };
        assert_eq!(suppressed(Channel::Email, true, 20), None);
        assert_eq!(suppressed(Channel::Email, true, 5), Some(SuppressionCause::Stop), "said before");
        assert_eq!(suppressed(Channel::Email, false, 20), Some(SuppressionCause::Stop), "a no");
        assert_eq!(suppressed(Channel::Sms, true, 20), Some(SuppressionCause::Stop), "to another channel");
    }

    #[test]
    fn a_yes_to_one_purpose_is_none_to_another() {
        let rules = &Policy::built_in().consent;
        let mut permissions = Permissions::default();
        said(&mut permissions, Channel::Sms, true, 1);
        assert!(permissions.allow(rules, Channel::Sms, Purpose::Survey));
        assert!(!permissions.allow(rules, Channel::Sms, Purpose::Marketing));
    }

    #[test]
    fn a_wish_for_silence_holds_until_its_instant_and_the_latest_wish_counts() {
        let mut permissions = Permissions::default();
        permissions.pause(at(50), at(1));
        assert_eq!(permissions.paused_until(at(49)), Some(at(50)));
        assert_eq!(permissions.paused_until(at(50)), None);
        permissions.pause(at(40), at(2));
        assert_eq!(permissions.paused_until(at(39)), Some(at(40)));
        assert_eq!(permissions.paused_until(at(45)), None, "thought better of it");
    }

    #[test]
    fn a_text_message_needs_the_customers_own_yes() {
        assert_eq!(after(Channel::Sms, &[]), Consent::Refused);
        assert_eq!(after(Channel::Sms, &["s+"]), Consent::Unconfirmed);
        assert_eq!(after(Channel::Sms, &["s+", "c+"]), Consent::Allowed);
        assert_eq!(after(Channel::Sms, &["s+", "c+", "s+"]), Consent::Allowed);
        assert_eq!(after(Channel::Sms, &["s+", "c-"]), Consent::Refused);
    }
}
