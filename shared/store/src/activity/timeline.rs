//! What happened to a customer, newest first: facts, what was decided, messages.

use crate::activity::decisions::parse_decision_item;
use crate::activity::facts::parse_fact_item;
use crate::activity::messages::parse_message_item;
use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join_all;
use jiff::Timestamp;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::message::Message;
use std::collections::HashMap;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// Something was reported.
    Fact(Fact),
    /// Something was decided.
    Decision {
        /// When.
        at: Timestamp,
        /// What, and why.
        entries: Vec<Entry>,
    },
    /// A message was created; the entry has its present state.
    Message(Message),
    /// Something is stored that this version cannot read.
    Unreadable {
        /// When it happened, if its key contains that.
        at: Option<Timestamp>,
        /// The family of its sort key, such as [`keys::MESSAGE`].
        family: &'static str,
    },
}

/// The latest things that happened to a customer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    /// Newest first.
    pub happenings: Vec<Happening>,
    /// Older ones were left out.
    pub more: bool,
}

impl Happening {
    /// When it happened; for a message, when it was created.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Fact(fact) => fact.at,
            Self::Decision { at, .. } => *at,
            Self::Message(message) => message.created_at,
            // Without a time it comes after everything that has one.
            Self::Unreadable { at, .. } => at.unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Of things of one instant, what follows from the others comes later.
    fn rank(&self) -> u8 {
        match self {
            Self::Fact(_) => 0,
            Self::Decision { .. } => 1,
            Self::Message(_) => 2,
            Self::Unreadable { .. } => 3,
        }
    }
}

impl Store {
    /// The latest `limit` things that happened to a customer. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn timeline(&self, customer: &CustomerKey, limit: u16) -> Result<Timeline, StoreError> {
        let limit = usize::from(limit);
        let families = [keys::ORDER, keys::FACT, keys::DECISION, keys::MESSAGE];
        let read = try_join_all(families.map(|family| self.newest(customer, family, limit))).await?;
        let mut happenings: Vec<Happening> = read.into_iter().flatten().collect();
        happenings.sort_by_key(|happening| std::cmp::Reverse((happening.at(), happening.rank())));
        let more = happenings.len() > limit;
        happenings.truncate(limit);
        Ok(Timeline { happenings, more })
    }

    /// The newest of a family, one more than the limit. The keys of messages do not follow time, so of those
    /// all are read: the frequency cap keeps them few.
    async fn newest(
        &self,
        customer: &CustomerKey,
        family: &'static str,
        limit: usize,
    ) -> Result<Vec<Happening>, StoreError> {
        let by_time = family != keys::MESSAGE;
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk AND begins_with(sk, :family)")
            .expression_attribute_values(":pk", AttributeValue::S(customer.pk()))
            .expression_attribute_values(":family", AttributeValue::S(family.to_owned()))
            .scan_index_forward(!by_time)
            .set_limit(by_time.then(|| i32::try_from(limit + 1).unwrap_or(i32::MAX)))
            .consistent_read(true);
        let enough = if by_time { limit + 1 } else { usize::MAX };
        let items = self.at_least(query, enough).await?.into_iter();
        Ok(items.map(|item| happening(family, item)).collect())
    }
}

fn happening(family: &'static str, item: HashMap<String, AttributeValue>) -> Happening {
    let sk = item.get("sk").and_then(|value| value.as_s().ok()).map_or("", String::as_str);
    let at = if family == keys::DECISION { keys::decided_at(sk) } else { keys::fact_at(sk) };
    let read = match family {
        keys::MESSAGE => parse_message_item(&item).ok().map(Happening::Message),
        keys::DECISION => {
            at.zip(parse_decision_item(&item).ok()).map(|(at, entries)| Happening::Decision { at, entries })
        }
        _ => parse_fact_item(item).ok().map(|(_, fact)| Happening::Fact(fact)),
    };
    read.unwrap_or(Happening::Unreadable { at, family })
}
