//! Whole customer lives run by the rules alone: orders and refusals come at random, the engine wakes only at the
//! instants that decisions request, and the test checks the promises from outside.

#[path = "shared_steps/order_event.rs"]
mod order_event;

use jiff::{SignedDuration, Timestamp, Zoned};
use order_event::order_event;
use proptest::prelude::*;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::{Customer, Permissions};
use rekindle_lifecycle::decide::{Entry, Verdict, decide, verdict};
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, OrderStatus, Pause, Reaction, ReactionKind, Traits};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::message::{AttemptOutcome, Message};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::stage::{Stage, assess};
use std::collections::{BTreeMap, BTreeSet};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// A policy without a holdout, so that every message can be seen.
fn policy(extra: &str) -> Policy {
    Policy::parse(&format!("[experiment]\nholdout = 0.0\n{extra}")).expect("a valid policy")
}

struct Life {
    policy: Policy,
    customer: Customer,
    sent: Vec<(Timestamp, Message)>,
    entries: Vec<Entry>,
    wakes: usize,
    /// How long the provider's queue holds each message in turn, in minutes.
    delays: Vec<i64>,
    under_way: Vec<(Timestamp, Message)>,
}

impl Life {
    fn new(policy: Policy, id: &str) -> Self {
        let shop = ShopId::parse("vinyl").expect("a shop id");
        let mut customer = Customer::new(shop, CustomerId::parse(id).expect("a customer id"));
        // Every customer here has confirmed text messages.
        let own_yes = ConsentEvent {
            channel: Channel::Sms,
            purpose: None,
            granted: true,
            source: "reply".to_owned(),
            text_version: None,
            own: true,
        };
        customer.folded.permissions.apply(&own_yes, Timestamp::UNIX_EPOCH);
        Self { policy, customer, sent: vec![], entries: vec![], wakes: 0, delays: vec![], under_way: vec![] }
    }

    fn apply(&mut self, fact: &Fact, now: Timestamp) {
        self.run_until(now);
        self.customer.folded.apply(fact, &self.policy.calendar).expect("recent facts fold in place");
        self.advance(now);
    }

    fn advance(&mut self, now: Timestamp) {
        let decision = decide(&self.policy, &self.customer, now);
        self.customer.stage = decision.stage;
        self.customer.stage_since = decision.stage_since;
        self.customer.version += 1;
        self.customer.due_at = decision.due_at;
        if let Some(decided) = decision.decided {
            self.customer.decided = decided;
        }
        self.entries.extend(decision.entries);
        for message in decision.messages {
            let minutes = self.delays.pop().unwrap_or(0);
            self.under_way.push((now + SignedDuration::from_mins(minutes), message));
        }
        self.wakes += 1;
        let again = decide(&self.policy, &self.customer, now);
        assert!(again.messages.is_empty() && again.entries.is_empty(), "deciding twice did more: {again:?}");
        assert_eq!(again.decided, None);
        assert!(self.customer.due_at.is_none_or(|due_at| due_at > now), "due in the past");
    }

    /// Wakes at every requested instant, and at no other.
    fn run_until(&mut self, end: Timestamp) {
        loop {
            let sending = self.under_way.iter().map(|(at, _)| *at).min();
            let Some(next) = [self.customer.due_at, sending].into_iter().flatten().min().filter(|at| *at <= end) else {
                return;
            };
            assert!(self.wakes < 5_000, "the customer wakes too often");
            if sending == Some(next) {
                self.send(next);
            } else {
                self.advance(next);
            }
        }
    }

    fn send(&mut self, now: Timestamp) {
        let index = self.under_way.iter().position(|(at, _)| *at == now).expect("a message due now");
        let (_, message) = self.under_way.remove(index);
        let settled = match verdict(&self.policy, &self.customer, &message, now) {
            Verdict::Later(at) => {
                self.under_way.push((at, message));
                return;
            }
            Verdict::Withdraw(reason) => message.cancelled(reason),
            Verdict::Send => {
                self.sent.push((now, message.clone()));
                message.claimed(now).attempted(AttemptOutcome::Accepted { provider_id: "p".to_owned() }, now)
            }
        };
        self.customer.settle(&settled, now);
        self.customer.due_at = self.customer.needs_attention_at();
        if self.customer.due_at.is_some_and(|at| at <= now) {
            self.advance(now);
        }
    }

    fn names(&self) -> Vec<String> {
        self.sent.iter().map(|(_, message)| format!("{}/{}", message.journey, message.step)).collect()
    }

    fn reason_for(&self, journey: &str, step: &str) -> Option<Reason> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::NotSent { journey: j, step: Some(s), reason, .. } if j == journey && s == step => Some(*reason),
            _ => None,
        })
    }
}

fn order(id: &str, at: Timestamp, traits: Traits) -> Fact {
    let event = order_event(id, OrderStatus::Completed);
    Fact { at, id: id.to_owned(), event, traits }
}

fn reachable() -> Traits {
    Traits {
        email: EmailAddress::parse("anna@example.com").ok(),
        phone: PhoneNumber::parse("+442071838750").ok(),
        sms_consent: Some(true),
        ..Traits::default()
    }
}

#[test]
fn a_customer_who_orders_once_gets_the_whole_plan_and_then_silence() {
    let mut life = Life::new(policy(""), "anna");
    let start = instant("2026-03-02T12:00:00Z");
    life.apply(&order("1", start, reachable()), start);
    assert_eq!(life.customer.stage, Stage::New);
    life.run_until(instant("2028-01-01T00:00:00Z"));
    let plan: Vec<String> =
        life.sent.iter().map(|(at, message)| format!("{at} {}/{}", message.journey, message.step)).collect();
    assert_eq!(
        plan,
        [
            "2026-03-02T13:00:00Z welcome/thanks",
            "2026-03-05T12:00:00Z welcome/guide",
            "2026-03-12T12:00:00Z welcome/nudge",
            "2026-03-16T12:00:00Z welcome/text",
            // Both were due at the same time; the question waits for the minimum gap and for the morning.
            "2026-03-17T09:00:00Z nps/question",
            "2026-05-31T12:00:00Z reengage/reminder",
            "2026-06-07T12:00:00Z reengage/offer",
            "2026-06-14T12:00:00Z reengage/text",
            "2026-08-29T12:00:00Z winback/offer",
        ]
    );
    assert_eq!(life.customer.stage, Stage::Lapsed);
    assert_eq!(life.customer.due_at, None, "nothing can change any more");
    assert!(life.wakes < 25, "{} wakes for nine messages", life.wakes);
}

#[test]
fn a_second_order_ends_the_nudging_and_a_reaction_spares_the_text_message() {
    let mut life = Life::new(policy(""), "anna");
    let start = instant("2026-03-02T12:00:00Z");
    life.apply(&order("1", start, reachable()), start);
    let second = start + 24 * 5 * HOUR;
    life.apply(&order("2", second, Traits::default()), second);
    life.run_until(start + 24 * 40 * HOUR);
    assert_eq!(life.names(), ["welcome/thanks", "welcome/guide", "nps/question"]);
    assert_eq!(life.reason_for("welcome", "nudge"), Some(Reason::Ordered));
    assert_eq!(life.reason_for("welcome", "text"), Some(Reason::Ordered));

    let mut life = Life::new(policy(""), "boris");
    life.apply(&order("1", start, reachable()), start);
    let clicked = start + 24 * 11 * HOUR;
    let event = Event::Reaction(Reaction { how: ReactionKind::Click, message: None, run: None, link: None });
    life.apply(&Fact { at: clicked, id: "c".to_owned(), event, traits: Traits::default() }, clicked);
    life.run_until(start + 24 * 20 * HOUR);
    assert_eq!(life.reason_for("welcome", "text"), Some(Reason::Reacted));
}

#[test]
fn a_customer_without_address_or_consent_is_left_alone_with_the_reason() {
    let mut life = Life::new(policy(""), "anna");
    life.customer.folded.permissions = Permissions::default();
    let start = instant("2026-03-02T12:00:00Z");
    let traits = Traits { phone: PhoneNumber::parse("+442071838750").ok(), ..Traits::default() };
    life.apply(&order("1", start, traits), start);
    life.run_until(start + 24 * 20 * HOUR);
    assert_eq!(life.names(), Vec::<String>::new());
    assert_eq!(life.reason_for("welcome", "thanks"), Some(Reason::NoAddress));
    assert_eq!(life.reason_for("welcome", "text"), Some(Reason::NoConsent));
}

#[test]
fn a_customer_who_paused_messages_gets_none_until_the_pause_is_over() {
    let mut life = Life::new(policy(""), "anna");
    let start = instant("2026-03-02T12:00:00Z");
    life.apply(&order("1", start, reachable()), start);
    let asked = start + 24 * HOUR;
    let event = Event::Pause(Pause { until: asked + 24 * 30 * HOUR });
    life.apply(&Fact { at: asked, id: "p".to_owned(), event, traits: Traits::default() }, asked);
    life.run_until(asked + 24 * 100 * HOUR);
    assert_eq!(life.names(), ["welcome/thanks", "reengage/reminder", "reengage/offer"]);
    assert_eq!(life.reason_for("nps", "question"), Some(Reason::Paused));
}

#[test]
fn an_undone_order_ends_the_welcome() {
    let mut life = Life::new(policy(""), "anna");
    let start = instant("2026-03-02T12:00:00Z");
    life.apply(&order("1", start, reachable()), start);
    let mut cancelled = order("1", start + 5 * HOUR, Traits::default());
    if let Event::Order(order) = &mut cancelled.event {
        order.status = OrderStatus::Cancelled;
    }
    life.apply(&cancelled, start + 5 * HOUR);
    life.run_until(start + 24 * 200 * HOUR);
    assert_eq!(life.names(), ["welcome/thanks"]);
    assert_eq!(life.customer.stage, Stage::Prospect);
    assert_eq!(life.reason_for("welcome", "guide"), Some(Reason::OrderUndone));
}

#[test]
fn customers_in_the_holdout_get_nothing_and_the_reason_is_recorded() {
    for (extra, reason) in [("holdout = 1.0", Reason::Holdout), ("control_group = 1.0", Reason::ControlGroup)] {
        let policy = Policy::parse(&format!("[experiment]\n{extra}")).expect("a valid policy");
        let mut life = Life::new(policy, "anna");
        let start = instant("2026-03-02T12:00:00Z");
        life.apply(&order("1", start, reachable()), start);
        life.run_until(start + 24 * 365 * HOUR);
        assert_eq!(life.names(), Vec::<String>::new());
        let left_out =
            life.entries.iter().filter(|entry| matches!(entry, Entry::NotSent { reason: r, .. } if *r == reason));
        assert_eq!(left_out.count(), 4, "welcome, nps, reengage and winback");
    }
}

#[test]
fn an_imported_history_starts_no_journey_until_the_customers_own_instant() {
    let now = instant("2026-03-02T12:00:00Z");
    let mut first_messages = BTreeSet::new();
    for n in 0..40 {
        let mut life = Life::new(policy(""), &format!("customer-{n}"));
        life.apply(&order("1", now - 24 * 120 * HOUR, reachable()), now);
        assert_eq!(life.customer.stage, Stage::Inactive);
        life.run_until(now + 24 * 20 * HOUR);
        let (at, message) = life.sent.first().expect("a reminder in the end");
        assert_eq!(message.journey, "reengage");
        first_messages.insert(at.to_string()[..10].to_owned());
    }
    assert!(first_messages.len() >= 8, "spread over days: {first_messages:?}");
}

#[test]
fn a_late_fact_changes_the_stage_and_starts_nothing() {
    let now = instant("2026-03-02T12:00:00Z");
    let mut life = Life::new(policy(""), "anna");
    life.apply(&order("1", now, reachable()), now);
    let later = now + 24 * 30 * HOUR;
    for (n, day) in [40, 50].into_iter().enumerate() {
        life.apply(&order(&format!("old-{n}"), now - 24 * day * HOUR, Traits::default()), later);
    }
    assert_eq!(life.customer.stage, Stage::Loyal);
    life.run_until(later + 24 * 20 * HOUR);
    assert!(!life.names().contains(&"referral/invitation".to_owned()), "{:?}", life.names());
}

#[test]
fn editing_a_journey_never_repeats_a_step_that_a_customer_has_passed() {
    let start = instant("2026-03-02T12:00:00Z");
    let mut life = Life::new(policy(""), "anna");
    life.apply(&order("1", start, reachable()), start);
    life.run_until(start + 24 * 11 * HOUR);
    let before = life.names();
    let edited = |steps: &str| {
        policy(&format!(
            "[[journey]]\nid = \"welcome\"\ntrigger = \"first_order\"\npurpose = \"marketing\"\npriority = 60\n{steps}"
        ))
    };
    let step = |id: &str, delay: &str| {
        format!(
            "[[journey.step]]\nid = \"{id}\"\ndelay = \"{delay}\"\nchannel = \"email\"\ntemplate = \"welcome-{id}\"\n"
        )
    };
    // One step added in front, two renamed (one of them the last one taken), one moved later, one added at the end.
    let renamed = [step("manual", "3d"), step("push", "10d")].concat();
    let steps = [step("hello", "2h"), renamed, step("thanks", "12d"), step("tips", "15d")].concat();
    life.policy = edited(&steps);
    life.advance(start + 24 * 11 * HOUR);
    life.run_until(start + 24 * 40 * HOUR);
    assert_eq!(life.names()[before.len()..], ["welcome/tips"]);
}

fn any_policy() -> impl Strategy<Value = Policy> {
    (1..4_usize, 0..2_usize, 2..10_u8, 0..3_usize).prop_map(|(total, sms, days, zones)| {
        let zones = ["[]", "[\"America/New_York\", \"America/Los_Angeles\"]", "[\"Asia/Tokyo\"]"][zones];
        let text = format!("candidate_zones = {zones}\n[frequency_cap]\ntotal = {total}\nsms = {sms}\nwindow = \"{days}d\"\n[experiment]\nholdout = 0.0");
        Policy::parse(&text).expect("a valid policy")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn caps_and_quiet_hours_hold_and_every_due_customer_is_advanced(
        policy in any_policy(),
        gaps in proptest::collection::vec(1..3_000_i64, 1..12),
        reactions in proptest::collection::btree_set(0..12_usize, 0..4),
        delays in proptest::collection::vec(0..4_000_i64, 0..30),
        zone in proptest::option::of(prop_oneof![Just("Europe/Berlin"), Just("Asia/Kolkata")]),
    ) {
        let start = instant("2026-01-05T07:30:00Z");
        let mut life = Life::new(policy, "anna");
        life.delays = delays;
        let mut now = start;
        for (n, gap) in gaps.iter().enumerate() {
            let traits = Traits { time_zone: zone.map(str::to_owned), ..reachable() };
            life.apply(&order(&n.to_string(), now, traits), now);
            if reactions.contains(&n) {
                let event = Event::Reaction(Reaction { how: ReactionKind::Click, message: None, run: None, link: None });
                let at = now + HOUR;
                life.apply(&Fact { at, id: n.to_string(), event, traits: Traits::default() }, at);
            }
            now += HOUR * i32::try_from(*gap).expect("small");
            life.run_until(now);
            // The engine woke only when requested, and yet the recorded stage is the one that the rules give now.
            let folded = &life.customer.folded;
            let purchases = folded.orders.purchases(&life.policy.calendar, now);
            let told = assess(&life.policy.stages, &life.policy.calendar, &purchases, folded.reactions.latest(), now);
            prop_assert_eq!(told.stage, life.customer.stage);
        }
        life.run_until(now + 24 * 500 * HOUR);

        let cap = life.policy.frequency_cap;
        let window = SignedDuration::from_secs(cap.window.as_seconds());
        for (at, _) in &life.sent {
            let within: Vec<_> = life.sent.iter().filter(|(other, _)| *other <= *at && *other > *at - window).collect();
            let texts = within.iter().filter(|(_, message)| message.channel == Channel::Sms).count();
            prop_assert!(within.len() <= cap.total && texts <= cap.most(Channel::Sms), "{} in a window, {} texts", within.len(), texts);
        }
        let zones: Vec<String> = match zone {
            Some(zone) => vec![zone.to_owned()],
            None => life.policy.candidate_zones.iter().map(|zone| zone.name().to_owned()).collect(),
        };
        for (at, _) in &life.sent {
            for zone in &zones {
                let local: Zoned = at.in_tz(zone).expect("a zone");
                prop_assert!((9..20).contains(&local.hour()), "sent at {local}");
            }
        }
        let mut once = BTreeMap::new();
        for (_, message) in &life.sent {
            *once.entry(message.id.clone()).or_insert(0) += 1;
        }
        prop_assert!(once.values().all(|times| *times == 1));
        prop_assert!(life.customer.decided.contacts.iter().all(|contact| contact.check_at.is_none()), "left open");
    }
}
