//! Settling a message with its customer: the message's new state and the customer's note of it, together.

use crate::Store;
use crate::error::StoreError;
use crate::keys::CustomerKey;
use crate::messages::Guarded;
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::message::Message;
use rekindle_platform::retry::Attempts;

impl Store {
    /// Writes where a message stands now, and has the customer take note of it: the place under the
    /// frequency cap, the next check. If the customer is written by others again and again, the message is
    /// written alone, because what became of it must not be lost; the customer's check finds it later.
    ///
    /// `seen` is the customer as read lately, which saves reading them; if somebody wrote them since, they
    /// are read again.
    ///
    /// The answer is [`Guarded::MessageChanged`], and nothing was written, if somebody wrote the message
    /// since it was read.
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

    /// Has the customer take note of a message that is settled already.
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

    /// Has the customer look after an open message again at `at`.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn check_again(
        &self,
        key: &CustomerKey,
        message: &Message,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut attempts = Attempts::at("customer", message.id.as_str());
        while attempts.next().await {
            let mut customer = self.customer(key).await?;
            if !customer.check_again(&message.id, at) {
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
