//! Finding every customer of whom facts are stored, whether or not anybody has looked at the facts: for counting again
//! after the stream, or a function behind it, did not do its work.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures::stream::{self, BoxStream, StreamExt};
use rekindle_lifecycle::id::ShopId;
use std::collections::HashMap;

/// Parts of the table that are read side by side.
const SEGMENTS: i32 = 4;

/// How far a part of the table was read.
#[derive(Default)]
struct Place {
    from: Option<HashMap<String, AttributeValue>>,
    /// The last customer of the page before, who may go on in the next one.
    last: Option<String>,
}

impl Store {
    /// The customers of whom facts are stored, page by page, each once, in no order; of one shop, or of all. Reads the
    /// table `activity` as a whole, half a read unit for each four kilobytes, and no faster than the pages are taken.
    /// A customer whose first fact is stored meanwhile may be among them or not.
    ///
    /// # Errors
    /// The database refused or did not answer: the stream ends with it.
    pub fn customers_with_facts(&self, shop: Option<&ShopId>) -> BoxStream<'_, Result<Vec<CustomerKey>, StoreError>> {
        let segments = (0..SEGMENTS).map(|segment| {
            let shop = shop.cloned();
            let start = Some(Place::default());
            stream::try_unfold(start, move |place| {
                let shop = shop.clone();
                async move {
                    let Some(place) = place else { return Ok(None) };
                    self.page_of_owners(shop.as_ref(), segment, place).await.map(Some)
                }
            })
            .boxed()
        });
        stream::select_all(segments).boxed()
    }

    async fn page_of_owners(
        &self,
        shop: Option<&ShopId>,
        segment: i32,
        place: Place,
    ) -> Result<(Vec<CustomerKey>, Option<Place>), StoreError> {
        let text = |text: String| AttributeValue::S(text);
        let mut filter = "(begins_with(sk, :order) OR begins_with(sk, :fact))".to_owned();
        let mut scan = self
            .client
            .scan()
            .table_name(&self.tables.activity)
            .projection_expression("pk")
            .expression_attribute_values(":order", text(keys::ORDER.to_owned()))
            .expression_attribute_values(":fact", text(keys::FACT.to_owned()));
        if let Some(shop) = shop {
            filter.push_str(" AND begins_with(pk, :shop)");
            scan = scan.expression_attribute_values(":shop", text(keys::customers_of(shop)));
        }
        let answer = scan
            .filter_expression(filter)
            .segment(segment)
            .total_segments(SEGMENTS)
            .set_exclusive_start_key(place.from)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Scan", error))?;
        self.capacity.add_reads(answer.consumed_capacity());
        // A customer's items follow one another.
        let mut last = place.last;
        let mut found = Vec::new();
        for pk in answer.items().iter().filter_map(|item| item.get("pk")?.as_s().ok()) {
            if last.as_ref() != Some(pk) {
                found.extend(CustomerKey::parse(pk));
                last = Some(pk.clone());
            }
        }
        let next = answer.last_evaluated_key.map(|from| Place { from: Some(from), last });
        Ok((found, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use jiff::Timestamp;
    use rekindle_lifecycle::customer::Customer;
    use rekindle_lifecycle::facts::{Event, Fact, Traits};
    use rekindle_lifecycle::id::CustomerId;

    fn key(shop: &str, customer: &str) -> CustomerKey {
        CustomerKey { shop: ShopId::parse(shop).expect("an id"), customer: CustomerId::parse(customer).expect("an id") }
    }

    async fn found(store: &Store, shop: Option<&str>) -> Vec<String> {
        let shop = shop.map(|shop| ShopId::parse(shop).expect("an id"));
        let pages: Vec<_> = store.customers_with_facts(shop.as_ref()).collect().await;
        let mut found: Vec<_> = pages.into_iter().flat_map(|page| page.expect("read")).map(|key| key.pk()).collect();
        found.sort();
        found
    }

    #[tokio::test]
    async fn every_customer_with_facts_is_found_once_and_nobody_else() {
        let (store, _) = testing::store_and_client().await;
        let (mut expected, mut facts) = (Vec::new(), Vec::new());
        for (shop, customers) in [("tea", 60), ("tea-2", 30)] {
            for customer in 0..customers {
                let key = key(shop, &format!("c{customer}"));
                expected.push(key.pk());
                for number in 0..=customer % 7 {
                    let at = Timestamp::from_second(1_000 + number).expect("an instant");
                    let fact = Fact { at, id: number.to_string(), event: Event::Identified, traits: Traits::default() };
                    facts.push((key.clone(), fact));
                }
            }
        }
        // More than one page of a scan holds.
        let long = "x".repeat(300_000);
        for number in 0..12 {
            let at = Timestamp::from_second(number).expect("an instant");
            let traits = Traits { first_name: Some(long.clone()), ..Traits::default() };
            let fact = Fact { at, id: number.to_string(), event: Event::Identified, traits };
            facts.push((key("tea", "c1"), fact));
        }
        store.put_facts(&facts).await.expect("stored");
        // Somebody with an item and without a fact.
        let known = key("tea", "known");
        let customer = Customer::new(known.shop, known.customer);
        store.commit(&customer, &[], &[], Timestamp::UNIX_EPOCH).await.expect("written");
        expected.sort();
        assert_eq!(found(&store, None).await, expected);
        let tea: Vec<_> = expected.into_iter().filter(|pk| pk.starts_with("tea#")).collect();
        assert_eq!(found(&store, Some("tea")).await, tea);
        assert_eq!(found(&store, Some("te")).await, Vec::<String>::new());
    }
}
