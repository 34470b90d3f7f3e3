//! Storing facts and reading them back.
//!
//! The item of a fact is a function of the fact and the customer alone: `pk`, `sk`, and `fact`, the
//! fact as JSON. No time of arrival is inside, so that storing a fact again writes the same bytes.

use crate::store::Store;
use crate::table::calls::Item;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::facts::Fact;
use std::collections::HashMap;

/// The attribute that holds the fact as JSON.
const FACT: &str = "fact";

impl Store {
    /// Stores facts durably. Facts that are stored already stay as they are; a fact that comes several
    /// times is stored once. Facts up to one kilobyte (all usual ones) cost one write unit each.
    ///
    /// # Errors
    /// The database refused, did not answer, or took only some of them in spite of repetitions. Some
    /// may be stored; calling again with the same facts is harmless.
    pub async fn put_facts(&self, facts: &[(CustomerKey, Fact)]) -> Result<(), StoreError> {
        let items = facts.iter().map(|(customer, fact)| fact_item(customer, fact)).collect();
        self.put_items(&self.tables.activity, items).await
    }

    /// All facts of a customer, page by page: orders first, then the others, each by time. Strongly
    /// consistent.
    #[must_use]
    pub fn facts_of(&self, customer: &CustomerKey) -> FactPages {
        let families = vec![keys::FACT, keys::ORDER];
        FactPages { store: self.clone(), pk: customer.pk(), families, next: None }
    }
}

/// The facts of a customer, page by page. See [`Store::facts_of`].
#[derive(Debug)]
pub struct FactPages {
    store: Store,
    pk: String,
    /// Beginnings of the sort keys still to be read, the next one last.
    families: Vec<&'static str>,
    next: Option<Item>,
}

impl FactPages {
    /// The next page (at most 1 MB of items; may be empty), or `None` after the last.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read. Calling again tries the same
    /// page again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Fact>>, StoreError> {
        let Some(family) = self.families.last() else { return Ok(None) };
        let query = self
            .store
            .client
            .query()
            .table_name(&self.store.tables.activity)
            .key_condition_expression("pk = :pk AND begins_with(sk, :family)")
            .expression_attribute_values(":pk", AttributeValue::S(self.pk.clone()))
            .expression_attribute_values(":family", AttributeValue::S((*family).to_owned()))
            .set_exclusive_start_key(self.next.clone())
            .consistent_read(true);
        let answer = self.store.page(query).await?;
        let items = answer.items.unwrap_or_default().into_iter();
        let page = items.map(|item| Ok(parse_fact_item(item)?.1)).collect::<Result<_, StoreError>>()?;
        self.next = answer.last_evaluated_key;
        if self.next.is_none() {
            self.families.pop();
        }
        Ok(Some(page))
    }

    /// All pages in one list.
    ///
    /// # Errors
    /// As [`FactPages::next_page`].
    pub async fn all(mut self) -> Result<Vec<Fact>, StoreError> {
        let mut facts = Vec::new();
        while let Some(page) = self.next_page().await? {
            facts.extend(page);
        }
        Ok(facts)
    }
}

/// The item of a fact.
pub(crate) fn fact_item(customer: &CustomerKey, fact: &Fact) -> Item {
    let json = serde_json::to_string(fact).expect("a fact holds nothing that JSON cannot");
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(customer.pk())),
        ("sk".to_owned(), AttributeValue::S(keys::fact_sk(fact))),
        (FACT.to_owned(), AttributeValue::S(json)),
    ])
}

/// Reads a fact from an item of a query or from the new image of a stream record. Ask
/// [`keys::is_fact`] first where other families may come.
///
/// # Errors
/// [`StoreError::Unreadable`] names the attribute that is missing or malformed.
pub fn parse_fact_item(item: impl Into<serde_dynamo::Item>) -> Result<(CustomerKey, Fact), StoreError> {
    let item = item.into().into_inner();
    let text = |name| match item.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text.as_str()),
        _ => None,
    };
    let unreadable = |attribute| StoreError::Unreadable { family: FACT, attribute };
    let customer = text("pk").and_then(CustomerKey::parse).ok_or_else(|| unreadable("pk"))?;
    let fact = text(FACT).and_then(|json| serde_json::from_str(json).ok()).ok_or_else(|| unreadable(FACT))?;
    Ok((customer, fact))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::batch::REPETITIONS;
    use crate::{Used, testing};
    use jiff::Timestamp;
    use proptest::prelude::*;
    use rekindle_lifecycle::facts::{Event, OrderEvent, OrderStatus, Traits};
    use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
    use rekindle_lifecycle::money::{Currency, Money};
    use serde_json::json;
    use std::sync::{Arc, Mutex};

    fn customer(name: &str) -> CustomerKey {
        let shop = ShopId::parse("vinyl").expect("an id");
        CustomerKey { shop, customer: CustomerId::parse(name).expect("an id") }
    }

    /// The order with this number, placed as many hours after the start of 2026.
    fn order(number: i64) -> Fact {
        let at = "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("an instant");
        let order_id = OrderId::parse(&format!("o{number}")).expect("an id");
        let amount = Some(Money { minor: 2_999, currency: Currency::parse("EUR").expect("a currency") });
        let event = OrderEvent {
            order_id: order_id.clone(),
            status: OrderStatus::Completed,
            amount,
            coupon: None,
            referral_code: None,
            ship_to: None,
        };
        let at = at + jiff::SignedDuration::from_hours(number);
        Fact { at, id: order_id.to_string(), event: Event::Order(event), traits: Traits::default() }
    }

    fn other(name: &str) -> Fact {
        Fact { id: name.to_owned(), event: Event::Other { name: name.to_owned() }, ..order(0) }
    }

    #[tokio::test]
    async fn a_fact_put_twice_is_one_item_with_the_same_bytes_and_costs_one_unit_each_time() {
        let (store, client) = testing::store_and_client().await;
        let facts = [(customer("anna"), order(1))];
        store.capacity().take();
        store.put_facts(&facts).await.expect("stored");
        assert_eq!(store.capacity().take(), Used { read: 0.0, write: 1.0 });
        let scan = || client.scan().table_name(&store.tables().activity).send();
        let first = scan().await.expect("scanned").items;
        store.put_facts(&facts).await.expect("stored");
        assert_eq!(store.capacity().take(), Used { read: 0.0, write: 1.0 });
        assert_eq!(scan().await.expect("scanned").items, first);
        assert_eq!(first.map(|items| items.len()), Some(1));
    }

    #[tokio::test]
    async fn many_facts_with_repetitions_among_them_are_all_stored_once() {
        let (store, _) = testing::store_and_client().await;
        let mut facts: Vec<_> = (0..130).map(|number| (customer("anna"), order(number))).collect();
        facts.extend(facts.clone());
        facts.push((customer("anna"), other("wave")));
        facts.push((customer("bob"), order(1)));
        store.capacity().take();
        store.put_facts(&facts).await.expect("stored");
        assert_eq!(store.capacity().take().write, 132.0);
        let found = store.facts_of(&customer("anna")).all().await.expect("read");
        let expected: Vec<Fact> = (0..130).map(order).chain([other("wave")]).collect();
        assert_eq!(found, expected);
    }

    #[tokio::test]
    async fn facts_are_read_in_as_many_pages_as_it_takes() {
        let (store, _) = testing::store_and_client().await;
        // A page holds 1 MB.
        let long = |number: i64| {
            let mut fact = order(number);
            fact.id = "x".repeat(100_000);
            (customer("anna"), fact)
        };
        store.put_facts(&(0..25).map(long).collect::<Vec<_>>()).await.expect("stored");
        let mut pages = store.facts_of(&customer("anna"));
        let mut sizes = Vec::new();
        while let Some(page) = pages.next_page().await.expect("read") {
            sizes.push(page.len());
        }
        assert!(sizes.len() > 3, "{sizes:?}");
        assert_eq!(sizes.iter().sum::<usize>(), 25);
    }

    #[tokio::test]
    async fn what_a_batch_leaves_undone_is_repeated_and_nothing_else() {
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&sizes);
        // The first request is served but for its last seven items.
        let store = testing::store_answered_by(move |request| {
            let items = request["RequestItems"]["test-activity"].as_array().expect("items").clone();
            seen.lock().expect("no panic before").push(items.len());
            let undone = &items[items.len() - 7..];
            if items.len() == 7 { json!({}) } else { json!({"UnprocessedItems": {"test-activity": undone}}) }
        });
        let facts: Vec<_> = (0..20).map(|number| (customer("anna"), order(number))).collect();
        store.put_facts(&facts).await.expect("stored");
        assert_eq!(*sizes.lock().expect("no panic before"), [20, 7]);
    }

    #[tokio::test]
    async fn a_table_that_takes_nothing_is_an_error_after_a_bounded_number_of_repetitions() {
        let calls = Arc::new(Mutex::new(0));
        let seen = Arc::clone(&calls);
        let store = testing::store_answered_by(move |request| {
            *seen.lock().expect("no panic before") += 1;
            json!({"UnprocessedItems": request["RequestItems"]})
        });
        let error = store.put_facts(&[(customer("anna"), order(1))]).await.expect_err("nothing was taken");
        assert!(error.is_throttled());
        assert_eq!(*calls.lock().expect("no panic before"), 1 + REPETITIONS);
    }

    #[tokio::test]
    async fn without_the_table_the_facts_are_refused_and_the_error_says_so() {
        let (store, client) = testing::store_and_client().await;
        client.delete_table().table_name(&store.tables().activity).send().await.expect("deleted");
        let error = store.put_facts(&[(customer("anna"), order(1))]).await.expect_err("no table");
        assert_eq!(error.to_string(), "BatchWriteItem: the database refused the request (ResourceNotFoundException)");
    }

    #[test]
    fn an_item_that_is_not_a_fact_is_refused_by_the_name_of_the_attribute() {
        let error = |item: Item| parse_fact_item(item).expect_err("not a fact").to_string();
        assert!(error(Item::new()).contains("pk"));
        let mut item = fact_item(&customer("anna"), &order(1));
        item.insert("fact".to_owned(), AttributeValue::S("{\"email\":\"anna@example.com\"}".to_owned()));
        assert_eq!(error(item), "an item of the family \"fact\" cannot be read: its fact is missing or malformed");
    }

    proptest! {
        #[test]
        fn a_fact_is_read_from_its_item_as_it_was(number in 0_i64..69_000_000, name in "\\PC{0,60}") {
            let fact = Fact { id: name.clone(), event: Event::Other { name }, ..order(number) };
            for fact in [fact, order(number)] {
                let item = fact_item(&customer("anna#1"), &fact);
                let from_stream = serde_dynamo::Item::from(item.clone());
                prop_assert_eq!(parse_fact_item(item).expect("a fact"), (customer("anna#1"), fact.clone()));
                prop_assert_eq!(parse_fact_item(from_stream).expect("a fact"), (customer("anna#1"), fact));
            }
        }
    }
}
