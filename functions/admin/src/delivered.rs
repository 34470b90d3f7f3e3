//! What shop systems delivered about a customer, as long as it is kept.

use crate::Admin;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::StoreError;
use rekindle_store::webhooks::mentions::Mention;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The deliveries that mention the person with one of these fingerprints, the oldest first: from the one with the number `from` on until
/// they are more than `max_bytes`, and the number of the next one.
pub(crate) async fn load(
    admin: &Admin,
    shop: &ShopId,
    fingerprints: impl IntoIterator<Item = String>,
    from: usize,
    max_bytes: usize,
) -> Result<(Vec<Value>, Option<usize>), StoreError> {
    let mut mentions: BTreeMap<_, Mention> = BTreeMap::new();
    for fingerprint in fingerprints {
        let found = admin.store.mentions(shop, &fingerprint).await?;
        mentions.extend(found.into_iter().map(|one| ((one.received_at, one.key.digest.clone()), one)));
    }
    let (mut shown, mut bytes) = (Vec::new(), 0);
    for (number, mention) in mentions.into_values().enumerate().skip(from) {
        if bytes > max_bytes {
            return Ok((shown, Some(number)));
        }
        // It may have been removed with another customer, whom it mentions too.
        let Some(stored) = admin.store.delivery(&mention.key, admin.clock.now()).await? else { continue };
        bytes += stored.body.len();
        let body = serde_json::from_slice(&stored.body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&stored.body).into_owned()));
        shown.push(json!({ "received_at": stored.received_at, "connector": stored.connector, "body": body }));
    }
    Ok((shown, None))
}
