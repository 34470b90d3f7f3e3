//! What starts a run of a journey, and what does not.

#[path = "shared_steps/order_event.rs"]
mod order_event;
#[path = "shared_steps/take_decision.rs"]
mod take_decision;

use jiff::{SignedDuration, Timestamp};
use order_event::order_event;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Decision, Entry};
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, NpsAnswer, OrderStatus, Traits};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::message::{AttemptOutcome, Requirement};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::stage::Stage;
use take_decision::take_decision;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn noon(day: i64) -> Timestamp {
    "2026-03-02T12:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_hours(24 * day)
}

fn policy(journeys: &str) -> Policy {
    Policy::parse(&format!("[experiment]\nholdout = 0.0\n{journeys}")).expect("a valid policy")
}

/// A policy with one journey, whose only mail is due at once.
fn one_journey(id: &str, trigger: &str) -> String {
    format!(
        "[[journey]]\nid = \"{id}\"\ntrigger = \"{trigger}\"\npurpose = \"marketing\"\npriority = 1\n\
         [[journey.step]]\nid = \"mail\"\ndelay = \"0h\"\nchannel = \"email\"\ntemplate = \"t\"\n"
    )
}

fn nobody() -> Customer {
    let shop = ShopId::parse("vinyl").expect("a shop id");
    Customer::new(shop, CustomerId::parse("anna").expect("an id"))
}

fn apply(customer: &mut Customer, at: Timestamp, id: &str, event: Event) {
    let traits = Traits { email: EmailAddress::parse("anna@example.com").ok(), ..Traits::default() };
    let fact = Fact { at, id: id.to_owned(), event, traits };
    customer.folded.apply(&fact, &Policy::built_in().calendar).expect("a short history");
}

fn order(customer: &mut Customer, at: Timestamp, id: &str) {
    let event = order_event(id, OrderStatus::Completed);
    apply(customer, at, id, event);
}

fn started(decision: &Decision) -> Vec<&str> {
    let entries = decision.entries.iter();
    let journeys = entries.filter_map(|entry| match entry {
        Entry::RunStarted { journey, .. } => Some(journey.as_str()),
        _ => None,
    });
    journeys.collect()
}

fn planned(decision: &Decision) -> Vec<(&str, Timestamp)> {
    decision.messages.iter().map(|message| (message.journey.as_str(), message.planned_at)).collect()
}

#[test]
fn an_order_starts_its_journeys_at_once_and_each_order_only_once() {
    let policy = policy("");
    let mut anna = nobody();
    order(&mut anna, noon(0), "1");
    assert_eq!(started(&take_decision(&policy, &mut anna, noon(0))), ["welcome", "nps"]);
    assert!(started(&take_decision(&policy, &mut anna, noon(0) + HOUR)).is_empty());
    order(&mut anna, noon(0) + HOUR, "2");
    let again = take_decision(&policy, &mut anna, noon(0) + HOUR);
    assert!(started(&again).is_empty(), "one question is in progress: {again:?}");
}

#[test]
fn an_order_reported_two_days_late_is_late_and_one_second_earlier_is_not() {
    let policy = policy("");
    for (late, journeys) in [(0, &["welcome", "nps"][..]), (1, &[])] {
        let mut anna = nobody();
        order(&mut anna, noon(0), "1");
        let decision = take_decision(&policy, &mut anna, noon(2) + SignedDuration::from_secs(late));
        assert_eq!(started(&decision), journeys, "{late}");
        assert!(!decision.entries.iter().any(|entry| matches!(entry, Entry::NotSent { .. })));
    }
}

#[test]
fn an_imported_customer_enters_journeys_at_their_own_instant_and_is_like_any_other_from_then_on() {
    let policy = policy("");
    let mut anna = nobody();
    order(&mut anna, noon(-120), "1");
    let first = take_decision(&policy, &mut anna, noon(0));
    assert_eq!((first.stage, started(&first)), (Stage::Inactive, vec![]));
    let activates_at = anna.decided.activates_at.expect("an instant of their own");
    assert!(noon(0) < activates_at && activates_at < noon(14), "{activates_at}");
    assert_eq!(first.due_at, Some(activates_at), "and the engine wakes for it");
    let before = take_decision(&policy, &mut anna, activates_at - SignedDuration::from_secs(1));
    assert!(started(&before).is_empty());
    let at_it = take_decision(&policy, &mut anna, activates_at);
    assert_eq!(started(&at_it), ["reengage"]);
    assert_eq!(anna.decided.runs["reengage"].started_at, activates_at);
    assert_eq!(anna.decided.activates_at, None);
    for message in at_it.messages {
        let accepted = AttemptOutcome::Accepted { provider_id: "p".to_owned() };
        anna.settle(&message.claimed(activates_at).attempted(accepted, activates_at), activates_at);
    }
    let lapsed = take_decision(&policy, &mut anna, noon(60));
    assert_eq!(planned(&lapsed), [("winback", noon(60))]);
}

#[test]
fn a_fresh_order_ends_the_waiting_of_an_imported_customer() {
    let policy = policy("");
    let mut anna = nobody();
    order(&mut anna, noon(-120), "1");
    take_decision(&policy, &mut anna, noon(0));
    order(&mut anna, noon(0) + HOUR, "2");
    let decision = take_decision(&policy, &mut anna, noon(0) + HOUR);
    assert_eq!(anna.decided.activates_at, None);
    assert_eq!((decision.stage, started(&decision)), (Stage::Active, vec!["nps"]));
}

#[test]
fn a_run_about_a_stage_counts_from_the_instant_the_stage_began_even_if_the_engine_wakes_a_little_late() {
    let policy = policy(&one_journey("miss-you", "stage:inactive"));
    let mut anna = nobody();
    order(&mut anna, noon(0), "1");
    take_decision(&policy, &mut anna, noon(0));
    take_decision(&policy, &mut anna, noon(30));
    let decision = take_decision(&policy, &mut anna, noon(90) + HOUR);
    assert_eq!(started(&decision), ["miss-you"]);
    assert_eq!(planned(&decision), [("miss-you", noon(90))]);
    assert_eq!(decision.messages[0].requirement, Requirement::Stage(Stage::Inactive), "checked again when it is sent");
}

#[test]
fn a_run_for_a_stage_starts_now_if_the_engine_was_down_for_days() {
    let policy = policy(&one_journey("miss-you", "stage:inactive"));
    let mut anna = nobody();
    order(&mut anna, noon(0), "1");
    take_decision(&policy, &mut anna, noon(0));
    take_decision(&policy, &mut anna, noon(30));
    let decision = take_decision(&policy, &mut anna, noon(96));
    assert_eq!(started(&decision), ["miss-you"]);
    assert_eq!(planned(&decision), [("miss-you", noon(96))]);
}

#[test]
fn a_stage_reached_only_by_late_facts_starts_no_run() {
    let policy = policy(&one_journey("club", "stage:loyal"));
    let mut anna = nobody();
    order(&mut anna, noon(0), "1");
    take_decision(&policy, &mut anna, noon(0));
    order(&mut anna, noon(5), "2");
    order(&mut anna, noon(10), "3");
    let decision = take_decision(&policy, &mut anna, noon(20));
    assert_eq!((decision.stage, started(&decision)), (Stage::Loyal, vec![]));
}

#[test]
fn a_journey_that_is_added_later_does_not_write_to_those_who_are_in_the_stage_already() {
    let mut anna = nobody();
    order(&mut anna, noon(0), "1");
    let before = policy(&one_journey("other", "stage:lapsed"));
    take_decision(&before, &mut anna, noon(0));
    take_decision(&before, &mut anna, noon(90));
    let after = policy(&one_journey("miss-you", "stage:inactive"));
    let decision = take_decision(&after, &mut anna, noon(90) + HOUR);
    assert_eq!((decision.stage, started(&decision)), (Stage::Inactive, vec![]));
}

#[test]
fn an_answer_counts_from_its_own_instant_even_if_it_arrives_a_little_late_or_early() {
    let policy = policy("");
    let mut anna = nobody();
    apply(&mut anna, noon(0), "survey", Event::NpsAnswer(NpsAnswer { score: 8, comment: None, may_call: None }));
    let early = take_decision(&policy, &mut anna, noon(0) - SignedDuration::from_millis(1));
    assert!(started(&early).is_empty() && early.due_at == Some(noon(0)), "{early:?}");
    let decision = take_decision(&policy, &mut anna, noon(0) + HOUR);
    assert_eq!(started(&decision), ["nps-passive"]);
    assert_eq!(anna.decided.runs["nps-passive"].started_at, noon(0));
}

#[test]
fn a_journey_writes_at_most_as_often_as_it_says() {
    let journey = one_journey("thanks", "order").replace("priority = 1\n", "priority = 1\nat_most_every = \"10d\"\n");
    let policy = policy(&journey);
    for (less, journeys) in [(1, &[][..]), (0, &["thanks"])] {
        let mut anna = nobody();
        order(&mut anna, noon(0), "1");
        assert_eq!(planned(&take_decision(&policy, &mut anna, noon(0))), [("thanks", noon(0))]);
        let next = noon(10) - SignedDuration::from_secs(less);
        order(&mut anna, next, "2");
        assert_eq!(started(&take_decision(&policy, &mut anna, next)), journeys);
    }
}

fn ended(decision: &Decision) -> Vec<(&str, Reason)> {
    let entries = decision.entries.iter();
    let runs = entries.filter_map(|entry| match entry {
        Entry::RunEnded { journey, reason, .. } => Some((journey.as_str(), *reason)),
        _ => None,
    });
    runs.collect()
}

#[test]
fn a_run_about_a_stage_ends_when_the_customer_leaves_it_and_says_which_steps_are_left_out() {
    let second = "[[journey.step]]\nid = \"more\"\ndelay = \"7d\"\nchannel = \"email\"\ntemplate = \"t\"\n";
    let policy = policy(&(one_journey("miss-you", "stage:inactive") + second));
    let mut anna = nobody();
    order(&mut anna, noon(0), "1");
    take_decision(&policy, &mut anna, noon(0));
    take_decision(&policy, &mut anna, noon(30));
    assert!(ended(&take_decision(&policy, &mut anna, noon(90))).is_empty());
    assert!(ended(&take_decision(&policy, &mut anna, noon(91))).is_empty());
    order(&mut anna, noon(92), "2");
    let decision = take_decision(&policy, &mut anna, noon(92));
    assert_eq!(ended(&decision), [("miss-you", Reason::LeftStage)]);
    let left_out = Entry::NotSent {
        journey: "miss-you".to_owned(),
        step: Some("more".to_owned()),
        reason: Reason::LeftStage,
        because: None,
    };
    assert!(decision.entries.contains(&left_out), "{:?}", decision.entries);
    assert!(anna.decided.runs["miss-you"].ended);
}

#[test]
fn a_request_for_consent_is_no_longer_sent_once_the_customer_gave_it() {
    let policy = policy("");
    let mut anna = nobody();
    let word = |own| {
        Event::Consent(ConsentEvent {
            channel: Channel::Sms,
            purpose: None,
            granted: true,
            source: "page".to_owned(),
            text_version: None,
            own,
        })
    };
    apply(&mut anna, noon(0), "shop", word(false));
    assert_eq!(started(&take_decision(&policy, &mut anna, noon(0))), ["confirm-sms"]);
    apply(&mut anna, noon(0) + HOUR, "own", word(true));
    let decision = take_decision(&policy, &mut anna, noon(0) + HOUR);
    assert_eq!(ended(&decision), [("confirm-sms", Reason::Settled)]);
    apply(&mut anna, noon(1), "shop again", word(false));
    assert!(started(&take_decision(&policy, &mut anna, noon(1))).is_empty(), "asked once");
}

#[test]
fn a_journey_that_is_taken_out_of_the_policy_ends_its_runs() {
    let mut anna = nobody();
    order(&mut anna, noon(0), "1");
    take_decision(&policy(""), &mut anna, noon(0));
    let decision = take_decision(&policy(&one_journey("other", "stage:lapsed")), &mut anna, noon(0) + HOUR);
    let removed = Reason::JourneyRemoved;
    assert_eq!(ended(&decision), [("nps", removed), ("welcome", removed)]);
}
