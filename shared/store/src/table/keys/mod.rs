//! Every key of every table, spelled once.
//!
//! A customer's key begins with the shop, whose id contains neither `#` nor `!`. A constant whose name ends in `_SK` or `_PK` is
//! a whole key; the others are beginnings of keys and end in `#`: the family of an item.
//!
//! | table | partition | sort keys |
//! |---|---|---|
//! | `customers` | `{shop}#{customer}` | none |
//! | `activity` | `{shop}#{customer}` | `order#{occurred_at}#{order_id}#{kind}#{digest}`, `fact#{occurred_at}#{kind}#{id}#{digest}`, `message#{message_id}`, `decision#{at}#{version}`, `coupon#{message_id}` |
//! | | `{shop}!quarantine#{day}` | `refused#{digest}` |
//! | | `{shop}!quarantine#days` | `day#{day}`, `listed_from` |
//! | | `{shop}!erased` | `message#{name}`, `decision#{day}#{name}`, `answer#{name}` |
//! | | `!text#{provider's id}` | `heard` |
//! | `shops` | `shop#{shop}` | `brand`, `policy`, `policy#{number}`, `template#{channel}#{language}#{name}`, `key#{sha256}`, `reputation`, `sending_limits`, `sending_paused` |
//! | | `key#{sha256}` | `key` |
//! | | `suppression#{shop}` | `{channel}#{fingerprint}` |
//! | | `tasks#{shop}` | `open#{created_at}#{id}`, `closed#{created_at}#{id}`, `task#{id}` |
//! | | `coupon#{shop}#{code}` | `coupon` |
//! | | `pool#{shop}#{pool}` | the code |
//! | | `referral#{code}` | `owner`, `visit#{fingerprint}` |
//! | | `phone#{fingerprint}` | `{shop}#{customer}`, `help` |
//! | | `erased#{fingerprint}` | `mark`, `refused` |
//! | | `holders#{shop}#{fingerprint}` | the customer |
//! | | `senders#{shop}` | `granted` |
//! | | `products#{shop}#{bucket}` | the product, `{product}#{variant}`, their `#` and `%` as `%23` and `%25` |
//! | | `inventory#{shop}#{inventory item}` | `item` |
//! | | `rate#{channel}`, `rate#{channel}#{shop}` | `rate` |
//! | | `provider#ses` | `events_through` |
//! | | `mirror#sns-opt-outs` | `place` |
//! | | `connection#{shop}` | the connector |
//! | | `last_delivery#{shop}` | the connector |
//! | | `delivery#{shop}#{digest}` | `part#{number}` |
//! | | `deliveries#{shop}#{connector}` | `{received_at}#{digest}` |
//! | | `unread#{shard}` | `{received_at}#{shop}#{digest}` |
//! | | `mention#{shop}#{fingerprint}` | `{received_at}#{digest}` |
//! | | `placed#{shop}#{order}` | `customer` |
//! | | `pass` | `latest`, `{day}#segment#{number}`, `{day}#shop#{shop}` |
//! | | `pieces#{shop}` | `{day}#{leg}#{number}` |
//! | | `reports#{shop}` | `{name}#{day}` |
//! | | `proposals#{shop}` | `all` |
//! | | `shops` | `{shop}` |
//! | | `feeds` | `{shop}#{feed}` |
//! | | `nothing` | never any |
//! | `erasures` | `{fingerprint}` | none |

mod activity;
mod customer;
mod insight;
mod parts;
mod products;
mod shops;
#[cfg(test)]
mod tests;
mod webhooks;

pub use activity::*;
pub use customer::*;
pub use insight::*;
pub use parts::occurred_at;
pub use products::*;
pub use shops::*;
pub use webhooks::*;
