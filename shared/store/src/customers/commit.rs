//! Committing a decision: the customer, the messages that it creates and its record, all or nothing.

use crate::activity::{decisions, messages};
use crate::customers::item;
use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::guarded::Guarded;
use crate::table::keys::CustomerKey;
use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::message::Message;

impl Store {
    /// Writes a customer as decided, provided that the item did not change since it was read
    /// (`customer.version` is the version that was read), with the new messages and the entries of the
    /// timeline. Without messages and entries this is one conditional put; otherwise one transaction.
    ///
    /// A message that exists already was decided upon before (its identity says so): the answer is
    /// [`Guarded::MessageChanged`] and nothing was written.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn commit(
        &self,
        customer: &Customer,
        new: &[Message],
        entries: &[Entry],
        now: Timestamp,
    ) -> Result<Guarded, StoreError> {
        let put = item::put(&self.tables.customers, customer);
        if new.is_empty() && entries.is_empty() {
            return self.put_one(put, Guarded::CustomerChanged).await;
        }
        let key = CustomerKey::from(customer);
        let mut items = vec![put];
        items.extend(new.iter().map(|message| messages::create(&self.tables.activity, &key, message)));
        if !entries.is_empty() {
            items.push(decisions::create(&self.tables.activity, &key, customer.version + 1, entries, now));
        }
        let items = items.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        self.transact(items).await.map(|failed| match failed.as_slice() {
            [] => Guarded::Written,
            [0, ..] => Guarded::CustomerChanged,
            _ => Guarded::MessageChanged,
        })
    }
}
