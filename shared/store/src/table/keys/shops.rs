//! The keys of the table `shops`.

use super::insight::{PASS_PK, PIECES, PROPOSALS, REPORTS};
use super::parts::{bounded, occurred_at};
use super::webhooks::{CONNECTION, DELIVERIES, DELIVERY, LAST_DELIVERY, MENTION, PLACED, UNREAD};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::{MessageId, ShopId};

/// The partition of the list of shops; in it a shop has its id as sort key.
pub const SHOP_LIST_PK: &str = "shops";
/// The partition of the feeds of all shops that are fetched by themselves.
pub const FEEDS_PK: &str = "feeds";
/// The partition of what is known of the deployment's mail provider.
pub const PROVIDER_PK: &str = "provider#ses";

/// The partition of the place in the list of opted-out numbers, of the whole account.
pub const OPT_OUT_MIRROR_PK: &str = "mirror#sns-opt-outs";

/// The partition that the first call of a process reads. Nothing is ever there, so every function may read it.
pub const NOTHING_PK: &str = "nothing";

const SHOP: &str = "shop#";
const API_KEY: &str = "key#";
const SUPPRESSION: &str = "suppression#";
const MAILBOX: &str = "mailbox#";
const TASKS: &str = "tasks#";
const COUPON: &str = "coupon#";
const POOL: &str = "pool#";
const REFERRAL: &str = "referral#";
const PHONE: &str = "phone#";
const ERASED: &str = "erased#";
const RATE: &str = "rate#";
const HOLDERS: &str = "holders#";
const SENDERS: &str = "senders#";
pub(super) const PRODUCTS: &str = "products#";
pub(super) const INVENTORY: &str = "inventory#";

/// Every partition, or the beginning of its key (ends in `#`).
pub const SHOPS_PARTITIONS: [&str; 31] = [
    NOTHING_PK,
    SHOP_LIST_PK,
    FEEDS_PK,
    PROVIDER_PK,
    OPT_OUT_MIRROR_PK,
    SHOP,
    API_KEY,
    SUPPRESSION,
    MAILBOX,
    TASKS,
    COUPON,
    POOL,
    REFERRAL,
    PHONE,
    ERASED,
    RATE,
    HOLDERS,
    SENDERS,
    PRODUCTS,
    INVENTORY,
    CONNECTION,
    LAST_DELIVERY,
    DELIVERY,
    DELIVERIES,
    UNREAD,
    MENTION,
    PLACED,
    PASS_PK,
    PIECES,
    REPORTS,
    PROPOSALS,
];

/// The sort key of the addresses that a shop may send from.
pub const SENDERS_SK: &str = "granted";
/// The sort key, among a shop's records, of its brand.
pub const BRAND_SK: &str = "brand";
/// The sort key, among a shop's records, of its policy.
pub const POLICY_SK: &str = "policy";
/// The sort key, among a shop's records, of the counts of its last mails.
pub const REPUTATION_SK: &str = "reputation";
/// The sort key, among a shop's records, of the limits that it set itself.
pub const SENDING_LIMITS_SK: &str = "sending_limits";
/// The sort key, among a shop's records, of the pause of its sending.
pub const SENDING_PAUSED_SK: &str = "sending_paused";
/// Beginning of the sort keys, among a shop's records, of its API keys.
pub const SHOP_API_KEY: &str = "key#";
/// Beginning of the sort keys, among a shop's records, of the versions of its policy.
pub const POLICY_VERSION: &str = "policy#";
/// Beginning of the sort keys, among a shop's records, of its own templates.
pub const TEMPLATE: &str = "template#";

/// Every sort key among a shop's records, or its beginning (ends in `#`).
pub const SHOP_RECORDS: [&str; 8] =
    [BRAND_SK, POLICY_SK, REPUTATION_SK, SENDING_LIMITS_SK, SENDING_PAUSED_SK, SHOP_API_KEY, POLICY_VERSION, TEMPLATE];

/// Beginning of the sort keys, among a shop's tasks, of those that are open.
pub const OPEN_TASK: &str = "open#";
/// Beginning of the sort keys, among a shop's tasks, of those that are closed.
pub const CLOSED_TASK: &str = "closed#";
const TASK_MENTION: &str = "task#";

/// Every beginning of a sort key among a shop's tasks.
pub const TASK_RECORDS: [&str; 3] = [OPEN_TASK, CLOSED_TASK, TASK_MENTION];

/// The sort key of an API key.
pub const API_KEY_SK: &str = "key";
/// The sort key of a coupon.
pub const COUPON_SK: &str = "coupon";
/// The sort key of the mark that a customer was erased.
pub const ERASED_SK: &str = "mark";
/// The sort key of how far an erasure has looked through the refused events.
pub const ERASED_REFUSED_SK: &str = "refused";
/// The sort key of how far the provider's events have reported.
pub const EVENTS_THROUGH_SK: &str = "events_through";
/// The sort key, in a number's partition, of the latest answer to a question for help. Never a customer's key: it has no `#`.
pub const HELP_ANSWER_SK: &str = "help";
/// The sort key of a mailbox.
pub const MAILBOX_SK: &str = "mailbox";
/// The sort key of the place in the list of opted-out numbers.
pub const OPT_OUT_MIRROR_SK: &str = "place";
/// The sort key of a sending limit.
pub const RATE_SK: &str = "rate";
/// The sort key, within a referral code, of its owner.
pub const REFERRAL_OWNER_SK: &str = "owner";
/// Beginning of the sort keys, within a referral code, of its visitors.
pub const REFERRAL_VISIT: &str = "visit#";

/// The partition of a shop's own records.
#[must_use]
pub fn shop_pk(shop: &ShopId) -> String {
    format!("{SHOP}{shop}")
}

/// The partition of the addresses that a shop may send from.
#[must_use]
pub fn senders_pk(shop: &ShopId) -> String {
    format!("{SENDERS}{shop}")
}

/// The sort key, among a shop's records, of one of its API keys, by the hexadecimal SHA-256 of the key.
#[must_use]
pub fn shop_key_sk(hash: &str) -> String {
    format!("{SHOP_API_KEY}{hash}")
}

/// The sort key, among a shop's records, of a version of its policy; they sort as their numbers do.
#[must_use]
pub fn policy_version_sk(number: u32) -> String {
    format!("{POLICY_VERSION}{number:010}")
}

/// The sort key, among a shop's records, of its own template.
#[must_use]
pub fn template_sk(channel: Channel, language: &str, name: &str) -> String {
    format!("{TEMPLATE}{}#{language}#{name}", channel.code())
}

/// The partition of an API key, by the hexadecimal SHA-256 of the key.
#[must_use]
pub fn api_key_pk(hash: &str) -> String {
    format!("{API_KEY}{hash}")
}

/// The partition of the addresses and numbers that a shop must not write to.
#[must_use]
pub fn suppression_pk(shop: &ShopId) -> String {
    format!("{SUPPRESSION}{shop}")
}

/// The sort key of one of them on a channel, by the keyed fingerprint of the address or number.
#[must_use]
pub fn suppression_sk(channel: Channel, fingerprint: &str) -> String {
    format!("{}#{fingerprint}", channel.code())
}

/// The partition of a mailbox of a shop, by the keyed fingerprint of its address or number.
#[must_use]
pub fn mailbox_pk(shop: &ShopId, channel: Channel, fingerprint: &str) -> String {
    format!("{MAILBOX}{shop}#{}#{fingerprint}", channel.code())
}

/// The channel's name and the fingerprint in the sort key of a suppression.
#[must_use]
pub fn suppression_parts(sk: &str) -> Option<(&str, &str)> {
    sk.split_once('#')
}

/// The partition of the tasks of a shop's people.
#[must_use]
pub fn tasks_pk(shop: &ShopId) -> String {
    format!("{TASKS}{shop}")
}

/// Whether a partition holds tasks.
#[must_use]
pub fn is_tasks(pk: &str) -> bool {
    pk.starts_with(TASKS)
}

/// The sort key of a task in one of the lists ([`OPEN_TASK`], [`CLOSED_TASK`]), oldest first.
#[must_use]
pub fn task_sk(list: &str, created_at: Timestamp, id: &MessageId) -> String {
    format!("{list}{}#{id}", occurred_at(created_at))
}

/// The sort key, among a shop's tasks, by which one is found by its id alone.
#[must_use]
pub fn task_mention_sk(id: &MessageId) -> String {
    format!("{TASK_MENTION}{id}")
}

/// The partition of a coupon.
#[must_use]
pub fn coupon_pk(shop: &ShopId, code: &str) -> String {
    format!("{COUPON}{shop}#{}", bounded(code))
}

/// Whether a partition holds a coupon.
#[must_use]
pub fn is_coupon(pk: &str) -> bool {
    pk.starts_with(COUPON)
}

/// The partition of the free codes of a pool; in it a code is its own sort key.
#[must_use]
pub fn pool_pk(shop: &ShopId, pool: &str) -> String {
    format!("{POOL}{shop}#{}", bounded(pool))
}

/// The partition of a referral code.
#[must_use]
pub fn referral_pk(code: &str) -> String {
    format!("{REFERRAL}{code}")
}

/// Whether a partition holds a referral code.
#[must_use]
pub fn is_referral(pk: &str) -> bool {
    pk.starts_with(REFERRAL)
}

/// The sort key, within a referral code, of a visitor, by their keyed fingerprint.
#[must_use]
pub fn referral_visit_sk(visitor: &str) -> String {
    format!("{REFERRAL_VISIT}{visitor}")
}

/// The partition of a phone number, by its keyed fingerprint; in it a customer has the sort key
/// [`CustomerKey::pk`](super::CustomerKey::pk).
#[must_use]
pub fn phone_pk(fingerprint: &str) -> String {
    format!("{PHONE}{fingerprint}")
}

/// The partition of the mark that a customer was erased, by the customer's keyed fingerprint.
#[must_use]
pub fn erased_pk(fingerprint: &str) -> String {
    format!("{ERASED}{fingerprint}")
}

/// The partition of the ids that came with an address or a device, by its keyed fingerprint; in it an id is its own sort key.
#[must_use]
pub fn holders_pk(shop: &ShopId, fingerprint: &str) -> String {
    format!("{HOLDERS}{shop}#{fingerprint}")
}

/// The partition of a sending limit: of the account, or of a shop.
#[must_use]
pub fn rate_pk(channel: Channel, shop: Option<&ShopId>) -> String {
    let channel = channel.code();
    match shop {
        Some(shop) => format!("{RATE}{channel}#{shop}"),
        None => format!("{RATE}{channel}"),
    }
}
