//! The keys of connections to shop systems and of what these delivered, in the table `shops`.

use super::parts::{bounded, occurred_at};
use jiff::Timestamp;
use rekindle_lifecycle::id::{OrderId, ShopId, hash};

pub(super) const CONNECTION: &str = "connection#";
pub(super) const LAST_DELIVERY: &str = "last_delivery#";
pub(super) const DELIVERY: &str = "delivery#";
pub(super) const DELIVERIES: &str = "deliveries#";
pub(super) const UNREAD: &str = "unread#";
pub(super) const MENTION: &str = "mention#";
pub(super) const PLACED: &str = "placed#";

/// Number of partitions that deliveries wait in until they are read.
pub const UNREAD_SHARDS: u8 = 4;
/// The sort key of who placed an order.
pub const PLACED_SK: &str = "customer";

/// The partition of a shop's connections; in it a connection has its connector's name as sort key.
#[must_use]
pub fn connection_pk(shop: &ShopId) -> String {
    format!("{CONNECTION}{shop}")
}

/// The partition of the times at which a shop's connections delivered last; sort keys as in [`connection_pk`].
#[must_use]
pub fn last_delivery_pk(shop: &ShopId) -> String {
    format!("{LAST_DELIVERY}{shop}")
}

/// The partition of a delivery's body, by the digest of the delivery.
#[must_use]
pub fn delivery_pk(shop: &ShopId, digest: &str) -> String {
    format!("{DELIVERY}{shop}#{digest}")
}

/// The sort key of a part of a delivery, counted from 0.
#[must_use]
pub fn delivery_part_sk(number: usize) -> String {
    format!("part#{number:02}")
}

/// The partition of the list of deliveries that were read, by connector.
#[must_use]
pub fn deliveries_pk(shop: &ShopId, connector: &str) -> String {
    format!("{DELIVERIES}{shop}#{connector}")
}

/// The sort key of a delivery in lists, by the time at which it came.
#[must_use]
pub fn delivered_sk(received_at: Timestamp, digest: &str) -> String {
    format!("{}#{digest}", occurred_at(received_at))
}

/// The time and the digest in a sort key that [`delivered_sk`] made.
#[must_use]
pub fn delivered_parts(sk: &str) -> Option<(Timestamp, &str)> {
    let (at, digest) = sk.split_once('#')?;
    Some((at.parse().ok()?, digest))
}

/// The partition in which a delivery waits until it is read.
#[must_use]
pub fn unread_pk(digest: &str) -> String {
    unread_shard(hash(&["unread", digest])[0] % UNREAD_SHARDS)
}

/// Every partition in which deliveries wait.
pub fn unread_shards() -> impl Iterator<Item = String> {
    (0..UNREAD_SHARDS).map(unread_shard)
}

fn unread_shard(number: u8) -> String {
    format!("{UNREAD}{number:02}")
}

/// The sort key of a delivery that waits, the oldest first.
#[must_use]
pub fn unread_sk(received_at: Timestamp, shop: &ShopId, digest: &str) -> String {
    format!("{}#{shop}#{digest}", occurred_at(received_at))
}

/// A sort key before those of deliveries that came at this instant or later.
#[must_use]
pub fn unread_before(at: Timestamp) -> String {
    occurred_at(at)
}

/// The time, the shop and the digest in a sort key that [`unread_sk`] made.
#[must_use]
pub fn unread_parts(sk: &str) -> Option<(Timestamp, ShopId, &str)> {
    let (at, rest) = sk.split_once('#')?;
    let (shop, digest) = rest.split_once('#')?;
    Some((at.parse().ok()?, ShopId::parse(shop).ok()?, digest))
}

/// The partition of the deliveries that mention a customer or an address, by their keyed fingerprint; sort keys are those of
/// [`delivered_sk`].
#[must_use]
pub fn mention_pk(shop: &ShopId, fingerprint: &str) -> String {
    format!("{MENTION}{shop}#{fingerprint}")
}

/// The partition that tells who placed an order.
#[must_use]
pub fn placed_pk(shop: &ShopId, order: &OrderId) -> String {
    format!("{PLACED}{shop}#{}", bounded(order.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_deliveries_are_read_back_and_sort_by_time() {
        let shop = ShopId::parse("vinyl").expect("a shop");
        let at: Timestamp = "2026-11-22T12:00:00.250Z".parse().expect("an instant");
        assert_eq!(delivered_parts(&delivered_sk(at, "ABC")), Some((at, "ABC")));
        assert_eq!(unread_parts(&unread_sk(at, &shop, "ABC")), Some((at, shop.clone(), "ABC")));
        assert!(unread_sk(at, &shop, "ABC") > unread_before(at));
        assert!(unread_sk(at, &shop, "ABC") < unread_before(at + jiff::SignedDuration::from_millis(1)));
        assert!(unread_shards().any(|shard| shard == unread_pk("ABC")));
    }
}
