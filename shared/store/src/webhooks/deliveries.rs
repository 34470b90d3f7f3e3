//! The bodies of deliveries, byte for byte, until they expire: compressed, in parts that fit into an item.
//!
//! `pk` = `delivery#{shop}#{digest}`. The first part holds what is known beside the body; it is written last, so a delivery that is
//! found is complete. The same delivery again has the same digest and is stored once.

use crate::store::Store;
use crate::table::calls::Item;
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base32ct::{Base32Unpadded, Encoding as _};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{Read, Write};

/// Most bytes of a part: an item has at most 400 KB.
const MAX_PART_BYTES: usize = 300 * 1024;
/// Most bytes of a body that is stored.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The version of the stored form.
const VERSION: u32 = 1;
/// Length of a digest: 130 bits.
const DIGEST_LEN: usize = 26;

const PARTS: &str = "parts";
const BODY: &str = "body";
const CONNECTOR: &str = "connector";
const HEADERS: &str = "headers";
const RECEIVED_AT: &str = "received_at";
const FORM: &str = "form";

fn unreadable(attribute: &'static str) -> StoreError {
    StoreError::Unreadable { family: "delivery", attribute }
}

/// Which delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryKey {
    /// The shop.
    pub shop: ShopId,
    /// The digest of what was delivered.
    pub digest: String,
}

impl DeliveryKey {
    /// The key of a delivery. `about` is what of the headers says what the body is; the same body about something else is another
    /// delivery.
    #[must_use]
    pub fn new(shop: &ShopId, connector: &str, about: &[&str], body: &[u8]) -> Self {
        let mut digest = Sha256::new();
        for part in [&[connector], about].concat() {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        digest.update(body);
        let mut digest = Base32Unpadded::encode_string(&digest.finalize());
        digest.truncate(DIGEST_LEN);
        Self { shop: shop.clone(), digest }
    }
}

/// A delivery as it came. `Debug` shows neither headers nor body.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDelivery {
    /// The name of the connection that it came by.
    pub connector: String,
    /// When it came first.
    pub received_at: Timestamp,
    /// The headers of the request, without those that are not kept.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Until when it is kept.
    pub kept_until: Timestamp,
}

impl std::fmt::Debug for StoredDelivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredDelivery({}, {}, {} bytes)", self.connector, self.received_at, self.body.len())
    }
}

impl Store {
    /// Stores a delivery; whether it is new. One write unit for each compressed KB.
    ///
    /// # Errors
    /// The database refused or did not answer: the delivery may not be complete.
    pub async fn put_delivery(&self, key: &DeliveryKey, delivery: &StoredDelivery) -> Result<bool, StoreError> {
        let mut parts = parts(key, delivery);
        let first = parts.remove(0);
        self.put_items(&self.tables.shops, parts).await?;
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .set_item(Some(first))
            .condition_expression("attribute_not_exists(pk)");
        self.put_if(put).await
    }

    /// A delivery, if it is stored, complete, and kept at `now`. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or the delivery is of a later version or damaged.
    pub async fn delivery(&self, key: &DeliveryKey, now: Timestamp) -> Result<Option<StoredDelivery>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::delivery_pk(&key.shop, &key.digest)))
            .consistent_read(true);
        let items = self.all(query).await?;
        let Some(first) = items.first().filter(|first| first.contains_key(PARTS)) else { return Ok(None) };
        let delivery = from_parts(first, &items)?;
        // An item that expired may be there for two days.
        Ok(Some(delivery).filter(|delivery| delivery.kept_until > now))
    }

    /// Removes a delivery; whether there was one.
    ///
    /// # Errors
    /// The database refused or did not answer: some of it may be left. Call again.
    pub async fn remove_delivery(&self, key: &DeliveryKey) -> Result<bool, StoreError> {
        let pk = keys::delivery_pk(&key.shop, &key.digest);
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.clone()))
            .projection_expression("sk")
            .consistent_read(true);
        let items = self.all(query).await?;
        let sks: Vec<_> = items.into_iter().filter_map(|item| item.get("sk")?.as_s().ok().cloned()).collect();
        // The first part last: as long as it is there, a call finds what is left.
        let was_there = !sks.is_empty();
        for sk in sks.into_iter().rev() {
            self.delete(&self.tables.shops, pk.clone(), Some(sk)).await?;
        }
        Ok(was_there)
    }
}

fn parts(key: &DeliveryKey, delivery: &StoredDelivery) -> Vec<Item> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: String| AttributeValue::N(number);
    let packed = compress(&delivery.body);
    let mut chunks: Vec<&[u8]> = packed.chunks(MAX_PART_BYTES).collect();
    if chunks.is_empty() {
        chunks.push(&[]);
    }
    let mut items: Vec<Item> = chunks
        .iter()
        .enumerate()
        .map(|(place, chunk)| {
            HashMap::from([
                ("pk".to_owned(), text(&keys::delivery_pk(&key.shop, &key.digest))),
                ("sk".to_owned(), text(&keys::delivery_part_sk(place))),
                (BODY.to_owned(), AttributeValue::B(Blob::new(*chunk))),
                (EXPIRES_AT.to_owned(), number(delivery.kept_until.as_second().to_string())),
            ])
        })
        .collect();
    let headers = serde_json::to_string(&delivery.headers).unwrap_or_default();
    items[0].extend([
        (FORM.to_owned(), number(VERSION.to_string())),
        (PARTS.to_owned(), number(chunks.len().to_string())),
        (CONNECTOR.to_owned(), text(&delivery.connector)),
        (RECEIVED_AT.to_owned(), text(&delivery.received_at.to_string())),
        (HEADERS.to_owned(), text(&headers)),
    ]);
    items
}

fn from_parts(first: &Item, items: &[Item]) -> Result<StoredDelivery, StoreError> {
    let text = |attribute: &'static str| {
        first.get(attribute).and_then(|value| value.as_s().ok()).ok_or_else(|| unreadable(attribute))
    };
    let number = |attribute: &'static str| {
        let number = first.get(attribute).and_then(|value| value.as_n().ok()?.parse::<i64>().ok());
        number.ok_or_else(|| unreadable(attribute))
    };
    if number(FORM)? > i64::from(VERSION) {
        return Err(unreadable(FORM));
    }
    if usize::try_from(number(PARTS)?).ok() != Some(items.len()) {
        return Err(unreadable(PARTS));
    }
    let mut packed = Vec::new();
    for item in items {
        let part = item.get(BODY).and_then(|value| value.as_b().ok()).ok_or_else(|| unreadable(BODY))?;
        packed.extend_from_slice(part.as_ref());
    }
    Ok(StoredDelivery {
        connector: text(CONNECTOR)?.clone(),
        received_at: text(RECEIVED_AT)?.parse().map_err(|_| unreadable(RECEIVED_AT))?,
        headers: serde_json::from_str(text(HEADERS)?).map_err(|_| unreadable(HEADERS))?,
        body: uncompress(&packed).ok_or_else(|| unreadable(BODY))?,
        kept_until: Timestamp::from_second(number(EXPIRES_AT)?).map_err(|_| unreadable(EXPIRES_AT))?,
    })
}

fn compress(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory can be written to")
}

fn uncompress(packed: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    GzDecoder::new(packed).take(MAX_BODY_BYTES as u64 + 1).read_to_end(&mut body).ok()?;
    (body.len() <= MAX_BODY_BYTES).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn delivery(body: Vec<u8>) -> StoredDelivery {
        StoredDelivery {
            connector: "shopify".to_owned(),
            received_at: "2026-11-22T12:00:00.5Z".parse().expect("an instant"),
            headers: vec![("x-shopify-topic".to_owned(), "orders/create".to_owned())],
            body,
            kept_until: "2026-11-29T12:00:00Z".parse().expect("an instant"),
        }
    }

    fn key() -> DeliveryKey {
        DeliveryKey::new(&ShopId::parse("vinyl").expect("a shop"), "shopify", &["orders/create"], b"{}")
    }

    #[test]
    fn a_body_that_does_not_compress_is_stored_in_parts_and_comes_back_byte_for_byte() {
        let mut random = Sha256::digest(b"seed").to_vec();
        while random.len() < MAX_BODY_BYTES {
            let next = Sha256::digest(&random[random.len() - 32..]);
            random.extend_from_slice(&next);
        }
        let delivery = delivery(random);
        let items = parts(&key(), &delivery);
        assert_eq!(items.len(), 4);
        assert_eq!(from_parts(&items[0], &items).expect("readable"), delivery);
        assert!(from_parts(&items[0], &items[..3]).is_err(), "a part is missing");
    }

    #[test]
    fn a_delivery_of_a_later_version_is_not_misread() {
        let mut items = parts(&key(), &delivery(b"{}".to_vec()));
        items[0].insert(FORM.to_owned(), AttributeValue::N("2".to_owned()));
        assert!(matches!(from_parts(&items[0], &items), Err(StoreError::Unreadable { attribute: FORM, .. })));
    }

    #[test]
    fn the_same_body_about_something_else_or_of_another_shop_is_another_delivery() {
        let shop = |name| ShopId::parse(name).expect("a shop");
        let own = key();
        assert_eq!(DeliveryKey::new(&shop("vinyl"), "shopify", &["orders/create"], b"{}"), own);
        for other in [
            DeliveryKey::new(&shop("vinyl"), "shopify", &["orders/paid"], b"{}"),
            DeliveryKey::new(&shop("vinyl"), "shopifyorders/create", &[], b"{}"),
            DeliveryKey::new(&shop("vinyl"), "shopify", &["orders/create"], b"{ }"),
        ] {
            assert_ne!(other.digest, own.digest);
        }
        assert_ne!(DeliveryKey::new(&shop("other"), "shopify", &["orders/create"], b"{}"), own);
    }

    proptest! {
        #[test]
        fn any_body_comes_back(body in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let delivery = delivery(body);
            let items = parts(&key(), &delivery);
            prop_assert_eq!(from_parts(&items[0], &items).expect("readable"), delivery);
        }
    }
}
