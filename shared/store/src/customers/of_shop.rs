//! Reads many customers of one shop, for questions about all of them: what another policy would change, what they answered.
//!
//! The index `stage` lists the keys of a shop's customers, so that no item of another shop is read. If there are more than are asked
//! for, those with the smallest hashes are read, which are a fair sample.

use crate::customers::item::parse_customer_item;
use crate::store::Store;
use crate::table::batch::MAX_READ_LEN;
use crate::table::calls::{Item, key};
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::STAGE_INDEX;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{Stream, StreamExt, stream};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::{ShopId, hash};
use rekindle_lifecycle::stage::Stage;
use std::collections::BinaryHeap;

/// Most keys of a stage that are listed: what can be read within one call. A shop with more in a stage is sampled from those.
const MAX_LISTED: usize = 500_000;
/// Batches that are read in parallel.
const CONCURRENCY: usize = 8;

/// How much was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// Customers of the shop.
    pub customers: usize,
    /// Whether these are all that the shop has.
    pub complete: bool,
}

/// Keys of a stage, and whether it has more that are not listed.
struct Listed {
    keys: Vec<String>,
    cut: bool,
}

/// The keys with the smallest hashes.
struct Sample {
    limit: usize,
    kept: BinaryHeap<([u8; 32], String)>,
    complete: bool,
}

impl Sample {
    fn add(&mut self, pk: String) {
        self.kept.push((hash(&["sample", &pk]), pk));
        if self.kept.len() > self.limit {
            self.kept.pop();
            self.complete = false;
        }
    }
}

impl Store {
    /// Hands customers of a shop to `each`, in no order, at most `limit` of them. Eventually consistent. Half a read unit for each
    /// customer of up to four kilobytes, and half a unit for each four kilobytes of the index, which are some forty customers. An id
    /// that was joined with another is counted there.
    ///
    /// # Errors
    /// The database refused or did not answer. A customer who cannot be read is left out, and the log says so; so is one whose stage
    /// a later version stored.
    pub async fn examine_customers(
        &self,
        shop: &ShopId,
        limit: usize,
        mut each: impl FnMut(Customer),
    ) -> Result<Examined, StoreError> {
        let mut sample = Sample { limit, kept: BinaryHeap::new(), complete: true };
        let mut listed = stream::select_all(Stage::KNOWN.map(|stage| self.keys_in_stage(shop, stage).boxed()));
        while let Some(listed) = listed.next().await {
            let Listed { keys, cut } = listed?;
            sample.complete &= !cut;
            keys.into_iter().for_each(|pk| sample.add(pk));
        }
        let keys: Vec<String> = sample.kept.into_iter().map(|(_, pk)| pk).collect();
        let batches: Vec<Vec<String>> = keys.chunks(MAX_READ_LEN).map(<[String]>::to_vec).collect();
        let mut read = stream::iter(batches)
            .map(|keys| {
                let keys = keys.into_iter().map(|pk| key(pk, None)).collect();
                self.get_items(&self.tables.customers, keys)
            })
            .buffer_unordered(CONCURRENCY);
        let (mut customers, mut unreadable) = (0, 0);
        while let Some(items) = read.next().await {
            for item in items? {
                match parse_customer_item(&item) {
                    Ok(customer) if customer.decided.standing.joined_to.is_some() => {}
                    Ok(customer) => {
                        customers += 1;
                        each(customer);
                    }
                    Err(_) => unreadable += 1,
                }
            }
        }
        if unreadable > 0 {
            tracing::error!(unreadable, "customers cannot be read; they are left out");
        }
        Ok(Examined { customers, complete: sample.complete })
    }

    /// The query for the keys of a shop's customers in a stage, in the order of their ids.
    pub(super) fn in_stage(&self, shop: &ShopId, stage: Stage) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.tables.customers)
            .index_name(STAGE_INDEX.name)
            .key_condition_expression("#stage = :stage AND begins_with(pk, :shop)")
            .expression_attribute_names("#stage", STAGE_INDEX.hash)
            .expression_attribute_values(":stage", AttributeValue::S(stage.code().to_owned()))
            .expression_attribute_values(":shop", AttributeValue::S(keys::customers_of(shop)))
    }

    /// The keys of a shop's customers in a stage, page by page.
    fn keys_in_stage(&self, shop: &ShopId, stage: Stage) -> impl Stream<Item = Result<Listed, StoreError>> + use<'_> {
        let query = self.in_stage(shop, stage);
        stream::try_unfold(Some((None, 0)), move |place: Option<(Option<Item>, usize)>| {
            let query = query.clone();
            async move {
                let Some((from, before)) = place else { return Ok(None) };
                let page = self.page(query.set_exclusive_start_key(from)).await?;
                let items = page.items.unwrap_or_default();
                let listed = before + items.len();
                let pk = |mut item: Item| item.remove("pk")?.as_s().ok().cloned();
                let keys = items.into_iter().filter_map(pk).collect();
                let cut = listed >= MAX_LISTED && page.last_evaluated_key.is_some();
                let next = page.last_evaluated_key.filter(|_| !cut).map(|from| (Some(from), listed));
                Ok(Some((Listed { keys, cut }, next)))
            }
        })
    }
}
