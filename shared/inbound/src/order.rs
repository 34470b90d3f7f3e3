//! The order events of Segment's e-commerce specification.

use crate::fields::{Field, Fields, clean};
use crate::lenient::LenientReader;
use crate::limits;
use crate::referral;
use crate::rejection::Rejection;
use rekindle_lifecycle::facts::{Event, LeftOutReason, OrderEvent, OrderStatus, RefundEvent};
use rekindle_lifecycle::id::OrderId;
use rekindle_lifecycle::money::{Currency, Money};
use serde_json::Value;

/// What an event reports about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderReport {
    /// The order reached a status.
    Reached(OrderStatus),
    /// Money was refunded.
    Refunded,
}

impl OrderReport {
    /// The names of the present specification and of its first version, in any case, with spaces,
    /// hyphens or underscores.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let plain = name.to_lowercase().replace(['_', '-'], " ");
        Some(match plain.as_str() {
            "order placed" | "placed order" => Self::Reached(OrderStatus::Pending),
            "order completed" | "completed order" => Self::Reached(OrderStatus::Completed),
            "order updated" | "updated order" => Self::Reached(OrderStatus::Updated),
            "order cancelled" | "order canceled" | "cancelled order" | "canceled order" => {
                Self::Reached(OrderStatus::Cancelled)
            }
            "order refunded" | "refunded order" => Self::Refunded,
            _ => return None,
        })
    }
}

/// Reads an order event; returns the identity of the fact and the event.
pub(crate) fn parse(
    report: OrderReport,
    event: &Fields<'_>,
    message_id: String,
    default_currency: Currency,
    reader: &mut LenientReader,
) -> Result<(String, Event), Rejection> {
    let properties = event.object("properties", "properties")?;
    let order_id = order_id(&properties)?;
    let amount = || amount(&properties, default_currency);
    match report {
        OrderReport::Refunded => {
            // An order may be refunded in parts: each part has an identity of its own.
            let refund = properties.get("refund_id").map(|field| id(&field)).transpose()?;
            let identity = refund.map_or(message_id, String::from);
            Ok((identity, Event::Refund(RefundEvent { order_id, amount: amount()? })))
        }
        OrderReport::Reached(status) => {
            let amount = if status == OrderStatus::Cancelled { None } else { amount()? };
            if amount.is_none() && status != OrderStatus::Cancelled {
                let path = properties.path_of("total");
                reader.warnings.push(Rejection::new(path, "is missing; the order counts, but without a value"));
            }
            let coupon = reader
                .text(properties.get("coupon"), LeftOutReason::WrongType, |text| clean(text, limits::MAX_NAME_LEN));
            let referral_code = referral::code_in_order(&properties, reader);
            let ship_to = referral::ship_to(&properties);
            let identity = order_id.to_string();
            Ok((identity, Event::Order(OrderEvent { order_id, status, amount, coupon, referral_code, ship_to })))
        }
    }
}

fn order_id(properties: &Fields<'_>) -> Result<OrderId, Rejection> {
    match properties.first(&["order_id", "orderId"]) {
        Some(field) => id(&field),
        None => Err(Rejection::new(properties.path_of("order_id"), "is missing")),
    }
}

fn id(field: &Field<'_>) -> Result<OrderId, Rejection> {
    OrderId::parse(&field.identity()?).map_err(|error| field.refuse(error.to_string()))
}

/// The amount that was paid or refunded. `total` includes shipping and tax; older senders have `revenue` or `value`.
fn amount(properties: &Fields<'_>, default_currency: Currency) -> Result<Option<Money>, Rejection> {
    let Some(field) = properties.first(&["total", "revenue", "value"]) else { return Ok(None) };
    let currency = match properties.get("currency") {
        Some(field) => Currency::parse(field.text()?).map_err(|error| field.refuse(error.to_string()))?,
        None => default_currency,
    };
    let money = match field.value {
        Value::Number(number) => Money::from_json_number(number, currency),
        Value::String(text) => Money::parse(text, currency),
        _ => return Err(field.wrong_type("a number such as 12.50")),
    };
    money.map(Some).map_err(|error| field.refuse(error.to_string()))
}
