//! Policies that are as large and as unpleasant as they may be: what one decision takes stays bounded, and it always fits into one
//! transaction of the database.

#[path = "shared_steps/order_event.rs"]
mod order_event;
#[path = "shared_steps/take_decision.rs"]
mod take_decision;

use jiff::{SignedDuration, Timestamp};
use order_event::order_event;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Decision, MAX_DECISION_STEPS, MAX_ENTRIES, MAX_MESSAGES, decide};
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, Marks, NpsAnswer, OrderStatus, Reaction, ReactionKind, Referred, Traits,
};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_lifecycle::policy::{
    MAX_CANDIDATE_ZONES, MAX_CAP, MAX_CONDITIONS, MAX_FACTOR, MAX_JOURNEYS, MAX_OFF_SEASONS, MAX_STEPS, Policy,
};
use std::collections::BTreeSet;
use take_decision::take_decision;

/// Items of a transaction beside the messages: the customer and the record of the decision.
const OTHER_ITEMS: usize = 2;
/// Entries that one more step may add to those that were counted: a run that starts in every journey, and 24 friends.
const ENTRIES_AT_ONCE: usize = MAX_JOURNEYS + 24 + 1;
/// The most steps that were ever seen are fewer than half of the budget: it is for what nobody thought of.
const EXPECTED_STEPS: usize = MAX_DECISION_STEPS / 2;

const ZONES: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Honolulu",
    "America/St_Johns",
];
const TRIGGERS: [&str; 10] = [
    "first_order",
    "order",
    "stage:new",
    "stage:active",
    "stage:loyal",
    "stage:inactive",
    "nps:promoter",
    "nps:detractor",
    "referral_converted",
    "unconfirmed:sms",
];
const CONDITIONS: [&str; 5] = ["ordered", "reacted", "clicked", "replied", "answered"];

/// Hours after noon of a Monday.
fn hour(number: i64) -> Timestamp {
    "2026-03-02T12:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_hours(number)
}

/// A customer of whom as much is known as can be.
fn customer(policy: &Policy) -> Customer {
    let id = CustomerId::parse("anna").expect("an id");
    let mut customer = Customer::new(ShopId::parse("vinyl").expect("a shop id"), id);
    let mut apply = |at: Timestamp, id: &str, event: Event| {
        let traits = Traits {
            email: EmailAddress::parse("anna@example.com").ok(),
            phone: PhoneNumber::parse("+442071838750").ok(),
            ..Traits::default()
        };
        let fact = Fact { at, id: id.to_owned(), event, traits };
        // A history that would have to be counted again stays as it is.
        let _ = customer.folded.apply(&fact, &policy.calendar);
    };
    for channel in [Channel::Email, Channel::Sms] {
        let source = "page".to_owned();
        let yes = ConsentEvent { channel, purpose: None, granted: true, source, text_version: None, own: true };
        apply(hour(-9_000), &format!("yes {channel:?}"), Event::Consent(yes));
    }
    for number in 0..60_i64 {
        let id = format!("{}-{number}", "o".repeat(60));
        apply(hour(-1_500 + 25 * number), &id, order_event(&id, OrderStatus::Completed));
        let how = [ReactionKind::Click, ReactionKind::Visit, ReactionKind::Reply]
            [usize::try_from(number % 3).expect("0 to 2")];
        apply(
            hour(-600 + 10 * number),
            &format!("r{number}"),
            Event::Reaction(Reaction { how, message: None, run: None, link: None }),
        );
    }
    apply(hour(-1), "survey", Event::NpsAnswer(NpsAnswer { score: 9, comment: None, may_call: None }));
    for friend in 0..30 {
        let referred = Referred {
            code: "7KQ2MX4H".to_owned(),
            friend: format!("friend{friend}"),
            ordered_at: hour(-400 + friend),
            counts: true,
            marks: Marks::default(),
        };
        apply(hour(-400 + friend), &format!("f{friend}"), Event::Referred(referred));
    }
    customer
}

/// Whether a decision fits a commit, and took no more than it may.
fn check(decision: &Decision, customer: &Customer) {
    assert!(decision.messages.len() <= MAX_MESSAGES && decision.messages.len() + OTHER_ITEMS <= 100);
    let entries = decision.entries.len();
    assert!(entries < MAX_ENTRIES + ENTRIES_AT_ONCE, "{entries} entries");
    assert!(decision.steps < EXPECTED_STEPS, "{} steps", decision.steps);
    // The largest item has 400 KB, all of a transaction 4 MB.
    let size = |value: serde_json::Value| value.to_string().len();
    let messages: Vec<usize> = decision.messages.iter().map(|message| size(serde_json::json!(message))).collect();
    let record = size(serde_json::json!(decision.entries));
    let decided = size(serde_json::json!(customer.decided));
    assert!(messages.iter().all(|bytes| *bytes < 10_000), "{messages:?}");
    assert!(record < 200_000 && decided < 200_000, "{record} bytes of entries, {decided} bytes of the customer");
}

/// Decides again and again at the times that the decisions ask for, and sends what they create. Returns the messages.
fn live(policy: &Policy, customer: &mut Customer, from: Timestamp, decisions: usize) -> Vec<String> {
    let (mut now, mut created) = (from, Vec::new());
    for _ in 0..decisions {
        let decision = take_decision(policy, customer, now);
        check(&decision, customer);
        for message in &decision.messages {
            let accepted = AttemptOutcome::Accepted { provider_id: "p".to_owned() };
            customer.settle(&message.claimed(now).attempted(accepted, now), now);
            created.push(message.id.to_string());
        }
        let Some(next) = decision.due_at else { break };
        now = next.max(now + SignedDuration::from_secs(1));
    }
    created
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// A policy with as many journeys and steps as there may be. Every step is due at once.
fn largest(cap: &str, trigger: impl Fn(usize) -> &'static str) -> String {
    let zones: Vec<&str> = ZONES.iter().copied().cycle().take(MAX_CANDIDATE_ZONES).collect();
    let seasons: Vec<String> = (0..MAX_OFF_SEASONS).map(|n| format!("08-{:02}..08-{:02}", n + 1, n + 2)).collect();
    let seasons: Vec<&str> = seasons.iter().map(String::as_str).collect();
    let conditions: Vec<&str> = CONDITIONS.iter().copied().cycle().take(MAX_CONDITIONS).collect();
    let mut text = format!(
        "candidate_zones = [{}]\n[stages]\noff_season = [{}]\nlapsed_factor = {MAX_FACTOR}\n{cap}\n[quiet_hours]\nfrom = 0\n\
         to = 24\n[experiment]\nholdout = 0.0\n[referral]\nat_most_per_month = 1000\n",
        quoted(&zones),
        quoted(&seasons),
    );
    for journey in 0..MAX_JOURNEYS {
        let id = format!("{}{journey}", "j".repeat(20));
        text += &format!(
            "[[journey]]\nid = \"{id}\"\ntrigger = \"{}\"\npurpose = \"survey\"\npriority = {journey}\n",
            trigger(journey)
        );
        for step in 0..MAX_STEPS {
            text += &format!(
                "[[journey.step]]\nid = \"{}{step}\"\ndelay = \"{step}m\"\nchannel = \"{}\"\ntemplate = \"{}\"\nnot_after = \"900d\"\n",
                "s".repeat(12),
                if step % 2 == 0 { "email" } else { "task" },
                "t".repeat(16),
            );
            if step % 2 == 0 {
                text += &format!(
                    "coupon = {{ code = \"{}\", percent = 10, valid_for = \"9d\" }}\nunless = [{}]\n",
                    "C".repeat(40),
                    quoted(&conditions[..MAX_CONDITIONS * (step % 4) / 4]),
                );
            }
        }
    }
    text
}

#[test]
fn the_largest_policy_is_decided_on_bit_by_bit_and_no_step_is_lost_or_taken_twice() {
    let cap = format!("[frequency_cap]\nwindow = \"0h\"\ntotal = {MAX_CAP}\nmin_gap = \"0h\"");
    let policy = Policy::parse(&largest(&cap, |_| "first_order")).expect("the largest policy");
    let mut customer = customer(&policy);
    let now = hour(2);
    // Only the latest order is fresh, so that of a customer with one order the first is.
    customer.folded.orders = Default::default();
    let first = Fact {
        at: hour(0),
        id: "first".to_owned(),
        event: order_event("first", OrderStatus::Completed),
        traits: Traits::default(),
    };
    customer.folded.apply(&first, &policy.calendar).expect("one order");
    let first = decide(&policy, &customer, now);
    assert_eq!((first.messages.len(), first.due_at), (MAX_MESSAGES, Some(now + SignedDuration::from_mins(1))));
    let created = live(&policy, &mut customer, now, 400);
    let different: BTreeSet<&String> = created.iter().collect();
    assert_eq!(different.len(), created.len(), "no message is created twice");
    assert_eq!(created.len(), MAX_JOURNEYS * MAX_STEPS, "every step is taken");
}

#[test]
fn the_largest_policy_takes_a_bounded_number_of_steps_under_every_trigger() {
    let cap = format!("[frequency_cap]\nwindow = \"90d\"\ntotal = {MAX_CAP}\nmin_gap = \"0h\"");
    let of_any_channel = TRIGGERS.into_iter().filter(|trigger| !trigger.starts_with("unconfirmed")).collect();
    for triggers in [of_any_channel, vec!["order"], vec!["referral_converted"], vec!["stage:loyal", "order"]] {
        let policy = Policy::parse(&largest(&cap, |journey| triggers[journey % triggers.len()])).expect("a policy");
        live(&policy, &mut customer(&policy), hour(0), 60);
    }
}

#[test]
fn runs_of_journeys_that_were_renamed_again_and_again_do_not_fill_the_record() {
    let mut customer = customer(Policy::built_in());
    for version in 0..150_usize {
        let journeys = (0..10).map(|n| {
            format!(
                "[[journey]]\nid = \"v{version}-{n}\"\ntrigger = \"order\"\npurpose = \"survey\"\npriority = 1\n\
                 [[journey.step]]\nid = \"s\"\ndelay = \"1m\"\nchannel = \"email\"\ntemplate = \"t\"\n"
            )
        });
        let policy = Policy::parse(&journeys.collect::<String>()).expect("a policy");
        let decision = take_decision(&policy, &mut customer, hour(0));
        check(&decision, &customer);
    }
    assert!(customer.decided.runs.len() <= 2 * MAX_JOURNEYS, "{} runs", customer.decided.runs.len());
    assert!(customer.decided.runs.contains_key("v149-9"));
}

/// Policies of any size, with much that is due at once.
fn any_policy() -> impl Strategy<Value = String> {
    let conditions = || subsequence(CONDITIONS.to_vec(), 0..=2);
    let step = (select(vec!["email", "sms", "task"]), conditions(), conditions(), 0..4_u32, any::<bool>(), 0..3_u32);
    let journey = (
        select(TRIGGERS.to_vec()),
        conditions(),
        -3..3_i32,
        prop::option::of(1..99_u32),
        prop::collection::vec(step, 1..=MAX_STEPS),
        select(vec!["survey", "marketing", "referral"]),
    );
    let rules = (
        subsequence(ZONES.to_vec(), 0..=ZONES.len()),
        (0..23_u8, 1..25_u8),
        (select(vec!["0h", "1h", "7d", "36500d"]), 1..=MAX_CAP, select(vec!["0h", "12h", "36500d"])),
        (0..=MAX_FACTOR, select(vec!["[]", "[\"01-01..12-31\"]", "[\"12-24..01-02\", \"02-29..03-01\"]"])),
        0..2_u32,
    );
    (rules, prop::collection::vec(journey, 0..=MAX_JOURNEYS)).prop_map(|(rules, journeys)| {
        let (zones, (from, hours), (window, total, min_gap), (factor, seasons), holdout) = rules;
        let to = (from + hours).min(24);
        let mut text = format!(
            "candidate_zones = [{}]\n[quiet_hours]\nfrom = {from}\nto = {to}\n[frequency_cap]\nwindow = \"{window}\"\ntotal = {total}\n\
             sms = 5\nmin_gap = \"{min_gap}\"\n[stages]\nlapsed_factor = {}\ncadence_factor = {}\noff_season = {seasons}\n\
             inactive_at_most = \"36500d\"\n[experiment]\nholdout = 0.{holdout}\n",
            quoted(&zones),
            factor.max(1),
            factor.max(1),
        );
        for (number, (trigger, ends_when, priority, every, steps, purpose)) in journeys.into_iter().enumerate() {
            text += &format!(
                "[[journey]]\nid = \"j{number}\"\ntrigger = \"{trigger}\"\npurpose = \"{purpose}\"\npriority = {priority}\nends_when = [{}]\n",
                quoted(&ends_when)
            );
            if let Some(every) = every {
                text += &format!("at_most_every = \"{every}h\"\n");
            }
            for (place, (channel, unless, only_if, orders, follows, spacing)) in steps.into_iter().enumerate() {
                let only = trigger.strip_prefix("unconfirmed:");
                let channel = only.unwrap_or(channel);
                text += &format!(
                    "[[journey.step]]\nid = \"s{place}\"\ndelay = \"{}m\"\nchannel = \"{channel}\"\ntemplate = \"t\"\nunless = [{}]\n\
                     only_if = [{}]\nonly_if_orders = {orders}\n",
                    place * (1 + 60 * usize::try_from(spacing).expect("small")) + place,
                    quoted(&unless),
                    quoted(&only_if),
                );
                if follows && place > 0 && only.is_none() {
                    text += "fallback = \"email\"\n";
                }
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_policy_a_decision_fits_a_commit(text in any_policy(), late in 0..2_000_i64) {
        let Ok(policy) = Policy::parse(&text) else { return Ok(()) };
        let mut customer = customer(&policy);
        live(&policy, &mut customer, hour(0), 6);
        live(&policy, &mut customer, hour(late), 6);
    }
}
