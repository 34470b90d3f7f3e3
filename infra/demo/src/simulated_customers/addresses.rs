//! The addresses with which customers order: some use another customer's, as couples do; some have another one after a while.

use super::Model;
use crate::schedule::{Schedule, ScheduleError};
use jiff::Timestamp;
use rekindle_emulators::{CloudError, MailboxFilter, Page};
use rekindle_lifecycle::id::CustomerId;
use rekindle_local_stack::Stack;
use rekindle_store::{CustomerKey, StoreError};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Messages of one step to one address that are counted: more than there can be.
const MANY: u32 = 100;
/// The journey and the step of which an address gets one message for ever.
const WELCOME: (&str, &str) = ("welcome", "thanks");

/// What came of customers who share an address, and of those who changed theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct People {
    /// Addresses with which several customers ordered.
    pub shared_addresses: u64,
    /// These customers: each has an id, orders and a stage of their own.
    pub sharing: u64,
    /// Welcomes to these addresses: one each at most.
    pub welcomes_to_shared: u64,
    /// Customers who ordered with a new address.
    pub moved: u64,
    /// Of them, those who are still one customer, and are written to at the new address.
    pub still_one: u64,
}

/// Why it cannot be said.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The history cannot be read.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The mailbox cannot be read.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The tables cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts the address with which the customer orders at `at` into an event.
pub(super) fn put_into(
    event: &mut Value,
    at: Timestamp,
    model: &Model,
    schedule: &Schedule,
) -> Result<(), ScheduleError> {
    let Some(customer) = event["userId"].as_str().map(str::to_owned) else { return Ok(()) };
    let traits = &mut event["context"]["traits"];
    let Some(own) = traits["email"].as_str().map(str::to_owned) else { return Ok(()) };
    traits["email"] = address_at(&customer, &own, at, model, schedule)?.into();
    Ok(())
}

/// The address of a customer at an instant. Whoever orders with another's keeps it.
fn address_at(
    customer: &str,
    own: &str,
    at: Timestamp,
    model: &Model,
    schedule: &Schedule,
) -> Result<String, ScheduleError> {
    if let Some(shared) = shared(customer, model, schedule)? {
        return Ok(shared);
    }
    let has_moved = moves(customer, model) && schedule.last_before(customer, at)?.is_some();
    Ok(if has_moved { new_address(own) } else { own.to_owned() })
}

/// The address of the customer whose address this one uses: of the next one by id. None if they have one of their own, or the next
/// one uses another's too, or moves.
fn shared(customer: &str, model: &Model, schedule: &Schedule) -> Result<Option<String>, ScheduleError> {
    if !shares(customer, model) {
        return Ok(None);
    }
    let next = schedule.next_customer(customer)?;
    Ok(next.filter(|(next, _)| !shares(next, model) && !moves(next, model)).map(|(_, address)| address))
}

fn shares(customer: &str, model: &Model) -> bool {
    model.chance("shared address", customer, model.rates().people.shared_address)
}

fn moves(customer: &str, model: &Model) -> bool {
    model.chance("new address", customer, model.rates().people.new_address)
}

fn new_address(own: &str) -> String {
    format!("new.{own}")
}

impl People {
    /// Looks at the mailbox and the tables of a stack.
    pub(super) async fn count(
        stack: &Stack,
        model: &Model,
        schedule: &Schedule,
        until: Timestamp,
    ) -> Result<Self, PeopleError> {
        let mut people = Self::default();
        let mut by_address: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (customer, own) in schedule.customers_before(until)? {
            // With which they ordered last.
            let last = schedule.last_before(&customer, until)?.unwrap_or(until);
            let address = address_at(&customer, &own, last, model, schedule)?;
            if address == new_address(&own) {
                people.note_moved(stack, &customer, &address).await?;
            } else {
                by_address.entry(address).or_default().insert(customer);
            }
        }
        by_address.retain(|_, customers| customers.len() > 1);
        people.shared_addresses = by_address.len() as u64;
        people.sharing = by_address.values().map(BTreeSet::len).sum::<usize>() as u64;
        for address in by_address.into_keys() {
            let (journey, step) = WELCOME;
            let filter = MailboxFilter {
                to: Some(address),
                journey: Some(journey.to_owned()),
                step: Some(step.to_owned()),
                ..MailboxFilter::default()
            };
            let welcomes = stack.cloud.mailbox().load(&filter, Page::Newest, MANY)?;
            people.welcomes_to_shared += welcomes.len() as u64;
        }
        Ok(people)
    }

    async fn note_moved(&mut self, stack: &Stack, customer: &str, address: &str) -> Result<(), PeopleError> {
        let Ok(id) = CustomerId::parse(customer) else { return Ok(()) };
        self.moved += 1;
        let found = stack.store.customer(&CustomerKey { shop: stack.shop.id.clone(), customer: id }).await?;
        let standing = &found.decided.standing;
        let is_one = found.version > 0 && standing.shared_since.is_none() && standing.joined_to.is_none();
        let email = found.folded.profile.email.map(|email| email.value.as_str().to_owned());
        self.still_one += u64::from(is_one && email.as_deref() == Some(address));
        Ok(())
    }
}
