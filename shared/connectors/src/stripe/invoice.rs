//! Invoices of Stripe, of which renewals of subscriptions are orders. The session of a subscription reports its first one.

use super::answer::{events, reference, without_id};
use super::money;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::person::{self, Person};
use crate::reading::Outcome;
use jiff::Timestamp;

pub(super) fn read(invoice: &Node<'_>, at: Option<Timestamp>, warnings: &mut Warnings) -> Outcome {
    let Some(own) = invoice.get("id").id() else { return without_id("id") };
    let reason = invoice.get("billing_reason").word();
    if reason.as_deref() != Some("subscription_cycle") {
        return Outcome::ignored("not the renewal of a subscription; the session reports a first payment");
    }
    // Newer versions of the API name the payment elsewhere, and refunds of it then find no order.
    let id = reference(&invoice.get("payment_intent")).unwrap_or_else(|| own.clone());
    let person = Person {
        user_id: reference(&invoice.get("customer")),
        email: person::email(&invoice.get("customer_email")),
        phone: invoice.get("customer_phone").text(),
        name: invoice.get("customer_name").text(),
        ..Person::default()
    };
    if !person.is_named() {
        return Outcome::ignored("the invoice names no customer and no e-mail address");
    }
    let currency = money::currency(invoice);
    let code = currency.as_deref();
    let total = money::amount(&invoice.get("amount_paid"), code, warnings);
    let paid_at = invoice.at(&["status_transitions", "paid_at"]).seconds();
    let mut draft = Draft::track("Order Completed", paid_at.or(at), person);
    draft.identity = vec!["invoice".into(), own];
    draft.property("order_id", Some(id));
    draft.property("order_number", invoice.get("number").text());
    draft.property("total", total.zip(code).map(|(total, code)| money::text(total, code)));
    draft.property("currency", code);
    draft.property("status", Some("paid"));
    events(vec![draft], warnings)
}
