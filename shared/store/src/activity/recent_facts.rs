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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use jiff::SignedDuration;
    use rekindle_lifecycle::facts::{Event, OrderEvent, OrderStatus, Traits};
    use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};

    fn anna() -> CustomerKey {
        let shop = ShopId::parse("vinyl").expect("an id");
        CustomerKey { shop, customer: CustomerId::parse("anna").expect("an id") }
    }

    fn hour(number: i64) -> Timestamp {
        "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_hours(number)
    }

    fn order(number: i64) -> Fact {
        let order_id = OrderId::parse(&format!("o{number}")).expect("an id");
        let id = order_id.to_string();
        let event = OrderEvent {
            order_id,
            status: OrderStatus::Completed,
            amount: None,
            coupon: None,
            referral_code: None,
            ship_to: None,
        };
        Fact { at: hour(number), id, event: Event::Order(event), traits: Traits::default() }
    }

    fn wave(number: i64) -> Fact {
        let event = Event::Other { name: "wave".to_owned() };
        Fact { at: hour(number), id: format!("w{number}"), event, traits: Traits::default() }
    }

    async fn store_of_both() -> Store {
        let (store, _) = testing::store_and_client().await;
        let facts: Vec<_> = (0..5).flat_map(|number| [(anna(), order(number)), (anna(), wave(number))]).collect();
        store.put_facts(&facts).await.expect("stored");
        store.capacity().take();
        store
    }

    #[tokio::test]
    async fn orders_since_an_instant_are_the_orders_from_that_instant_on() {
        let store = store_of_both().await;
        let anna = anna();
        let since = async |at| store.orders_since(&anna, at).await.map(|page| page.facts);
        assert_eq!(since(hour(3)).await.expect("read"), [order(3), order(4)]);
        assert_eq!(store.capacity().take().read, 1.0);
        assert_eq!(since(hour(3) + SignedDuration::from_micros(10)).await.expect("read"), [order(4)]);
        assert_eq!(since(hour(5)).await.expect("read"), []);
    }

    #[tokio::test]
    async fn facts_since_an_instant_are_the_others_newest_first() {
        let store = store_of_both().await;
        let anna = anna();
        let since = async |at| store.facts_since(&anna, at).await.map(|page| page.facts);
        assert_eq!(since(hour(3)).await.expect("read"), [wave(4), wave(3)]);
        assert_eq!(store.capacity().take().read, 1.0);
        assert_eq!(since(hour(3) + SignedDuration::from_micros(10)).await.expect("read"), [wave(4)]);
        assert_eq!(since(hour(5)).await.expect("read"), []);
    }

    #[tokio::test]
    async fn a_page_says_that_it_is_full_only_if_more_may_follow() {
        let (store, _) = testing::store_and_client().await;
        let orders = |count: i64| (0..count).map(|number| (anna(), order(number))).collect::<Vec<_>>();
        store.put_facts(&orders(24)).await.expect("stored");
        let page = store.orders_since(&anna(), hour(0)).await.expect("read");
        assert_eq!((page.facts.len(), page.is_full), (24, false));
        store.put_facts(&orders(26)).await.expect("stored");
        let page = store.orders_since(&anna(), hour(0)).await.expect("read");
        assert_eq!((page.facts.len(), page.is_full), (25, true));
    }
}
