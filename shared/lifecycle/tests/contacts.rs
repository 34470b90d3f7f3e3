//! Messages in progress as the customer's own record lists them: their places under the frequency cap, and when to
//! check their outcome.

#[path = "shared_steps/order_event.rs"]
mod order_event;
#[path = "shared_steps/take_decision.rs"]
mod take_decision;

use jiff::{SignedDuration, Timestamp};
use order_event::order_event;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::customer::{Contact, Customer};
use rekindle_lifecycle::decide::{Decision, Entry, decide};
use rekindle_lifecycle::facts::{Fact, OrderStatus, Traits};
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_lifecycle::message::{AttemptOutcome, LEASE, Message, QUEUED_CHECK};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::stage::Stage;
use take_decision::take_decision;

const START: &str = "2026-03-02T12:00:00Z";

fn policy() -> Policy {
    Policy::parse("[experiment]\nholdout = 0.0").expect("a valid policy")
}

fn hour(number: i64) -> Timestamp {
    START.parse::<Timestamp>().expect("an instant") + SignedDuration::from_hours(number)
}

fn after_an_order() -> Customer {
    let shop = ShopId::parse("vinyl").expect("a shop id");
    let mut customer = Customer::new(shop, CustomerId::parse("anna").expect("an id"));
    let event = order_event("1", OrderStatus::Completed);
    let traits = Traits { email: EmailAddress::parse("anna@example.com").ok(), ..Traits::default() };
    let fact = Fact { at: hour(0), id: "1".to_owned(), event, traits };
    customer.folded.apply(&fact, &policy().calendar).expect("a first fact");
    customer
}

/// A customer whose first message was created at the first hour.
fn with_a_message() -> (Customer, Message) {
    let mut customer = after_an_order();
    take_decision(&policy(), &mut customer, hour(0));
    let decision = take_decision(&policy(), &mut customer, hour(1));
    let [message] = decision.messages.as_slice() else { panic!("{:?}", decision.messages) };
    (customer, message.clone())
}

fn contact(customer: &Customer) -> Option<(Timestamp, Option<Timestamp>)> {
    customer.decided.contacts.first().map(|contact| (contact.at, contact.check_at))
}

fn accepted(message: &Message, now: Timestamp) -> Message {
    message.claimed(now).attempted(AttemptOutcome::Accepted { provider_id: "p".to_owned() }, now)
}

#[test]
fn an_open_message_keeps_its_place_and_is_checked_when_its_lease_ends_or_within_the_hour() {
    let (mut customer, message) = with_a_message();
    assert_eq!(contact(&customer), Some((hour(1), Some(QUEUED_CHECK.after(hour(1))))));
    assert!(customer.settle(&message.claimed(hour(1)), hour(1)));
    assert_eq!(contact(&customer), Some((hour(1), Some(LEASE.after(hour(1))))));
    assert!(!customer.settle(&message.claimed(hour(1)), hour(1)), "known already");
    assert!(customer.settle(&message, hour(2)));
    assert_eq!(contact(&customer), Some((hour(1), Some(QUEUED_CHECK.after(hour(2))))));
}

#[test]
fn a_message_that_the_provider_accepted_counts_from_then_and_is_not_checked_again() {
    let (mut customer, message) = with_a_message();
    let sent = accepted(&message, hour(3));
    assert!(customer.settle(&sent, hour(4)));
    assert_eq!(contact(&customer), Some((hour(3), None)));
    assert!(!customer.settle(&sent, hour(5)), "known already");
    assert_eq!(contact(&customer), Some((hour(3), None)));
}

#[test]
fn a_message_whose_outcome_stays_unknown_counts_as_sent_when_its_lease_ended() {
    let (mut customer, message) = with_a_message();
    let lost = message.claimed(hour(2)).lease_over(hour(9)).unconfirmed();
    assert!(customer.settle(&lost, hour(30)));
    assert_eq!(contact(&customer), Some((LEASE.after(hour(2)), None)));
}

#[test]
fn a_message_that_was_never_sent_gives_its_place_back() {
    let (customer, message) = with_a_message();
    for withdrawn in [message.cancelled(Reason::Ordered), message.unrenderable("no template".to_owned())] {
        let mut customer = customer.clone();
        assert!(customer.settle(&withdrawn, hour(2)));
        assert_eq!(contact(&customer), None);
        assert!(!customer.settle(&withdrawn, hour(2)), "forgotten");
    }
}

#[test]
fn a_step_that_waits_for_a_place_is_checked_when_a_place_may_be_free() {
    let (customer, message) = with_a_message();
    let next_at = |held_by, next_at| {
        let mut customer = customer.clone();
        customer.decided.runs.get_mut("welcome").expect("a run").held_by = held_by;
        customer.decided.next_at = next_at;
        customer.settle(&accepted(&message, hour(2)), hour(2));
        customer.decided.next_at
    };
    let later = Some(hour(50));
    assert_eq!(next_at(Some(Reason::FrequencyCap), later), Some(hour(2)));
    assert_eq!(next_at(Some(Reason::FrequencyCap), None), Some(hour(2)));
    assert_eq!(next_at(Some(Reason::FrequencyCap), Some(hour(1))), Some(hour(1)), "what is due already stays due");
    assert_eq!(next_at(Some(Reason::QuietHours), later), later);
    assert_eq!(next_at(None, later), later);
}

#[test]
fn only_the_check_of_an_open_message_can_be_put_off() {
    let (mut customer, message) = with_a_message();
    assert!(customer.check_again(&message.id, hour(7)));
    assert_eq!(contact(&customer), Some((hour(1), Some(hour(7)))));
    assert!(!customer.check_again(&message.id, hour(7)), "no news");
    let another = MessageId::parse(&"b".repeat(26)).expect("an id");
    assert!(!customer.check_again(&another, hour(8)));
    assert_eq!(contact(&customer), Some((hour(1), Some(hour(7)))));
    customer.settle(&accepted(&message, hour(8)), hour(8));
    assert!(!customer.check_again(&message.id, hour(9)));
    assert_eq!(contact(&customer), Some((hour(8), None)));
}

#[test]
fn a_customer_needs_attention_at_the_next_change_or_the_first_check_whichever_is_earlier() {
    let (mut customer, message) = with_a_message();
    let needed = |customer: &mut Customer, next_at| {
        customer.decided.next_at = next_at;
        customer.needs_attention_at()
    };
    assert_eq!(needed(&mut customer, Some(hour(90))), Some(hour(2)));
    assert_eq!(needed(&mut customer, Some(hour(1))), Some(hour(1)));
    customer.settle(&accepted(&message, hour(2)), hour(2));
    assert_eq!(needed(&mut customer, Some(hour(90))), Some(hour(90)));
    assert_eq!(needed(&mut customer, None), None);
}

#[test]
fn a_due_check_asks_for_the_outcome_of_the_message_and_is_due_again_an_hour_later() {
    let (mut customer, message) = with_a_message();
    let before = take_decision(&policy(), &mut customer, hour(2) - SignedDuration::from_secs(1));
    assert!(before.rechecks.is_empty());
    let due = take_decision(&policy(), &mut customer, hour(2));
    assert_eq!(due.rechecks, [message.id]);
    assert_eq!(contact(&customer), Some((hour(1), Some(hour(3)))));
    assert_eq!(due.due_at, Some(hour(3)));
    assert!(take_decision(&policy(), &mut customer, hour(2)).rechecks.is_empty(), "asked already");
}

#[test]
fn a_message_is_remembered_until_it_leaves_the_window_and_no_longer() {
    let (mut customer, message) = with_a_message();
    customer.settle(&accepted(&message, hour(1)), hour(1));
    customer.decided.runs.clear();
    let window = policy().frequency_cap.window;
    // A decision with a change writes the record, including the contacts that it keeps.
    let remembered = |now: Timestamp| {
        let mut customer = customer.clone();
        customer.decided.next_at = Some(now);
        let decided = decide(&policy(), &customer, now).decided.expect("another instant to look");
        decided.contacts.iter().any(|contact: &Contact| contact.message == message.id)
    };
    let leaves = window.after(hour(1));
    assert!(remembered(leaves - SignedDuration::from_secs(1)));
    assert!(!remembered(leaves));
}

#[test]
fn a_change_of_stage_is_recorded_with_the_instant_and_the_reason_and_once() {
    let mut customer = after_an_order();
    let moves = |decision: &Decision| -> Vec<Entry> {
        decision.entries.iter().filter(|entry| matches!(entry, Entry::Transition { .. })).cloned().collect()
    };
    let first = take_decision(&policy(), &mut customer, hour(5));
    let because = "first order less than 30 days ago".to_owned();
    let entry = Entry::Transition { from: Stage::Prospect, to: Stage::New, at: hour(0), because };
    assert_eq!(moves(&first), [entry]);
    assert!(moves(&take_decision(&policy(), &mut customer, hour(6))).is_empty());
    let over = take_decision(&policy(), &mut customer, hour(30 * 24));
    let because = "1 day with an order, none for 30 days; inactive after 90 (shop default)".to_owned();
    let entry = Entry::Transition { from: Stage::New, to: Stage::Active, at: hour(30 * 24), because };
    assert_eq!(moves(&over), [entry]);
}
