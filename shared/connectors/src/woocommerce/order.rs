//! Orders of WooCommerce.
//!
//! The total is what was charged, before refunds; those are on the order, without a time of their own. Lines have their amounts
//! without tax.

use super::answer::{events, modified_at, plain, without_id};
use super::meta;
use crate::amount::{Amount, currency_code, places_of};
use crate::connector::Call;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::landing;
use crate::lines::{self, Line, MAX_LINES};
use crate::members::put;
use crate::person::{self, EMAIL_CONSENT, Person, SMS_CONSENT};
use crate::reading::Outcome;
use crate::settings::{ConsentChannel, Settings, StatusMeaning};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Most refunds of one order.
const MAX_REFUNDS: usize = 400;

pub(super) fn read(call: &Call<'_>, event: &str, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let order = Node::root(call.body);
    let Some(id) = order.get("id").id() else { return without_id() };
    if event == "deleted" {
        let mut draft = Draft::track("Order Cancelled", None, Person::default());
        draft.identity = vec!["order".into(), id.clone(), "deleted".into()];
        draft.property("order_id", Some(id));
        draft.property("status", Some("trash"));
        return (events(vec![draft], warnings), None);
    }
    let version = modified_at(&order, warnings);
    let status = status(&order, call.settings, warnings);
    if status == StatusMeaning::Draft {
        return (
            Outcome::ignored("a checkout that was begun: WooCommerce keeps it as an order before anybody ordered"),
            version,
        );
    }
    let person = person(&order, call.settings);
    if !person.is_named() {
        return (Outcome::ignored("the order names no customer, no e-mail address and no phone number"), version);
    }
    let name = match status {
        StatusMeaning::Cancelled => "Order Cancelled",
        StatusMeaning::Paid if event == "created" => "Order Completed",
        StatusMeaning::Paid => "Order Updated",
        StatusMeaning::Pending | StatusMeaning::Draft => "Order Placed",
    };
    let placed_at = order.get("date_created_gmt").time_utc(warnings);
    let mut draft = Draft::track(name, version, person.clone());
    let at = version.map(|at| at.to_string()).unwrap_or_default();
    draft.identity = vec!["order".into(), id.clone(), name.to_lowercase().replace(' ', "-"), at];
    properties(&mut draft, &order, &id, warnings);
    put(&mut draft.properties, "ordered_at", placed_at.map(|at| at.to_string()));
    draft.context = context(&order);
    let mut drafts = vec![draft];
    let whose = person.identity();
    for refund in order.get("refunds").list().iter().take(MAX_REFUNDS) {
        drafts.extend(refunded(refund, &order, &id, version, whose.clone(), warnings));
    }
    drafts.extend(consents(&order, call.settings, &id, placed_at, &whose));
    (events(drafts, warnings), version)
}

/// What a status means. Money that is transferred by hand is not there while the order is on hold; `date_paid` stays empty for it, so
/// it decides only for statuses that are not known.
fn status(order: &Node<'_>, settings: &Settings, warnings: &mut Warnings) -> StatusMeaning {
    let status = order.get("status").word().unwrap_or_default();
    let status = status.strip_prefix("wc-").unwrap_or(&status);
    if let Some(meaning) = settings.statuses.get(status) {
        return *meaning;
    }
    let is_paid = || ["date_paid_gmt", "date_paid"].iter().any(|name| order.get(name).text().is_some());
    match status {
        "checkout-draft" | "auto-draft" | "draft" | "new" => StatusMeaning::Draft,
        "processing" | "completed" | "refunded" => StatusMeaning::Paid,
        "cancelled" | "trash" => StatusMeaning::Cancelled,
        "pending" | "on-hold" => StatusMeaning::Pending,
        // Another attempt at the payment may follow.
        "failed" if is_paid() => StatusMeaning::Cancelled,
        "failed" => StatusMeaning::Pending,
        other => {
            let (meaning, words) = if is_paid() {
                (StatusMeaning::Paid, "as paid, because it has a date of payment")
            } else {
                (StatusMeaning::Pending, "as not paid")
            };
            let shown: String = other.chars().take(40).collect();
            warnings.add("status", format!("is {shown:?}, which is not known; the order counts {words}. Say what it means in the connection's settings"));
            meaning
        }
    }
}

fn properties(draft: &mut Draft, order: &Node<'_>, id: &str, warnings: &mut Warnings) {
    let currency = currency(order, warnings);
    let code = currency.as_deref();
    draft.property("order_id", Some(id));
    draft.property("order_number", order.get("number").text().filter(|number| number != id));
    draft.property("status", order.get("status").word());
    let total = order.get("total").positive(warnings);
    if total.is_none() {
        warnings.add("total", "is missing; the order counts, but without a value");
    }
    let text = |amount: Option<Amount>| amount.map(|amount| amount.to_text(places_of(code)));
    draft.property("total", text(total));
    draft.property("currency", code);
    for (own, name) in [("shipping", "shipping_total"), ("tax", "total_tax"), ("discount", "discount_total")] {
        draft.property(own, text(order.get(name).positive(warnings)));
    }
    let codes = order.get("coupon_lines").list();
    let codes: Vec<String> = codes.iter().filter_map(|coupon| coupon.get("code").text()).collect();
    draft.property("coupon", (!codes.is_empty()).then(|| codes.join(",")));
    let lines = order.get("line_items").list();
    let lines: Vec<Line> = lines.iter().take(MAX_LINES).map(|item| line(item, code, warnings)).collect();
    draft.property("products", lines::to_json(lines));
    draft.property("shipping_address", shipped_to(order));
    let entry = meta::value(order, "_wc_order_attribution_session_entry").unwrap_or_default();
    let (_, referral_code) = landing::parameters(&entry);
    draft.property("referral_code", referral_code);
}

fn currency(order: &Node<'_>, warnings: &mut Warnings) -> Option<String> {
    let text = order.get("currency").text()?;
    let code = currency_code(&text);
    if code.is_none() {
        warnings.add("currency", "is not a currency of ISO 4217, and is left out");
    }
    code
}

/// A line. Its price is what one costs before coupons; the field `price` is after them, with the noise of a binary fraction.
fn line(item: &Node<'_>, code: Option<&str>, warnings: &mut Warnings) -> Line {
    let places = places_of(code);
    let quantity = item.get("quantity").positive(warnings);
    let (before, after) = (item.get("subtotal").positive(warnings), item.get("total").positive(warnings));
    let each = before.zip(quantity).and_then(|(before, quantity)| before.per(quantity));
    let price = each.or_else(|| item.get("price").positive(warnings));
    let discount = before.zip(after).map(|(before, after)| before - after).filter(|discount| *discount > Amount::ZERO);
    let name = item.get("name").text();
    let variation = item.get("variation_id").id();
    Line {
        product_id: item.get("product_id").id(),
        variant: variation.is_some().then(|| variant(item)).flatten(),
        variant_id: variation,
        sku: item.get("sku").text(),
        name: plain(item.get("parent_name").text().or(name)),
        quantity: quantity.map(Amount::to_shortest),
        price: price.map(|price| price.to_text(places)),
        discount: discount.map(|discount| discount.to_text(places)),
        image_url: item.at(&["image", "src"]).text(),
        ..Line::default()
    }
}

/// What tells a variation from the others: the values of its attributes.
fn variant(item: &Node<'_>) -> Option<String> {
    let fields = item.get("meta_data").list();
    let is_shown = |field: &&Node<'_>| field.get("key").text().is_some_and(|key| !key.starts_with('_'));
    let shown = fields
        .iter()
        .filter(is_shown)
        .filter_map(|field| field.get("display_value").text().or_else(|| field.get("value").text()));
    let text = shown.take(4).collect::<Vec<_>>().join(" / ");
    plain((!text.is_empty()).then_some(text))
}

fn shipped_to(order: &Node<'_>) -> Option<Value> {
    let address = order.get("shipping");
    let postcode = address.get("postcode").text()?;
    let names = [address.get("first_name").text(), address.get("last_name").text()];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then(|| json!({ "name": name, "postal_code": postcode }))
}

/// Who ordered. Customer 0 is a guest, who is known by the address.
fn person(order: &Node<'_>, settings: &Settings) -> Person {
    let billing = order.get("billing");
    Person {
        user_id: order.get("customer_id").id(),
        anonymous_id: settings.anonymous_id_fields.iter().find_map(|key| meta::value(order, key)),
        // One guest writes the address in capitals today and small tomorrow.
        email: person::email(&billing.get("email")).map(|email| email.to_lowercase()),
        phone: billing.get("phone").text().or_else(|| order.at(&["shipping", "phone"]).text()),
        first_name: billing.get("first_name").text(),
        last_name: billing.get("last_name").text(),
        locale: meta::language(order, &settings.language_fields),
        address: postal_address(&billing),
        ..Person::default()
    }
}

/// An address of WooCommerce.
pub(super) fn postal_address(address: &Node<'_>) -> Map<String, Value> {
    person::address(address, ["address_1", "city", "state", "postcode", "country"])
}

/// What brought the customer, as the shop's own attribution has it.
fn context(order: &Node<'_>) -> Map<String, Value> {
    let field = |name: &str| meta::value(order, &format!("_wc_order_attribution_{name}"));
    let mut campaign = Map::new();
    // Of visits that no campaign brought it writes words in brackets: (direct).
    let said = |name: &str| field(name).filter(|text| !text.starts_with('('));
    put(&mut campaign, "source", said("utm_source"));
    put(&mut campaign, "medium", said("utm_medium"));
    put(&mut campaign, "name", said("utm_campaign"));
    put(&mut campaign, "term", said("utm_term"));
    put(&mut campaign, "content", said("utm_content"));
    let mut context = Map::new();
    put(&mut context, "campaign", (!campaign.is_empty()).then_some(campaign));
    let referrer = field("referrer").map(|address| landing::without_parameters(&address));
    put(&mut context, "page", referrer.map(|referrer| json!({ "referrer": referrer })));
    put(&mut context, "device", field("device_type").map(|kind| json!({ "type": kind.to_lowercase() })));
    context
}

/// A refund of the order. It has no time of its own, so it is dated by the order's version; its id makes it count once.
fn refunded(
    refund: &Node<'_>,
    order: &Node<'_>,
    order_id: &str,
    version: Option<Timestamp>,
    whose: Person,
    warnings: &mut Warnings,
) -> Option<Draft> {
    let Some(id) = refund.get("id").id() else {
        warnings.add(refund.get("id").path(), "is missing; the refund is left out, because it could count twice");
        return None;
    };
    // On the order it is negative, as an object of its own positive.
    let amount = refund.get("total").amount(warnings).or_else(|| refund.get("amount").amount(warnings));
    let Some(amount) = amount.map(Amount::abs).filter(|amount| !amount.is_zero()) else {
        if refund.get("total").is_null() {
            warnings.add(refund.get("total").path(), "is missing; the refund is left out");
        }
        return None;
    };
    let currency = currency(order, &mut Warnings::default());
    let mut draft = Draft::track("Order Refunded", version, whose);
    draft.identity = vec!["refund".into(), id.clone()];
    draft.property("order_id", Some(order_id));
    draft.property("refund_id", Some(id));
    draft.property("total", Some(amount.to_text(places_of(currency.as_deref()))));
    draft.property("currency", currency);
    Some(draft)
}

/// The consents that the shop's plug-ins store. Only of orders that customers placed themselves.
fn consents(
    order: &Node<'_>,
    settings: &Settings,
    id: &str,
    placed_at: Option<Timestamp>,
    whose: &Person,
) -> Vec<Draft> {
    let by_customer = matches!(order.get("created_via").word().as_deref(), Some("checkout" | "store-api"));
    if !by_customer {
        return Vec::new();
    }
    let agreed = |field: &&crate::settings::ConsentField| {
        let value = meta::value(order, &field.key);
        value.is_some_and(|value| field.yes.iter().any(|yes| yes.trim().eq_ignore_ascii_case(value.trim())))
    };
    let draft = |field: &crate::settings::ConsentField| {
        let name = match field.channel {
            ConsentChannel::Email => EMAIL_CONSENT,
            ConsentChannel::Sms => SMS_CONSENT,
        };
        let mut person = whose.clone();
        let source = Some(format!("woocommerce checkout, {}", field.key));
        person.consent = Some(person::consent(name, "subscribed", placed_at.map(|at| at.to_string()), None, source));
        let mut draft = Draft::identify(placed_at, person);
        draft.identity = vec!["consent".into(), id.into(), field.key.clone()];
        draft
    };
    settings.consent_fields.iter().filter(agreed).map(draft).collect()
}
