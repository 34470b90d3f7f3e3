//! WooCommerce: the webhooks that a merchant adds in its settings.
//!
//! | topic | becomes |
//! |---|---|
//! | `order.*` | the order, its refunds, and a consent if the shop names a field for it ([`order`]) |
//! | `customer.*` | the person ([`customer`]) |
//! | `product.*` | the product ([`product`]) |
//! | `coupon.*`, `action.*` | nothing |
//! | the unsigned form that is posted when a webhook is switched on | a test |
//!
//! Bodies show the state at delivery, made with the rights of whoever created the webhook: without them WooCommerce signs and sends its
//! error instead.

mod customer;
mod meta;
mod order;
mod product;

use crate::delivery::Delivery;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::reading::Outcome;
use crate::systems::{Call, Connector};
use crate::verify::{Scheme, digest};
use jiff::Timestamp;
use serde_json::Value;

const SYSTEM: &str = "woocommerce";

/// WooCommerce's row in the table.
pub(crate) const CONNECTOR: Connector =
    Connector::new((SYSTEM, "WooCommerce"), || Scheme::Woocommerce, is_ping, topic_of, delivery_id, read);

/// The form `webhook_id=142`, without topic and signature: WooCommerce wants 200 for it, or the webhook stays off.
fn is_ping(delivery: &Delivery<'_>) -> bool {
    /// Far more than a number has.
    const MAX_PING_LEN: usize = 100;
    let has_topic = delivery.headers.get("X-WC-Webhook-Topic").is_some();
    let is_short = delivery.body.len() <= MAX_PING_LEN;
    !has_topic && is_short && form_urlencoded::parse(delivery.body).any(|(name, _)| name == "webhook_id")
}

fn topic_of(delivery: &Delivery<'_>, _: Option<&Value>) -> Option<String> {
    let header = |name: &str| delivery.headers.get(name).map(str::to_lowercase);
    header("X-WC-Webhook-Topic")
        .or_else(|| Some(format!("{}.{}", header("X-WC-Webhook-Resource")?, header("X-WC-Webhook-Event")?)))
}

/// WooCommerce's own delivery id is that of a webhook and a second, which two deliveries can share; so it is the object, its version
/// and a digest of the body.
fn delivery_id(delivery: &Delivery<'_>, topic: &str, body: Option<&Value>) -> Option<String> {
    let body = Node::root(body?);
    let id = body.get("id").id()?;
    let version = body.get("date_modified_gmt").text().unwrap_or_default();
    let source = delivery.headers.get("X-WC-Webhook-Source").unwrap_or_default();
    let content = [source.as_bytes(), delivery.body].concat();
    Some(format!("{topic}:{id}:{version}:{}", digest(&content)))
}

fn read(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let body = Node::root(call.body);
    let Some((resource, event)) = call.topic.split_once('.') else {
        return (Outcome::refused("", "came without the header X-WC-Webhook-Topic, so nobody knows what it is"), None);
    };
    if let (Some(code), false, None) = (body.get("code").text(), body.get("message").is_null(), body.get("id").id()) {
        let reason = format!(
            "is WooCommerce's error {code} in place of the {resource}: the user who created the webhook may no longer see it; open \
             the webhook as an administrator and save it"
        );
        return (Outcome::refused("", reason), None);
    }
    match resource {
        "order" => order::read(call, event, warnings),
        "customer" => customer::read(call, event, warnings),
        "product" => product::read(call, event, warnings),
        "coupon" => (Outcome::ignored("coupons of the shop, of which nothing is kept"), None),
        "action" => (Outcome::ignored("an action hook, whose content only its plug-in knows"), None),
        _ => (Outcome::ignored(format!("nothing is done about {}", call.topic)), None),
    }
}

/// When an object was changed: the time that is in UTC. Times of the shop's clock have no zone and are not read.
fn modified_at(object: &Node<'_>, warnings: &mut Warnings) -> Option<Timestamp> {
    object.get("date_modified_gmt").time_utc(warnings).or_else(|| object.get("date_created_gmt").time_utc(warnings))
}

fn events(drafts: Vec<Draft>, warnings: &mut Warnings) -> Outcome {
    Outcome::Events(drafts.into_iter().map(|draft| draft.build(SYSTEM, warnings)).collect())
}

fn without_id() -> (Outcome, Option<Timestamp>) {
    (Outcome::refused("id", "is missing, so nobody knows what this is about"), None)
}

/// A name as it is shown: with `&ndash;` and the like decoded.
fn plain(text: Option<String>) -> Option<String> {
    text.map(|text| html_escape::decode_html_entities(&text).into_owned())
}
