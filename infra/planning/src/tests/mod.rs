//! Plans of small histories.

mod differences;
mod identities;
mod reports;
mod rules;

use crate::{Change, Comparison, Cost, CostLine, History, Outcome, PartsOfText, Planned, Report, Span, Terms, plan};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_inbound::Received;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::money::Currency;
use rekindle_lifecycle::policy::Policy;
use serde_json::{Value, json};

/// A policy without a holdout, so that every message can be seen.
const EVERYBODY: &str = "[experiment]\nholdout = 0.0\n";
const FROM: &str = "2026-03-01T00:00:00Z";

/// Every text has two parts.
struct TwoParts;

impl PartsOfText for TwoParts {
    fn count(&self, _: &Policy, _: &Customer, message: &Message) -> u32 {
        if message.channel == rekindle_lifecycle::channel::Channel::Sms { 2 } else { 0 }
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn span(from: &str, until: &str) -> Span {
    Span { from: at(from), until: at(until) }
}

fn policy(text: &str) -> Policy {
    Policy::parse(text).expect("a policy")
}

fn history(events: &[Value]) -> History {
    let currency = Currency::parse("EUR").expect("a currency");
    let received = Received::history(TimeZone::UTC, currency, at("2027-03-01T00:00:00Z"));
    let mut history = History::new(received).expect("room");
    events.iter().for_each(|event| history.add(event).expect("a good event"));
    history
}

/// An event about an order of a customer with an address of their own.
fn event(name: &str, customer: &str, order: &str, at: &str) -> Value {
    json!({
        "type": "track", "event": name, "userId": customer, "messageId": format!("{order}-{name}-{at}"), "timestamp": at,
        "properties": { "order_id": order, "total": "40.00", "currency": "EUR" },
        "context": { "traits": { "email": format!("{customer}@example.com") } },
    })
}

fn order(customer: &str, order: &str, at: &str) -> Value {
    event("Order Completed", customer, order, at)
}

/// What a policy does over some events, and what becomes of each customer.
fn played(events: &[Value], text: &str, span: Span) -> (Planned, Vec<Outcome>) {
    let (policy, mut outcomes) = (policy(text), Vec::new());
    let shop = ShopId::parse("tea").expect("an id");
    let terms = Terms { policy: &policy, shop, span, text_parts: &TwoParts };
    let [planned] = plan(&history(events), [&terms], |[found]| outcomes.extend(found)).expect("played");
    (planned, outcomes)
}

/// What goes out, as `journey/step at`.
fn sent(outcome: &Outcome) -> Vec<String> {
    outcome.messages.iter().map(|sent| format!("{}/{} {}", sent.journey, sent.step, sent.at)).collect()
}

/// What two policies do over some events.
fn compared(events: &[Value], texts: [&str; 2], span: Span, named: usize) -> Change {
    let policies = texts.map(policy);
    let shop = ShopId::parse("tea").expect("an id");
    let terms = policies.each_ref().map(|policy| Terms { policy, shop: shop.clone(), span, text_parts: &TwoParts });
    let mut comparison = Comparison::default();
    let planned = plan(&history(events), terms.each_ref(), |both| comparison.add(both)).expect("played");
    let [one, other] = planned;
    let reports = [report(one, &policies[0], span, 100.0), report(other, &policies[1], span, 90.0)];
    Change { reports, comparison, named }
}

fn report(planned: Planned, policy: &Policy, span: Span, usd: f64) -> Report {
    let lines = vec![
        CostLine { what: "SES mails".to_owned(), usd: usd / 4.0 },
        CostLine { what: "SMS".to_owned(), usd: 0.0 },
        CostLine { what: "Lambda".to_owned(), usd: usd / 2.0 },
    ];
    let cost = Cost { usd, usd_a_month: usd * 0.75, months: 4.0 / 3.0, lines };
    Report { cost, ..Report::new(planned, span, &policy.calendar, false) }
}
