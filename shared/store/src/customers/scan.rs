//! Reads many customers of one shop, for questions about all of them: what another policy would change, what they answered.
//!
//! The whole table is read, because no index lists a shop's customers: in parallel, and up to a bound. The order is that of hashes,
//! so a part of the customers is a fair sample.

use crate::customers::item::parse_customer_item;
use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures::{StreamExt, stream};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::ShopId;
use std::collections::HashMap;

/// Segments of the table that are read in parallel.
const SEGMENTS: i32 = 4;
/// Maximum number of items read for each customer asked for; then the scan stops, even if it found fewer customers of the shop.
const MAX_READ_RATIO: usize = 20;

/// How much was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// Customers of the shop.
    pub customers: usize,
    /// Whether these are all that the shop has.
    pub complete: bool,
}

/// A page of customers, and how many items of any shop were read for it.
struct Page {
    customers: Vec<Customer>,
    read: usize,
}

impl Store {
    /// Hands customers of a shop to `each`, in no order, at most `limit` of them. Eventually consistent: half a read unit
    /// for each four kilobytes of the table that are read, which is at most 20 customers of any shop for one of `limit`.
    ///
    /// # Errors
    /// The database refused or did not answer. A customer who cannot be read is left out, and the log says so.
    pub async fn examine_customers(
        &self,
        shop: &ShopId,
        limit: usize,
        mut each: impl FnMut(Customer),
    ) -> Result<Examined, StoreError> {
        let page_size = i32::try_from(limit).unwrap_or(i32::MAX).clamp(25, 1_000);
        let segments = (0..SEGMENTS).map(|segment| {
            let start = Some(None);
            stream::try_unfold(start, move |from: Option<Option<_>>| async move {
                let Some(from) = from else { return Ok(None) };
                let (page, next) = self.customer_page(shop, segment, page_size, from).await?;
                Ok::<_, StoreError>(Some((page, next.map(Some))))
            })
            .boxed()
        });
        let mut pages = stream::select_all(segments);
        let (mut examined, mut read) = (Examined { customers: 0, complete: true }, 0);
        while let Some(page) = pages.next().await {
            let page = page?;
            if page.read > 0 && read >= limit.saturating_mul(MAX_READ_RATIO) {
                examined.complete = false;
                break;
            }
            read += page.read;
            for customer in page.customers {
                if examined.customers == limit {
                    examined.complete = false;
                    return Ok(examined);
                }
                examined.customers += 1;
                each(customer);
            }
        }
        Ok(examined)
    }

    async fn customer_page(
        &self,
        shop: &ShopId,
        segment: i32,
        page_size: i32,
        from: Option<HashMap<String, AttributeValue>>,
    ) -> Result<(Page, Option<HashMap<String, AttributeValue>>), StoreError> {
        let answer = self
            .client
            .scan()
            .table_name(&self.tables.customers)
            .filter_expression("begins_with(pk, :shop)")
            .expression_attribute_values(":shop", AttributeValue::S(keys::customers_of(shop)))
            .segment(segment)
            .total_segments(SEGMENTS)
            .limit(page_size)
            .set_exclusive_start_key(from)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Scan", error))?;
        self.capacity.add_reads(answer.consumed_capacity());
        let parsed: Vec<_> = answer.items().iter().map(parse_customer_item).collect();
        let unreadable = parsed.iter().filter(|customer| customer.is_err()).count();
        if unreadable > 0 {
            tracing::error!(unreadable, "customers cannot be read; they are left out");
        }
        // An id that was joined with another is counted there.
        let counts = |customer: &Customer| customer.decided.standing.joined_to.is_none();
        let customers = parsed.into_iter().flatten().filter(counts).collect();
        let read = usize::try_from(answer.scanned_count).unwrap_or(0);
        Ok((Page { customers, read }, answer.last_evaluated_key))
    }
}
