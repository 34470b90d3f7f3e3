//! Carts and checkouts of Shopify.

use super::answer::{events, without_id};
use super::money::{amount, currency, text};
use super::{buyer, line, visit};
use crate::amount::Amount;
use crate::connector::Call;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::lines::{self, Line, MAX_LINES};
use crate::members::put;
use crate::person::Person;
use crate::reading::Outcome;
use jiff::Timestamp;
use serde_json::json;

/// A cart of the online shop. Shopify tells neither who has it nor its currency; it is that of a visitor whom a checkout names later.
/// A cart that was emptied is one without products.
pub(super) fn read_cart(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let cart = Node::root(call.body);
    let Some(token) = cart.get("token").id().or_else(|| cart.get("id").id()) else { return without_id("token") };
    let version = cart.get("updated_at").time(warnings);
    let visitor = buyer::anonymous_id(&cart, call.settings).unwrap_or_else(|| buyer::cart_visitor(&token));
    let person = Person { anonymous_id: Some(visitor), ..Person::default() };
    let mut draft = Draft::track("Cart Viewed", version, person);
    draft.identity = identity("cart", &token, version);
    draft.property("cart_id", Some(token));
    let lines = lines_of(&cart, None, warnings);
    draft.property("products", Some(lines.unwrap_or_else(|| json!([]))));
    (events(vec![draft], warnings), version)
}

/// A checkout: a cart with an address, or about to have one.
pub(super) fn read_checkout(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let checkout = Node::root(call.body);
    let Some(token) = checkout.get("token").id().or_else(|| checkout.get("id").id()) else {
        return without_id("token");
    };
    let version = checkout.get("updated_at").time(warnings);
    if !checkout.get("completed_at").is_null() {
        return (Outcome::ignored("the checkout is completed; the order tells the rest"), version);
    }
    let person = buyer::buyer(&checkout, call.settings);
    if !person.is_named() {
        return (Outcome::ignored("the checkout names no customer yet"), version);
    }
    let currency = currency(&checkout);
    let code = currency.as_deref();
    let mut draft = Draft::track("Checkout Started", version, person);
    draft.identity = identity("checkout", &token, version);
    draft.property("checkout_id", Some(token));
    draft.property("cart_id", checkout.get("cart_token").text());
    draft.property("checkout_url", checkout.get("abandoned_checkout_url").text());
    draft.property("currency", code);
    for (own, name) in [
        ("total", "total_price"),
        ("subtotal", "subtotal_price"),
        ("tax", "total_tax"),
        ("discount", "total_discounts"),
    ] {
        let value = amount(&checkout, name, warnings);
        draft.property(own, text(value, code));
    }
    draft.property("products", lines_of(&checkout, code, warnings));
    draft.context = visit::context(&checkout);
    put(
        &mut draft.properties,
        "coupon",
        checkout.get("discount_codes").list().iter().find_map(|code| code.get("code").text()),
    );
    (events(vec![draft], warnings), version)
}

fn identity(kind: &str, token: &str, at: Option<Timestamp>) -> Vec<String> {
    vec![kind.into(), crate::digest::digest(token.as_bytes()), at.map(|at| at.to_string()).unwrap_or_default()]
}

fn lines_of(cart: &Node<'_>, code: Option<&str>, warnings: &mut Warnings) -> Option<serde_json::Value> {
    let lines = cart.get("line_items").list();
    let line = |item: &Node<'_>| {
        let mut line = line::line(item, code, warnings);
        // Carts write `Shirt - ` where there is no variant.
        line.name = line.name.map(|name| name.trim_end_matches([' ', '-']).to_owned()).filter(|name| !name.is_empty());
        line.quantity =
            item.get("quantity").positive(warnings).filter(|quantity| !quantity.is_zero()).map(Amount::to_shortest);
        line
    };
    let lines: Vec<Line> = lines.iter().take(MAX_LINES).map(line).collect();
    lines::to_json(lines)
}
