//! Orders of Shopify.
//!
//! The total is `total_price`, as ordered, and refunds say what went back: `current_total_price` falls with lines that are
//! taken back, but not with a refund of an amount alone. The order's time is `processed_at`, because `created_at` is the day of an
//! import. All amounts are in the shop's currency.

use super::answer::{events, triggered_at, without_id};
use super::buyer::buyer;
use super::line::line;
use super::money::{amount, currency, text};
use super::visit::context;
use super::{consent, refund};
use crate::amount::Amount;
use crate::connector::Call;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::landing;
use crate::lines::{self, Line, MAX_LINES};
use crate::members::put;
use crate::person::{self, Person};
use crate::reading::Outcome;
use crate::settings::{Settings, StatusMeaning};
use jiff::Timestamp;
use serde_json::{Map, Value};

pub(super) fn read(call: &Call<'_>, action: &str, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let order = Node::root(call.body);
    if !order.get("order_edit").is_null() {
        return (Outcome::ignored("an edit of an order; orders/updated brings the order as it is now"), None);
    }
    let Some(id) = id(&order) else { return without_id("id") };
    let version = order.get("updated_at").time(warnings).or_else(|| triggered_at(call.delivery));
    if order.get("test").truth() == Some(true) {
        return (Outcome::test("a test order"), version);
    }
    let person = buyer(&order, call.settings);
    if !person.is_named() {
        return (Outcome::ignored("the order names no customer, no e-mail address and no phone number"), version);
    }
    let placed_at = order.get("processed_at").time(warnings).or_else(|| order.get("created_at").time(warnings));
    let status = status(&order, action, warnings);
    let cancelled_at = order.get("cancelled_at").time(warnings);
    let (event, at) = match status {
        StatusMeaning::Cancelled => ("Order Cancelled", cancelled_at.or(version)),
        StatusMeaning::Paid if matches!(action, "create" | "paid") => ("Order Completed", version),
        StatusMeaning::Paid => ("Order Updated", version),
        StatusMeaning::Pending | StatusMeaning::Draft => ("Order Placed", version),
    };
    let at = at.or(placed_at);
    let mut draft = Draft::track(event, at, person.clone());
    draft.identity = identity(&id, event, at);
    properties(&mut draft, &order, &id, warnings);
    put(&mut draft.properties, "ordered_at", placed_at.map(|at| at.to_string()));
    draft.context = context(&order);
    let mut drafts = vec![draft];
    let whose = person.identity();
    for refund in order.get("refunds").list() {
        drafts.extend(refund::draft(&refund, Some(&order), &id, whose.clone(), warnings));
    }
    drafts.extend(consents(&order, call.settings, &id, &whose, placed_at, warnings));
    (events(drafts, warnings), version)
}

/// An order that was deleted counts no more. Shopify sends its id alone.
pub(super) fn deleted(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let order = Node::root(call.body);
    let Some(id) = id(&order) else { return without_id("id") };
    let version = triggered_at(call.delivery);
    let mut draft = Draft::track("Order Cancelled", version, Person::default());
    draft.identity = vec!["order".into(), id.clone(), "deleted".into()];
    draft.property("order_id", Some(id));
    draft.property("status", Some("deleted"));
    (events(vec![draft], warnings), version)
}

/// The order's id, with all its digits.
fn id(order: &Node<'_>) -> Option<String> {
    order.get("id").id().or_else(|| order.get("admin_graphql_api_id").id())
}

fn identity(id: &str, event: &str, at: Option<Timestamp>) -> Vec<String> {
    let at = at.map(|at| at.to_string()).unwrap_or_default();
    vec!["order".into(), id.into(), event.to_lowercase().replace(' ', "-"), at]
}

/// What `financial_status` says. Without one, orders of which nothing is owed are paid.
fn status(order: &Node<'_>, action: &str, warnings: &mut Warnings) -> StatusMeaning {
    if !order.get("cancelled_at").is_null() || action == "cancelled" {
        return StatusMeaning::Cancelled;
    }
    match order.get("financial_status").word().as_deref() {
        Some("paid" | "partially_refunded" | "refunded") => StatusMeaning::Paid,
        Some("voided") => StatusMeaning::Cancelled,
        Some("pending" | "authorized" | "partially_paid" | "expired" | "unpaid") => StatusMeaning::Pending,
        _ if action == "paid" => StatusMeaning::Paid,
        Some(_) => {
            warnings.add("financial_status", "is not known; the order counts as not paid");
            StatusMeaning::Pending
        }
        None => {
            let owed = order.get("total_outstanding").amount(warnings);
            if owed.is_some_and(Amount::is_zero) {
                return StatusMeaning::Paid;
            }
            warnings.add("financial_status", "is missing; the order counts as not paid");
            StatusMeaning::Pending
        }
    }
}

fn properties(draft: &mut Draft, order: &Node<'_>, id: &str, warnings: &mut Warnings) {
    let currency = currency(order);
    let code = currency.as_deref();
    draft.property("order_id", Some(id));
    draft.property("order_number", order.get("name").text());
    draft.property("status", order.get("financial_status").word());
    if !order.get("currency").is_null() && currency.is_none() {
        warnings.add("currency", "is not a currency of ISO 4217, and is left out");
    }
    let total = amount(order, "total_price", warnings);
    if total.is_none() {
        warnings.add("total_price", "is missing; the order counts, but without a value");
    }
    draft.property("total", text(total, code));
    draft.property("currency", code);
    for (own, name) in [
        ("subtotal", "subtotal_price"),
        ("shipping", "total_shipping_price"),
        ("tax", "total_tax"),
        ("discount", "total_discounts"),
    ] {
        let value = amount(order, name, warnings);
        draft.property(own, text(value, code));
    }
    draft.property("coupon", coupon(order));
    draft.property("cart_id", order.get("cart_token").text());
    draft.property("checkout_id", order.get("checkout_token").text());
    let lines = order.get("line_items").list();
    let lines: Vec<Line> = lines.iter().take(MAX_LINES).map(|item| line(item, code, warnings)).collect();
    draft.property("products", lines::to_json(lines));
    draft.property("shipping_address", shipped_to(order));
    let (_, referral_code) = landing::parameters(&order.get("landing_site").text().unwrap_or_default());
    draft.property("referral_code", referral_code);
}

/// The codes that the customer entered. A discount that staff gave in a draft order is listed with its title in place of a code.
fn coupon(order: &Node<'_>) -> Option<String> {
    let applications = order.get("discount_applications").list();
    let is_manual = |code: &str| {
        applications.iter().any(|application| {
            application.get("type").word().as_deref() == Some("manual")
                && application.get("title").text().as_deref() == Some(code)
        })
    };
    let codes = order.get("discount_codes").list();
    let codes: Vec<String> =
        codes.iter().filter_map(|code| code.get("code").text()).filter(|code| !is_manual(code)).collect();
    (!codes.is_empty()).then(|| codes.join(","))
}

/// Name and postcode, by which orders that go to one place are recognised.
fn shipped_to(order: &Node<'_>) -> Option<Value> {
    let address = order.get("shipping_address");
    let mut shipped = Map::new();
    put(&mut shipped, "name", address.get("name").text());
    put(&mut shipped, "postal_code", address.get("zip").text());
    (shipped.len() == 2).then(|| shipped.into())
}

/// What older versions of the API say of consent in the order's customer, and the box at the checkout if the shop takes it for one.
fn consents(
    order: &Node<'_>,
    settings: &Settings,
    id: &str,
    whose: &Person,
    placed_at: Option<Timestamp>,
    warnings: &mut Warnings,
) -> Vec<Draft> {
    let mut drafts = consent::drafts_of_customer(&order.get("customer"), whose, warnings);
    let from_shop = order.get("source_name").word().as_deref() == Some("web");
    let ticked = order.get("buyer_accepts_marketing").truth() == Some(true);
    if settings.checkout_box_is_consent && from_shop && ticked && drafts.is_empty() {
        let mut person = whose.clone();
        let at = placed_at.map(|at| at.to_string());
        person.consent =
            Some(person::consent(person::EMAIL_CONSENT, "subscribed", at, None, Some("shopify checkout".into())));
        let mut draft = Draft::identify(placed_at, person);
        draft.identity = vec!["checkout-box".into(), id.into()];
        drafts.push(draft);
    }
    drafts
}
