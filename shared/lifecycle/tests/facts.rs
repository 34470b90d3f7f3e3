//! The stored form of facts: the kind in their keys, the digest that distinguishes contents, and their text.

#[path = "shared_steps/order_event.rs"]
mod order_event;

use jiff::Timestamp;
use order_event::order_event;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, Invited, JoinCause, Joined, NpsAnswer, OrderStatus, Parted, Pause, Reaction,
    ReactionKind, Referred, RefundEvent, SoftBounce, Suppression, SuppressionCause, TaskClosed, Traits, Unsuppression,
    ship_to_digest,
};
use rekindle_lifecycle::id::{CustomerId, MessageId, OrderId};

fn fact(event: Event) -> Fact {
    Fact { at: Timestamp::UNIX_EPOCH, id: "1".to_owned(), event, traits: Traits::default() }
}

fn order(status: OrderStatus) -> Event {
    order_event("o1", status)
}

fn refund() -> Event {
    Event::Refund(RefundEvent::new(OrderId::parse("o1").expect("an id"), None))
}

fn pause() -> Event {
    Event::Pause(Pause { until: Timestamp::MAX })
}

#[test]
fn every_kind_of_fact_has_a_word_of_its_own_that_keys_are_made_with() {
    let channel = Channel::Email;
    let consent = ConsentEvent {
        channel,
        purpose: Some(Purpose::Survey),
        granted: true,
        source: "page".to_owned(),
        text_version: None,
        own: true,
    };
    let reaction = Reaction { how: ReactionKind::Visit, message: None, run: None, link: None };
    let task = MessageId::parse(&"a".repeat(26)).expect("an id");
    let other = CustomerId::parse("42").expect("an id");
    let referred = Referred {
        code: "CODE".to_owned(),
        friend: "f".to_owned(),
        ordered_at: Timestamp::UNIX_EPOCH,
        counts: true,
        marks: Default::default(),
    };
    for (event, word) in [
        (order(OrderStatus::Pending), "pending"),
        (order(OrderStatus::Completed), "completed"),
        (order(OrderStatus::Updated), "updated"),
        (order(OrderStatus::Cancelled), "cancelled"),
        (refund(), "refunded"),
        (Event::Identified, "identified"),
        (Event::Consent(consent), "consent"),
        (Event::Reaction(reaction), "reaction"),
        (Event::Suppressed(Suppression { channel, cause: SuppressionCause::Stop, address: None }), "suppressed"),
        (pause(), "pause"),
        (Event::Unsuppressed(Unsuppression { channel }), "unsuppressed"),
        (Event::SoftBounce(SoftBounce { channel, address: None }), "soft_bounce"),
        (Event::NpsAnswer(NpsAnswer { score: 9, comment: None, may_call: None }), "nps"),
        (Event::TaskClosed(TaskClosed { task, outcome: None }), "task_closed"),
        (Event::Invited(Invited { code: "CODE".to_owned() }), "invited"),
        (Event::Referred(referred), "referred"),
        (Event::Joined(Joined { with: other.clone(), cause: JoinCause::Alias }), "joined"),
        (Event::Parted(Parted { with: other }), "parted"),
    ] {
        assert_eq!(fact(event).kind(), word);
    }
}

#[test]
fn orders_and_refunds_are_about_an_order_and_nothing_else_is() {
    let about = |event| fact(event).order_id().map(ToString::to_string);
    assert_eq!(about(order(OrderStatus::Pending)), Some("o1".to_owned()));
    assert_eq!(about(refund()), Some("o1".to_owned()));
    assert_eq!(about(pause()), None);
}

#[test]
fn a_fact_without_traits_has_no_word_about_them() {
    let plain = fact(pause());
    let stored = serde_json::to_value(&plain).expect("a fact can be stored");
    assert_eq!(stored.get("traits"), None);
    let told = Fact { traits: Traits { sms_consent: Some(false), ..Traits::default() }, ..plain };
    assert!(!told.traits.is_empty(), "a no is a word");
    let stored = serde_json::to_value(&told).expect("a fact can be stored");
    assert_eq!(stored["traits"]["sms_consent"], false);
}

#[test]
fn the_digest_of_a_fact_is_the_same_for_the_same_content_and_another_for_any_other() {
    let first = fact(pause());
    assert_eq!(first.digest(), fact(pause()).digest());
    assert_eq!(first.digest().len(), 13);
    let email = EmailAddress::parse("anna@example.com").ok();
    for other in [
        Fact { at: Timestamp::MAX, ..first.clone() },
        Fact { id: "2".to_owned(), ..first.clone() },
        Fact { event: refund(), ..first.clone() },
        Fact { traits: Traits { email, ..Traits::default() }, ..first.clone() },
    ] {
        assert_ne!(first.digest(), other.digest());
    }
}

#[test]
fn a_place_is_recognised_by_name_and_postcode_however_they_are_written() {
    let place = ship_to_digest("Anna Lee", "SW1A 1AA").expect("both are there");
    assert_eq!(place.len(), 10);
    assert_eq!(ship_to_digest("anna-lee", "sw1a1aa"), Some(place.clone()));
    assert_ne!(ship_to_digest("Bob Lee", "SW1A 1AA"), Some(place.clone()));
    assert_ne!(ship_to_digest("Anna Lee", "SW1A 2AA"), Some(place));
    for (name, postcode) in [("Anna Lee", ""), ("", "SW1A 1AA"), ("Anna Lee", " - "), (".", "SW1A 1AA"), ("", "")] {
        assert_eq!(ship_to_digest(name, postcode), None, "{name:?} {postcode:?}");
    }
}

#[test]
fn channels_and_purposes_are_shown_by_the_names_that_a_policy_uses() {
    assert_eq!(Channel::KNOWN.map(|channel| channel.to_string()), ["email", "sms", "handoff"]);
    assert_eq!(Purpose::KNOWN.map(|purpose| purpose.to_string()), ["marketing", "survey", "referral"]);
}
