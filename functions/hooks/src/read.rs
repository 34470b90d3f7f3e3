//! Reads a stored delivery and takes in what it says.
//!
//! The order, and what a stop at any point leaves: the delivery stays listed as waiting until everything is done, and everything may be
//! done again: facts and refused events are the same items, and so is what is noted of the delivery.

use crate::Hooks;
use crate::mentioned::Mentioned;
use crate::shop_request::ShopRequestError;
use crate::whose::order_of;
use jiff::{SignedDuration, Timestamp};
use rekindle_connections::{Connection, ConnectionError, stored_headers};
use rekindle_connectors::{Delivery, Outcome, Reading, ShopRequest};
use rekindle_inbound::{Fields, Rejection};
use rekindle_intake::{Frame, Guests, Intake, IntakeError, SentEvent, Source};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
use rekindle_platform::spans;
use rekindle_store::StoreError;
use rekindle_store::webhooks::deliveries::{DeliveryKey, StoredDelivery};
use rekindle_store::webhooks::mentions::Mention;
use rekindle_store::webhooks::read_deliveries::{ReadDelivery, ReadResult};
use rekindle_store::webhooks::unread::Unread;
use rekindle_store::work::DeliveryWork;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How long an event waits for the order that it names.
const MAX_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// How far reading a delivery came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It was read.
    Read,
    /// It was read before.
    Known,
    /// It is read again later: an event of it names an order that is not known yet, or there is more to do than fits.
    Waits,
    /// It expired, or was erased.
    Gone,
}

/// Why a delivery was not read. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The work names no delivery.
    #[error("the work names no shop")]
    NoShop,
    /// The store did not answer, or the delivery cannot be read by this version.
    #[error("the store did not answer")]
    Store(#[from] StoreError),
    /// The connection cannot be used by this version.
    #[error("the connection cannot be used")]
    Connection(#[from] ConnectionError),
    /// A request about the shop as a whole was not filed.
    #[error("a request of the shop system was not filed")]
    Shop(#[from] ShopRequestError),
    /// The events were not taken in.
    #[error("the events were not taken in")]
    Intake(#[from] IntakeError),
}

/// What became of the events of a delivery.
#[derive(Debug, Default)]
struct Taken {
    result: ReadResult,
    customers: BTreeSet<CustomerId>,
    orders: BTreeMap<OrderId, CustomerId>,
    waits: bool,
}

impl Hooks {
    /// Reads a delivery, once.
    ///
    /// # Errors
    /// It has to be tried again.
    pub async fn read_delivery(&self, work: &DeliveryWork) -> Result<Progress, ReadError> {
        let shop = ShopId::parse(&work.shop).map_err(|_| ReadError::NoShop)?;
        spans::note_shop(&shop);
        let key = DeliveryKey { shop, digest: work.delivery.clone() };
        let now = self.clock.now();
        let progress = self.read_stored(&key, work.again, now).await?;
        if let (Some(received_at), true) = (work.waiting_since, progress != Progress::Waits) {
            self.store.forget_unread(&Unread { key, received_at }).await?;
        }
        Ok(progress)
    }

    async fn read_stored(&self, key: &DeliveryKey, again: bool, now: Timestamp) -> Result<Progress, ReadError> {
        let Some(stored) = self.store.delivery(key, now).await? else { return Ok(Progress::Gone) };
        let name = stored.connector.as_str();
        if !again && self.store.read_result(key, name, stored.received_at).await?.is_some() {
            return Ok(Progress::Known);
        }
        let connection = Connection::load(&self.store, &key.shop, name).await?;
        let taken = match &connection {
            None => Taken::without_events("ignored", "the connection was removed before the delivery was read"),
            Some(connection) => self.take_in(key, &stored, connection, now).await?,
        };
        if taken.waits {
            tracing::info!(connector = name, "a delivery waits: for the order that it names, or for its next part");
            return Ok(Progress::Waits);
        }
        for (order, customer) in &taken.orders {
            if self.store.placed_by(&key.shop, order).await?.as_ref() != Some(customer) {
                self.store.note_placed(&key.shop, order, customer, now).await?;
            }
        }
        let keeps = connection.is_some_and(|connection| connection.keep_days > 0);
        let is_kept = keeps && self.note_mentions(key, &stored, &taken.customers, now).await?;
        let ReadResult { outcome, topic, accepted, refused, .. } = &taken.result;
        tracing::info!(connector = name, outcome, topic, accepted, refused, "what a delivery became");
        if *refused > 0 || outcome == "refused" {
            tracing::warn!(
                metric = "deliveries_refused",
                value = 1,
                connector = name,
                "a delivery was refused, or a part of it"
            );
        }
        let result = ReadResult { bytes: stored.body.len(), ..taken.result };
        let read =
            ReadDelivery { key: key.clone(), connector: name.to_owned(), received_at: stored.received_at, result };
        self.store.note_read(&read, stored.kept_until).await?;
        if !is_kept {
            self.store.remove_delivery(key).await?;
        }
        Ok(Progress::Read)
    }

    /// Notes whom a delivery mentions; whether its body may be kept.
    async fn note_mentions(
        &self,
        key: &DeliveryKey,
        stored: &StoredDelivery,
        customers: &BTreeSet<CustomerId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let country = self.shop_country(&key.shop, now).await?;
        let mentioned = Mentioned::new(&self.link_keys, &key.shop, customers, &stored.body, country);
        if mentioned.is_too_many() {
            return Ok(false);
        }
        let mention =
            Mention { key: key.clone(), connector: stored.connector.clone(), received_at: stored.received_at };
        self.store.note_mentions(&mention, &mentioned.fingerprints(), stored.kept_until).await?;
        // Whoever was erased between the delivery and now: the erasure may have looked for mentions before they were noted.
        for mark in mentioned.marks() {
            if self.store.erased_at(mark).await?.is_some_and(|at| at >= stored.received_at) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads a delivery and takes in what it says.
    async fn take_in(
        &self,
        key: &DeliveryKey,
        stored: &StoredDelivery,
        connection: &Connection,
        now: Timestamp,
    ) -> Result<Taken, ReadError> {
        let headers = stored_headers(&stored.headers);
        let delivery = Delivery {
            headers: &headers,
            url: &self.base_url,
            path_token: None,
            body: &stored.body,
            received_at: stored.received_at,
        };
        let Reading { topic, outcome, warnings, .. } = connection.read(&stored.connector, &delivery)?;
        let mut taken = match outcome {
            Outcome::Events(events) => self.take_events(key, stored, connection, events, now).await?,
            Outcome::Person(request) => {
                let from = (stored.received_at, key.digest.as_str());
                match self.file_request(&key.shop, &stored.connector, &request, from).await? {
                    Some(customer) => Taken {
                        customers: BTreeSet::from([customer]),
                        ..Taken::without_events("person", "a person's request about their data; a task was opened")
                    },
                    None => Taken::without_events(
                        "ignored",
                        "a person's request without an id or an address that can be read",
                    ),
                }
            }
            Outcome::Shop(ShopRequest::Disconnected) => {
                Taken::without_events("shop", "the shop disconnected; nothing more will come")
            }
            Outcome::Shop(ShopRequest::Erasure) => {
                let from = (stored.received_at, key.digest.as_str());
                let erasure = self.file_shop_erasure(&key.shop, &stored.connector, from).await?;
                let detail = "the shop system asks for everything that came from it to be erased; a task was opened";
                Taken { waits: !erasure.is_complete, ..Taken::without_events("shop", detail) }
            }
            Outcome::Products(products) => {
                let currency = match connection.currency() {
                    Some(currency) => Some(currency),
                    None => self.shop_currency(&key.shop, now).await?,
                };
                let changed = self.take_products(&key.shop, &products, currency, stored.received_at).await?;
                let prices = if currency.is_some() { "" } else { "; no prices, because the shop has no currency" };
                Taken::without_events("products", &format!("{changed} products and variants are another now{prices}"))
            }
            Outcome::Stock(levels) => {
                let taken = self.take_levels(&key.shop, &levels, stored.received_at).await?;
                Taken::without_events("stock", &taken.to_string())
            }
            Outcome::Test(what) => Taken::without_events("test", &what),
            Outcome::Ignored(why) => Taken::without_events("ignored", &why),
            Outcome::Refused(error) => {
                let rejection = Rejection::new(error.field.clone(), error.reason.clone());
                let text = String::from_utf8_lossy(&stored.body);
                let source = Source { shop: &key.shop, key: None, is_public: false };
                self.intake().refuse(source, &rejection, &text, stored.received_at).await?;
                Taken { result: ReadResult { refused: 1, ..result("refused", &error.to_string()) }, ..Taken::default() }
            }
        };
        taken.result.topic = topic.chars().take(100).collect();
        if taken.result.detail.is_empty() {
            let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
            taken.result.detail = warnings.join("; ");
        }
        Ok(taken)
    }

    /// Takes events in. Those whose order is not known wait for a day; then they are refused.
    async fn take_events(
        &self,
        key: &DeliveryKey,
        stored: &StoredDelivery,
        connection: &Connection,
        events: Vec<Value>,
        now: Timestamp,
    ) -> Result<Taken, ReadError> {
        let owned = self.owned(&key.shop, events, connection.customers_by).await?;
        let source = Source { shop: &key.shop, key: None, is_public: false };
        let frame = Frame {
            // The delivery's own time, so that reading it again gives the same facts.
            at: stored.received_at,
            sent_at: None,
            context: Fields::EMPTY,
            historical: false,
            kind: None,
            currency: connection.currency(),
        };
        let sent: Vec<SentEvent> = owned.events.into_iter().map(SentEvent::Json).collect();
        let intake = self.intake();
        let mut taken = Taken::default();
        let mut remarks = Vec::new();
        for outcome in intake.take_in(source, &sent, &frame).await? {
            match outcome {
                rekindle_intake::Outcome::Accepted { customers, order, warnings } => {
                    taken.result.accepted += 1;
                    taken.orders.extend(order.zip(customers.first().cloned()));
                    taken.customers.extend(customers);
                    remarks.extend(warnings);
                }
                rekindle_intake::Outcome::Refused(rejection) => {
                    taken.result.refused += 1;
                    remarks.push(rejection);
                }
            }
        }
        let is_late = now.duration_since(stored.received_at) >= MAX_WAIT;
        for event in &owned.waiting {
            if !is_late {
                taken.waits = true;
                continue;
            }
            let reason = format!("is {:?}; it is not known who placed this order", order_of(event));
            let rejection = Rejection::new("properties.order_id", reason);
            intake.refuse(source, &rejection, &event.to_string(), stored.received_at).await?;
            taken.result.refused += 1;
            remarks.push(rejection);
        }
        let remarks: Vec<String> = remarks.iter().map(|one| format!("{} {}", one.field, one.reason)).collect();
        let outcome = if taken.result.accepted == 0 { "refused" } else { "events" };
        taken.result.outcome = outcome.to_owned();
        taken.result.detail = remarks.join("; ");
        Ok(taken)
    }

    fn intake(&self) -> Intake {
        Intake::new(self.store.clone(), Guests::with_ring(self.link_keys.clone()))
    }
}

fn result(outcome: &str, detail: &str) -> ReadResult {
    ReadResult { outcome: outcome.to_owned(), detail: detail.to_owned(), ..ReadResult::default() }
}

impl Taken {
    fn without_events(outcome: &str, detail: &str) -> Self {
        Self { result: result(outcome, detail), ..Self::default() }
    }
}
