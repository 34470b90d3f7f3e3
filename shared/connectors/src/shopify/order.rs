//! Orders of Shopify.
//!
//! The total is `total_price`, as ordered, and what went back is told by refunds: `current_total_price` falls with lines that are
//! taken back, but not with a refund of an amount alone. The order's time is `processed_at`, because `created_at` is the day of an
//! import. All amounts are in the shop's currency.

use super::money::{amount, currency, text};
use super::{consent, events, refund, triggered_at, without_id};
use crate::amount::Amount;
use crate::draft::{Draft, put};
use crate::fields::{Node, Warnings};
use crate::landing;
use crate::lines::{self, Line, MAX_LINES};
use crate::person::{self, Person};
use crate::reading::Outcome;
use crate::settings::{Settings, StatusMeaning};
use crate::systems::Call;
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
    let person = person(&order, call.settings);
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

/// A line of an order.
pub(super) fn line(item: &Node<'_>, code: Option<&str>, warnings: &mut Warnings) -> Line {
    let allocated: Vec<Amount> =
        item.get("discount_allocations").list().iter().filter_map(|part| amount(part, "amount", warnings)).collect();
    // What an order-wide discount takes from the line is in the allocations only.
    let discount =
        if allocated.is_empty() { amount(item, "total_discount", warnings) } else { Some(allocated.into_iter().sum()) };
    let is_gift_card = item.get("gift_card").truth() == Some(true);
    Line {
        product_id: item.get("product_id").id(),
        variant_id: item.get("variant_id").id(),
        sku: item.get("sku").text(),
        name: item.get("title").text().or_else(|| item.get("name").text()),
        variant: item.get("variant_title").text().filter(|title| title != "Default Title"),
        category: is_gift_card.then(|| "gift card".to_owned()),
        brand: item.get("vendor").text(),
        quantity: item.get("quantity").positive(warnings).map(Amount::to_shortest),
        price: text(amount(item, "price", warnings), code),
        discount: text(discount.filter(|discount| !discount.is_zero()), code),
        ..Line::default()
    }
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

/// Who ordered. The customer may be absent: at the till, in drafts and for guests.
pub(super) fn person(order: &Node<'_>, settings: &Settings) -> Person {
    let customer = order.get("customer");
    let billing = order.get("billing_address");
    let shipping = order.get("shipping_address");
    let email = [order.get("email"), order.get("contact_email"), customer.get("email")];
    let phone = [order.get("phone"), customer.get("phone"), billing.get("phone"), shipping.get("phone")];
    let name = |field: &str| customer.get(field).text().or_else(|| billing.get(field).text());
    let default = customer.get("default_address");
    let address = [&billing, &shipping, &default].into_iter().find(|address| !address.get("country_code").is_null());
    Person {
        user_id: customer.get("id").id().or_else(|| customer.get("admin_graphql_api_id").id()),
        anonymous_id: anonymous_id(order, settings),
        email: email.iter().find_map(person::email),
        phone: phone.iter().find_map(Node::text),
        first_name: name("first_name"),
        last_name: name("last_name"),
        locale: order.get("customer_locale").text(),
        address: address.map(postal_address).unwrap_or_default(),
        ..Person::default()
    }
}

/// An address of Shopify.
pub(super) fn postal_address(address: &Node<'_>) -> Map<String, Value> {
    person::address(address, ["address1", "city", "province", "zip", "country_code"])
}

/// The visitor: by the id of a tracking library, if the shop passes it on, else by the cart. With it carts, of which Shopify
/// names no customer, become those of whoever goes to the checkout with them.
pub(super) fn anonymous_id(object: &Node<'_>, settings: &Settings) -> Option<String> {
    let attributes = object.get("note_attributes").list();
    let of_library = attributes.iter().find_map(|attribute| {
        let name = attribute.get("name").text()?;
        settings.anonymous_id_fields.contains(&name).then(|| attribute.get("value").text()).flatten()
    });
    of_library.or_else(|| object.get("cart_token").id().map(|token| cart_visitor(&token)))
}

/// The name under which the visitor with a cart is known.
pub(super) fn cart_visitor(token: &str) -> String {
    format!("shopify-cart-{token}")
}

/// What brought the customer to the shop.
pub(super) fn context(object: &Node<'_>) -> Map<String, Value> {
    let mut context = Map::new();
    let landing_site = object.get("landing_site").text().unwrap_or_default();
    let (campaign, _) = landing::parameters(&landing_site);
    if !campaign.is_empty() {
        context.insert("campaign".into(), campaign.into());
    }
    let mut page = Map::new();
    let path = landing::without_parameters(&landing_site);
    put(&mut page, "path", Some(path).filter(|path| path.starts_with('/')));
    let referrer = object.get("referring_site").text().map(|site| landing::without_parameters(&site));
    put(&mut page, "referrer", referrer);
    if !page.is_empty() {
        context.insert("page".into(), page.into());
    }
    context
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
