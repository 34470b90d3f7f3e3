//! Refunds of Stripe.
//!
//! Stripe reports a refund twice, with its charge and by itself, and nothing in the two shows that they are one. So a connection reads
//! one of them: that of the charge, which names the customer, unless the shop decides otherwise. A charge has the sum of its refunds
//! so far and what the sum was before; the difference is this refund.

use super::answer::{events, reference, without_id};
use super::money;
use crate::amount::Amount;
use crate::connector::Call;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::person::{self, Person};
use crate::reading::Outcome;
use jiff::Timestamp;

pub(super) fn of_charge(call: &Call<'_>, charge: &Node<'_>, at: Option<Timestamp>, warnings: &mut Warnings) -> Outcome {
    if call.settings.stripe_refund_objects {
        return Outcome::ignored("the refund itself tells this (refund.created)");
    }
    let Some(own) = charge.get("id").id() else { return without_id("id") };
    let Some(order_id) = reference(&charge.get("payment_intent")) else { return without_id("payment_intent") };
    let Some(currency) = money::currency(charge) else {
        return Outcome::refused("data.object.currency", "is not a currency, so the amount that went back is unknown");
    };
    let sum = money::amount(&charge.get("amount_refunded"), Some(&currency), warnings);
    let Some(sum) = sum else {
        return Outcome::refused("data.object.amount_refunded", "is no amount in minor units");
    };
    let root = Node::root(call.body);
    let before = root.at(&["data", "previous_attributes", "amount_refunded"]);
    let before = if before.is_null() {
        Amount::ZERO
    } else {
        match money::amount(&before, Some(&currency), warnings) {
            Some(before) => before,
            None => return Outcome::refused(before.path(), "is no amount in minor units"),
        }
    };
    let amount = sum - before;
    if amount <= Amount::ZERO {
        return Outcome::ignored("nothing went back");
    }
    let billing = charge.get("billing_details");
    let email = person::email(&billing.get("email")).or_else(|| person::email(&charge.get("receipt_email")));
    // By the address, because the order may be under the shop's own id.
    let user_id = if email.is_some() { None } else { reference(&charge.get("customer")) };
    let person = Person { email, user_id, ..Person::default() };
    let refund_id = format!("{own}-{}", sum.to_shortest());
    refunded(order_id, refund_id, amount, currency, at, person, warnings)
}

pub(super) fn of_object(call: &Call<'_>, refund: &Node<'_>, at: Option<Timestamp>, warnings: &mut Warnings) -> Outcome {
    if !call.settings.stripe_refund_objects {
        return Outcome::ignored("the charge tells this (charge.refunded)");
    }
    let Some(own) = refund.get("id").id() else { return without_id("id") };
    match refund.get("status").word().as_deref() {
        Some("succeeded") => {}
        Some("pending" | "requires_action") => return Outcome::ignored("the money has not gone back yet"),
        _ => return Outcome::ignored("the refund failed or was cancelled"),
    }
    let Some(order_id) = reference(&refund.get("payment_intent")) else { return without_id("payment_intent") };
    let Some(currency) = money::currency(refund) else {
        return Outcome::refused("data.object.currency", "is not a currency, so the amount that went back is unknown");
    };
    let amount = money::amount(&refund.get("amount"), Some(&currency), warnings);
    let Some(amount) = amount.filter(|amount| !amount.is_zero()) else {
        return Outcome::refused("data.object.amount", "is no amount in minor units");
    };
    let at = refund.get("created").seconds().or(at);
    refunded(order_id, own, amount, currency, at, Person::default(), warnings)
}

fn refunded(
    order_id: String,
    refund_id: String,
    amount: Amount,
    currency: String,
    at: Option<Timestamp>,
    person: Person,
    warnings: &mut Warnings,
) -> Outcome {
    let mut draft = Draft::track("Order Refunded", at, person);
    draft.identity = vec!["refund".into(), refund_id.clone()];
    draft.property("order_id", Some(order_id));
    draft.property("refund_id", Some(refund_id));
    draft.property("total", Some(money::text(amount, &currency)));
    draft.property("currency", Some(currency));
    events(vec![draft], warnings)
}
