//! An event that came with a public key. Such a key stands in the pages of a shop, where anybody reads it, so it is believed only
//! what does no harm if it is made up: that a device visited a page, looked at products and filled a cart.
//!
//! What is read is copied by name into a new event, which is then read like any other. Everything else is left out: ids of
//! people, traits, consent, links, and every text that might hold an address.

use crate::event::{Parsed, parse};
use crate::event_name;
use crate::fields::{Fields, is_spelling_of};
use crate::kind::Kind;
use crate::limits;
use crate::order::{self, OrderName};
use crate::received::Received;
use crate::rejection::Rejection;
use crate::rejection_kind::RejectionKind;
use crate::shopping;
use rekindle_lifecycle::facts::Event;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What stands in an event itself, by the names in small letters.
const OWN: &[&str] = &["anonymousid", "messageid", "timestamp", "originaltimestamp", "sentat", "receivedat"];
/// What stands in the context: under which circumstances, and whether a program says of itself that it is one.
const CONTEXT: &[&str] = &["useragent"];
/// What a campaign has.
const CAMPAIGN: &[&str] = &["source", "medium", "name"];
/// What is read of a cart and of one product.
const CART: &[&str] = &[
    "cartid",
    "checkoutid",
    "carttoken",
    "checkouttoken",
    "value",
    "total",
    "revenue",
    "carttotal",
    "currency",
    "coupon",
    "couponcode",
    "couponid",
    "products",
    "lineitems",
    "items",
    "cartitems",
    "contents",
];
/// What is read of one product.
const PRODUCT: &[&str] = &[
    "productid",
    "itemid",
    "id",
    "sku",
    "itemsku",
    "variantid",
    "variationid",
    "variant",
    "name",
    "title",
    "productname",
    "itemname",
    "quantity",
    "qty",
    "price",
    "unitprice",
    "itemprice",
    "discount",
];
/// The parameters that are kept of the address of a page.
const PARAMETERS: &[&str] = &["utm_source", "utm_medium", "utm_campaign", "referral_code"];
/// What a person is named by; named in a warning, so that the shop does not wait for an effect.
const OF_PEOPLE: &[&str] = &["userid", "traits", "previousid", "groupid"];

/// Reads an event that came with a public key: it is that of a device, and says nothing of a person.
///
/// # Errors
/// The event is refused: it names no device, it is an order or an alias, which only a write key may send, or it is refused with every
/// key. With the path of the field and the reason.
pub fn parse_public(value: &Value, kind: Option<Kind>, received: &Received<'_>) -> Result<Parsed, Rejection> {
    let fields = Fields::from_value(value, "")?;
    limits::check_depth(value)?;
    limits::check_length(value, limits::MAX_EVENT_BYTES)?;
    let named = fields.get("type").and_then(|field| Kind::from_name(field.value.as_str()?));
    if kind.or(named) == Some(Kind::Alias) {
        let reason = "is alias, which joins people; with a public key no people are joined: send it with a write key";
        return Err(Rejection::new("type", reason).of_kind(RejectionKind::NotAllowed));
    }
    if fields.find(&["anonymousid"]).is_none() {
        let reason = "is missing; with a public key it says whose visit it is";
        return Err(Rejection::new("anonymousId", reason).of_kind(RejectionKind::Missing));
    }
    let name = event_name::meant(event_name::name_of(&fields).unwrap_or_default(), &received.event_names);
    let is_track = kind.or(named) == Some(Kind::Track);
    if is_track && let OrderName::Reports(reported) = OrderName::parse(&name) {
        let meant = order::name_of(reported.report);
        let reason =
            format!("is {meant:?}, an order; a public key reports visits and carts only: send it with a write key");
        return Err(Rejection::new("event", reason).of_kind(RejectionKind::NotAllowed));
    }
    let reduced = Value::Object(reduce(&fields, received.context, &name, is_track));
    let (zone, event_names) = (received.zone.clone(), Arc::clone(&received.event_names));
    let mut parsed = parse(&reduced, kind, &Received { context: Fields::EMPTY, zone, event_names, ..*received })?;
    if let Event::Shopping(shopping) = &mut parsed.fact.event {
        shopping.is_public = true;
    }
    if names_person(&fields, received.context) {
        let reason = "is left out: with a public key an event names a device and no person";
        let field = if fields.find(&["userid"]).is_some() { "userId" } else { "traits" };
        parsed.warnings.push(Rejection::new(field, reason).of_kind(RejectionKind::NotAllowed));
    }
    Ok(parsed)
}

/// The device that an event names as `anonymousId`, however that is spelled.
#[must_use]
pub fn device_named(event: &Value) -> Option<String> {
    Fields::from_value(event, "").ok()?.find(&["anonymousid"])?.identity().ok()
}

/// Whether an event says something of a person, which is left out.
fn names_person(event: &Fields<'_>, batch_context: Fields<'_>) -> bool {
    let own = event.object("context", "context").unwrap_or(Fields::EMPTY);
    let is_said = |fields: &Fields<'_>, name: &str| {
        let field = fields.find(&[name]);
        field.is_some_and(|field| field.value.as_object().is_none_or(|object| !object.is_empty()))
    };
    OF_PEOPLE.iter().any(|name| is_said(event, name)) || is_said(&own, "traits") || is_said(&batch_context, "traits")
}

fn reduce(event: &Fields<'_>, batch_context: Fields<'_>, name: &str, is_track: bool) -> Map<String, Value> {
    let mut reduced = copy(*event, OWN);
    if let Some(kind) = event.get("type") {
        reduced.insert("type".to_owned(), kind.value.clone());
    }
    let own = event.object("context", "context").unwrap_or(Fields::EMPTY);
    let mut context = Map::new();
    for source in [batch_context, own] {
        context.extend(copy(source, CONTEXT));
        let page = source.object("page", "context").unwrap_or(Fields::EMPTY);
        if let Some(page) = page_of(page) {
            context.insert("page".to_owned(), page);
        }
        let campaign = source.object("campaign", "context").unwrap_or(Fields::EMPTY);
        let campaign = copy(campaign, CAMPAIGN);
        if !campaign.is_empty() {
            context.insert("campaign".to_owned(), campaign.into());
        }
    }
    reduced.insert("context".to_owned(), context.into());
    let properties = event.object("properties", "properties").unwrap_or(Fields::EMPTY);
    let is_shopping = is_track && shopping::action(&order::letters(name)).is_some();
    if is_track {
        // Another name is kept, without what it says.
        let is_plain = !name.contains('@') && name.chars().filter(char::is_ascii_digit).count() < MAX_DIGITS_IN_NAME;
        reduced.insert("event".to_owned(), if is_plain { name } else { "unnamed" }.into());
    }
    let kept =
        if is_shopping { shopping_of(properties) } else { page_of(properties).map(into_map).unwrap_or_default() };
    if !kept.is_empty() {
        reduced.insert("properties".to_owned(), kept.into());
    }
    reduced
}

/// A name with as many digits may be a phone number.
const MAX_DIGITS_IN_NAME: usize = 7;

/// The members of an object that have one of these names, and are no objects or lists.
fn copy(fields: Fields<'_>, names: &[&str]) -> Map<String, Value> {
    let all = fields.map().into_iter().flatten();
    let kept = all.filter(|(key, value)| {
        names.iter().any(|name| is_spelling_of(key, name)) && !value.is_object() && !value.is_array()
    });
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// What is kept of a cart, of a product, and of each product of a list.
fn shopping_of(properties: Fields<'_>) -> Map<String, Value> {
    let mut kept = copy(properties, CART);
    kept.extend(copy(properties, PRODUCT));
    for (key, value) in properties.map().into_iter().flatten() {
        if let Value::Array(products) = value
            && CART.iter().any(|name| is_spelling_of(key, name))
        {
            let product = |product: &Value| Fields::from_value(product, "").ok().map(|product| copy(product, PRODUCT));
            let products: Vec<Value> = products.iter().filter_map(product).map(Value::Object).collect();
            kept.insert(key.clone(), products.into());
        }
    }
    kept
}

/// The address of a page, with the parameters that say where the visitor came from.
fn page_of(page: Fields<'_>) -> Option<Value> {
    let text = |name: &str| page.get(name).and_then(|field| field.value.as_str());
    let mut kept = Map::new();
    if let Some(url) = text("url") {
        kept.insert("url".to_owned(), without_parameters(url).into());
    }
    if let Some(search) = text("search") {
        kept.insert("search".to_owned(), without_parameters(search).into());
    }
    if let Some(referrer) = text("referrer").and_then(site) {
        kept.insert("referrer".to_owned(), referrer.into());
    }
    (!kept.is_empty()).then(|| kept.into())
}

/// The site of an address: what stands behind it on another site may name somebody.
fn site(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}"))
}

fn without_parameters(address: &str) -> String {
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_kept = |pair: &&str| {
        let is_known = pair.split_once('=').is_some_and(|(name, _)| PARAMETERS.contains(&name));
        is_known && !pair.contains('@') && !pair.to_ascii_lowercase().contains("%40")
    };
    let query: Vec<&str> = query.split('&').filter(is_kept).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
