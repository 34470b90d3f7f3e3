//! Coupons of a customer's own: issued once for a message, redeemed by one order.
//!
//! | item | `pk` | `sk` |
//! |---|---|---|
//! | coupon | `coupon#{shop}#{code}` | `coupon` |
//! | code that is still free | `pool#{shop}#{pool}` | the code |
//! | which code of a pool a message got | the customer's, in `activity` | `coupon#{message_id}` |
//!
//! A generated code follows from the message, so issuing it again writes the same item. Codes of a pool: `pools`.
//!
//! A coupon's item is under the form of its code that [`coupon_code::stored_form`] gives, which is the same however the code is typed.
//! Earlier versions used the code itself; where that is something else, it is still looked for.

use crate::store::Store;
use crate::table::attributes::json;
use crate::table::error::StoreError;
use crate::table::guarded::Guarded;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnConsumedCapacity};
use jiff::Timestamp;
use rekindle_lifecycle::coupon_code;
use rekindle_lifecycle::id::{CustomerId, MessageId, OrderId, ShopId};
use serde::{Deserialize, Serialize};

/// The attribute with the coupon; in the note of a message, with its code.
pub(super) const COUPON: &str = "coupon";
/// Attribute with the order that used it; absent until then.
const USED_BY: &str = "used_by";
const USED_AT: &str = "used_at";
const USER: &str = "used_by_customer";
/// Replaces the names of an erased customer and of their orders.
const ERASED_NAME: &str = "(erased)";

/// A coupon of a customer's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// The code.
    pub code: String,
    /// The customer who owns it.
    pub customer: CustomerId,
    /// The message that carries it.
    pub message: MessageId,
    /// Per cent off.
    pub percent: u8,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// The order that used a coupon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redemption {
    /// The order.
    pub order: String,
    /// The customer who ordered.
    pub customer: String,
    /// When it was placed.
    pub at: Timestamp,
}

/// A coupon as its item has it.
type Stored = (Coupon, Option<Redemption>);

/// The forms under which a coupon's item may be, best first. The code as it was typed comes first: an earlier version may have issued
/// two codes that differ in small and capital letters only.
fn forms(code: &str) -> impl Iterator<Item = String> {
    let typed = code.trim().to_owned();
    let capitals = typed.to_uppercase();
    let stored = coupon_code::stored_form(code);
    let mut forms: Vec<String> = Vec::with_capacity(3);
    for form in [typed, stored, capitals] {
        if !form.is_empty() && !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms.into_iter()
}

/// The result of redeeming a coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeemed {
    /// The order uses it; perhaps it did already.
    ByThisOrder,
    /// Another order used it before.
    ByAnother,
    /// The shop has no coupon of its customers' own with this code.
    NoSuchCoupon,
}

impl Store {
    /// Issues a coupon whose code follows from its message. Issuing it again changes nothing. One write unit.
    /// `false` if the code is another message's, which happens once in 27 thousand million times: issue another one.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn issue_coupon(&self, shop: &ShopId, coupon: &Coupon) -> Result<bool, StoreError> {
        if let Some((known, _)) = self.coupon_of_earlier_version(shop, &coupon.code).await? {
            return Ok(known.message == coupon.message);
        }
        if self.put_one(self.coupon_put(shop, coupon), Guarded::MessageChanged).await? == Guarded::Written {
            return Ok(true);
        }
        let known = self.coupon(shop, &coupon.code).await?;
        Ok(known.is_some_and(|(known, _)| known.message == coupon.message))
    }

    /// A coupon and the order that used it, however its code was typed.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn coupon(&self, shop: &ShopId, code: &str) -> Result<Option<(Coupon, Option<Redemption>)>, StoreError> {
        Ok(self.find_coupon(shop, code).await?.map(|(_, found)| found))
    }

    /// A coupon, and the form under which its item is stored.
    async fn find_coupon(&self, shop: &ShopId, code: &str) -> Result<Option<(String, Stored)>, StoreError> {
        for form in forms(code) {
            if let Some(found) = self.coupon_stored_as(shop, &form).await? {
                return Ok(Some((form, found)));
            }
        }
        Ok(None)
    }

    /// The coupon with exactly this code, if an earlier version stored it. Reads nothing for a code whose stored form is the
    /// code itself.
    pub(super) async fn coupon_of_earlier_version(
        &self,
        shop: &ShopId,
        code: &str,
    ) -> Result<Option<Stored>, StoreError> {
        if coupon_code::stored_form(code) == code { Ok(None) } else { self.coupon_stored_as(shop, code).await }
    }

    async fn coupon_stored_as(&self, shop: &ShopId, form: &str) -> Result<Option<Stored>, StoreError> {
        let item = self.get(&self.tables.shops, keys::coupon_pk(shop, form), Some(keys::COUPON_SK.to_owned())).await?;
        let Some(item) = item else { return Ok(None) };
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        let coupon = text(COUPON).and_then(|text| serde_json::from_str(&text).ok());
        let coupon = coupon.ok_or(StoreError::Unreadable { family: COUPON, attribute: COUPON })?;
        let at = text(USED_AT).and_then(|at| at.parse().ok());
        let used = match (text(USED_BY), text(USER), at) {
            (Some(order), Some(customer), Some(at)) => Some(Redemption { order, customer, at }),
            _ => None,
        };
        Ok(Some((coupon, used)))
    }

    /// Records that an order used a coupon, however its code was typed. A repetition changes nothing; of two orders the first
    /// keeps it.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn redeem_coupon(
        &self,
        key: &CustomerKey,
        code: &str,
        order: &OrderId,
        at: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        for form in forms(code) {
            let redeemed = self.redeem_stored_as(key, &form, order, at).await?;
            if redeemed != Redeemed::NoSuchCoupon {
                return Ok(redeemed);
            }
        }
        Ok(Redeemed::NoSuchCoupon)
    }

    async fn redeem_stored_as(
        &self,
        key: &CustomerKey,
        form: &str,
        order: &OrderId,
        at: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::coupon_pk(&key.shop, form)))
            .key("sk", AttributeValue::S(keys::COUPON_SK.to_owned()))
            .update_expression("SET #by = :order, #user = :customer, #at = :at")
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(#by) OR #by = :order)")
            .expression_attribute_names("#by", USED_BY)
            .expression_attribute_names("#user", USER)
            .expression_attribute_names("#at", USED_AT)
            .expression_attribute_values(":order", AttributeValue::S(order.to_string()))
            .expression_attribute_values(":customer", AttributeValue::S(key.customer.to_string()))
            .expression_attribute_values(":at", AttributeValue::S(at.to_string()));
        if self.update_if(update).await? {
            return Ok(Redeemed::ByThisOrder);
        }
        let exists = self.coupon_stored_as(&key.shop, form).await?.is_some();
        Ok(if exists { Redeemed::ByAnother } else { Redeemed::NoSuchCoupon })
    }

    /// Removes this customer as owner and as user of a coupon. Its value and the fact that it was used stay.
    ///
    /// # Errors
    /// The database refused or did not answer, or the coupon cannot be read.
    pub async fn forget_in_coupon(&self, key: &CustomerKey, code: &str, name: &str) -> Result<(), StoreError> {
        let Some((form, (coupon, used))) = self.find_coupon(&key.shop, code).await? else { return Ok(()) };
        let erased = CustomerId::parse(ERASED_NAME).expect("it is an id");
        let id = AttributeValue::S(keys::coupon_pk(&key.shop, &form));
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.shops)
            .key("pk", id)
            .key("sk", AttributeValue::S(keys::COUPON_SK.to_owned()))
            .condition_expression("attribute_exists(pk)")
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut sets = Vec::new();
        if coupon.customer == key.customer {
            let message = MessageId::parse(name).unwrap_or_else(|_| coupon.message.clone());
            let coupon = Coupon { customer: erased, message, ..coupon };
            sets.push("coupon = :coupon");
            update = update.expression_attribute_values(":coupon", json(&coupon));
        }
        if used.is_some_and(|used| used.customer == key.customer.as_str()) {
            sets.push("used_by = :erased, used_by_customer = :erased");
            update = update.expression_attribute_values(":erased", AttributeValue::S(ERASED_NAME.to_owned()));
        }
        if sets.is_empty() {
            return Ok(());
        }
        let answer = update.update_expression(format!("SET {}", sets.join(", "))).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk("UpdateItem", error))?;
        self.capacity.add_writes(answer.consumed_capacity());
        Ok(())
    }

    pub(super) fn coupon_put(&self, shop: &ShopId, coupon: &Coupon) -> Put {
        Put::builder()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::coupon_pk(shop, &coupon_code::stored_form(&coupon.code))))
            .item("sk", AttributeValue::S(keys::COUPON_SK.to_owned()))
            .item(COUPON, json(coupon))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .expect("a put has an item and a table")
    }
}
