//! Requests of persons that a shop system passes on: each becomes a fact of the customer, and a task for the shop's people, who answer
//! it. Nothing is erased or handed out by a webhook alone.

use crate::Hooks;
use crate::read::ReadError;
use jiff::Timestamp;
use rekindle_connectors::{PersonRequest, PersonRequestKind};
use rekindle_inbound::parse_email;
use rekindle_lifecycle::facts::{Event, Fact, OtherEvent, Traits};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::identity::email_guest;
use rekindle_store::CustomerKey;
use rekindle_store::shop::data_requests;
use serde_json::json;

impl Hooks {
    /// Files a request and returns whose it is; none if it names neither an id nor an address that can be read.
    pub(crate) async fn file_request(
        &self,
        shop: &ShopId,
        connector: &str,
        request: &PersonRequest,
        (received_at, digest): (Timestamp, &str),
    ) -> Result<Option<CustomerId>, ReadError> {
        let by_id = request.customer_id.as_deref().and_then(|id| CustomerId::parse(id).ok());
        let by_address = || {
            let address = parse_email(request.email.as_deref()?).ok()?;
            email_guest(&self.link_keys.email_fingerprint(&address)).ok()
        };
        let Some(customer) = by_id.or_else(by_address) else { return Ok(None) };
        let name = match request.kind {
            PersonRequestKind::Erasure => "Erase Requested",
            PersonRequestKind::Copy => "Export Requested",
        };
        let mut event = OtherEvent::named(name);
        event.properties.insert(data_requests::PASSED_ON_BY.to_owned(), json!(connector));
        let at = Timestamp::from_millisecond(received_at.as_millisecond()).unwrap_or(received_at);
        let id = format!("{connector}-{digest}");
        let fact = Fact { at, id, event: Event::Other(event), traits: Traits::default() };
        let key = CustomerKey { shop: shop.clone(), customer };
        self.store.put_facts(&[(key.clone(), fact.clone())]).await?;
        if let Some(task) = data_requests::task_of(&key, &fact) {
            self.store.open_task(&task).await?;
        }
        Ok(Some(key.customer))
    }
}
