//! The DynamoDB side of Rekindle: the one implementation of storage, on the real SDK client.
//!
//! The cast:
//! - [`Store`] holds the client, the names of the [`Tables`] and the count of consumed [`Capacity`];
//! - [`keys`] spells every key, once;
//! - [`facts`] puts facts and reads them back; a fact stored twice is one item with the same bytes; the latest can be
//!   read on their own, by who must not wait until they are folded;
//! - [`customers`] is the item of a customer, [`messages`] that of a message; [`commit`] writes a decision,
//!   all or nothing, and every write of either names the version it saw;
//! - [`apply`] folds facts into customers, at once where somebody waits for the effect;
//! - [`timeline`] reads what happened to a customer, newest first;
//! - [`due`] finds the customers that have to be looked at now;
//! - [`evidence`] remembers how far the provider's events have reported;
//! - [`referral_codes`] knows whose code it is and who came with it;
//! - [`phone_numbers`] finds the customers who were texted under a number, [`inbound_text_log`] remembers what they sent back;
//! - [`opt_out_mirror`] is how far the mirror of SNS's opt-out list has come;
//! - [`reputation`] counts what became of a shop's last mails, [`sending_pause`] stops a shop that is too much of a
//!   nuisance;
//! - [`sending_limits`] is how fast a shop wants to send, [`sending_rate`] gives everybody who sends slots in time;
//! - [`quarantine`] keeps what was refused, with the reason;
//! - [`shop_list`] says which shops there are, [`shops`] holds the settings of a shop, [`policies`] its policy and [`policy_versions`] what that was before,
//!   [`api_keys`] the keys that shops authenticate with;
//! - [`suppressions`] is whom a shop must not write to, [`tasks`] what its people are asked to do;
//! - [`erasure`] is what forgetting a customer is made of;
//! - [`customer_scan`] looks at many customers of a shop, within bounds; [`fact_scan`] finds everybody of whom facts are
//!   stored;
//! - [`StoreError`] tells callers what to do next, without the content of any item.
pub mod api_keys;
pub mod apply;
mod calls;
pub mod capacity;
pub mod commit;
pub mod coupons;
pub mod customer_scan;
pub mod customers;
pub mod data_requests;
pub mod due;
pub mod erasure;
pub mod error;
pub mod evidence;
pub mod fact_scan;
pub mod facts;
pub mod inbound_text_log;
pub mod keys;
pub mod messages;
pub mod opt_out_mirror;
pub mod phone_numbers;
pub mod policies;
pub mod policy_versions;
mod prime;
pub mod quarantine;
mod recent_facts;
pub mod referral_codes;
pub mod reputation;
pub mod sending_limits;
pub mod sending_pause;
pub mod sending_rate;
pub mod settlement;
pub mod shop_list;
pub mod shops;
pub mod suppressions;
pub mod tables;
pub mod task;
pub mod tasks;
#[cfg(test)]
mod testing;
pub mod timeline;
pub mod work;

pub use capacity::{Capacity, Used};
pub use error::StoreError;
pub use keys::CustomerKey;
pub use messages::Guarded;
pub use recent_facts::RecentFacts;
pub use tables::Tables;

use api_keys::KnownKeys;
use aws_sdk_dynamodb::Client;
use rekindle_lifecycle::policy::Policy;
use rekindle_platform::Remembered;
use sending_rate::KnownRates;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

/// The tables, through one client. Cheap to clone; clones share the count of consumed capacity and the
/// remembered API keys.
#[derive(Clone)]
pub struct Store {
    client: Client,
    tables: Arc<Tables>,
    capacity: Arc<Capacity>,
    known_keys: Arc<KnownKeys>,
    known_policies: Remembered<Policy>,
    known_rates: Arc<KnownRates>,
    /// When to note again how far the provider's events have come, in milliseconds since 1970.
    next_mark: Arc<AtomicI64>,
}

impl Store {
    /// A store on tables that exist (see [`Tables::create_missing`]).
    #[must_use]
    pub fn new(client: Client, tables: Tables) -> Self {
        Self {
            client,
            tables: Arc::new(tables),
            capacity: Arc::default(),
            known_keys: Arc::default(),
            known_policies: Remembered::default(),
            known_rates: Arc::default(),
            next_mark: Arc::new(AtomicI64::new(i64::MIN)),
        }
    }

    /// The names of the tables.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The request units that this store and its clones have used.
    #[must_use]
    pub fn capacity(&self) -> &Capacity {
        &self.capacity
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("tables", &self.tables).finish_non_exhaustive()
    }
}
