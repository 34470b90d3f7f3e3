//! Tests of parsing: events in, facts or rejections out.

use crate::{Fields, Kind, Parsed, Received, Rejection, Whose, parse};
use jiff::Timestamp;
use proptest::prelude::*;
use rekindle_lifecycle::facts::{Event, Fact};
use rekindle_lifecycle::money::Currency;
use serde_json::{Value, json};
use std::fmt::Write;
use std::sync::Arc;

/// Whose an order with these changes is: the id, or the address of the guest.
fn whose(changes: Value) -> String {
    match parse(&order(changes), None, &received()).expect("accepted").whose {
        Whose::Id(id) => id.to_string(),
        Whose::Guest(address) => format!("guest {}", address.as_str()),
    }
}

#[test]
fn an_event_without_a_customers_id_is_that_of_the_address_else_the_number_else_the_device() {
    let email = json!({"email": "anna@example.com", "phone": "+442071838750"});
    let nobody = json!({"userId": null, "anonymousId": "d1"});
    let with = |name: &str, value: Value| {
        let mut changes = nobody.clone();
        merge(&mut changes, json!({ name: value }));
        whose(changes)
    };
    assert_eq!(with("properties", email.clone()), "guest anna@example.com");
    assert_eq!(with("context", json!({"traits": email})), "guest anna@example.com");
    assert_eq!(with("properties", json!({"phone": "+442071838750"})), "guest +442071838750");
    assert_eq!(with("userId", json!("")), "anonymous:d1", "an empty id is none");
    assert_eq!(with("userId", json!("42")), "42");
    let kept = parse(&order(nobody), None, &received()).expect("accepted");
    assert_eq!(kept.warnings[0].field, "userId", "nobody can be written to yet: {:?}", kept.warnings);
    assert_eq!(kept.fact.traits.device.as_deref(), Some("d1"));
}

#[test]
fn an_alias_joins_the_customer_with_the_former_id_and_with_the_device_of_that_name_on_both_sides() {
    let alias = json!({"type": "alias", "userId": "42", "previousId": "old", "messageId": "m1"});
    let Parsed { fact, of_others, warnings, .. } = parse(&alias, None, &received()).expect("accepted");
    let joined = |fact: &Fact| match &fact.event {
        Event::Joined(joined) => joined.with.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(joined(&fact), "old");
    let others: Vec<_> = of_others.iter().map(|(id, fact)| (id.to_string(), joined(fact))).collect();
    let expected = [("old", "42"), ("anonymous:old", "42"), ("42", "anonymous:old")];
    assert_eq!(others, expected.map(|(id, with)| (id.to_owned(), with.to_owned())));
    assert_eq!(warnings.len(), 1, "no time: {warnings:?}");
    for none in [json!({"type": "alias", "userId": "42"}), json!({"type": "alias", "userId": "42", "previousId": "42"})]
    {
        let parsed = parse(&none, None, &received()).expect("accepted");
        assert!(matches!(parsed.fact.event, Event::Other(_)) && parsed.of_others.is_empty());
        assert!(parsed.warnings.iter().any(|warning| warning.reason.contains("nothing is joined")));
    }
}

/// The call that delivers every event of these tests.
fn received() -> Received<'static> {
    Received {
        at: "2026-11-22T12:00:00Z".parse().expect("an instant"),
        sent_at: None,
        context: Fields::EMPTY,
        historical: false,
        default_currency: Currency::parse("USD").expect("a currency"),
        country: None,
        zone: None,
        event_names: Arc::default(),
    }
}

fn order(changes: Value) -> Value {
    let mut order = json!({
        "type": "track", "userId": "c1", "messageId": "m1", "event": "Order Completed",
        "timestamp": "2026-11-22T11:00:00Z", "properties": {"order_id": "o1", "total": 10, "currency": "EUR"},
    });
    merge(&mut order, changes);
    order
}

fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(into.entry(name).or_insert(Value::Null), change);
            }
        }
        (into, change) => *into = change,
    }
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

fn write(seen: &mut String, remarks: &[Rejection]) {
    for Rejection { field, reason, .. } in remarks {
        writeln!(seen, "  {field:?} {reason}").expect("written to memory");
    }
}

#[test]
fn every_example_becomes_its_fact() {
    let mut seen = String::new();
    for (name, kind) in [
        ("identify", Kind::Identify),
        ("order-completed", Kind::Track),
        ("order-updated", Kind::Track),
        ("order-refunded", Kind::Track),
        ("order-cancelled", Kind::Track),
        ("checkout-started", Kind::Track),
        ("product-viewed-by-a-device", Kind::Track),
        ("page", Kind::Page),
        ("screen", Kind::Screen),
        ("group", Kind::Group),
        ("alias", Kind::Alias),
    ] {
        let path = format!("{}/../../events/segment/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let event = std::fs::read_to_string(path).expect("the example exists");
        let event = serde_json::from_str(&event).expect("JSON");
        let Parsed { whose, fact, warnings, .. } = parse(&event, Some(kind), &received()).expect("accepted");
        let Whose::Id(customer) = whose else { panic!("{name} has an id") };
        let fact = serde_json::to_string(&fact).expect("JSON");
        writeln!(seen, "{name}\n  {customer} {fact}").expect("written to memory");
        write(&mut seen, &warnings);
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn an_event_of_unknown_kind_or_of_nobody_is_refused_with_the_field_and_the_reason() {
    let table = [
        ("an event that is no object", json!("x")),
        ("no type", order(json!({"type": null}))),
        ("an unknown type", order(json!({"type": "buy"}))),
        ("no customer", order(json!({"userId": null}))),
        ("an empty customer id", order(json!({"userId": " "}))),
        ("a customer id of 300 characters", order(json!({"userId": "x".repeat(300)}))),
        ("a customer id with a control character", order(json!({"userId": "a\nb"}))),
        ("a customer id that is a fraction", order(json!({"userId": 1.5}))),
        ("a device id that is a list", order(json!({"userId": null, "anonymousId": [1]}))),
        ("traits that are a text", order(json!({"type": "identify", "traits": "Anna"}))),
        ("an event that is too deep", order(json!({"properties": {"x": deep(40)}}))),
        ("an event that is too long", order(json!({"event": "Waved", "properties": {"x": "x".repeat(33_000)}}))),
        ("an order that is too long", order(json!({"properties": {"x": "x".repeat(263_000)}}))),
    ];
    let mut seen = String::new();
    for (what, event) in table {
        let rejection = parse(&event, None, &received()).expect_err(what);
        writeln!(seen, "{what}").expect("written to memory");
        write(&mut seen, &[rejection]);
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn a_field_that_is_wrong_costs_itself_and_not_the_event() {
    let table = [
        ("no name", order(json!({"event": "\u{0}"}))),
        ("a name of the wrong type", order(json!({"event": ["Order Completed"]}))),
        ("a message id of 101 characters", order(json!({"messageId": "ü".repeat(101)}))),
        ("a message id that is a list", order(json!({"messageId": [1]}))),
        ("no order id", order(json!({"properties": {"order_id": null}}))),
        ("an order id that is a list", order(json!({"properties": {"order_id": []}}))),
        ("properties that are a text", order(json!({"properties": "x"}))),
        ("an amount that is not a number", order(json!({"properties": {"total": "ten"}}))),
        ("an amount that is an object", order(json!({"properties": {"total": {}}}))),
        ("a negative amount", order(json!({"properties": {"total": -1}}))),
        ("an amount that may be two", order(json!({"properties": {"total": "9.999"}}))),
        ("an amount with too many places", order(json!({"properties": {"total": 9.9991}}))),
        ("an amount beyond all amounts", order(json!({"properties": {"total": 1e300}}))),
        ("a currency that does not exist", order(json!({"properties": {"currency": "XYZ"}}))),
        ("a coupon that is a number", order(json!({"properties": {"coupon": 7}}))),
        (
            "a price that is a word",
            order(json!({"properties": {"products": [{"sku": "s", "price": "free", "quantity": "many"}, 7]}})),
        ),
        ("a time that is a word", order(json!({"timestamp": "yesterday"}))),
        ("a time ten minutes ahead", order(json!({"timestamp": "2026-11-22T12:10:00Z"}))),
        ("a time in the year 9999", order(json!({"timestamp": "9999-12-01T00:00:00Z"}))),
        ("a time before 1990", order(json!({"timestamp": "1969-12-31T23:59:59Z"}))),
        ("a time of placing that is a word", order(json!({"properties": {"ordered_at": "yesterday"}}))),
        ("a customer id that is a fraction beside a device", order(json!({"userId": 1.5, "anonymousId": "d1"}))),
        ("a context that is a text", order(json!({"context": "x"}))),
    ];
    let mut seen = String::new();
    for (what, event) in table {
        let Parsed { fact, warnings, .. } = parse(&event, None, &received()).expect(what);
        writeln!(seen, "{what}\n  {} {}", fact.kind(), fact.to_json()).expect("written to memory");
        write(&mut seen, &warnings);
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn traits_that_cannot_be_used_are_left_out_with_a_warning() {
    let traits = json!({
        "email": "anna@", "phone": "020 7183 8750", "firstName": "An\u{7}na 🎁", "language": "english language",
        "timezone": "Mars/Olympus", "email_marketing_consent": "yes", "sms_marketing_consent": true,
    });
    let event = json!({"userId": "c1", "messageId": "m1", "timestamp": "2026-11-22T11:00:00Z", "traits": traits});
    let Parsed { fact, warnings, .. } = parse(&event, Some(Kind::Identify), &received()).expect("accepted");
    let mut seen = String::new();
    write(&mut seen, &warnings);
    insta::assert_snapshot!(seen);
    assert_eq!(fact.traits.first_name.as_deref(), Some("Anna 🎁"));
    assert_eq!((fact.traits.email_consent, fact.traits.sms_consent), (Some(true), Some(true)));
}

#[test]
fn names_of_order_events_are_known_in_their_older_forms_too() {
    let names = ["Completed Order", "order_completed", "ORDER-CANCELED", "Updated Order", "Refunded Order"];
    let kinds = names.map(|name| {
        let event = json!({"userId": 7, "event": name, "properties": {"orderId": 1, "value": "5"}});
        parse(&event, Some(Kind::Track), &received()).expect("accepted").fact.kind().to_owned()
    });
    assert_eq!(kinds, ["completed", "completed", "cancelled", "updated", "refunded"]);
}

#[test]
fn an_event_without_an_id_or_a_time_is_the_same_fact_when_it_comes_again_within_the_minute() {
    let order = json!({"userId": "c2", "event": "Order Completed", "properties": {"order_id": "1", "total": 1}});
    let fact = |text: &str| {
        let at = text.parse::<Timestamp>().expect("an instant");
        parse(&order, Some(Kind::Track), &Received { at, ..received() }).expect("accepted").fact
    };
    assert_eq!(fact("2026-11-22T12:00:01Z"), fact("2026-11-22T12:00:59Z"));
    assert_eq!(fact("2026-11-22T12:00:01Z").at.to_string(), "2026-11-22T12:00:00Z");
    let sent = |text: &str| {
        let event = json!({"userId": "c1", "event": "Waved", "sentAt": text, "timestamp": "2026-11-22T11:00:00Z"});
        parse(&event, Some(Kind::Track), &received()).expect("accepted").fact
    };
    assert_eq!(sent("2026-11-22T11:59:50Z"), sent("2026-11-22T11:59:58Z"));
}

#[test]
fn times_of_a_history_are_not_corrected() {
    let event = json!({
        "userId": "1", "event": "Order Completed", "messageId": "m1", "timestamp": "2020-02-01T10:00:00Z",
        "sentAt": "2020-02-01T10:00:01Z", "properties": {"order_id": "o1", "total": 5},
    });
    let at = |historical: bool| {
        let received = Received { historical, ..received() };
        parse(&event, Some(Kind::Track), &received).expect("accepted").fact.at.to_string()
    };
    assert_eq!((at(true), at(false)), ("2020-02-01T10:00:00Z".to_owned(), "2026-11-22T12:00:00Z".to_owned()));
}

/// Any JSON of moderate size.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec(("[a-z_]{1,12}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_in_a_field_is_accepted_or_refused_with_the_name_of_that_field(
        name in prop::sample::select(vec![
            "type", "userId", "anonymousId", "messageId", "event", "timestamp", "sentAt", "context", "traits", "properties",
        ]),
        value in any_json(),
    ) {
        let event = order(json!({}));
        let mut event = event.as_object().cloned().expect("an object");
        event.insert(name.to_owned(), value);
        if let Err(rejection) = parse(&Value::Object(event), None, &received()) {
            prop_assert!(rejection.field.starts_with(name) || rejection.field.is_empty(), "{rejection:?}");
        }
    }
}
