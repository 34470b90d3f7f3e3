//! The keys of the table `activity`.

use super::parts::{bounded, occurred_at};
use jiff::Timestamp;
use jiff::civil::Date;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::{MessageId, ShopId};

/// Beginning of the sort keys of facts about orders.
pub const ORDER: &str = "order#";
/// Beginning of the sort keys of all other facts.
pub const FACT: &str = "fact#";
/// Beginning of the sort keys of messages.
pub const MESSAGE: &str = "message#";
/// Beginning of the sort keys of decisions.
pub const DECISION: &str = "decision#";
/// Beginning of the sort keys of the notes which code of a pool a message has.
pub const COUPON_NOTE: &str = "coupon#";
/// Beginning of the sort keys of refused events.
pub const REFUSED: &str = "refused#";
/// Beginning of the sort keys of the days that have refused events.
pub const REFUSED_DAY: &str = "day#";
/// The sort key of the day from which on every day that has refused events is listed.
pub const REFUSED_LISTED_FROM_SK: &str = "listed_from";
/// Beginning of the sort keys of the answers of erased customers.
pub const ERASED_ANSWER: &str = "answer#";
/// The sort key of the note when a text was received.
pub const INBOUND_TEXT_SK: &str = "heard";

const QUARANTINE: &str = "!quarantine#";
const ERASED_COUNTS: &str = "!erased";
const INBOUND_TEXT: &str = "!text#";

/// Every partition that is no customer's, or the beginning of its key (ends in `#`), after the shop if it is a shop's.
pub const ACTIVITY_PARTITIONS: [&str; 3] = [QUARANTINE, ERASED_COUNTS, INBOUND_TEXT];

/// The families within a customer's partition.
pub const CUSTOMER_FAMILIES: [&str; 5] = [ORDER, FACT, MESSAGE, DECISION, COUPON_NOTE];

/// The sort key of a fact: a function of the fact alone.
#[must_use]
pub fn fact_sk(fact: &Fact) -> String {
    let (at, digest) = (occurred_at(fact.at), fact.digest());
    match fact.order_id() {
        Some(order) => format!("{ORDER}{at}#{order}#{}#{digest}", fact.kind()),
        None => format!("{FACT}{at}#{}#{}#{digest}", fact.kind(), bounded(&fact.id)),
    }
}

/// Whether a sort key is a fact's.
#[must_use]
pub fn is_fact(sk: &str) -> bool {
    sk.starts_with(ORDER) || sk.starts_with(FACT)
}

/// The instant in the sort key of a fact.
#[must_use]
pub fn fact_at(sk: &str) -> Option<Timestamp> {
    let rest = sk.strip_prefix(ORDER).or_else(|| sk.strip_prefix(FACT))?;
    rest.split('#').next()?.parse().ok()
}

/// The first possible sort key of a fact about an order that happened at this instant or later.
#[must_use]
pub fn orders_from(at: Timestamp) -> String {
    format!("{ORDER}{}", occurred_at(at))
}

/// A sort key after every fact about an order.
#[must_use]
pub fn orders_end() -> String {
    end_of(ORDER)
}

/// The first possible sort key of another fact that happened at this instant or later.
#[must_use]
pub fn facts_from(at: Timestamp) -> String {
    format!("{FACT}{}", occurred_at(at))
}

/// A sort key after every fact that is not about an order.
#[must_use]
pub fn facts_end() -> String {
    end_of(FACT)
}

/// A sort key after all of a family.
fn end_of(family: &str) -> String {
    // `$` follows `#`.
    format!("{}$", family.trim_end_matches('#'))
}

/// The sort key of a message.
#[must_use]
pub fn message_sk(id: &MessageId) -> String {
    format!("{MESSAGE}{id}")
}

/// The sort key of a decision: by time, then by the version of the customer that it made.
#[must_use]
pub fn decision_sk(at: Timestamp, version: u64) -> String {
    format!("{DECISION}{}#{version:010}", occurred_at(at))
}

/// The instant in the sort key of a decision.
#[must_use]
pub fn decided_at(sk: &str) -> Option<Timestamp> {
    sk.strip_prefix(DECISION)?.split('#').next()?.parse().ok()
}

/// The sort key of the note, in a customer's partition, which code of a pool a message has.
#[must_use]
pub fn coupon_note_sk(message: &MessageId) -> String {
    format!("{COUPON_NOTE}{message}")
}

/// The partition of the events of a shop that were refused on a day (UTC). Never a customer's key: a shop's id cannot
/// contain `!`.
#[must_use]
pub fn quarantine_pk(shop: &ShopId, day: Date) -> String {
    format!("{shop}{QUARANTINE}{day}")
}

/// The sort key of a refused event: its digest, so that a repetition is the same item.
#[must_use]
pub fn quarantine_sk(digest: &str) -> String {
    format!("{REFUSED}{digest}")
}

/// The digest in the sort key of a refused event.
#[must_use]
pub fn refused_digest(sk: &str) -> Option<&str> {
    sk.strip_prefix(REFUSED)
}

/// The partition of the days on which events of a shop were refused. No day's own partition: it is no date.
#[must_use]
pub fn refused_days_pk(shop: &ShopId) -> String {
    format!("{shop}{QUARANTINE}days")
}

/// The sort key of a day (UTC) among them.
#[must_use]
pub fn refused_day_sk(day: Date) -> String {
    format!("{REFUSED_DAY}{day}")
}

/// The day in such a sort key.
#[must_use]
pub fn refused_day(sk: &str) -> Option<Date> {
    sk.strip_prefix(REFUSED_DAY)?.parse().ok()
}

/// The partition of what reports still count of erased customers. Never a customer's key: a shop's id cannot contain `!`.
#[must_use]
pub fn erased_counts_pk(shop: &ShopId) -> String {
    format!("{shop}{ERASED_COUNTS}")
}

/// The sort key, among these counts, of a decision of a day.
#[must_use]
pub fn erased_decision_sk(day: Timestamp, name: &str) -> String {
    format!("{DECISION}{}#{name}", occurred_at(day))
}

/// The sort key, among these counts, of an answer to the NPS question.
#[must_use]
pub fn erased_answer_sk(name: &str) -> String {
    format!("{ERASED_ANSWER}{name}")
}

/// The partition of a text from a customer, by the provider's id. Never a customer's key: a shop's id cannot contain `!`.
#[must_use]
pub fn inbound_text_pk(inbound_id: &str) -> String {
    format!("{INBOUND_TEXT}{}", bounded(inbound_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::keys::CustomerKey;
    use rekindle_lifecycle::facts::{Event, Traits};

    #[test]
    fn no_other_partition_can_be_mistaken_for_a_customers() {
        let shop = ShopId::parse("vinyl").expect("a shop");
        let day = jiff::civil::date(2026, 11, 22);
        for pk in
            [quarantine_pk(&shop, day), refused_days_pk(&shop), erased_counts_pk(&shop), inbound_text_pk("vinyl#1")]
        {
            assert_eq!(CustomerKey::parse(&pk), None, "{pk}");
        }
    }

    #[test]
    fn a_sort_key_fits_whatever_it_is_made_of() {
        let at = Timestamp::UNIX_EPOCH;
        let fact = Fact { at, id: "🎁".repeat(400), event: Event::Identified, traits: Traits::default() };
        assert!(fact_sk(&fact).len() <= 1024);
    }

    #[test]
    fn the_end_of_a_family_is_after_all_of_it_and_before_the_next() {
        for (end, family) in [(orders_end(), ORDER), (facts_end(), FACT)] {
            assert!(end > format!("{family}\u{10ffff}"), "{end}");
            assert!(CUSTOMER_FAMILIES.iter().all(|other| other == &family || !(family..end.as_str()).contains(other)));
        }
    }
}
