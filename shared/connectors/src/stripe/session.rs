//! Checkout sessions of Stripe.

use super::answer::{events, reference, without_id};
use super::money;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::person::{self, EMAIL_CONSENT, Person};
use crate::reading::Outcome;
use jiff::Timestamp;

/// What an event tells of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The customer went through it. Whether it is paid, the session says.
    Completed,
    /// A payment that takes days arrived.
    Paid,
    /// It did not.
    Failed,
}

pub(super) fn read(session: &Node<'_>, told: Told, at: Option<Timestamp>, warnings: &mut Warnings) -> Outcome {
    let Some(own) = session.get("id").id() else { return without_id("id") };
    if session.get("mode").word().as_deref() == Some("setup") {
        return Outcome::ignored("a payment method was stored; nothing was bought");
    }
    let id = reference(&session.get("payment_intent")).unwrap_or_else(|| own.clone());
    let person = person(session);
    if !person.is_named() {
        return Outcome::ignored("the session names no customer, no e-mail address and no phone number");
    }
    let status = session.get("payment_status").word();
    let event = match (told, status.as_deref()) {
        (Told::Failed, _) => "Order Cancelled",
        (Told::Paid, _) | (Told::Completed, Some("paid" | "no_payment_required")) => "Order Completed",
        (Told::Completed, Some("unpaid")) => "Order Placed",
        (Told::Completed, _) => {
            warnings.add(session.get("payment_status").path(), "is missing or not known; the order counts as not paid");
            "Order Placed"
        }
    };
    let ordered_at = session.get("created").seconds();
    let mut draft = Draft::track(event, at.or(ordered_at), person.clone());
    draft.identity = vec!["order".into(), own.clone(), event.to_lowercase().replace(' ', "-")];
    draft.property("order_id", Some(id));
    draft.property("checkout_id", Some(own.clone()));
    draft.property("status", status);
    amounts(&mut draft, session, warnings);
    draft.property("ordered_at", ordered_at.map(|at| at.to_string()));
    let mut drafts = vec![draft];
    drafts.extend(consent(session, &own, &person, ordered_at.or(at)));
    events(drafts, warnings)
}

/// A session that expired is a cart that was left, if the customer gave an address.
pub(super) fn read_expired(session: &Node<'_>, at: Option<Timestamp>, warnings: &mut Warnings) -> Outcome {
    let Some(own) = session.get("id").id() else { return without_id("id") };
    let person = person(session);
    if !person.is_named() {
        return Outcome::ignored("the session expired before the customer said who they are");
    }
    let begun_at = session.get("created").seconds().or(at);
    let mut draft = Draft::track("Checkout Started", begun_at, person.clone());
    draft.identity = vec!["checkout".into(), own.clone()];
    draft.property("checkout_id", Some(own.clone()));
    amounts(&mut draft, session, warnings);
    let recovery = session.at(&["after_expiration", "recovery", "url"]).text();
    draft.property("checkout_url", recovery);
    let mut drafts = vec![draft];
    drafts.extend(consent(session, &own, &person, begun_at));
    events(drafts, warnings)
}

fn amounts(draft: &mut Draft, session: &Node<'_>, warnings: &mut Warnings) {
    let currency = money::currency(session);
    let code = currency.as_deref();
    let details = session.get("total_details");
    let fields = [
        ("total", session.get("amount_total")),
        ("subtotal", session.get("amount_subtotal")),
        ("shipping", details.get("amount_shipping")),
        ("tax", details.get("amount_tax")),
        ("discount", details.get("amount_discount")),
    ];
    for (name, node) in fields {
        let amount = money::amount(&node, code, warnings);
        if name == "total" && amount.is_none() {
            warnings.add(node.path(), "is missing; it counts, but without a value");
        }
        draft.property(name, amount.zip(code).map(|(amount, code)| money::text(amount, code)));
    }
    draft.property("currency", code);
}

/// Who it is: by the shop's own id, if it passed one on, else by Stripe's, which guests have not.
fn person(session: &Node<'_>) -> Person {
    let details = session.get("customer_details");
    let address = person::address(&details.get("address"), ["line1", "city", "state", "postal_code", "country"]);
    Person {
        user_id: session.get("client_reference_id").id().or_else(|| reference(&session.get("customer"))),
        email: person::email(&details.get("email")).or_else(|| person::email(&session.get("customer_email"))),
        phone: details.get("phone").text(),
        name: ["name", "individual_name", "business_name"].iter().find_map(|name| details.get(name).text()),
        locale: session.get("locale").text().filter(|locale| locale != "auto"),
        address,
        ..Person::default()
    }
}

/// What the customer answered to the box about promotions. Stripe writes nothing where it did not ask.
fn consent(session: &Node<'_>, own: &str, whose: &Person, at: Option<Timestamp>) -> Option<Draft> {
    let state = match session.at(&["consent", "promotions"]).word().as_deref() {
        Some("opt_in") => "subscribed",
        Some("opt_out") => "unsubscribed",
        _ => return None,
    };
    let mut person = whose.identity();
    let source = Some("stripe checkout".to_owned());
    person.consent = Some(person::consent(EMAIL_CONSENT, state, at.map(|at| at.to_string()), None, source));
    let mut draft = Draft::identify(at, person);
    draft.identity = vec!["consent".into(), own.to_owned()];
    Some(draft)
}
