//! WooCommerce's row in the table, and which reader is for which topic.

use super::answer::SYSTEM;
use super::{customer, order, product};
use crate::connector::{Call, Connector};
use crate::delivery::Delivery;
use crate::digest::digest;
use crate::fields::{Node, Warnings};
use crate::reading::Outcome;
use crate::verify::Scheme;
use jiff::Timestamp;
use serde_json::Value;

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
        return (Outcome::refused("", "came without the header X-WC-Webhook-Topic, which says what it is"), None);
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
