//! Every key of every table, spelled once.
//!
//! A key of a customer begins with the shop, whose id cannot contain the separator `#`. The sort keys
//! of `activity` are a family, then a time, then an identity:
//!
//! | family | sort key |
//! |---|---|
//! | orders | `order#{occurred_at}#{order_id}#{status}#{digest}` |
//! | other facts | `fact#{occurred_at}#{kind}#{id}#{digest}` |
//! | messages | `message#{message_id}` |
//! | decisions | `decision#{at}#{version}` |

use jiff::Timestamp;
use jiff::civil::Date;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId, hash, short_digest};

/// Beginning of the sort keys of order facts.
pub const ORDER: &str = "order#";
/// Beginning of the sort keys of all other facts.
pub const FACT: &str = "fact#";
/// Beginning of the sort keys of messages.
pub const MESSAGE: &str = "message#";
/// Beginning of the sort keys of decisions.
pub const DECISION: &str = "decision#";
/// Beginning of the sort keys of what was refused.
pub const REFUSED: &str = "refused#";

/// Shards of the due index.
pub const DUE_SHARDS: u8 = 8;

/// Longest part of a sort key that comes from outside, in bytes; what is longer is replaced by its
/// digest, so that a sort key stays well below DynamoDB's 1,024 bytes whatever it is made of.
const LONGEST_PART: usize = 512;

/// One customer of one shop: the partition key of `customers` and `activity`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerKey {
    /// The shop.
    pub shop: ShopId,
    /// The customer, as the shop names them.
    pub customer: CustomerId,
}

impl CustomerKey {
    /// `{shop}#{customer}`, at most 321 bytes.
    #[must_use]
    pub fn pk(&self) -> String {
        format!("{}#{}", self.shop, self.customer)
    }

    /// Reads a partition key back. `None` if it is not a customer's, for example one of [`quarantine_pk`].
    #[must_use]
    pub fn parse(pk: &str) -> Option<Self> {
        let (shop, customer) = pk.split_once('#')?;
        let key = Self { shop: ShopId::parse(shop).ok()?, customer: CustomerId::parse(customer).ok()? };
        // An id is trimmed when it is parsed: only what comes out as it went in is a key.
        (key.customer.as_str() == customer).then_some(key)
    }
}

/// RFC 3339 in UTC with milliseconds: 24 characters that sort as the instants do. Instants before 1970,
/// which the fold never asks for, are written as 1970.
#[must_use]
pub fn occurred_at(at: Timestamp) -> String {
    at.max(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// The sort key of a fact: a function of the fact alone.
#[must_use]
pub fn fact_sk(fact: &Fact) -> String {
    let (at, digest) = (occurred_at(fact.at), fact.digest());
    match fact.order_id() {
        Some(order) => format!("{ORDER}{at}#{order}#{}#{digest}", fact.kind()),
        None => format!("{FACT}{at}#{}#{}#{digest}", fact.kind(), bounded(&fact.id)),
    }
}

/// Where the orders from this instant on begin.
#[must_use]
pub fn orders_from(at: Timestamp) -> String {
    format!("{ORDER}{}", occurred_at(at))
}

/// Where the orders end: a sort key after every order.
#[must_use]
pub fn orders_end() -> String {
    // `$` follows `#`.
    "order$".to_owned()
}

/// Where the facts that are not about orders begin, from this instant on.
#[must_use]
pub fn facts_from(at: Timestamp) -> String {
    format!("{FACT}{}", occurred_at(at))
}

/// Where the facts that are not about orders end: a sort key after every one of them.
#[must_use]
pub fn facts_end() -> String {
    "fact$".to_owned()
}

/// The sort key of a message.
#[must_use]
pub fn message_sk(id: &MessageId) -> String {
    format!("{MESSAGE}{id}")
}

/// The sort key of a recorded decision: by time, then by the version of the customer it made.
#[must_use]
pub fn decision_sk(at: Timestamp, version: u64) -> String {
    format!("{DECISION}{}#{version:010}", occurred_at(at))
}

/// The instant in the sort key of a recorded decision.
#[must_use]
pub fn decided_at(sk: &str) -> Option<Timestamp> {
    sk.strip_prefix(DECISION)?.split('#').next()?.parse().ok()
}

/// Whether a sort key is a fact's.
#[must_use]
pub fn is_fact(sk: &str) -> bool {
    sk.starts_with(ORDER) || sk.starts_with(FACT)
}

/// The shard of the due index that a customer belongs to, `due#00` to `due#07`.
#[must_use]
pub fn due_shard(pk: &str) -> String {
    due_shard_name(hash(&["due", pk])[0] % DUE_SHARDS)
}

/// Every shard of the due index.
pub fn due_shards() -> impl Iterator<Item = String> {
    (0..DUE_SHARDS).map(due_shard_name)
}

fn due_shard_name(number: u8) -> String {
    format!("due#{number:02}")
}

/// The partition of what a shop sent and was refused on a day (UTC). Never a customer's key: no shop
/// id contains `!`.
#[must_use]
pub fn quarantine_pk(shop: &ShopId, day: Date) -> String {
    format!("{shop}!quarantine#{day}")
}

/// The sort key of something refused: its digest, so that a repetition is the same item.
#[must_use]
pub fn quarantine_sk(digest: &str) -> String {
    format!("{REFUSED}{digest}")
}

/// The partition of the list of shops; in it a shop has its id as sort key.
pub const SHOP_LIST_PK: &str = "shops";

/// The partition of a shop's own records in `shops`.
#[must_use]
pub fn shop_pk(shop: &ShopId) -> String {
    format!("shop#{shop}")
}

/// The partition of an API key, by the hexadecimal SHA-256 of the key.
#[must_use]
pub fn api_key_pk(hash: &str) -> String {
    format!("key#{hash}")
}

/// The sort key of an API key's record.
pub const API_KEY_SK: &str = "key";

/// The sort key, among a shop's records, of the mention of one of its API keys.
#[must_use]
pub fn shop_key_sk(hash: &str) -> String {
    format!("{SHOP_KEYS}{hash}")
}

/// Beginning of the sort keys, among a shop's records, of the mentions of its API keys.
pub const SHOP_KEYS: &str = "key#";

/// The sort key, among a shop's records, of a version of its policy; they sort as their numbers do.
#[must_use]
pub fn policy_version_sk(number: u32) -> String {
    format!("{POLICY_VERSIONS}{number:010}")
}

/// Beginning of the sort keys, among a shop's records, of the versions of its policy.
pub const POLICY_VERSIONS: &str = "policy#";

/// The partition of those whom a shop must not write to.
#[must_use]
pub fn suppression_pk(shop: &ShopId) -> String {
    format!("suppression#{shop}")
}

/// The sort key of one of them on a channel, by the keyed fingerprint of the address or number.
#[must_use]
pub fn suppression_sk(channel: Channel, fingerprint: &str) -> String {
    format!("{}#{fingerprint}", channel.name())
}

/// The partition of what a shop's people are asked to do.
#[must_use]
pub fn tasks_pk(shop: &ShopId) -> String {
    format!("tasks#{shop}")
}

/// The sort key of a task in a list of open or of closed ones, oldest first.
#[must_use]
pub fn task_sk(list: &str, created_at: Timestamp, id: &MessageId) -> String {
    format!("{list}{}#{id}", occurred_at(created_at))
}

/// The sort key, among a shop's tasks, of the mention of one by its id alone.
#[must_use]
pub fn task_mention_sk(id: &MessageId) -> String {
    format!("task#{id}")
}

/// The partition of the mark that somebody was erased, by the keyed fingerprint of the customer.
#[must_use]
pub fn erased_pk(fingerprint: &str) -> String {
    format!("erased#{fingerprint}")
}

/// The partition of what reports count of erased customers. Never a customer's key: no shop id contains `!`.
#[must_use]
pub fn erased_counts_pk(shop: &ShopId) -> String {
    format!("{shop}!erased")
}

/// Beginning of the sort keys of answers of erased customers.
pub const KEPT_ANSWERS: &str = "answer#";

/// The sort key of an answer of an erased customer.
#[must_use]
pub fn kept_answer_sk(name: &str) -> String {
    format!("{KEPT_ANSWERS}{name}")
}

/// The partition of a coupon.
#[must_use]
pub fn coupon_pk(shop: &ShopId, code: &str) -> String {
    format!("coupon#{shop}#{}", bounded(code))
}

/// The sort key of the note, among a customer's activity, which code of a pool a message has.
#[must_use]
pub fn coupon_note_sk(message: &MessageId) -> String {
    format!("{COUPON}{message}")
}

/// Beginning of the sort keys of these notes.
pub const COUPON: &str = "coupon#";

/// The partition of the free codes of a pool.
#[must_use]
pub fn pool_pk(shop: &ShopId, pool: &str) -> String {
    format!("pool#{shop}#{}", bounded(pool))
}

/// The partition of a referral code.
#[must_use]
pub fn referral_pk(code: &str) -> String {
    format!("referral#{code}")
}

/// The sort key, within a referral code, of whose it is.
pub const REFERRAL_OWNER_SK: &str = "owner";
/// Beginning of the sort keys, within a referral code, of who came with it.
pub const REFERRAL_VISIT: &str = "visit#";

/// The sort key, within a referral code, of one visitor, by their keyed fingerprint.
#[must_use]
pub fn referral_visit_sk(visitor: &str) -> String {
    format!("{REFERRAL_VISIT}{visitor}")
}

/// The partition of a phone number, by its keyed fingerprint; in it a customer has the sort key
/// [`CustomerKey::pk`].
#[must_use]
pub fn phone_pk(fingerprint: &str) -> String {
    format!("phone#{fingerprint}")
}

/// The sort key, in a number's partition, of when help was answered last. No customer's: it has no `#`.
pub const HELP_ANSWER: &str = "help";

/// The partition of a text that a customer sent, by the provider's id. Never a customer's key: no shop id
/// contains `!`.
#[must_use]
pub fn inbound_text_pk(inbound_id: &str) -> String {
    format!("!text#{}", bounded(inbound_id))
}

/// The sort key of the note when a text was heard.
pub const INBOUND_TEXT: &str = "heard";

/// The sort key, among a shop's records, of the record of its last mails.
pub const REPUTATION: &str = "reputation";

/// The partition of the place in the list of opted-out numbers, of the whole account.
pub const OPT_OUT_MIRROR_PK: &str = "mirror#sns-opt-outs";
/// The sort key of that place.
pub const OPT_OUT_MIRROR_SK: &str = "place";

/// The partition of a limit of sending.
#[must_use]
pub fn rate_pk(channel: Channel, shop: Option<&ShopId>) -> String {
    let channel = channel.name();
    match shop {
        Some(shop) => format!("rate#{channel}#{shop}"),
        None => format!("rate#{channel}"),
    }
}

/// The sort key of a limit of sending.
pub const RATE_SK: &str = "rate";

fn bounded(text: &str) -> String {
    if text.len() <= LONGEST_PART { text.to_owned() } else { short_digest(&["part", text], 52) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_lifecycle::facts::{Event, Traits};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_customer_key_is_read_back_as_it_was_written() {
        for (shop, customer) in [("vinyl", "42"), ("a-b", "x#y#z"), ("v", "анна 🎁"), ("v", "!quarantine#2026-01-01")]
        {
            let key = CustomerKey {
                shop: ShopId::parse(shop).expect("a shop"),
                customer: CustomerId::parse(customer).expect("a customer"),
            };
            assert_eq!(CustomerKey::parse(&key.pk()), Some(key));
        }
        for pk in ["vinyl", "vinyl#", "vinyl# x", "#x", "Vinyl#x", "shop!x#y"] {
            assert_eq!(CustomerKey::parse(pk), None, "{pk}");
        }
    }

    #[test]
    fn the_partition_of_refused_events_can_never_be_a_customer() {
        let shop = ShopId::parse("vinyl").expect("a shop");
        assert_eq!(CustomerKey::parse(&quarantine_pk(&shop, jiff::civil::date(2026, 11, 22))), None);
    }

    #[test]
    fn instants_are_written_with_fixed_width_and_sort_as_they_follow_each_other() {
        let instants = [
            "1970-01-01T00:00:00Z",
            "1997-01-01T00:00:00Z",
            "1997-01-01T00:00:00.001Z",
            "2026-11-22T09:59:59.999Z",
            "9999-12-30T21:59:59Z",
        ];
        let written: Vec<String> = instants.iter().map(|text| occurred_at(at(text))).collect();
        assert!(written.iter().all(|text| text.len() == 24), "{written:?}");
        assert!(written.is_sorted());
        assert_eq!(written[2], "1997-01-01T00:00:00.001Z");
        assert_eq!(occurred_at(at("1950-01-01T00:00:00Z")), written[0]);
    }

    #[test]
    fn a_sort_key_fits_whatever_it_is_made_of() {
        let name = "🎁".repeat(400);
        let fact =
            Fact { at: at("2026-01-01T00:00:00Z"), id: name, event: Event::Identified, traits: Traits::default() };
        assert!(fact_sk(&fact).len() <= 1024);
    }

    #[test]
    fn customers_spread_over_all_shards() {
        let mut count = [0_u32; DUE_SHARDS as usize];
        for (index, shard) in due_shards().enumerate() {
            count[index] = (0..8_000).map(|n| u32::from(due_shard(&format!("s#{n}")) == shard)).sum();
        }
        assert!(count.iter().all(|count| (850..1150).contains(count)), "{count:?}");
    }
}
