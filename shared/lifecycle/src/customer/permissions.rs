//! What a customer agreed to, per channel and purpose, folded from facts.
//!
//! Answers come from two sides: the shop reports the consent that it was given, and the customer answers on our pages and
//! by SMS. A refusal by the customer is lifted by the customer only; so a shop that repeats an old consent with every
//! call undoes nothing. Otherwise the latest answer holds.

use super::answers::{Answer, Answers, from_slots, to_slots};
use super::closures::Closures;
use super::register::{self, Register, apply};
use crate::channel::{Channel, Purpose};
use crate::facts::{ConsentEvent, Event, Fact, ReportedConsent, SuppressionCause, Traits};
use crate::rules::ConsentRules;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a customer agreed to, and which channels are closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Permissions {
    /// Answers that the shop passed on.
    shop: Answers,
    /// Answers of the customer themselves.
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
    /// The shop reported a consent, but this channel needs the customer's own: only the question may be sent.
    Unconfirmed,
}

impl Permissions {
    /// Applies an answer about one channel and one purpose, or all purposes. One about a channel or a purpose of another
    /// version changes nothing (see [`ConsentEvent::is_recognised`]).
    pub fn apply(&mut self, consent: &ConsentEvent, at: Timestamp) {
        if !consent.is_recognised() {
            return;
        }
        let answer = if consent.granted { Answer::Granted } else { Answer::Refused };
        let side = if consent.own { &mut self.own } else { &mut self.shop };
        side.apply(consent.channel, consent.purpose, answer, at);
    }

    /// Applies what a shop says about consent among the traits.
    pub fn apply_traits(&mut self, traits: &Traits, at: Timestamp) {
        for ReportedConsent { channel, purpose, granted, .. } in traits.consents() {
            let source = String::new();
            let consent = ConsentEvent { channel, purpose, granted, source, text_version: None, own: false };
            self.apply(&consent, at);
        }
    }

    /// Applies a fact, if it is a statement about what the customer wants or about a closed channel. Traits are not
    /// read: see [`Permissions::apply_traits`].
    pub fn apply_fact(&mut self, fact: &Fact) {
        match &fact.event {
            Event::Consent(consent) => self.apply(consent, fact.at),
            Event::Suppressed(closed) => {
                self.closures.close(closed.channel, closed.cause, closed.address.as_deref(), fact.at);
            }
            Event::Unsuppressed(opened) => self.closures.open(opened.channel, fact.at),
            Event::SoftBounce(bounce) => self.closures.bounce(bounce.channel, bounce.address.as_deref(), fact.at),
            Event::Pause(pause) => self.pause(pause.until, fact.at),
            _ => {}
        }
    }

    /// The channels that are closed, to be changed.
    pub fn closures_mut(&mut self) -> &mut Closures {
        &mut self.closures
    }

    /// Applies a wish for silence.
    pub fn pause(&mut self, until: Timestamp, at: Timestamp) {
        apply(&mut self.paused_until, until, at);
    }

    /// Returns until when the customer wants no messages, if that is still to come at `now`.
    #[must_use]
    pub fn paused_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.paused_until.as_ref().map(|said| said.value).filter(|until| now < *until)
    }

    /// The instant of the latest statement, of shop or customer, about what the customer wants.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        let answered = self.shop.instants().chain(self.own.instants());
        answered.chain(self.paused_until.as_ref().map(|register| register.at)).max()
    }

    /// Why a channel is closed for an address, given by its digest, if it is. See [`Folded::suppressed`](super::Folded::suppressed).
    #[must_use]
    pub fn closed_by(&self, channel: Channel, address: Option<&str>, now: Timestamp) -> Option<SuppressionCause> {
        self.closures.cause(channel, address, self.own.last_yes(channel), now)
    }

    /// What the customer said themselves, what the shop reports that they refused, and what closed the channel for this address
    /// (its digest): all that holds for the address itself, whichever customer has it. A yes that the shop reports is about the
    /// customer that it names.
    #[must_use]
    pub fn of_address(&self, channel: Channel, address: Option<&str>) -> Self {
        Self {
            shop: self.shop.about(channel).refusals(),
            own: self.own.about(channel),
            closures: self.closures.about(channel, address),
            paused_until: self.paused_until,
        }
    }

    /// Whether the shop reported refusals, about a channel, that were not there `before`. That it repeats them is none.
    #[must_use]
    pub fn shop_reports_other_refusals(&self, before: &Self, channel: Channel) -> bool {
        let refusals = |permissions: &Self| permissions.shop.about(channel).refusals();
        let now = refusals(self);
        now != Answers::default() && !now.say_the_same_as(&refusals(before))
    }

    /// Joins what was said elsewhere, about the same address: of two statements the later holds. Joining is commutative,
    /// associative and idempotent.
    pub fn join(&mut self, other: &Self) {
        self.shop.join(&other.shop);
        self.own.join(&other.own);
        self.closures.join(&other.closures);
        if let Some(said) = &other.paused_until {
            self.pause(said.value, said.at);
        }
    }

    /// Whether nothing was ever said, and nothing closed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// When the customer last said yes to anything on a channel.
    #[must_use]
    pub fn last_own_yes(&self, channel: Channel) -> Option<Timestamp> {
        self.own.last_yes(channel)
    }

    /// Whether a STOP is all that closes a channel: the customer refused in no other way, so that START opens it again.
    #[must_use]
    pub fn is_only_stopped(&self, rules: &ConsentRules, channel: Channel, now: Timestamp) -> bool {
        let refuses = |purpose| self.consent(rules, channel, purpose) == Consent::Refused;
        self.closed_by(channel, None, now) == Some(SuppressionCause::Stop) && !Purpose::KNOWN.into_iter().all(refuses)
    }

    /// Whether the customer may be written to on a channel for a purpose, a closed channel aside.
    #[must_use]
    pub fn consent(&self, rules: &ConsentRules, channel: Channel, purpose: Purpose) -> Consent {
        if !channel.is_recognised() || !purpose.is_recognised() {
            // Whatever was answered, this version cannot tell what it was about.
            return Consent::Refused;
        }
        let (shop, own) = (self.shop.get(channel, purpose), self.own.get(channel, purpose));
        // An answer of another version is not counted as a permission.
        let refuses = |answer| matches!(answer, Answer::Refused | Answer::Unrecognised(_));
        match (own.map(|said| (said.value, said.at)), shop.map(|said| (said.value, said.at))) {
            (Some((own, _)), _) if refuses(own) => Consent::Refused,
            (Some((_, own_at)), Some((shop, shop_at))) if refuses(shop) && own_at <= shop_at => Consent::Refused,
            (Some(_), _) => Consent::Allowed,
            (None, Some((shop, _))) if refuses(shop) => Consent::Refused,
            (None, Some(_)) if rules.needs_confirmation(channel) => Consent::Unconfirmed,
            (None, Some(_)) => Consent::Allowed,
            (None, None) if rules.allows_by_default(channel) => Consent::Allowed,
            (None, None) => Consent::Refused,
        }
    }

    /// Whether the customer themselves refuses everything on a channel, so that refusing it again adds nothing.
    #[must_use]
    pub fn refuses_all(&self, channel: Channel) -> bool {
        self.own.refuse_all(channel)
    }

    /// Whether [`Permissions::consent`] allows messages.
    #[must_use]
    pub fn allow(&self, rules: &ConsentRules, channel: Channel, purpose: Purpose) -> bool {
        self.consent(rules, channel, purpose) == Consent::Allowed
    }

    /// Since when the shop's yes to a channel, for any purpose, waits for the customer's own.
    #[must_use]
    pub fn unconfirmed_since(&self, rules: &ConsentRules, channel: Channel) -> Option<Timestamp> {
        let waits = |purpose: &Purpose| self.consent(rules, channel, *purpose) == Consent::Unconfirmed;
        let waiting = Purpose::KNOWN.into_iter().filter(waits);
        waiting.filter_map(|purpose| self.shop.get(channel, purpose).map(|said| said.at)).max()
    }
}

/// The short form that every customer's item holds.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    /// When the latest answer was given.
    #[serde(skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    t: Option<Timestamp>,
    /// The shop's answers by slot: `em` for e-mail and marketing, `e` for e-mail and all purposes, `e*` for those purposes
    /// of e-mail that have no slot of their own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    c: BTreeMap<String, register::Stored<Answer>>,
    /// The customer's own answers, likewise.
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
        let t = shop.instants().chain(own.instants()).max();
        let latest = t.unwrap_or_default();
        Self { t, c: to_slots(&shop, latest), o: to_slots(&own, latest), s: closures, p: paused_until }
    }
}

impl From<Stored> for Permissions {
    fn from(stored: Stored) -> Self {
        let latest = stored.t.unwrap_or_default();
        Self {
            shop: from_slots(stored.c, latest),
            own: from_slots(stored.o, latest),
            closures: stored.s,
            paused_until: stored.p,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel::{Email, Sms};
    use crate::policy::Policy;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    /// The consent after answers of `s`hop and `c`ustomer, in this order: `+` consents, `-` refuses.
    fn after(channel: Channel, answers: &[&str]) -> Consent {
        let mut permissions = Permissions::default();
        for (second, answer) in answers.iter().enumerate() {
            let consent = ConsentEvent {
                channel,
                purpose: None,
                granted: answer.ends_with('+'),
                source: "test".to_owned(),
                text_version: None,
                own: answer.starts_with('c'),
            };
            permissions.apply(&consent, at(i64::try_from(second).expect("small")));
        }
        let stored = serde_json::to_string(&permissions).expect("JSON");
        assert_eq!(serde_json::from_str::<Permissions>(&stored).expect("JSON"), permissions);
        permissions.consent(&Policy::built_in().consent, channel, Purpose::Marketing)
    }

    #[test]
    fn only_the_customer_lifts_the_customers_own_refusal() {
        assert_eq!(after(Email, &[]), Consent::Allowed);
        assert_eq!(after(Email, &["s-"]), Consent::Refused);
        assert_eq!(after(Email, &["s-", "s+"]), Consent::Allowed);
        assert_eq!(after(Email, &["s+", "c-"]), Consent::Refused);
        assert_eq!(after(Email, &["c-", "s+"]), Consent::Refused, "a shop that repeats an old yes");
        assert_eq!(after(Email, &["c-", "s+", "c+"]), Consent::Allowed);
        assert_eq!(after(Email, &["c+", "s-"]), Consent::Refused, "the shop reports a later refusal");
        assert_eq!(after(Email, &["s-", "c+"]), Consent::Allowed);
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
    fn only_the_customers_own_later_consent_reopens_a_channel_that_they_closed() {
        let suppressed = |channel, granted, second| {
            let mut permissions = Permissions::default();
            permissions.closures_mut().close(Email, SuppressionCause::Stop, None, at(10));
            said(&mut permissions, channel, granted, second);
            permissions.closed_by(Email, None, at(30))
        };
        assert_eq!(suppressed(Email, true, 20), None);
        assert_eq!(suppressed(Email, true, 5), Some(SuppressionCause::Stop), "said before");
        assert_eq!(suppressed(Email, false, 20), Some(SuppressionCause::Stop), "a no");
        assert_eq!(suppressed(Sms, true, 20), Some(SuppressionCause::Stop), "to another channel");
    }

    #[test]
    fn a_refusal_that_the_shop_reports_holds_for_the_address_and_a_yes_does_not() {
        let rules = &Policy::built_in().consent;
        let reported = |granted, second| {
            let consent = ConsentEvent {
                channel: Email,
                purpose: None,
                granted,
                source: "test".to_owned(),
                text_version: None,
                own: false,
            };
            let mut permissions = Permissions::default();
            permissions.apply(&consent, at(second));
            permissions
        };
        assert!(reported(true, 1).of_address(Email, None).is_empty());
        let refusal = reported(false, 2).of_address(Email, None);
        let with_refusal = |mut own: Permissions| {
            own.join(&refusal);
            own.allow(rules, Email, Purpose::Marketing)
        };
        assert!(!with_refusal(Permissions::default()) && !with_refusal(reported(true, 1)));
        assert!(with_refusal(reported(true, 3)), "a later yes of the shop, about the other customer");
        assert!(refusal.of_address(Sms, None).is_empty(), "about another channel");

        let (before, repeated) = (reported(false, 2), reported(false, 9));
        assert!(before.shop_reports_other_refusals(&Permissions::default(), Email));
        assert!(!repeated.shop_reports_other_refusals(&before, Email), "the same once more");
        assert!(!reported(true, 9).shop_reports_other_refusals(&before, Email), "none any more");
        assert!(!before.shop_reports_other_refusals(&Permissions::default(), Sms));
    }

    #[test]
    fn consent_to_one_purpose_is_no_consent_to_another() {
        let rules = &Policy::built_in().consent;
        let mut permissions = Permissions::default();
        said(&mut permissions, Sms, true, 1);
        assert!(permissions.allow(rules, Sms, Purpose::Survey));
        assert!(!permissions.allow(rules, Sms, Purpose::Marketing));
    }

    #[test]
    fn a_pause_holds_until_its_instant_and_the_latest_request_counts() {
        let mut permissions = Permissions::default();
        permissions.pause(at(50), at(1));
        assert_eq!(permissions.paused_until(at(49)), Some(at(50)));
        assert_eq!(permissions.paused_until(at(50)), None);
        permissions.pause(at(40), at(2));
        assert_eq!(permissions.paused_until(at(39)), Some(at(40)));
        assert_eq!(permissions.paused_until(at(45)), None, "thought better of it");
    }

    #[test]
    fn a_text_message_needs_the_customers_own_consent() {
        assert_eq!(after(Sms, &[]), Consent::Refused);
        assert_eq!(after(Sms, &["s+"]), Consent::Unconfirmed);
        assert_eq!(after(Sms, &["s+", "c+"]), Consent::Allowed);
        assert_eq!(after(Sms, &["s+", "c+", "s+"]), Consent::Allowed);
        assert_eq!(after(Sms, &["s+", "c-"]), Consent::Refused);
    }
}
