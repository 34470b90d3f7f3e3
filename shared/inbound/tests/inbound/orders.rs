//! Orders in the forms in which systems report them: what is stored of each, and what the answer warns of.

use crate::received;
use jiff::Timestamp;
use proptest::prelude::*;
use rekindle_inbound::{Parsed, Received, Whose, parse};
use rekindle_lifecycle::facts::{Event, Lines, OrderEvent, OrderStatus, RefundEvent};
use rekindle_lifecycle::money::{Currency, Money};
use serde_json::{Value, json};

/// An event of customer `c1` with these properties, an hour ago.
pub(crate) fn event(name: &str, properties: Value) -> Value {
    let mut event = json!({
        "type": "track", "userId": "c1", "messageId": "m1", "event": name, "timestamp": "2026-11-22T11:00:00Z",
    });
    event["properties"] = properties;
    event
}

pub(crate) fn parsed(event: &Value) -> Parsed {
    parse(event, None, &received()).unwrap_or_else(|rejection| panic!("{event}: {rejection:?}"))
}

/// The order that an event becomes, and what the answer warns of.
fn order(event: &Value) -> (OrderEvent, Vec<String>) {
    let Parsed { fact, warnings, .. } = parsed(event);
    let Event::Order(order) = fact.event else { panic!("{event} is {:?}", fact.event) };
    (order, warnings.into_iter().map(|warning| format!("{} {}", warning.field, warning.reason)).collect())
}

fn completed(properties: Value) -> (OrderEvent, Vec<String>) {
    order(&event("Order Completed", properties))
}

fn refund(properties: Value) -> (RefundEvent, Vec<String>) {
    let Parsed { fact, warnings, .. } = parsed(&event("Order Refunded", properties));
    let Event::Refund(refund) = fact.event else { panic!("{:?}", fact.event) };
    (refund, warnings.into_iter().map(|warning| warning.reason).collect())
}

fn money(minor: i64, code: &str) -> Option<Money> {
    Some(Money { minor, currency: Currency::parse(code).expect(code) })
}

fn amount(properties: Value) -> Option<Money> {
    completed(properties).0.amount
}

#[test]
fn an_order_keeps_its_lines_amounts_circumstances_and_the_time_at_which_it_was_placed() {
    let mut updated = event(
        "Order Updated",
        json!({
            "order_id": "o1", "total": "27.50", "currency": "EUR", "shipping": "3.00", "tax": 2, "discount": "2.50", "coupon": "WELCOME10",
            "ordered_at": "2026-11-20T09:00:00+01:00",
            "products": [
                {"product_id": 17, "variant_id": "v2", "sku": "TEA-100", "name": "Green tea", "quantity": "2", "price": "12.50", "discount": 2.5},
                {"product_id": "p2", "sku": "p2", "variant": "100 g", "quantity": 1.5, "price": 1},
            ],
        }),
    );
    updated["context"] = json!({
        "locale": "de-AT", "campaign": {"source": "news", "medium": "email", "name": "spring"}, "device": {"type": "mobile"},
        "page": {"url": "https://shop.example/thanks?token=secret"},
    });
    let (order, warnings) = order(&updated);
    assert_eq!(warnings, <[String; 0]>::default());
    assert_eq!((order.status, order.amount), (OrderStatus::Updated, money(2_750, "EUR")));
    let details = &order.details;
    assert_eq!((details.shipping, details.tax, details.discount), (Some(300), Some(200), Some(250)));
    assert_eq!(details.ordered_at.map(|at| at.to_string()).as_deref(), Some("2026-11-20T08:00:00Z"));
    let lines = serde_json::to_value(&details.lines).expect("JSON");
    assert_eq!(
        lines,
        json!({"l": [[17, "v2", "Green tea", 2, 1250, 250, "TEA-100"], ["p2", "100 g", null, 1.5, 100]]})
    );
    let context = serde_json::to_value(&details.context).expect("JSON");
    let expected = json!({"c": {"s": "news", "m": "email", "n": "spring"}, "d": "mobile"});
    assert_eq!(context, expected, "the address of the page is the customer's own, and the locale is the language");
}

#[test]
fn an_order_of_hundreds_of_products_keeps_the_first_the_number_and_the_total() {
    let product = |n: i64| {
        json!({
            "product_id": n, "name": format!("A product with a name of usual length, number {n}"), "price": 1.5, "quantity": 2,
            "url": format!("https://shop.example/products/{n}"), "image_url": "https://shop.example/picture.jpg", "category": "Everything",
        })
    };
    let products: Vec<Value> = (0..200).map(product).collect();
    let (order, warnings) = completed(json!({"order_id": "o1", "currency": "EUR", "products": products}));
    assert_eq!(order.amount, money(60_000, "EUR"), "all of them count");
    let lines = &order.details.lines;
    assert_eq!((lines.kept.len(), lines.left_out), (Lines::MAX_KEPT, 180));
    assert_eq!(lines.units.map(|units| units.thousandths), Some(400_000));
    assert!(warnings.iter().any(|warning| warning.contains("has 200 products; the first 20 are kept")), "{warnings:?}");
}

#[test]
fn the_id_is_what_the_order_has_else_the_messages() {
    for (properties, id, warns) in [
        (json!({"order_id": " o1 "}), "o1", false),
        (json!({"orderId": 17}), "17", false),
        (json!({"orderID": 17.0}), "17", false),
        (json!({"order_id": "", "id": "x"}), "x", true),
        (json!({"order_number": 1001}), "1001", true),
        (json!({"checkout_id": "c7"}), "c7", true),
        (json!({"transaction_id": "t7"}), "t7", true),
        (json!({"order": {"id": "o7"}}), "o7", true),
        (json!({"ecommerce": {"transaction_id": "t8"}}), "t8", true),
        (json!({"order_id": ["o1"], "order_number": "n1"}), "n1", true),
        (json!({"order_id": null}), "m1", true),
        (json!({}), "m1", true),
    ] {
        let mut with_total = properties.clone();
        with_total["total"] = json!(10);
        with_total["currency"] = json!("EUR");
        let (order, warnings) = completed(with_total);
        assert_eq!(order.order_id.as_str(), id, "{properties}");
        assert_eq!(warnings.iter().any(|warning| warning.contains("order_id")), warns, "{properties}: {warnings:?}");
    }
    let long = completed(json!({"order_id": "x".repeat(500), "total": 1, "currency": "EUR"}));
    assert_eq!(long.0.order_id.as_str().len(), 26, "a digest: {:?}", long.1);
}

#[test]
fn blanks_are_absent() {
    let mut blank = event("Order Completed", json!({"order_id": "o1", "total": "", "revenue": 12.5, "currency": " "}));
    blank["userId"] = json!("");
    blank["anonymousId"] = json!("d1");
    blank["timestamp"] = json!("");
    let Parsed { whose, fact, warnings, .. } = parsed(&blank);
    assert!(matches!(whose, Whose::Id(id) if id.as_str() == "anonymous:d1"));
    let Event::Order(order) = fact.event else { panic!("an order") };
    assert_eq!(order.amount, money(1_250, "USD"));
    let fields: Vec<&str> = warnings.iter().map(|warning| warning.field.as_str()).collect();
    assert_eq!(fields, ["timestamp", "userId", "properties.currency"]);
}

#[test]
fn names_that_nearly_report_an_order_are_read_or_warned_of_and_never_silent() {
    let content = json!({"order_id": "o1", "total": 10, "currency": "EUR"});
    for (name, status) in [
        ("OrderCompleted", OrderStatus::Completed),
        ("Order  Completed", OrderStatus::Completed),
        ("Order Paid", OrderStatus::Completed),
        ("Placed Order", OrderStatus::Completed),
        ("Purchase", OrderStatus::Completed),
        ("Saleor Order Completed", OrderStatus::Completed),
        ("Order Created", OrderStatus::Pending),
        ("Order Placed", OrderStatus::Pending),
        ("ecommerce.order_placed", OrderStatus::Pending),
        ("orderCancelled", OrderStatus::Cancelled),
    ] {
        assert_eq!(order(&event(name, content.clone())).0.status, status, "{name}");
    }
    for name in ["Order Complited", "Test Order Completed", "Order Shipped", "Something Bought"] {
        let Parsed { fact, warnings, .. } = parsed(&event(name, content.clone()));
        assert!(matches!(&fact.event, Event::Other(other) if other.name == name));
        assert!(warnings.iter().any(|warning| warning.reason.contains("\"Order Completed\"")), "{name}: {warnings:?}");
    }
    let without = parsed(&event("Purchase", json!({"theme": "dark"})));
    assert!(matches!(without.fact.event, Event::Other(_)) && without.warnings[0].field == "event");
    let open = order(&event("Order Created", content));
    assert!(open.1[0].contains("does not say whether the order is paid"), "{:?}", open.1);
}

#[test]
fn what_is_known_of_the_payment_decides_whether_an_order_counts() {
    for (name, field, status, expected) in [
        ("Order Placed", "payment_status", json!("paid"), OrderStatus::Completed),
        ("Order Created", "financial_status", json!("PAID"), OrderStatus::Completed),
        ("Order Created", "status", json!("processing"), OrderStatus::Completed),
        ("Order Updated", "payment_status", json!("pending"), OrderStatus::Pending),
        ("Order Updated", "status", json!("wc-on-hold"), OrderStatus::Pending),
        ("Order Updated", "status", json!("cancelled"), OrderStatus::Cancelled),
        ("Order Updated", "financial_status", json!("voided"), OrderStatus::Cancelled),
        ("Order Updated", "status", json!("packed"), OrderStatus::Updated),
        ("Order Updated", "paid", json!(false), OrderStatus::Pending),
        ("Order Completed", "financial_status", json!("pending"), OrderStatus::Pending),
        ("Order Completed", "status", json!("pending"), OrderStatus::Completed),
    ] {
        let mut properties = json!({"order_id": "o1", "total": 10, "currency": "EUR"});
        properties[field] = status.clone();
        assert_eq!(order(&event(name, properties)).0.status, expected, "{name} with {field} {status}");
    }
}

#[test]
fn an_amount_under_any_name_or_in_parts_is_what_was_paid() {
    for (properties, minor) in [
        (json!({"total": 25.9, "revenue": 20}), 2_590),
        (json!({"revenue": 25.9}), 2_590),
        (json!({"revenue": 20, "shipping": 3, "tax": 2.9}), 2_590),
        (json!({"value": "25.90"}), 2_590),
        (json!({"grand_total": "25,90"}), 2_590),
        (json!({"totalPrice": "€25.90"}), 2_590),
        (json!({"purchase_amount": 25.9}), 2_590),
        (json!({"total": {"amount": "25.90", "currency": "EUR"}}), 2_590),
        (json!({"order": {"total": 25.9}}), 2_590),
        (json!({"total": "ten", "revenue": 25.9}), 2_590),
        (json!({"subtotal": 20.9, "shipping": 3, "tax": 2}), 2_590),
        (json!({"products": [{"price": 10, "quantity": 2}, {"price": "5.90"}]}), 2_590),
        (json!({"items": [{"price": 10, "quantity": 3}], "shipping": 3, "tax": 2, "discount": 9.1}), 2_590),
        (json!({"total": 29.9988}), 3_000),
        (json!({"total": "1.234,50"}), 123_450),
    ] {
        let mut whole = json!({"order_id": "o1", "currency": "EUR"});
        whole.as_object_mut().expect("an object").extend(properties.as_object().cloned().expect("an object"));
        assert_eq!(amount(whole), money(minor, "EUR"), "{properties}");
    }
    for none in [json!("1.500"), json!(-5), json!("ten"), json!([1]), json!(1e300)] {
        let (order, warnings) = completed(json!({"order_id": "o1", "currency": "EUR", "total": none}));
        assert_eq!(order.amount, None, "{none}");
        assert!(warnings[0].starts_with("properties.total "), "{none}: {warnings:?}");
    }
    assert_eq!(amount(json!({"order_id": "o1", "currency": "KWD", "total": "1.500"})), money(1_500, "KWD"));
    let (_, warnings) = completed(json!({"order_id": "o1", "currency": "EUR", "revenue": 20, "tax": 2}));
    assert_eq!(warnings, ["properties.total is missing; 22.00 EUR is the sum of revenue, shipping and tax"]);
}

#[test]
fn a_currency_that_is_not_said_is_the_shops_with_a_warning() {
    let shop = Received { default_currency: Currency::parse("EUR").expect("EUR"), ..received() };
    for currency in [json!(null), json!(""), json!("XYZ"), json!(978)] {
        let event = event("Order Completed", json!({"order_id": "o1", "total": 10, "currency": currency}));
        let Parsed { fact, warnings, .. } = parse(&event, None, &shop).expect("accepted");
        let Event::Order(order) = fact.event else { panic!("an order") };
        assert_eq!(order.amount, money(1_000, "EUR"), "{currency}");
        assert!(warnings.iter().any(|warning| warning.field == "properties.currency"), "{currency}: {warnings:?}");
    }
}

#[test]
fn a_refund_is_what_it_says_its_products_or_everything() {
    let (negative, _) = refund(json!({"order_id": "o1", "total": -50, "currency": "EUR"}));
    assert_eq!((negative.amount, negative.currency_assumed), (money(5_000, "EUR"), false));
    let sock = json!([{"product_id": "sock", "price": 5, "quantity": 1}]);
    let (partial, _) = refund(json!({"order_id": "o1", "currency": "EUR", "products": sock}));
    assert_eq!((partial.amount, partial.lines.kept.len()), (money(500, "EUR"), 1));
    let (unpriced, warnings) =
        refund(json!({"order_id": "o1", "currency": "EUR", "products": [{"product_id": "sock"}]}));
    assert_eq!(unpriced.amount, money(0, "EUR"), "{warnings:?}");
    let (unreadable, _) = refund(json!({"order_id": "o1", "currency": "EUR", "total": "all"}));
    assert_eq!(unreadable.amount, money(0, "EUR"), "a mistake does not undo an order");
    let (whole, warnings) = refund(json!({"order_id": "o1"}));
    assert_eq!((whole.amount, warnings), (None, Vec::new()));
    let (assumed, warnings) = refund(json!({"order_id": "o1", "total": 5}));
    assert!(assumed.currency_assumed && assumed.amount == money(500, "USD"), "{warnings:?}");
}

#[test]
fn a_customer_is_found_wherever_the_order_names_them() {
    let whose = |changes: Value| {
        let mut event = event("Order Completed", json!({"order_id": "o1", "total": 1, "currency": "EUR"}));
        event["userId"] = json!(null);
        for (name, value) in changes.as_object().expect("an object") {
            match value.as_object().filter(|_| name == "properties") {
                Some(more) => event["properties"].as_object_mut().expect("an object").extend(more.clone()),
                None => event[name] = value.clone(),
            }
        }
        let Parsed { whose, fact, .. } = parsed(&event);
        let whose = match whose {
            Whose::Id(id) => id.to_string(),
            Whose::Guest(address) => format!("guest {}", address.as_str()),
        };
        (whose, fact.traits)
    };
    for properties in [
        json!({"email": "anna@example.com"}),
        json!({"emailAddress": "anna@example.com"}),
        json!({"customer": {"email": "anna@example.com"}}),
        json!({"billing": {"email": "anna@example.com"}}),
        json!({"customer_email": "anna@example.com"}),
    ] {
        assert_eq!(whose(json!({"properties": properties})).0, "guest anna@example.com", "{properties}");
    }
    let (id, traits) = whose(json!({"userId": "anna@example.com"}));
    assert_eq!(
        (id.as_str(), traits.email.as_ref().map(rekindle_lifecycle::contact::EmailAddress::as_str)),
        ("anna@example.com", Some("anna@example.com"))
    );
    assert_eq!(whose(json!({"user_id": 42})).0, "42");
    assert_eq!(whose(json!({"userId": [1], "anonymous_id": "d1"})).0, "anonymous:d1");
    let (id, traits) = whose(json!({"traits": {"phone_number": "+442071838750", "firstname": "Anna"}}));
    assert_eq!((id.as_str(), traits.first_name.as_deref()), ("guest +442071838750", Some("Anna")));
}

#[test]
fn a_kind_in_any_case_is_that_kind() {
    let mut event = event("Order Completed", json!({"order_id": "o1", "total": 1, "currency": "EUR"}));
    event["type"] = json!("TRACK");
    assert_eq!(order(&event).0.amount, money(100, "EUR"));
}

#[test]
fn a_correction_is_a_later_report_of_the_order_whose_time_it_names() {
    let first = parsed(&event("Order Completed", json!({"order_id": "o1", "total": 1999, "currency": "EUR"}))).fact;
    let mut later = event(
        "Order Updated",
        json!({"order_id": "o1", "total": 19.99, "currency": "EUR", "ordered_at": "2026-11-22T11:00:00Z"}),
    );
    later["timestamp"] = json!("2026-11-22T11:30:00Z");
    let later = parsed(&later).fact;
    let mut order = rekindle_lifecycle::customer::Order::from_fact(&later).expect("an order");
    order.join(&rekindle_lifecycle::customer::Order::from_fact(&first).expect("an order"));
    assert_eq!(order.value(), money(1_999, "EUR"), "down, whichever comes first");
    assert_eq!(order.ordered_at(), "2026-11-22T11:00:00Z".parse::<Timestamp>().expect("an instant"));
}

/// Any JSON of moderate size.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "[-(]?[$€ ]?[0-9]{0,5}[., '][0-9]{0,4}( EUR|\\)|-)?".prop_map(Value::from),
        "[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}[T ]?[0-9:.]{0,12}Z?".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec(("[a-z_]{1,8}|price|quantity|amount|sku|id|total|name", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn an_order_with_an_id_is_an_order_whatever_its_other_fields_hold_and_is_read_as_it_was_stored(
        name in prop::sample::select(vec!["Order Completed", "Order Updated", "Order Refunded", "Checkout Started", "Waved"]),
        fields in proptest::collection::vec((prop::sample::select(vec![
            "total", "revenue", "subtotal", "shipping", "tax", "discount", "currency", "products", "items", "order", "customer", "coupon",
            "status", "payment_status", "ordered_at", "refund_id", "cart_id", "email", "phone", "shipping_address", "url", "price",
        ]), any_json()), 0..8),
        around in proptest::collection::vec((prop::sample::select(vec![
            "timestamp", "sentAt", "receivedAt", "anonymousId", "messageId", "context", "traits",
        ]), any_json()), 0..3),
    ) {
        let mut event = event(name, json!({"order_id": "o1"}));
        for (field, value) in fields {
            event["properties"][field] = value;
        }
        for (field, value) in around {
            event[field] = value;
        }
        let Parsed { fact, .. } = parse(&event, None, &received()).expect("accepted");
        if name.starts_with("Order") {
            prop_assert_eq!(fact.order_id().map(ToString::to_string), Some("o1".to_owned()));
        }
        let read = rekindle_lifecycle::facts::Fact::parse(&fact.to_json(), Some(fact.class().code())).expect("a fact");
        prop_assert_eq!(read.to_json(), fact.to_json());
        prop_assert_eq!(read, fact);
    }
}
