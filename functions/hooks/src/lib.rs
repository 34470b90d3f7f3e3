//! What shop systems call: webhooks of Shopify, WooCommerce, Stripe, and of any other system by a stored mapping.
//!
//! A webhook has to be answered within seconds, and most senders give up on an address that answers late or badly. So two steps:
//! - [`handle`] checks the signature over the raw body, stores the body, lists it as waiting, puts it on the queue and answers (`accept`);
//! - [`handle_queue`] reads what is stored ([`rekindle_connectors`]), takes its events in ([`rekindle_intake`]), notes whom it mentions and
//!   what became of it, and takes it off the list (`read`).
//!
//! What is guaranteed:
//! - what was answered with 2xx is durable and is read, though the queue loses its message: [`sweep`] finds what waits for long;
//! - an unsigned or wrongly signed body leaves nothing behind;
//! - a delivery counts once, however often it comes and in whatever order: the same body is stored once, and the same event is the same
//!   fact;
//! - what cannot be read is kept among the refused events, with the field and the reason.
mod accept;
mod mentioned;
mod person;
mod products;
mod read;
mod routes;
mod shop_request;
mod stock;
mod sweep;
mod trigger;
mod whose;
mod wiring;

pub use accept::handle;
pub use read::{Progress, ReadError};
pub use routes::{Operation, ROUTES};
pub use sweep::{SweepError, sweep};
pub use trigger::{TriggerError, handle_event, handle_queue};
pub use wiring::wire;

use jiff::Timestamp;
use rekindle_connections::{Connection, ConnectionError};
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::KeyRing;
use rekindle_platform::{Clock, Remembered, WorkQueue};
use rekindle_store::Store;
use std::sync::Arc;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Hooks {
    /// The tables.
    pub store: Store,
    /// Where deliveries wait to be read.
    pub queue: WorkQueue,
    /// Opens the keys of connections, names guests and makes fingerprints.
    pub link_keys: Arc<KeyRing>,
    /// Where the API is, without a slash at the end: some senders sign the address.
    pub base_url: String,
    /// The time.
    pub clock: Clock,
    /// The connections that were used lately; nothing for a name that has none.
    pub connections: Remembered<Option<Connection>>,
    /// The connections of which it was noted lately that they delivered.
    pub noted: Remembered<()>,
}

impl Hooks {
    /// A connection, as it was less than a minute ago.
    pub(crate) async fn connection(
        &self,
        shop: &ShopId,
        name: &str,
        now: Timestamp,
    ) -> Result<Arc<Option<Connection>>, ConnectionError> {
        let known_as = format!("{shop}/{name}");
        if let Some(connection) = self.connections.get(&known_as, now) {
            return Ok(connection);
        }
        let connection = Connection::load(&self.store, shop, name).await?;
        // A name that does not exist is not remembered: a stranger could fill the memory with them.
        if connection.is_none() {
            return Ok(Arc::new(None));
        }
        Ok(self.connections.put(&known_as, connection, now))
    }
}
