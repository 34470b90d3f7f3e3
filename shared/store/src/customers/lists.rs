//! The customers of a shop as lists: those in a stage, page by page; how many there are in each; those behind an address.
//!
//! The index `stage` lists the keys of a shop's customers in the order of their ids, so no item of another shop is read.

use crate::customers::item::parse_customer_item;
use crate::store::Store;
use crate::table::calls::key;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use crate::table::tables::STAGE_INDEX;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::stage::Stage;
use std::collections::{BTreeSet, HashMap};

/// Most pages (of one megabyte, some ten thousand ids) that are counted of a stage.
const MAX_COUNTED_PAGES: usize = 20;
/// Most ids that are read of one address.
const MAX_HOLDERS: i32 = 16;

/// Some customers of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerPage {
    /// In the order of their ids.
    pub customers: Vec<Customer>,
    /// The id after which the next page begins, if there may be one.
    pub next: Option<CustomerId>,
}

/// How many ids are in a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageCount {
    /// Ids.
    pub ids: u64,
    /// Whether these are all.
    pub complete: bool,
}

impl Store {
    /// The customers of a shop in a stage whose ids come after `after`, from at most `limit` ids. Eventually consistent. Ids that were
    /// joined with another are left out, so a page may be shorter than its limit. Half a read unit for each customer of up to four
    /// kilobytes.
    ///
    /// # Errors
    /// The database refused or did not answer. A customer who cannot be read is left out, and the log says so.
    pub async fn customers_in_stage(
        &self,
        shop: &ShopId,
        stage: &Stage,
        after: Option<&CustomerId>,
        limit: u16,
    ) -> Result<CustomerPage, StoreError> {
        let from = after.map(|after| {
            let pk = CustomerKey { shop: shop.clone(), customer: after.clone() }.pk();
            let stage = AttributeValue::S(stage.code().to_owned());
            HashMap::from([("pk".to_owned(), AttributeValue::S(pk)), (STAGE_INDEX.hash.to_owned(), stage)])
        });
        let query = self.in_stage(shop, *stage).limit(i32::from(limit)).set_exclusive_start_key(from);
        let page = self.page(query).await?;
        let next = page.last_evaluated_key.as_ref().and_then(|key| key.get("pk")?.as_s().ok());
        let next = next.and_then(|pk| CustomerKey::parse(pk)).map(|key| key.customer);
        let pks = page.items.unwrap_or_default().into_iter().filter_map(|mut item| item.remove("pk"));
        let pks: Vec<String> = pks.filter_map(|pk| pk.as_s().ok().cloned()).collect();
        Ok(CustomerPage { customers: self.customers_of_keys(pks).await?, next })
    }

    /// How many ids of a shop are in a stage. Eventually consistent; half a read unit for some forty ids. Ids that were joined with
    /// another count in the stage in which they were.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn count_in_stage(&self, shop: &ShopId, stage: &Stage) -> Result<StageCount, StoreError> {
        let query = self.in_stage(shop, *stage).select(Select::Count);
        let (mut ids, mut from) = (0, None);
        for _ in 0..MAX_COUNTED_PAGES {
            let page = self.page(query.clone().set_exclusive_start_key(from)).await?;
            ids += u64::try_from(page.count()).unwrap_or_default();
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(StageCount { ids, complete: true });
            }
        }
        Ok(StageCount { ids, complete: false })
    }

    /// The customers with an id that came with an address or a device, by its fingerprint: each once, as stored under the main id, at
    /// most 16. Two read units and one for each of them.
    ///
    /// # Errors
    /// The database refused or did not answer, or a customer cannot be read.
    pub async fn customers_behind(&self, shop: &ShopId, fingerprint: &str) -> Result<Vec<Customer>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::holders_pk(shop, fingerprint)))
            .limit(MAX_HOLDERS)
            .consistent_read(true);
        let page = self.page(query).await?;
        let ids = page.items().iter().filter_map(|item| CustomerId::parse(item.get("sk")?.as_s().ok()?).ok());
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        for id in ids.collect::<Vec<_>>() {
            let customer = self.main_customer(&CustomerKey { shop: shop.clone(), customer: id }).await?;
            if customer.version > 0 && seen.insert(customer.id.clone()) {
                found.push(customer);
            }
        }
        Ok(found)
    }

    async fn customers_of_keys(&self, pks: Vec<String>) -> Result<Vec<Customer>, StoreError> {
        let keys = pks.into_iter().map(|pk| key(pk, None)).collect();
        let items = self.get_items(&self.tables.customers, keys).await?;
        let (mut customers, mut unreadable) = (Vec::new(), 0);
        for item in items {
            match parse_customer_item(&item) {
                Ok(customer) if customer.decided.standing.joined_to.is_some() => {}
                Ok(customer) => customers.push(customer),
                Err(_) => unreadable += 1,
            }
        }
        if unreadable > 0 {
            tracing::error!(unreadable, "customers cannot be read; they are left out");
        }
        customers.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
        Ok(customers)
    }
}
