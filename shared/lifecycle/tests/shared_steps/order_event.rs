//! An order event with an id and a status and nothing else.

use rekindle_lifecycle::facts::{Event, OrderEvent, OrderStatus};
use rekindle_lifecycle::id::OrderId;

pub(crate) fn order_event(id: &str, status: OrderStatus) -> Event {
    let order_id = OrderId::parse(id).expect("an id");
    Event::Order(OrderEvent::new(order_id, status, None))
}
