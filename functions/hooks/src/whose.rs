//! Whose the events of a delivery are.

use crate::Hooks;
use rekindle_connections::CustomersBy;
use rekindle_connectors::{Owner, owner};
use rekindle_lifecycle::id::{OrderId, ShopId};
use rekindle_store::StoreError;
use serde_json::{Value, json};

/// Events of a delivery.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    /// Those whose owner is known, and those that can have none.
    pub(crate) events: Vec<Value>,
    /// Those that name an order alone, whose customer is not known yet.
    pub(crate) waiting: Vec<Value>,
}

impl Hooks {
    /// Finds whose events are. One that names an order alone belongs to the customer who placed it; that costs one read unit.
    pub(crate) async fn owned(
        &self,
        shop: &ShopId,
        events: Vec<Value>,
        customers_by: CustomersBy,
    ) -> Result<Owned, StoreError> {
        let mut owned = Owned::default();
        for mut event in events {
            if customers_by == CustomersBy::Address {
                prefer_address(&mut event);
            }
            let Owner::OfOrder(order) = owner(&event) else {
                owned.events.push(event);
                continue;
            };
            let placed_by = match OrderId::parse(order) {
                Ok(order) => self.store.placed_by(shop, &order).await?,
                Err(_) => None,
            };
            match placed_by {
                Some(customer) => {
                    event["userId"] = json!(customer.as_str());
                    owned.events.push(event);
                }
                None => owned.waiting.push(event),
            }
        }
        Ok(owned)
    }
}

/// Takes the shop system's id off an event that has an address.
fn prefer_address(event: &mut Value) {
    let paths = ["/context/traits/email", "/context/traits/phone", "/traits/email", "/traits/phone"];
    let has_address =
        paths.iter().any(|path| event.pointer(path).and_then(Value::as_str).is_some_and(|it| !it.is_empty()));
    if let Some(event) = event.as_object_mut().filter(|_| has_address) {
        event.remove("userId");
    }
}

/// The order that an event names, for words about it.
pub(crate) fn order_of(event: &Value) -> &str {
    event.pointer("/properties/order_id").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_customers_are_known_by_address_the_id_of_one_without_an_address_stays() {
        let mut with = json!({ "userId": "7", "context": { "traits": { "email": "anna@example.com" } } });
        let mut without = json!({ "userId": "7", "context": { "traits": { "email": "" } } });
        prefer_address(&mut with);
        prefer_address(&mut without);
        assert_eq!((with.get("userId"), without.get("userId")), (None, Some(&json!("7"))));
    }
}
