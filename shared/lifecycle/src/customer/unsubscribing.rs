//! What unsubscribing took from a customer, so that an undo gives back that and no more.

use super::folded::Folded;
use crate::channel::{Channel, Purpose};
use crate::facts::{ConsentEvent, Event, Fact};
use crate::policy::Policy;

/// The source of a refusal by the unsubscribe page, or by a mail program's one click, which it answers.
pub const UNSUBSCRIBE_SOURCE: &str = "unsubscribe page";

/// Returns the purposes for which a customer got messages on a channel until they unsubscribed. A purpose that was refused before is
/// not among them, nor one about which the shop or the customer said something later; after a complaint, a STOP or another cause that
/// closed the channel, none is. `facts` are all facts of the customer, in any order.
#[must_use]
pub fn taken_by_unsubscribing(facts: &[Fact], policy: &Policy, channel: Channel) -> Vec<Purpose> {
    let mut in_order: Vec<&Fact> = facts.iter().collect();
    in_order.sort_by_key(|fact| fact.at);
    let mut taken: Vec<Purpose> = Vec::new();
    for fact in in_order {
        match &fact.event {
            Event::Consent(consent) if consent.channel == channel && unsubscribes(consent) => {
                let before: Vec<Fact> = facts.iter().filter(|earlier| earlier.at < fact.at).cloned().collect();
                let before = Folded::recount(&before, &policy.calendar);
                let open = before.suppressed(channel, fact.at).is_none();
                let got = |purpose: &Purpose| open && before.permissions.allow(&policy.consent, channel, *purpose);
                let got: Vec<Purpose> = Purpose::KNOWN.into_iter().filter(got).collect();
                taken.extend(got);
            }
            Event::Consent(consent) if consent.channel == channel && (consent.own || !consent.granted) => {
                taken.retain(|purpose| consent.purpose.is_some_and(|about| about != *purpose));
            }
            Event::Suppressed(closed) if closed.channel == channel => taken.clear(),
            _ => {}
        }
        for said in fact.traits.consents().filter(|said| said.channel == channel && !said.granted) {
            taken.retain(|purpose| said.purpose.is_some_and(|about| about != *purpose));
        }
    }
    Purpose::KNOWN.into_iter().filter(|purpose| taken.contains(purpose)).collect()
}

fn unsubscribes(consent: &ConsentEvent) -> bool {
    consent.own && !consent.granted && consent.purpose.is_none() && consent.source == UNSUBSCRIBE_SOURCE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Suppression, SuppressionCause, Traits};
    use jiff::{SignedDuration, Timestamp};

    fn fact(hour: i64, event: Event) -> Fact {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
        Fact { at, id: hour.to_string(), event, traits: Traits::default() }
    }

    fn said(hour: i64, purpose: Option<Purpose>, granted: bool, source: &str) -> Fact {
        let (source, own) = (source.to_owned(), source != "shop");
        fact(
            hour,
            Event::Consent(ConsentEvent { channel: Channel::Email, purpose, granted, source, text_version: None, own }),
        )
    }

    fn taken(facts: &[Fact]) -> Vec<Purpose> {
        let policy = Policy::built_in();
        let forwards = taken_by_unsubscribing(facts, policy, Channel::Email);
        let backwards: Vec<Fact> = facts.iter().rev().cloned().collect();
        assert_eq!(taken_by_unsubscribing(&backwards, policy, Channel::Email), forwards);
        assert_eq!(taken_by_unsubscribing(facts, policy, Channel::Sms), []);
        forwards
    }

    const PAGE: &str = UNSUBSCRIBE_SOURCE;

    #[test]
    fn what_was_refused_before_is_not_taken_and_a_second_click_takes_nothing_more() {
        assert_eq!(taken(&[said(2, None, false, PAGE)]), Purpose::KNOWN);
        let twice = [said(2, None, false, PAGE), said(3, None, false, PAGE)];
        assert_eq!(taken(&twice), Purpose::KNOWN);
        for source in ["preferences page", "shop"] {
            let before = [said(1, Some(Purpose::Survey), false, source), said(2, None, false, PAGE)];
            assert_eq!(taken(&before), [Purpose::Marketing, Purpose::Referral], "{source}");
        }
        assert_eq!(taken(&[said(1, None, false, "preferences page"), said(2, None, false, PAGE)]), []);
    }

    #[test]
    fn what_was_said_after_it_is_not_given_back() {
        let page = said(2, None, false, PAGE);
        assert_eq!(
            taken(&[page.clone(), said(3, Some(Purpose::Survey), false, "preferences page")]),
            [Purpose::Marketing, Purpose::Referral]
        );
        assert_eq!(taken(&[page.clone(), said(3, None, true, "undo on the unsubscribe page")]), []);
        assert_eq!(taken(&[page.clone(), said(3, None, false, "shop")]), []);
        assert_eq!(taken(&[page.clone(), said(3, None, true, "shop")]), Purpose::KNOWN, "an old yes repeated");
        let no_more = fact(3, Event::Identified);
        let no_more = Fact { traits: Traits { email_consent: Some(false), ..Traits::default() }, ..no_more };
        assert_eq!(taken(&[page, no_more]), []);
    }

    #[test]
    fn a_channel_that_was_or_is_closed_is_not_opened_by_an_undo() {
        for (hour, cause) in [(1, SuppressionCause::Complaint), (3, SuppressionCause::Stop)] {
            let closed = fact(hour, Event::Suppressed(Suppression { channel: Channel::Email, cause, address: None }));
            assert_eq!(taken(&[closed, said(2, None, false, PAGE)]), []);
        }
    }
}
