//! What is left of the facts of an erased customer that come again: a shop repeats an old webhook or imports its history once more, a
//! queue delivers late. They are not applied, and are removed from the table.
//!
//! From before an erasure is what happened up to its instant, and whatever concerns an order that the customer had placed until
//! then. Who was erased is known by the id, and by the addresses: a shop system may send the same history under another id.
//!
//! *Stopped* between removing and committing: the facts come again and are removed again. Beside itself: removing is harmless to repeat.

use crate::Advance;
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::facts::{Event, Fact};
use rekindle_store::{CustomerKey, StoreError};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

impl Advance {
    /// Notes at a customer without an item when an earlier one of the same id or address was erased. One read unit for the id
    /// and one for each address that the facts name, once in a customer's life.
    pub(crate) async fn note_erasure(&self, stored: &mut Customer, facts: &[Fact]) -> Result<(), StoreError> {
        let key = CustomerKey::from(&*stored);
        let addresses: BTreeSet<_> = facts.iter().flat_map(|fact| fact.traits.addresses()).map(|(_, it)| it).collect();
        let mut marks = vec![self.link_keys.customer_fingerprint(&key.shop, &key.customer)];
        marks.extend(addresses.iter().map(|address| self.link_keys.erased_address_fingerprint(&key.shop, address)));
        for mark in marks {
            stored.erased_at = stored.erased_at.max(self.store.erased_at(&mark).await?);
        }
        Ok(())
    }

    /// Returns the facts from after an erasure of the customer, if there was one, and removes those from before it from the table.
    /// Without an erasure all facts are returned and nothing is read.
    pub(crate) async fn without_erased_facts<'f>(
        &self,
        customer: &Customer,
        facts: &'f [Fact],
    ) -> Result<Cow<'f, [Fact]>, StoreError> {
        let Some(erased_at) = customer.erased_at else { return Ok(Cow::Borrowed(facts)) };
        let key = CustomerKey::from(customer);
        let mut known = HashSet::new();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for fact in facts {
            if fact.at <= erased_at || self.concerns_erased_order(&key, fact, &mut known).await? {
                before.push(fact.clone());
            } else {
                after.push(fact.clone());
            }
        }
        if !before.is_empty() {
            self.store.remove_facts(&key, &before).await?;
        }
        Ok(Cow::Owned(after))
    }

    /// Whether a fact is about an order that was erased. `known` holds those that were found, which are asked for once.
    async fn concerns_erased_order(
        &self,
        key: &CustomerKey,
        fact: &Fact,
        known: &mut HashSet<String>,
    ) -> Result<bool, StoreError> {
        let order = match &fact.event {
            Event::Order(order) => &order.order_id,
            Event::Refund(refund) => &refund.order_id,
            _ => return Ok(false),
        };
        let mark = self.link_keys.erased_order_fingerprint(&key.shop, order);
        if known.contains(&mark) {
            return Ok(true);
        }
        let erased: Option<Timestamp> = self.store.erased_at(&mark).await?;
        if erased.is_some() {
            known.insert(mark);
        }
        Ok(erased.is_some())
    }
}
