//! Shopify's row in the table, and which reader is for which topic.

use super::answer::SYSTEM;
use super::{cart, consent, customer, fulfilment, order, privacy, product, refund};
use crate::connector::{Call, Connector};
use crate::delivery::Delivery;
use crate::fields::Warnings;
use crate::reading::Outcome;
use crate::topic;
use crate::verify::Scheme;
use jiff::Timestamp;
use serde_json::Value;

/// Shopify's row in the table.
pub(crate) const CONNECTOR: Connector =
    Connector::new((SYSTEM, "Shopify"), || Scheme::Shopify, |_| false, topic_of, delivery_id, read);

fn topic_of(delivery: &Delivery<'_>, _: Option<&Value>) -> Option<String> {
    topic::shopify(delivery.headers)
}

/// One event of the shop fires all webhooks that are subscribed to it under the same id; a webhook's own id changes.
fn delivery_id(delivery: &Delivery<'_>, topic: &str, _: Option<&Value>) -> Option<String> {
    let names = ["X-Shopify-Event-Id", "shopify-event-id", "X-Shopify-Webhook-Id", "shopify-webhook-id"];
    delivery.headers.first(&names).map(|id| format!("{topic}:{id}"))
}

fn read(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    if call.delivery.headers.get("X-Shopify-Test").is_some_and(|test| test.eq_ignore_ascii_case("true")) {
        return (Outcome::test("a notification that was sent from Shopify's settings as a test"), None);
    }
    let Some((resource, action)) = call.topic.split_once(['/', '.']) else {
        return (Outcome::refused("", "came without the header X-Shopify-Topic, which says what it is"), None);
    };
    match (resource, action) {
        ("orders", "delete") => order::deleted(call, warnings),
        ("orders", _) if is_order(call.body, action) => order::read(call, action, warnings),
        ("refunds", _) => refund::read(call, warnings),
        ("customers", "data_request" | "redact") | ("shop" | "app", _) => privacy::read(call, resource, action),
        ("customers_email_marketing_consent" | "customers_marketing_consent", _) => consent::read(call, warnings),
        ("customers_whats_app_marketing_consent", _) => {
            (Outcome::ignored("a consent to WhatsApp, which is no channel here"), None)
        }
        ("customers", "purchasing_summary") => {
            (Outcome::ignored("a customer's totals, which are counted from the orders themselves"), None)
        }
        ("customers", "delete") => (
            Outcome::ignored(
                "the account was deleted in Shopify; to erase the person here as well, erase the customer",
            ),
            None,
        ),
        ("customers", "merge") => {
            (Outcome::ignored("two accounts were merged; they are one person here by their address"), None)
        }
        ("customers" | "customer", "tags_added" | "tags_removed") => customer::tags(call, action, warnings),
        ("customers", _) => customer::read(call, warnings),
        ("carts" | "checkouts", "delete") => {
            (Outcome::ignored("a cart was deleted, which says nothing of the customer"), None)
        }
        ("carts", _) => cart::read_cart(call, warnings),
        ("checkouts", _) => cart::read_checkout(call, warnings),
        ("products", _) => product::read(call, action, warnings),
        ("inventory_levels", _) => product::read_level(call, action, warnings),
        ("fulfillments", _) => fulfilment::read(call, warnings),
        ("fulfillment_events", _) => fulfilment::read_event(call, warnings),
        _ => (Outcome::ignored(format!("nothing is done about {}", call.topic)), None),
    }
}

/// Whether a body is an order: some topics of orders, such as those of risks, send something else.
fn is_order(body: &Value, action: &str) -> bool {
    let is_usual = matches!(
        action,
        "create" | "update" | "updated" | "edited" | "paid" | "cancelled" | "fulfilled" | "partially_fulfilled"
    );
    is_usual || ["total_price", "total_price_set", "line_items"].iter().any(|name| body.get(name).is_some())
}
