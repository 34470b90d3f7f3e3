//! What is stored of a request's headers.

use crate::connection::Connection;
use rekindle_connectors::Headers;
use rekindle_connectors::mapping::Condition;

/// Most headers that are stored, and the longest one.
const MAX_HEADERS: usize = 60;
const MAX_HEADER_LEN: usize = 1_000;
/// Headers of the way here, of which nothing is read; and those with secrets.
const DROPPED: [&str; 12] = [
    "authorization",
    "cookie",
    "host",
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "forwarded",
    "via",
    "x-amzn-trace-id",
    "x-real-ip",
    "traceparent",
];
/// Beginnings of such names.
const DROPPED_FAMILIES: [&str; 3] = ["x-forwarded-", "x-amz-", "cf-"];
/// Headers that say what a body is about, of every system that has code.
const ABOUT: [&str; 8] = [
    "x-shopify-topic",
    "shopify-topic",
    "shopify-action",
    "x-shopify-shop-domain",
    "x-shopify-test",
    "x-wc-webhook-topic",
    "x-wc-webhook-resource",
    "x-wc-webhook-event",
];

/// The headers that are stored with a delivery. Signatures are not: they were checked.
#[must_use]
pub fn kept_headers(headers: &Headers) -> Vec<(String, String)> {
    let is_kept = |name: &str, value: &str| {
        let name = name.to_ascii_lowercase();
        let is_signature = name.contains("signature") || name.contains("hmac");
        !is_signature
            && !DROPPED.contains(&name.as_str())
            && !DROPPED_FAMILIES.iter().any(|family| name.starts_with(family))
            && value.len() <= MAX_HEADER_LEN
    };
    let kept = headers.iter().filter(|(name, value)| is_kept(name, value));
    kept.take(MAX_HEADERS).map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()
}

/// The headers of a stored delivery.
#[must_use]
pub fn stored_headers(stored: &[(String, String)]) -> Headers {
    stored.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What of the headers says what the body is about: a repetition of the delivery has the same.
#[must_use]
pub fn about<'h>(connection: &Connection, headers: &'h Headers) -> Vec<&'h str> {
    let mut found: Vec<&str> = ABOUT.iter().map(|name| headers.get(name).unwrap_or_default()).collect();
    if let Ok(mapping) = connection.mapping() {
        let conditions = mapping.rules.iter().flat_map(|rule| &rule.conditions);
        let names = conditions.filter_map(|condition| match condition {
            Condition::Header { header, .. } => Some(header),
            Condition::Expression { .. } => None,
        });
        found.extend(names.map(|name| headers.get(name).unwrap_or_default()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_password_nor_a_signature_nor_the_way_of_a_request_is_stored() {
        let headers: Headers = [
            ("X-Shopify-Topic", "orders/create"),
            ("X-Shopify-Hmac-Sha256", "abc="),
            ("Stripe-Signature", "t=1,v1=ab"),
            ("Authorization", "Basic c2VjcmV0"),
            ("Cookie", "a=b"),
            ("X-Forwarded-For", "203.0.113.1"),
            ("X-Long", &"x".repeat(2_000)),
        ]
        .into_iter()
        .collect();
        assert_eq!(kept_headers(&headers), [("x-shopify-topic".to_owned(), "orders/create".to_owned())]);
    }
}
