//! Claiming and settling a message together with its customer.

use crate::activity::messages;
use crate::customers::item;
use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use crate::table::guarded::Guarded;
use crate::table::keys::CustomerKey;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::Message;
use rekindle_platform::retry::Attempts;

impl Store {
    /// Writes a claimed message if it is as it was read and, in the same transaction, the customer is as
    /// they were read: whatever was checked of the customer (consent, suppression, orders) still holds at
    /// the instant of the claim.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn claim(&self, customer: &Customer, claimed: &Message) -> Result<Guarded, StoreError> {
        let key = CustomerKey::from(customer);
        let check = ConditionCheck::builder()
            .table_name(&self.tables.customers)
            .key("pk", AttributeValue::S(key.pk()))
            .condition_expression("#version = :seen")
            .expression_attribute_names("#version", item::VERSION)
            .expression_attribute_values(":seen", number(customer.version))
            .build()
            .expect("a check has a key, a condition and a table");
        let items = vec![
            TransactWriteItem::builder().condition_check(check).build(),
            TransactWriteItem::builder().put(messages::replace(&self.tables.activity, &key, claimed)).build(),
        ];
        self.transact(items).await.map(|failed| match failed.as_slice() {
            [] => Guarded::Written,
            [0, ..] => Guarded::CustomerChanged,
            _ => Guarded::MessageChanged,
        })
    }

    /// Writes the new state of a message and the customer who reflects it, both or neither.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn settle(&self, customer: &Customer, message: &Message) -> Result<Guarded, StoreError> {
        let key = CustomerKey::from(customer);
        let items = vec![
            TransactWriteItem::builder().put(item::put(&self.tables.customers, customer)).build(),
            TransactWriteItem::builder().put(messages::replace(&self.tables.activity, &key, message)).build(),
        ];
        self.transact(items).await.map(|failed| match failed.as_slice() {
            [] => Guarded::Written,
            // The message first: if it changed too, what was written of it no longer holds.
            failed if failed.contains(&1) => Guarded::MessageChanged,
            _ => Guarded::CustomerChanged,
        })
    }

    /// Writes the new state of a message, and updates the customer with it: the place under the frequency cap, the next check. If
    /// every race for the customer is lost, the message is written alone, because its outcome must not be lost; the customer's
    /// check finds it later.
    ///
    /// `seen` is the customer as read before, which saves a read; if the item changed since, it is read again.
    ///
    /// Returns [`Guarded::MessageChanged`], and writes nothing, if the message changed since it was read.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn settle_message(
        &self,
        key: &CustomerKey,
        message: &Message,
        mut seen: Option<Customer>,
        now: Timestamp,
    ) -> Result<Guarded, StoreError> {
        let mut attempts = Attempts::at("customer", message.id.as_str());
        while attempts.next().await {
            let mut customer = match seen.take() {
                Some(customer) => customer,
                None => self.customer(key).await?,
            };
            if !customer.settle(message, now) {
                break;
            }
            customer.due_at = customer.needs_attention_at();
            match self.settle(&customer, message).await? {
                Guarded::CustomerChanged => {}
                done => return Ok(done),
            }
        }
        self.put_message(key, message).await
    }

    /// Updates the customer with a message that is settled already.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn note_settled(&self, key: &CustomerKey, message: &Message, now: Timestamp) -> Result<(), StoreError> {
        let mut attempts = Attempts::at("customer", message.id.as_str());
        while attempts.next().await {
            let mut customer = self.customer(key).await?;
            if !customer.settle(message, now) {
                return Ok(());
            }
            customer.due_at = customer.needs_attention_at();
            if self.commit(&customer, &[], &[], now).await? == Guarded::Written {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Sets the customer's next check of an open message to `at`.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn check_again(
        &self,
        key: &CustomerKey,
        message: &MessageId,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut attempts = Attempts::at("customer", message.as_str());
        while attempts.next().await {
            let mut customer = self.customer(key).await?;
            if !customer.check_again(message, at) {
                return Ok(());
            }
            customer.due_at = customer.needs_attention_at();
            if self.commit(&customer, &[], &[], now).await? == Guarded::Written {
                return Ok(());
            }
        }
        Ok(())
    }
}
