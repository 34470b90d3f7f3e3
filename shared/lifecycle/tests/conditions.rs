//! The conditions of steps and journeys, and the state that they are checked against.

#[path = "shared_steps/order_event.rs"]
mod order_event;

use jiff::{SignedDuration, Timestamp};
use order_event::order_event;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::customer::{Folded, MAX_CLOSED_TASKS};
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, NpsAnswer, OrderStatus, Pause, Reaction, ReactionKind, TaskClosed, Traits,
};
use rekindle_lifecycle::id::{MessageId, run_digest};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::rules::Condition;
use rekindle_lifecycle::time::Calendar;

fn calendar() -> &'static Calendar {
    &Policy::built_in().calendar
}

fn hour(number: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(number)
}

fn heard(facts: &[(i64, Event)]) -> Folded {
    let mut folded = Folded::default();
    for (number, (at, event)) in facts.iter().enumerate() {
        let fact = Fact { at: hour(*at), id: number.to_string(), event: event.clone(), traits: Traits::default() };
        folded.apply(&fact, calendar()).expect("a short history");
    }
    folded
}

fn order() -> Event {
    order_event("1", OrderStatus::Completed)
}

fn reaction(how: ReactionKind, run: Option<&str>) -> Event {
    let run = run.map(|run| run_digest("welcome", run));
    Event::Reaction(Reaction { how, message: None, run, link: None })
}

fn answer(score: u8) -> Event {
    Event::NpsAnswer(NpsAnswer { score, comment: None, may_call: None })
}

/// Returns whether the condition is true at hour `now` in run `first` of the journey `welcome`, which started at noon.
fn holds(condition: Condition, facts: &[(i64, Event)], now: i64) -> bool {
    heard(facts).holds(condition, ("welcome", "first", hour(12)), calendar(), hour(now))
}

#[test]
fn ordered_means_on_a_later_day_than_the_one_the_run_started_on() {
    let ordered = |at| holds(Condition::Ordered, &[(at, order())], 100);
    assert!(!ordered(12), "the order that started the run");
    assert!(!ordered(23), "the rest of a split order");
    assert!(ordered(24));
    assert!(!holds(Condition::Ordered, &[(24, order())], 23), "not yet");
}

#[test]
fn answered_means_after_the_run_started() {
    let answered = |at, now| holds(Condition::Answered, &[(at, answer(9))], now);
    assert!(!answered(12, 20), "the answer that started the run");
    assert!(answered(13, 20) && answered(13, 13));
    assert!(!answered(13, 12), "not yet");
}

#[test]
fn replied_means_after_the_run_started() {
    let replied = |at, now| holds(Condition::Replied, &[(at, reaction(ReactionKind::Reply, None))], now);
    assert!(!replied(12, 20) && !replied(11, 20));
    assert!(replied(13, 20) && replied(13, 13));
    assert!(!replied(13, 12), "not yet");
}

#[test]
fn any_of_a_click_a_visit_and_a_reply_is_a_reaction_and_only_the_click_is_a_click() {
    let told = |event: Event| {
        let facts = [(13, event)];
        (holds(Condition::Reacted, &facts, 20), holds(Condition::Clicked, &facts, 20))
    };
    assert_eq!(told(reaction(ReactionKind::Click, Some("first"))), (true, true));
    assert_eq!(told(reaction(ReactionKind::Click, Some("another"))), (false, false), "a click for another run");
    assert_eq!(told(reaction(ReactionKind::Click, None)), (true, false), "a link that belongs to no message of ours");
    assert_eq!(told(reaction(ReactionKind::Visit, None)), (true, false));
    assert_eq!(told(reaction(ReactionKind::Reply, None)), (true, false));
    assert_eq!(told(order()), (false, false));
}

#[test]
fn a_visit_is_a_reaction_only_after_the_run_started_and_once_it_happened() {
    let visited = |at, now| holds(Condition::Reacted, &[(at, reaction(ReactionKind::Visit, None))], now);
    assert!(!visited(12, 20) && !visited(11, 20));
    assert!(visited(13, 20) && visited(13, 13));
    assert!(!visited(13, 12), "not yet");
}

#[test]
fn of_the_closed_tasks_the_latest_are_remembered_and_of_two_closings_the_first() {
    let task = |number: usize| MessageId::parse(&["a", "b", "c", "d", "e"][number].repeat(26)).expect("an id");
    let closed = |number| Event::TaskClosed(TaskClosed { task: task(number), outcome: None });
    let some = heard(&[(5, closed(0)), (6, closed(1)), (7, closed(2)), (8, closed(3)), (9, closed(1))]);
    assert_eq!(some.closed_tasks.len(), MAX_CLOSED_TASKS);
    assert_eq!(some.closed_tasks.get(&task(1)), Some(&hour(6)));
    let more = heard(&[(5, closed(0)), (6, closed(1)), (7, closed(2)), (8, closed(3)), (9, closed(4))]);
    assert_eq!(more.closed_tasks.len(), MAX_CLOSED_TASKS);
    assert_eq!(more.closed_tasks.get(&task(0)), None, "the oldest made room");
}

#[test]
fn a_customers_own_statement_comes_after_all_known_statements() {
    let millisecond = SignedDuration::from_millis(1);
    assert_eq!(Folded::default().next_statement_at(hour(5)), hour(5));
    let consent = Event::Consent(ConsentEvent {
        channel: Channel::Email,
        purpose: None,
        granted: true,
        source: "shop".to_owned(),
        text_version: None,
        own: false,
    });
    let traits = Traits { email: EmailAddress::parse("anna@example.com").ok(), ..Traits::default() };
    let mut named = Folded::default();
    let fact = Fact { at: hour(9), id: "i".to_owned(), event: Event::Identified, traits };
    named.apply(&fact, calendar()).expect("a first fact");
    for (what, folded) in [
        ("a consent", heard(&[(9, consent)])),
        ("a pause", heard(&[(9, Event::Pause(Pause { until: hour(50) }))])),
        ("an answer", heard(&[(9, answer(3))])),
        ("an address", named),
    ] {
        // The statement's source had a clock ahead of ours.
        assert_eq!(folded.next_statement_at(hour(5)), hour(9) + millisecond, "{what}");
        assert_eq!(folded.next_statement_at(hour(9)), hour(9) + millisecond, "{what}");
        assert_eq!(folded.next_statement_at(hour(10)), hour(10), "{what}");
    }
}
