//! Payloads of Stripe. The kept objects are those of a generator: their form is right, their amounts are none.

use crate::support::{assert_members, events, kept, read_with, stripe};
use rekindle_connectors::{Outcome, Owner, Settings, owner};
use serde_json::{Value, json};

fn session() -> Option<Value> {
    let mut session: Value = serde_json::from_slice(&kept("others/stripe-checkout-session.fixture.json")?).unwrap();
    session["livemode"] = json!(true);
    session["currency"] = json!("eur");
    session["amount_total"] = json!(2590);
    session["amount_subtotal"] = json!(2400);
    session["total_details"] = json!({ "amount_discount": 300, "amount_shipping": 490, "amount_tax": null });
    Some(session)
}

#[expect(clippy::needless_pass_by_value, reason = "literals are passed")]
fn event(kind: &str, object: Value) -> Value {
    json!({ "id": "evt_1", "object": "event", "type": kind, "created": 1_790_000_000, "livemode": true, "data": { "object": object } })
}

#[test]
fn a_session_is_an_order_when_it_is_paid() {
    let Some(mut session) = session() else { return };
    let name = |session: &Value, kind: &str| {
        let reading = stripe(&event(kind, session.clone()));
        events(&reading)[0]["event"].as_str().unwrap().to_owned()
    };
    assert_eq!(name(&session, "checkout.session.completed"), "Order Placed", "the fixture is not paid");
    assert_eq!(name(&session, "checkout.session.async_payment_succeeded"), "Order Completed");
    assert_eq!(name(&session, "checkout.session.async_payment_failed"), "Order Cancelled");
    session["payment_status"] = json!("no_payment_required");
    assert_eq!(name(&session, "checkout.session.completed"), "Order Completed");
    session["payment_status"] = json!("paid");
    let reading = stripe(&event("checkout.session.completed", session.clone()));
    assert_eq!(reading.delivery_id.as_deref(), Some("evt_1"));
    let [order] = events(&reading) else { panic!("one event: {reading:?}") };
    assert_members(
        order,
        &[
            ("/event", json!("Order Completed")),
            ("/timestamp", json!("2026-09-21T14:13:20Z")),
            ("/userId", Value::Null),
            ("/context/traits/email", json!("example@example.com")),
            ("/properties/order_id", json!("pi_1PgafyB7WZ01zgkWSjxsAJo3")),
            ("/properties/ordered_at", json!("2009-02-13T23:31:30Z")),
            ("/properties/total", json!("25.90")),
            ("/properties/subtotal", json!("24.00")),
            ("/properties/shipping", json!("4.90")),
            ("/properties/tax", Value::Null),
            ("/properties/discount", json!("3.00")),
            ("/properties/currency", json!("EUR")),
        ],
    );
    session["payment_intent"] = Value::Null;
    let reading = stripe(&event("checkout.session.completed", session.clone()));
    assert!(events(&reading)[0]["properties"]["order_id"].as_str().unwrap().starts_with("cs_test_"));
    session["client_reference_id"] = json!("42");
    session["customer"] = json!("cus_1");
    session["consent"]["promotions"] = json!("opt_in");
    let reading = stripe(&event("checkout.session.completed", session.clone()));
    let [order, consent] = events(&reading) else { panic!("an order and a consent") };
    assert_members(order, &[("/userId", json!("42"))]);
    assert_members(
        consent,
        &[("/userId", json!("42")), ("/traits/email_marketing_consent/state", json!("subscribed"))],
    );
    session["consent"]["promotions"] = json!("opt_out");
    let reading = stripe(&event("checkout.session.completed", session));
    assert_members(&events(&reading)[1], &[("/traits/email_marketing_consent/state", json!("unsubscribed"))]);
}

#[test]
fn test_mode_and_other_objects_count_for_nothing() {
    let Some(body) = kept("others/stripe-event.fixture.json") else { return };
    let reading = read_with("stripe", &[], &body, &Settings::default());
    assert!(matches!(reading.outcome, Outcome::Test(_)));
    assert_eq!(reading.delivery_id.as_deref(), Some("evt_1Pgc76B7WZ01zgkWwyRHS12y"));
    let Some(mut session) = session() else { return };
    session["livemode"] = json!(false);
    assert!(matches!(stripe(&event("checkout.session.completed", session)).outcome, Outcome::Test(_)));
    for name in ["stripe-customer", "stripe-line-item"] {
        let object: Value = serde_json::from_slice(&kept(&format!("others/{name}.fixture.json")).unwrap()).unwrap();
        let outcome = stripe(&event("customer.created", object)).outcome;
        assert!(matches!(outcome, Outcome::Ignored(_) | Outcome::Test(_)), "{name}: {outcome:?}");
    }
}

#[test]
fn amounts_have_the_places_that_stripe_gives_a_currency() {
    let Some(mut session) = session() else { return };
    session["payment_status"] = json!("paid");
    for (currency, total) in
        [("jpy", "2590"), ("KWD", "2.590"), ("usd", "25.90"), ("isk", "26"), ("ugx", "26"), ("mga", "2590.00")]
    {
        session["currency"] = json!(currency);
        let reading = stripe(&event("checkout.session.completed", session.clone()));
        assert_members(&events(&reading)[0], &[("/properties/total", json!(total))]);
    }
    session["currency"] = Value::Null;
    let reading = stripe(&event("checkout.session.completed", session));
    assert_members(&events(&reading)[0], &[("/properties/total", Value::Null)]);
    assert!(!reading.warnings.is_empty());
}

#[test]
fn a_charge_tells_the_sum_of_its_refunds_and_each_event_one_of_them() {
    let charge = |sum: i64, before: Option<i64>| {
        let object = json!({
            "id": "ch_1", "payment_intent": "pi_1", "currency": "eur", "amount": 2590, "amount_refunded": sum, "livemode": true,
            "billing_details": { "email": "anna@example.com" }
        });
        let mut event = event("charge.refunded", object);
        event["data"]["previous_attributes"] = json!({ "amount_refunded": before });
        event
    };
    let first = stripe(&charge(1000, Some(0)));
    assert_members(
        &events(&first)[0],
        &[
            ("/event", json!("Order Refunded")),
            ("/context/traits/email", json!("anna@example.com")),
            ("/properties/order_id", json!("pi_1")),
            ("/properties/refund_id", json!("ch_1-10")),
            ("/properties/total", json!("10.00")),
            ("/properties/currency", json!("EUR")),
        ],
    );
    let second = stripe(&charge(2590, Some(1000)));
    assert_members(
        &events(&second)[0],
        &[("/properties/refund_id", json!("ch_1-25.9")), ("/properties/total", json!("15.90"))],
    );
    assert_members(&events(&stripe(&charge(2590, None)))[0], &[("/properties/total", json!("25.90"))]);
    assert!(matches!(stripe(&charge(1000, Some(1000))).outcome, Outcome::Ignored(_)));
}

#[test]
fn one_refund_counts_once_although_it_is_told_twice() {
    let Some(body) = kept("others/stripe-refund.fixture.json") else { return };
    let mut refund: Value = serde_json::from_slice(&body).unwrap();
    refund["payment_intent"] = json!("pi_1");
    let event = event("refund.created", refund);
    assert!(matches!(stripe(&event).outcome, Outcome::Ignored(_)), "the charge tells it");
    let settings = Settings { stripe_refund_objects: true, ..Settings::default() };
    let reading = read_with("stripe", &[], event.to_string().as_bytes(), &settings);
    let told = &events(&reading)[0];
    assert_members(told, &[("/properties/total", json!("1.00")), ("/properties/currency", json!("USD"))]);
    assert_eq!(owner(told), Owner::OfOrder("pi_1"));
    let mut pending = event;
    pending["data"]["object"]["status"] = json!("pending");
    let reading = read_with("stripe", &[], pending.to_string().as_bytes(), &settings);
    assert!(matches!(reading.outcome, Outcome::Ignored(_)), "not yet");
}

#[test]
fn an_expired_session_is_a_checkout_that_was_left_and_a_renewal_an_order() {
    let Some(mut session) = session() else { return };
    session["after_expiration"]["recovery"]["url"] = json!("https://buy.stripe.com/r/1");
    let reading = stripe(&event("checkout.session.expired", session));
    assert_members(
        &events(&reading)[0],
        &[("/event", json!("Checkout Started")), ("/properties/checkout_url", json!("https://buy.stripe.com/r/1"))],
    );
    let invoice = |reason: &str| {
        json!({
            "id": "in_1", "billing_reason": reason, "amount_paid": 990, "currency": "eur", "customer": "cus_1",
            "customer_email": "anna@example.com", "livemode": true, "status_transitions": { "paid_at": 1_790_000_000 }
        })
    };
    let reading = stripe(&event("invoice.paid", invoice("subscription_cycle")));
    assert_members(
        &events(&reading)[0],
        &[
            ("/event", json!("Order Completed")),
            ("/properties/order_id", json!("in_1")),
            ("/properties/total", json!("9.90")),
            ("/userId", json!("cus_1")),
        ],
    );
    assert!(matches!(stripe(&event("invoice.paid", invoice("subscription_create"))).outcome, Outcome::Ignored(_)));
}
