//! The latest facts of a customer, for callers that are about to act and must not wait until they are folded: a fact that was
//! acknowledged is seen, because these reads are strongly consistent.

use crate::activity::facts::parse_fact_item;
use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::facts::Fact;

/// Orders in the page of [`Store::orders_since`].
const MAX_ORDERS: i32 = 25;
/// Facts in the page of [`Store::facts_since`]: more than a customer leaves in a day, visits included.
const MAX_FACTS: i32 = 250;

/// One page of recent facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentFacts {
    /// The facts of the page.
    pub facts: Vec<Fact>,
    /// The page was full: there may be more facts in the asked time, which are not in it.
    pub is_full: bool,
}

impl Store {
    /// The order facts (refunds and cancellations included) of a customer that happened at this instant
    /// or later, oldest first, one page of at most 25. Strongly consistent, so that an order that was acknowledged
    /// is seen.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read.
    pub async fn orders_since(&self, customer: &CustomerKey, since: Timestamp) -> Result<RecentFacts, StoreError> {
        let range = (keys::orders_from(since), keys::orders_end());
        self.facts_between(customer, range, since, true, MAX_ORDERS).await
    }

    /// The other facts of a customer (what they said, refused, did) that happened at this instant or later, newest
    /// first, one page of at most 250. Strongly consistent, so that a refusal that was acknowledged is seen. One read unit up to
    /// four kilobytes, which is about twenty facts.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read.
    pub async fn facts_since(&self, customer: &CustomerKey, since: Timestamp) -> Result<RecentFacts, StoreError> {
        let range = (keys::facts_from(since), keys::facts_end());
        self.facts_between(customer, range, since, false, MAX_FACTS).await
    }

    async fn facts_between(
        &self,
        customer: &CustomerKey,
        (from, end): (String, String),
        since: Timestamp,
        oldest_first: bool,
        limit: i32,
    ) -> Result<RecentFacts, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :end")
            .expression_attribute_values(":pk", AttributeValue::S(customer.pk()))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":end", AttributeValue::S(end))
            .scan_index_forward(oldest_first)
            .limit(limit)
            .consistent_read(true);
        let answer = self.page(query).await?;
        let is_full = answer.last_evaluated_key().is_some();
        let facts = answer.items.unwrap_or_default().into_iter().map(|item| Ok(parse_fact_item(item)?.1));
        // The key holds milliseconds, the fact nanoseconds.
        let facts = facts.filter(|fact| fact.as_ref().map_or(true, |fact: &Fact| fact.at >= since));
        Ok(RecentFacts { facts: facts.collect::<Result<_, StoreError>>()?, is_full })
    }
}
