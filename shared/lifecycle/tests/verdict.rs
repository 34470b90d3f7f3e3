//! The last check of a message just before it is sent: what may have changed since it was created.

#[path = "shared_steps/order_event.rs"]
mod order_event;

use jiff::{SignedDuration, Timestamp};
use order_event::order_event;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Verdict, decide, verdict};
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, NpsAnswer, OrderStatus, Pause, Suppression, SuppressionCause, Traits,
};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::message::{Message, Requirement};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::rules::Condition;
use rekindle_lifecycle::stage::Stage;

/// Hours after noon of a Monday, in the shop's zone and the customer's.
fn hour(number: i64) -> Timestamp {
    "2026-03-02T12:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_hours(number)
}

fn apply(customer: &mut Customer, at: Timestamp, event: Event, traits: Traits) {
    let fact = Fact { at, id: at.to_string(), event, traits };
    customer.folded.apply(&fact, &Policy::built_in().calendar).expect("a short history");
}

fn order(id: &str, status: OrderStatus) -> Event {
    order_event(id, status)
}

/// Returns a customer who ordered at noon, and the thank-you message planned for an hour later.
fn thanked() -> (Customer, Message) {
    let policy = Policy::parse("[experiment]\nholdout = 0.0").expect("a valid policy");
    let shop = ShopId::parse("vinyl").expect("a shop id");
    let mut customer = Customer::new(shop, CustomerId::parse("anna").expect("an id"));
    let traits = Traits { email: EmailAddress::parse("anna@example.com").ok(), ..Traits::default() };
    apply(&mut customer, hour(0), order("1", OrderStatus::Completed), traits);
    let mut decision = decide(&policy, &customer, hour(1));
    (customer, decision.messages.remove(0))
}

/// Returns the verdict on the thank-you message at `now`, after `event` at the second hour.
fn after(event: Event, now: Timestamp) -> Verdict {
    let (mut customer, message) = thanked();
    apply(&mut customer, hour(2), event, Traits::default());
    verdict(Policy::built_in(), &customer, &message, now)
}

#[test]
fn a_message_that_is_wanted_and_allowed_is_sent_by_day_and_waits_at_night() {
    let (customer, message) = thanked();
    let said = |now| verdict(Policy::built_in(), &customer, &message, now);
    assert_eq!(said(hour(1)), Verdict::Send);
    assert_eq!(said(hour(8) - SignedDuration::from_secs(1)), Verdict::Send);
    assert_eq!(said(hour(8)), Verdict::Later(hour(21)), "eight in the evening");
    assert_eq!(said(hour(21)), Verdict::Send, "nine in the morning");
}

#[test]
fn a_message_is_withdrawn_once_it_is_no_longer_useful() {
    let (customer, message) = thanked();
    let ends = message.not_after;
    assert_eq!(ends, hour(1 + 3 * 24));
    let said = |now| verdict(Policy::built_in(), &customer, &message, now);
    assert_eq!(said(ends - SignedDuration::from_secs(1)), Verdict::Send);
    assert_eq!(said(ends), Verdict::Withdraw(Reason::TooLate));
}

#[test]
fn a_message_that_would_be_useless_by_the_morning_is_withdrawn_in_the_evening() {
    let (customer, message) = thanked();
    let said = |not_after| verdict(Policy::built_in(), &customer, &Message { not_after, ..message.clone() }, hour(10));
    assert_eq!(said(hour(20)), Verdict::Withdraw(Reason::QuietHours));
    assert_eq!(said(hour(21)), Verdict::Withdraw(Reason::QuietHours));
    assert_eq!(said(hour(22)), Verdict::Later(hour(21)));
}

#[test]
fn what_happened_since_a_message_was_created_withdraws_it_with_the_reason() {
    let no = ConsentEvent {
        channel: Channel::Email,
        purpose: None,
        granted: false,
        source: "page".to_owned(),
        text_version: None,
        own: true,
    };
    let closed = Suppression { channel: Channel::Email, cause: SuppressionCause::PermanentBounce, address: None };
    for (event, reason) in [
        (Event::Consent(no), Reason::NoConsent),
        (Event::Suppressed(closed), Reason::Suppressed),
        (Event::Pause(Pause { until: hour(100) }), Reason::Paused),
        (Event::NpsAnswer(NpsAnswer { score: 2, comment: None, may_call: None }), Reason::Detractor),
        (order("1", OrderStatus::Cancelled), Reason::OrderUndone),
    ] {
        assert_eq!(after(event, hour(3)), Verdict::Withdraw(reason));
    }
    assert_eq!(after(order("2", OrderStatus::Completed), hour(3)), Verdict::Send);
}

#[test]
fn a_message_names_the_conditions_and_the_stage_that_withdraw_it() {
    let (mut customer, message) = thanked();
    apply(&mut customer, hour(24), order("2", OrderStatus::Completed), Traits::default());
    let said = |message: &Message| verdict(Policy::built_in(), &customer, message, hour(25));
    assert_eq!(said(&message), Verdict::Send);
    let nudge = Message { unless: vec![Condition::Replied, Condition::Ordered], ..message.clone() };
    assert_eq!(said(&nudge), Verdict::Withdraw(Reason::Ordered));
    let of_stage = |stage| said(&Message { requirement: Requirement::Stage(stage), ..message.clone() });
    assert_eq!(of_stage(Stage::Active), Verdict::Send);
    assert_eq!(of_stage(Stage::New), Verdict::Withdraw(Reason::LeftStage));
}

#[test]
fn a_message_with_a_requirement_of_a_later_version_waits_for_that_version() {
    let (customer, message) = thanked();
    let message = Message { requirement: Requirement::Unrecognised("basket".to_owned()), ..message };
    let verdict = |now| verdict(Policy::built_in(), &customer, &message, now);
    assert_eq!(verdict(hour(3)), Verdict::Later(hour(4)));
    assert_eq!(verdict(message.not_after), Verdict::Withdraw(Reason::TooLate));
}

#[test]
fn an_unhappy_customer_gets_no_offer_for_the_time_in_the_policy_but_may_get_a_survey() {
    let (mut customer, message) = thanked();
    let answer = NpsAnswer { score: 6, comment: None, may_call: None };
    apply(&mut customer, hour(2), Event::NpsAnswer(answer), Traits::default());
    let over = Policy::built_in().nps.detractor_pause.after(hour(2));
    let message = Message { not_after: hour(9_999), ..message };
    let said = |message: &Message, now| verdict(Policy::built_in(), &customer, message, now);
    let before = over - SignedDuration::from_secs(1);
    assert_eq!(said(&message, before), Verdict::Withdraw(Reason::Detractor));
    assert_eq!(said(&message, over), Verdict::Send);
    let survey = Message { purpose: rekindle_lifecycle::channel::Purpose::Survey, ..message };
    assert_eq!(said(&survey, before), Verdict::Send);
}

#[test]
fn a_customer_without_an_address_gets_nothing_on_that_channel() {
    let (customer, message) = thanked();
    let text = Message { channel: Channel::Sms, ..message.clone() };
    assert_eq!(verdict(Policy::built_in(), &customer, &text, hour(2)), Verdict::Withdraw(Reason::NoAddress));
    let task = Message { channel: Channel::Task, ..message };
    assert_eq!(verdict(Policy::built_in(), &customer, &task, hour(2)), Verdict::Send, "a task needs no address");
}
