//! Finds every customer with stored facts, whether or not the facts were folded: for recounting after the stream, or a function
//! behind it, failed.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures::stream::{self, BoxStream, StreamExt};
use rekindle_lifecycle::id::ShopId;
use std::collections::HashMap;

/// Segments of the table that are read in parallel.
const SEGMENTS: i32 = 4;

/// How far a segment was read.
#[derive(Default)]
struct Place {
    from: Option<HashMap<String, AttributeValue>>,
    /// The last customer of the previous page; their items may continue in the next one.
    last: Option<String>,
}

impl Store {
    /// The customers with stored facts, page by page, each once, in no order; of one shop, or of all. Reads the
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
        // A customer's items are adjacent.
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
