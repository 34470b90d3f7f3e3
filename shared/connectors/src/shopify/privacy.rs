//! Requests about data, which Shopify sends to apps.

use super::answer::without_id;
use crate::connector::Call;
use crate::fields::Node;
use crate::person;
use crate::reading::{Outcome, PersonRequest, PersonRequestKind, ShopRequest};
use jiff::Timestamp;

pub(super) fn read(call: &Call<'_>, resource: &str, action: &str) -> (Outcome, Option<Timestamp>) {
    let outcome = match (resource, action) {
        ("customers", "redact") => return person(call, PersonRequestKind::Erasure, "orders_to_redact"),
        ("customers", _) => return person(call, PersonRequestKind::Copy, "orders_requested"),
        ("shop", "redact") => Outcome::Shop(ShopRequest::Erasure),
        ("app", "uninstalled") => Outcome::Shop(ShopRequest::Disconnected),
        _ => Outcome::ignored("settings of the shop, of which nothing is used"),
    };
    (outcome, None)
}

fn person(call: &Call<'_>, kind: PersonRequestKind, orders: &str) -> (Outcome, Option<Timestamp>) {
    let body = Node::root(call.body);
    let customer = body.get("customer");
    let request = PersonRequest {
        kind,
        customer_id: customer.get("id").id(),
        email: person::email(&customer.get("email")),
        phone: customer.get("phone").text(),
        orders: body.get(orders).list().iter().filter_map(Node::id).collect(),
    };
    if request.customer_id.is_none() && request.email.is_none() && request.phone.is_none() {
        return without_id("customer");
    }
    (Outcome::Person(request), None)
}
