//! Stripe's row in the table, and which reader is for which topic.

use super::answer::SYSTEM;
use super::{invoice, refund, session};

use crate::connector::{Call, Connector};
use crate::delivery::Delivery;
use crate::fields::{Node, Warnings};
use crate::reading::Outcome;
use crate::verify::{DEFAULT_TOLERANCE_SECONDS, Scheme};
use jiff::Timestamp;
use serde_json::Value;

/// Stripe's row in the table.
pub(crate) const CONNECTOR: Connector =
    Connector::new((SYSTEM, "Stripe"), scheme, |_| false, topic_of, delivery_id, read);

fn scheme() -> Scheme {
    Scheme::Stripe { tolerance_seconds: DEFAULT_TOLERANCE_SECONDS }
}

fn topic_of(_: &Delivery<'_>, body: Option<&Value>) -> Option<String> {
    Node::root(body?).get("type").word()
}

fn delivery_id(_: &Delivery<'_>, _: &str, body: Option<&Value>) -> Option<String> {
    Node::root(body?).get("id").id()
}

fn read(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let event = Node::root(call.body);
    let version = event.get("created").seconds();
    let object = event.at(&["data", "object"]);
    if call.topic.is_empty() {
        return (Outcome::refused("type", "is missing; it says what this is"), version);
    }
    let is_test = |node: &Node<'_>| node.get("livemode").truth() == Some(false);
    if is_test(&event) || is_test(&object) {
        return (Outcome::test("an event of Stripe's test mode"), version);
    }
    let outcome = match call.topic {
        "checkout.session.completed" => session::read(&object, session::Told::Completed, version, warnings),
        "checkout.session.async_payment_succeeded" => session::read(&object, session::Told::Paid, version, warnings),
        "checkout.session.async_payment_failed" => session::read(&object, session::Told::Failed, version, warnings),
        "checkout.session.expired" => session::read_expired(&object, version, warnings),
        "charge.refunded" => refund::of_charge(call, &object, version, warnings),
        "refund.created" | "refund.updated" | "charge.refund.updated" => {
            refund::of_object(call, &object, version, warnings)
        }
        "invoice.paid" => invoice::read(&object, version, warnings),
        other => Outcome::ignored(format!("nothing is done about {other}")),
    };
    (outcome, version)
}
