//! A shop system's request to erase everything of a shop that came from it, which it sends after its app was removed.
//!
//! What nobody needs any more is removed at once: the bodies that are kept of the connection's deliveries. Customers are not: facts do not say
//! by which connection they came, many customers are known from elsewhere too, and a stolen signing key must not be
//! enough to delete a shop. A task tells people what to do, and until when.

use crate::Hooks;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::{CustomerId, IdError, MessageId, ShopId};
use rekindle_store::StoreError;
use rekindle_store::shop::task::Task;

/// How long people have. Source: Shopify's privacy law compliance (shopify.dev).
const TIME_TO_ERASE: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Deliveries that are looked at together.
const PAGE_LEN: i32 = 100;
/// Most bodies that are removed by one attempt; the next one goes on.
const MAX_REMOVED: usize = 1_000;
/// Stands in the place of a customer in the task. No shop system gives such an id.
const ALL_CUSTOMERS: &str = "(all customers)";

/// What was done about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShopErasure {
    /// Bodies that were removed.
    pub(crate) bodies: usize,
    /// Whether none is left.
    pub(crate) is_complete: bool,
}

/// Why a request could not be filed. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ShopRequestError {
    /// The store did not answer.
    #[error("the store did not answer")]
    Store(#[from] StoreError),
    /// Never: what stands in the place of a customer is an id.
    #[error("no task can be about all customers")]
    Id(#[from] IdError),
}

impl Hooks {
    /// Opens the task, once for each request, and removes the bodies that are kept of the connection.
    pub(crate) async fn file_shop_erasure(
        &self,
        shop: &ShopId,
        connector: &str,
        (received_at, digest): (Timestamp, &str),
    ) -> Result<ShopErasure, ShopRequestError> {
        let customer = CustomerId::parse(ALL_CUSTOMERS)?;
        let (journey, step) = ("data-request", "erase-shop-requested");
        let task = Task {
            id: MessageId::derive(shop, &customer, journey, digest, step, Channel::Task.code()),
            shop: shop.clone(),
            customer,
            journey: journey.to_owned(),
            step: step.to_owned(),
            title: "the shop system asks for everything that came from it to be erased".to_owned(),
            created_at: received_at,
            because: format!("{connector} passed it on, after its app was removed from the shop"),
            nps: None,
            history: vec![
                format!("to be done until {}", received_at + TIME_TO_ERASE),
                "the bodies that are kept of its deliveries are removed already".to_owned(),
                "erase the customers who are known from it alone: DELETE /v1/customers/{id}".to_owned(),
                format!("then remove the connection: DELETE /v1/connectors/{connector}"),
            ],
            notes: Vec::new(),
            closed: None,
        };
        if self.store.open_task(&task).await? {
            tracing::warn!(connector, "a shop system asks for everything of a shop to be erased; a task was opened");
        }
        Ok(self.remove_bodies(shop, connector).await?)
    }

    async fn remove_bodies(&self, shop: &ShopId, connector: &str) -> Result<ShopErasure, StoreError> {
        let (mut bodies, mut before) = (0, None);
        loop {
            let (page, next) = self.store.read_deliveries(shop, connector, before, PAGE_LEN).await?;
            for read in page {
                if bodies == MAX_REMOVED {
                    return Ok(ShopErasure { bodies, is_complete: false });
                }
                bodies += usize::from(self.store.remove_delivery(&read.key).await?);
            }
            before = next;
            if before.is_none() {
                return Ok(ShopErasure { bodies, is_complete: true });
            }
        }
    }
}
