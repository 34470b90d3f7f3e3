//! The pure part, on one core.

use crate::report::Report;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::{Customer, Folded};
use rekindle_lifecycle::decide::decide;
use rekindle_lifecycle::facts::{Event, Fact, OrderEvent, OrderStatus, Traits};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
use rekindle_lifecycle::message::{AttemptOutcome, Message};
use rekindle_lifecycle::money::{Currency, Money};
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{KeyRing, Templates};
use rekindle_store::sending::limits::SendingLimits;
use send::content;
use send::offer::Offer;
use send::shop_context::ShopContext;
use serde_json::json;
use std::hint::black_box;

/// Measures deciding, folding and rendering.
pub(crate) fn measure(report: &mut Report) {
    for zone in ["UTC", "Europe/Berlin"] {
        let policy = policy(zone);
        let (customer, now) = repeat_customer(&policy);
        assert!(decide(&policy, &customer, now).decided.is_none(), "nothing to do");
        report.repeat(&format!("decide: nothing due, shop in {zone}"), || {
            black_box(decide(black_box(&policy), black_box(&customer), black_box(now)));
        });
    }
    let policy = policy("UTC");
    let (customer, now) = new_customer(&policy);
    assert_eq!(decide(&policy, &customer, now).messages.len(), 1, "a message is due");
    report.repeat("decide: creates a message", || {
        black_box(decide(black_box(&policy), black_box(&customer), black_box(now)));
    });

    let (customer, _) = repeat_customer(&policy);
    let fact = order(9, day(160));
    report.repeat("fold: one more order", || {
        let mut folded = customer.folded.clone();
        folded.apply(black_box(&fact), &policy.calendar).expect("it folds in place");
        black_box(folded);
    });
    let stored = serde_json::to_string(&customer.folded).expect("JSON");
    report.repeat("read a stored customer's facts", || {
        black_box(serde_json::from_str::<Folded>(black_box(&stored)).expect("as it was written"));
    });
    measure_rendering(report, &policy);
}

fn measure_rendering(report: &mut Report, policy: &Policy) {
    let (customer, now) = new_customer(policy);
    let message = decide(policy, &customer, now).messages.remove(0);
    let brand = serde_json::from_value(json!({
        "name": "Harbour Records",
        "sender_address": "hello@harbour-records.example",
        "sender_name": "Marta at Harbour Records",
        "postal_address": "Harbour Records, 12 Harbour Lane, Bristol BS1 4RW, United Kingdom",
        "shop_url": "https://harbour-records.example",
    }));
    let voice = ShopContext {
        paused: false,
        limits: SendingLimits::default(),
        brand: brand.expect("a brand"),
        templates: Templates::built_in(),
    };
    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let ring = json!({ "current": 1, "keys": [{ "id": 1, "secret": secret }] }).to_string();
    let ring = KeyRing::parse(&ring, Timestamp::UNIX_EPOCH).expect("a ring");
    let offer = Offer::default();
    let context = || content::context(&voice, policy, &customer, &message, &offer, &ring, "https://links.example");
    report.repeat("render: the sealed links of a message", || {
        black_box(context());
    });
    let context = context();
    report.repeat("render: a mail (HTML and text)", || {
        black_box(voice.templates.render_email(&message.template, black_box(&context)).expect("rendered"));
    });
}

fn policy(zone: &str) -> Policy {
    Policy::parse(&format!("time_zone = \"{zone}\"\n[experiment]\nholdout = 0.0")).expect("a policy")
}

pub(crate) fn day(number: i64) -> Timestamp {
    let start: Timestamp = "2026-01-05T12:00:00Z".parse().expect("an instant");
    start + SignedDuration::from_hours(24 * number)
}

/// An order with the usual details of the customer.
pub(crate) fn order(number: i64, at: Timestamp) -> Fact {
    let order_id = OrderId::parse(&format!("61257893{number:05}")).expect("an id");
    let amount = Some(Money { minor: 5_990, currency: Currency::parse("EUR").expect("a currency") });
    let event = OrderEvent::new(order_id, OrderStatus::Completed, amount);
    let traits = Traits {
        email: EmailAddress::parse("anastasia.k@example-mail.co.uk").ok(),
        phone: PhoneNumber::parse("+442071838750").ok(),
        first_name: Some("Anastasia".to_owned()),
        language: Some("en-GB".to_owned()),
        email_consent: Some(true),
        sms_consent: Some(true),
        ..Traits::default()
    };
    Fact { at, id: number.to_string(), event: Event::Order(event), traits }
}

/// A customer whose messages are all accepted at once.
struct Life<'p> {
    policy: &'p Policy,
    customer: Customer,
}

impl<'p> Life<'p> {
    fn new(policy: &'p Policy) -> Self {
        let shop = ShopId::parse("vinyl").expect("an id");
        Self { policy, customer: Customer::new(shop, CustomerId::parse("7301544870041").expect("an id")) }
    }

    fn order(&mut self, number: i64, at: Timestamp) {
        self.pass(at);
        self.customer.folded.apply(&order(number, at), &self.policy.calendar).expect("it folds in place");
        self.advance(at);
    }

    fn pass(&mut self, until: Timestamp) {
        while let Some(at) = self.customer.due_at.filter(|at| *at <= until) {
            self.advance(at);
        }
    }

    fn advance(&mut self, now: Timestamp) {
        let decision = decide(self.policy, &self.customer, now);
        (self.customer.stage, self.customer.stage_since) = (decision.stage, decision.stage_since);
        self.customer.due_at = decision.due_at;
        self.customer.decided = decision.decided.unwrap_or_else(|| self.customer.decided.clone());
        for message in decision.messages {
            let accepted = AttemptOutcome::Accepted { provider_id: "p".to_owned() };
            self.settle(&message.claimed(now).attempted(accepted, now), now);
        }
    }

    fn settle(&mut self, message: &Message, now: Timestamp) {
        self.customer.settle(message, now);
        self.customer.due_at = self.customer.needs_attention_at();
    }
}

/// A loyal customer with nine orders, three of them rolled up, a week after the last one.
fn repeat_customer(policy: &Policy) -> (Customer, Timestamp) {
    let mut life = Life::new(policy);
    for number in 0..9 {
        life.order(number, day(number * 18));
    }
    life.pass(day(151));
    assert!(life.customer.due_at.is_some_and(|due_at| due_at > day(151)));
    (life.customer, day(151))
}

/// A customer at the instant at which the first message is due.
fn new_customer(policy: &Policy) -> (Customer, Timestamp) {
    let mut life = Life::new(policy);
    life.order(0, day(0));
    let now = day(0) + SignedDuration::from_hours(1);
    assert!(life.customer.folded.profile.can_be_reached_by(Channel::Email));
    (life.customer, now)
}
