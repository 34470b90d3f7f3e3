//! Referral codes: their owners and their visitors.
//!
//! A code belongs to one customer for good. Everything about it is in its own partition of `shops`: the item `owner`, and
//! one item a visitor, which expires.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use std::collections::HashMap;

/// How long a visitor is kept.
const VISIT_RETENTION: SignedDuration = SignedDuration::from_hours(180 * 24);
const SHOP: &str = "shop";
const CUSTOMER: &str = "customer";

impl Store {
    /// The code of a customer: the first of `candidates` that no other customer owns, or `None` if every one is taken. The
    /// candidates are a function of the customer, so that all callers get the same code, now or years later; the first is free but
    /// for a chance in billions. One read unit; the first time one read and one write.
    ///
    /// # Errors
    /// The database refused or did not answer. Asking again is harmless.
    pub async fn referral_code(
        &self,
        owner: &CustomerKey,
        candidates: impl IntoIterator<Item = String> + Send,
    ) -> Result<Option<String>, StoreError> {
        for code in candidates {
            let found = match self.referral_owner(&code).await? {
                Some(found) => found,
                None if self.take_referral_code(&code, owner).await? => return Ok(Some(code)),
                // It was taken meanwhile, perhaps for the same customer.
                None => match self.referral_owner(&code).await? {
                    Some(found) => found,
                    None => continue,
                },
            };
            if found == *owner {
                return Ok(Some(code));
            }
        }
        Ok(None)
    }

    /// The owner of a code. Strongly consistent; one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn referral_owner(&self, code: &str) -> Result<Option<CustomerKey>, StoreError> {
        let sk = keys::REFERRAL_OWNER_SK.to_owned();
        let Some(item) = self.get(&self.tables.shops, keys::referral_pk(code), Some(sk)).await? else {
            return Ok(None);
        };
        let text = |name| item.get(name).and_then(|value| value.as_s().ok());
        let unreadable = |attribute| StoreError::Unreadable { family: keys::REFERRAL_OWNER_SK, attribute };
        let shop = text(SHOP).and_then(|shop| ShopId::parse(shop).ok()).ok_or_else(|| unreadable(SHOP))?;
        let customer = text(CUSTOMER).and_then(|customer| CustomerId::parse(customer).ok());
        Ok(Some(CustomerKey { shop, customer: customer.ok_or_else(|| unreadable(CUSTOMER))? }))
    }

    /// Removes the owner of a code if it is this customer: part of erasing them. The code leads nowhere then.
    ///
    /// # Errors
    /// The database refused or did not answer. Calling again is harmless.
    pub async fn forget_referral_code(&self, code: &str, owner: &CustomerKey) -> Result<(), StoreError> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::referral_pk(code)))
            .key("sk", AttributeValue::S(keys::REFERRAL_OWNER_SK.to_owned()))
            .condition_expression("attribute_not_exists(pk) OR (#shop = :shop AND #customer = :customer)")
            .expression_attribute_names("#shop", SHOP)
            .expression_attribute_names("#customer", CUSTOMER)
            .expression_attribute_values(":shop", AttributeValue::S(owner.shop.to_string()))
            .expression_attribute_values(":customer", AttributeValue::S(owner.customer.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("DeleteItem", error));
        match deleted {
            Ok(answer) => self.capacity.add_writes(answer.consumed_capacity()),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Records a visit with a code; whether it is the visitor's first in half a year. `visitor` is a keyed fingerprint, which cannot be
    /// turned back into an address. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer. Calling again is harmless.
    pub async fn note_visit(&self, code: &str, visitor: &str, now: Timestamp) -> Result<bool, StoreError> {
        let noted = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::referral_pk(code)))
            .item("sk", AttributeValue::S(keys::referral_visit_sk(visitor)))
            .item("at", AttributeValue::S(now.to_string()))
            .item(EXPIRES_AT, second(now + VISIT_RETENTION))
            // An expired item may stay for two more days.
            .condition_expression("attribute_not_exists(pk) OR #expires_at <= :now")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":now", second(now));
        self.put_if(noted).await
    }

    /// The number of distinct visitors with a code in the last half year. About one read unit for fifty of them.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn referral_visits(&self, code: &str, now: Timestamp) -> Result<u64, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND begins_with(sk, :visit)")
            .filter_expression("#expires_at > :now")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":pk", AttributeValue::S(keys::referral_pk(code)))
            .expression_attribute_values(":visit", AttributeValue::S(keys::REFERRAL_VISIT.to_owned()))
            .expression_attribute_values(":now", second(now));
        self.count(query).await
    }

    /// Gives a code to a customer; `false` if it has an owner already.
    async fn take_referral_code(&self, code: &str, owner: &CustomerKey) -> Result<bool, StoreError> {
        let item = HashMap::from([
            ("pk".to_owned(), AttributeValue::S(keys::referral_pk(code))),
            ("sk".to_owned(), AttributeValue::S(keys::REFERRAL_OWNER_SK.to_owned())),
            (SHOP.to_owned(), AttributeValue::S(owner.shop.to_string())),
            (CUSTOMER.to_owned(), AttributeValue::S(owner.customer.to_string())),
        ]);
        let taken = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)");
        self.put_if(taken).await
    }
}

fn second(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_second().to_string())
}
