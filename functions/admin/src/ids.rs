//! The ids of a customer, and what the shop's people say about them.

use crate::Admin;
use jiff::Timestamp;
use rekindle_admin_api::{Call, Problem};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::facts::{Event, Fact, JoinCause, Joined, Parted, Traits};
use rekindle_lifecycle::id::{CustomerId, short_digest};
use rekindle_store::{CustomerKey, Store, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

/// The ids of one customer.
pub(crate) struct Ids {
    /// The id under which everything is counted.
    pub(crate) main: CustomerKey,
    /// The other ids.
    pub(crate) others: Vec<CustomerKey>,
}

impl Ids {
    /// The ids of the customer to whom one belongs.
    pub(crate) async fn load(store: &Store, key: &CustomerKey) -> Result<Self, StoreError> {
        match store.main_customer(key).await {
            Ok(customer) => Ok(Self::from(&customer)),
            Err(StoreError::Unreadable { .. }) => Ok(Self { main: key.clone(), others: Vec::new() }),
            Err(error) => Err(error),
        }
    }

    /// All of them, the main one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &CustomerKey> {
        std::iter::once(&self.main).chain(&self.others)
    }

    /// The order in which they are erased: the main id comes after those that it knows, and the one that was asked for last, because it
    /// leads to the main id. So a call that continues finds what is left.
    pub(crate) fn to_erase(&self, asked: &CustomerKey) -> Vec<CustomerKey> {
        let rest = self.others.iter().filter(|id| *id != asked).chain([&self.main]);
        rest.filter(|id| *id != asked).chain([asked]).cloned().collect()
    }
}

impl From<&Customer> for Ids {
    fn from(customer: &Customer) -> Self {
        let at = |id: &CustomerId| CustomerKey { shop: customer.shop.clone(), customer: id.clone() };
        Self { main: customer.into(), others: customer.decided.standing.members.iter().map(at).collect() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherId {
    with: CustomerId,
}

/// Stores that two ids are one customer.
pub(crate) async fn join(admin: &Admin, call: &Call, key: &CustomerKey) -> Result<Value, Problem> {
    state(admin, call, key, |with| Event::Joined(Joined { with, cause: JoinCause::Staff })).await
}

/// Stores that two ids are not one customer.
pub(crate) async fn part(admin: &Admin, call: &Call, key: &CustomerKey) -> Result<Value, Problem> {
    state(admin, call, key, |with| Event::Parted(Parted { with })).await
}

/// Stores a statement under both ids. It takes effect when the facts are folded, soon after.
async fn state(
    admin: &Admin,
    call: &Call,
    key: &CustomerKey,
    event: impl Fn(CustomerId) -> Event,
) -> Result<Value, Problem> {
    let OtherId { with } = call.json()?;
    if with == key.customer {
        return Err(Problem::bad_request("with must be another id than the customer\'s own."));
    }
    let now = admin.clock.now();
    // As it is stored: the same in the key and in the fact.
    let at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    let fact = |with: &CustomerId| {
        let id = short_digest(&["stated", &at.to_string(), key.customer.as_str(), with.as_str()], 26);
        Fact { at, id, event: event(with.clone()), traits: Traits::default() }
    };
    let other = CustomerKey { shop: key.shop.clone(), customer: with.clone() };
    admin.store.put_facts(&[(key.clone(), fact(&with)), (other, fact(&key.customer))]).await?;
    Ok(json!({ "ids": [key.customer, with], "at": at }))
}
