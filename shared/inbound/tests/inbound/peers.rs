//! The events that other tools use as test fixtures: what belongs to somebody is taken, with its meaning and its amount.

use crate::received;
use rekindle_inbound::{Parsed, parse};
use rekindle_lifecycle::facts::Event;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The events, or nothing without the directory of cases.
fn messages() -> Option<Vec<Value>> {
    let Some(cases) = std::env::var_os("REKINDLE_CASES") else {
        println!("skipped: REKINDLE_CASES is not set");
        return None;
    };
    let path = PathBuf::from(cases).join("cases/peer-events.jsonl");
    let text = std::fs::read_to_string(path).expect("the cases can be read");
    let read = |line: &str| serde_json::from_str::<Value>(line).expect("JSON")["message"].take();
    Some(text.lines().map(read).collect())
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase()
}

/// Whether an event's name says that something happened to an order.
fn has_name_of_order(message: &Value) -> bool {
    let name = message["event"].as_str().or_else(|| message["name"].as_str()).map(letters).unwrap_or_default();
    let happened = ["complete", "paid", "placed", "created", "updated", "cancel", "refund"];
    let is_track = message["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("track"));
    is_track
        && (name.contains("order") && happened.iter().any(|word| name.contains(word))
            || ["purchase", "purchasecompleted", "refund"].contains(&name.as_str()))
}

/// Whether an event names a user, an address or a device.
fn belongs_to_somebody(message: &Value) -> bool {
    let is_said = |value: &Value| match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Number(number) => !number.is_f64(),
        _ => false,
    };
    let is_address = |value: &Value| value.as_str().is_some_and(|text| text.contains('@') && text.contains('.'));
    let ids = ["userId", "user_id", "anonymousId", "anonymous_id"];
    let places = [&message["traits"], &message["context"]["traits"], &message["properties"]];
    ids.iter().any(|name| is_said(&message[*name])) || places.iter().any(|place| is_address(&place["email"]))
}

/// The amount that an order tells in a plain form: a number, with a currency of two decimal places beside it.
fn plain_amount(message: &Value) -> Option<(i64, String)> {
    let properties = &message["properties"];
    let currency = properties["currency"].as_str().filter(|code| ["EUR", "USD", "GBP"].contains(code))?;
    let (name, number) =
        ["total", "revenue", "value"].iter().find_map(|name| Some((*name, properties[*name].as_f64()?)))?;
    let more = |name: &str| properties[name].as_f64().unwrap_or(0.0);
    let sum = if name == "revenue" { number + more("shipping") + more("tax") } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "amounts of orders")]
    let minor = (sum * 100.0).round() as i64;
    (number >= 0.0).then(|| (minor, currency.to_owned()))
}

#[test]
fn every_event_that_belongs_to_somebody_is_taken_with_its_meaning() {
    let Some(messages) = messages() else { return };
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut warned: BTreeMap<String, usize> = BTreeMap::new();
    let (mut orders, mut orders_of_somebody, mut with_amount, mut plain) = (0, 0, 0, 0);
    let (mut others, mut others_of_somebody) = (0, 0);
    for message in &messages {
        let is_order = has_name_of_order(message);
        let is_somebodys = belongs_to_somebody(message);
        match (is_order, is_somebodys) {
            (true, true) => orders_of_somebody += 1,
            (false, true) => others_of_somebody += 1,
            _ => {}
        }
        let Parsed { fact, warnings, .. } = match parse(message, None, &received()) {
            Ok(parsed) => parsed,
            Err(rejection) => {
                let reason: String = rejection.reason.chars().take(60).collect();
                *refused.entry(format!("{} {reason}", rejection.field)).or_default() += 1;
                assert!(!(is_order && is_somebodys), "{rejection:?} for {message}");
                continue;
            }
        };
        for warning in &warnings {
            *warned.entry(warning.field.split('.').take(2).collect::<Vec<_>>().join(".")).or_default() += 1;
        }
        if !is_order {
            others += usize::from(is_somebodys);
            continue;
        }
        orders += usize::from(is_somebodys);
        let amount = match &fact.event {
            Event::Order(order) => order.amount,
            Event::Refund(refund) => refund.amount,
            _ => {
                let is_warned = warnings.iter().any(|warning| warning.field == "event");
                assert!(is_warned, "ends without a word: {message}");
                continue;
            }
        };
        with_amount += usize::from(amount.is_some());
        let is_cancelled = fact.kind() == "cancelled";
        if let Some((minor, currency)) = plain_amount(message).filter(|_| !is_cancelled) {
            plain += 1;
            let stored = amount.map(|amount| (amount.minor, amount.currency.to_string()));
            assert_eq!(stored, Some((minor, currency)), "{message}");
        }
        let stored = fact.to_json();
        let read = rekindle_lifecycle::facts::Fact::parse(&stored, Some(fact.class().code())).expect("a fact");
        assert_eq!(read, fact, "it is read as it was stored");
    }
    println!("{} messages", messages.len());
    println!(
        "orders of somebody: {orders} of {orders_of_somebody} taken, {with_amount} with an amount, {plain} in a plain form"
    );
    println!("others of somebody: {others} of {others_of_somebody} taken");
    refused.iter().for_each(|(reason, count)| println!("refused {count:>4}  {reason}"));
    warned.iter().for_each(|(field, count)| println!("warned  {count:>4}  {field}"));
    assert_eq!(orders, orders_of_somebody);
    assert!(others * 100 >= others_of_somebody * 99, "{others} of {others_of_somebody}");
    assert!(plain > 20, "the amounts of {plain} orders are compared");
}
