//! The decisions about a reader's reactions: answers, tasks, referrals, confirmations, coupons.

mod life;
mod referrals;
#[path = "../shared_steps/take_decision.rs"]
mod take_decision;

use crate::life::Life;
use jiff::SignedDuration;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::decide::{Entry, Verdict, verdict};
use rekindle_lifecycle::facts::{ConsentEvent, Event, Reaction, ReactionKind, TaskClosed, Traits};
use rekindle_lifecycle::id::run_digest;
use rekindle_lifecycle::reason::Reason;

#[test]
fn staff_call_an_unhappy_customer_before_a_mail_is_sent() {
    let mut life = Life::after_an_order("");
    life.pass(1);
    life.answer("survey", 3);
    life.pass(3);
    assert_eq!(life.of("nps-detractor"), ["handoff call"]);
    let task = life.created.iter().find(|message| message.channel == Channel::Task).expect("a task").id.clone();
    assert_eq!(life.of("welcome"), ["email thanks"], "nothing is offered to them");
    assert_eq!(life.skipped("guide"), Some(Reason::Detractor));

    life.apply("closed", Event::TaskClosed(TaskClosed { task, outcome: Some("sent a new one".to_owned()) }));
    life.pass(2);
    assert_eq!(life.of("nps-detractor"), ["handoff call", "email apology"]);
    life.pass(5);
    assert_eq!(life.skipped("nudge"), Some(Reason::Detractor));
    assert_eq!(life.of("nps-detractor").len(), 2);
}

#[test]
fn a_detractor_who_raises_the_score_is_asked_to_recommend_and_not_called_twice() {
    let mut life = Life::after_an_order("[frequency_cap]\ntotal = 6\n");
    life.pass(1);
    life.answer("survey", 3);
    life.now += SignedDuration::from_mins(5);
    life.answer("survey", 9);
    life.pass(3);
    let ended = |reason| {
        life.entries.iter().any(|entry| matches!(entry, Entry::RunEnded { journey, reason: r, .. } if journey == "nps-detractor" && *r == reason))
    };
    assert!(life.of("nps-detractor").len() <= 1, "the call may be under way");
    assert!(ended(Reason::AnswerChanged));
    assert_eq!(life.of("nps-promoter"), ["email invitation"]);
    assert!(life.of("welcome").contains(&"email guide".to_owned()), "offers continue");
}

#[test]
fn a_passive_customer_is_asked_what_was_missing() {
    let mut life = Life::after_an_order("");
    life.pass(1);
    life.answer("survey", 8);
    life.answer("survey", 8);
    life.pass(2);
    assert_eq!(life.of("nps-passive"), ["email question"]);
    assert!(life.of("nps-promoter").is_empty() && life.of("nps-detractor").is_empty());
}

#[test]
fn until_a_customer_confirms_the_question_is_all_they_get_on_a_channel() {
    let mut life = Life::after_an_order("[consent.confirm]\nemail = true\nsms = true\n");
    life.pass(2);
    assert!(life.created.is_empty(), "the customer has not consented to anything");
    let traits = Traits { sms_consent: Some(true), email_consent: Some(true), ..Traits::default() };
    life.apply_with("identify", Event::Identified, traits.clone());
    life.pass(2);
    assert_eq!(life.of("confirm-email"), ["email question"]);
    assert_eq!(life.of("confirm-sms"), ["sms question"]);
    assert_eq!(life.skipped("guide"), Some(Reason::Unconfirmed));
    // The shop repeats the consent with every call: the question is not repeated.
    life.apply_with("identify again", Event::Identified, traits);
    life.pass(4);
    assert_eq!(life.created.len(), 2);
    life.own_word(Channel::Email, true);
    life.pass(4);
    assert!(life.of("welcome").contains(&"email nudge".to_owned()), "{:?}", life.of("welcome"));
}

#[test]
fn a_question_that_was_answered_meanwhile_is_withdrawn() {
    let mut life = Life::after_an_order("");
    let traits = Traits { sms_consent: Some(true), ..Traits::default() };
    life.apply_with("identify", Event::Identified, traits);
    life.pass(2);
    let question = life.created.iter().find(|message| message.asks_to_confirm()).expect("a question").clone();
    assert_eq!(verdict(&life.policy, &life.customer, &question, question.created_at), Verdict::Send);
    life.own_word(Channel::Sms, true);
    let after = verdict(&life.policy, &life.customer, &question, question.created_at);
    assert_eq!(after, Verdict::Withdraw(Reason::Settled));
}

#[test]
fn a_click_counts_for_the_run_whose_message_it_was_in() {
    let policy = r#"
[[journey]]
id = "tour"
trigger = "first_order"
purpose = "marketing"
priority = 1
[[journey.step]]
id = "hello"
delay = "1h"
channel = "email"
template = "welcome-thanks"
[[journey.step]]
id = "more"
delay = "2d"
channel = "email"
template = "welcome-guide"
only_if = ["clicked"]
[[journey.step]]
id = "call"
delay = "3d"
channel = "handoff"
template = "shy"
unless = ["clicked"]
"#;
    let click = |run: &str| {
        Event::Reaction(Reaction {
            how: ReactionKind::Click,
            message: None,
            run: Some(run_digest("tour", run)),
            link: Some("a".to_owned()),
        })
    };
    let told = |run: Option<&str>| {
        let mut life = Life::after_an_order(policy);
        life.pass(1);
        if let Some(run) = run {
            life.apply("click", click(run));
        }
        life.pass(4);
        (life.of("tour"), life.skipped("more"), life.skipped("call"))
    };
    let nothing = vec!["email hello".to_owned(), "handoff call".to_owned()];
    assert_eq!(told(None), (nothing.clone(), Some(Reason::ConditionUnmet), None));
    assert_eq!(told(Some("another run")), (nothing, Some(Reason::ConditionUnmet), None));
    let clicked = vec!["email hello".to_owned(), "email more".to_owned()];
    assert_eq!(told(Some("first")), (clicked, None, Some(Reason::Clicked)));
}

#[test]
fn a_task_is_a_step_like_any_other_under_the_same_cap() {
    let mut life = Life::after_an_order("[frequency_cap]\ntotal = 1\n");
    life.pass(1);
    assert_eq!(life.of("welcome"), ["email thanks"]);
    life.answer("survey", 2);
    life.pass(2);
    assert!(life.of("nps-detractor").is_empty(), "one contact in seven days");
    life.pass(5);
    assert_eq!(life.of("nps-detractor"), ["handoff call"]);
}

#[test]
fn consent_is_given_by_purpose_and_a_customer_who_refused_offers_still_gets_a_survey() {
    let mut life = Life::after_an_order("");
    let refusal = ConsentEvent {
        channel: Channel::Email,
        purpose: Some(Purpose::Marketing),
        granted: false,
        source: "page".to_owned(),
        text_version: None,
        own: true,
    };
    life.apply("no", Event::Consent(refusal));
    life.pass(16);
    assert!(life.of("welcome").is_empty());
    assert_eq!(life.of("nps"), ["email question"]);
}
