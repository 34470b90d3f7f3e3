//! Something that happened, of an export of events.

use crate::columns::{Field, RowFields};
use crate::file::Row;
use crate::history::{Entry, RowError};
use crate::orders::Plan;
use crate::values::{Amount, damage, is_no_id};
use rekindle_lifecycle::id::short_digest;
use rekindle_lifecycle::money::{Currency, Money};
use serde_json::{Map, json};

/// The names that exports have, and those of events.
const NAMES: [(&str, &str); 12] = [
    ("placed order", "Order Completed"),
    ("order completed", "Order Completed"),
    ("cancelled order", "Order Cancelled"),
    ("canceled order", "Order Cancelled"),
    ("refunded order", "Order Refunded"),
    ("started checkout", "Checkout Started"),
    ("checkout started", "Checkout Started"),
    ("viewed product", "Product Viewed"),
    ("added to cart", "Product Added"),
    ("viewed cart", "Cart Viewed"),
    ("removed from cart", "Product Removed"),
    ("added to wishlist", "Product Added to Wishlist"),
];

/// The event of a row. A row about something that has no equivalent is refused with its name.
pub(crate) fn happening(row: &Row, plan: &Plan) -> Result<Entry, RowError> {
    let fields = RowFields::new(row, &plan.mapping);
    let refuse = |field: Field, reason: String| RowError { line: row.line, field: fields.column(field), reason };
    let own = fields.text(Field::Event);
    let known = NAMES.iter().find(|(name, _)| own.eq_ignore_ascii_case(name));
    let (_, name) = known.ok_or_else(|| {
        refuse(Field::Event, format!("is {:?}, which does not come over", own.chars().take(40).collect::<String>()))
    })?;
    let rules = plan.dates.get(&Field::EventAt).cloned().unwrap_or_default();
    let at = rules.instant(&fields.text(Field::EventAt)).map_err(|error| refuse(Field::EventAt, error.to_string()))?;
    let mut properties = Map::new();
    let is_order = name.starts_with("Order");
    let mut order = fields.text(Field::OrderId);
    if order.is_empty() && is_order {
        order = fields.text(Field::EventId);
    }
    if let Some(reason) = damage(&order) {
        return Err(refuse(Field::OrderId, reason));
    }
    if is_order && order.is_empty() {
        return Err(refuse(Field::OrderId, "is missing".to_owned()));
    }
    if !order.is_empty() {
        properties.insert("order_id".to_owned(), json!(order));
    }
    let code = fields.text(Field::Currency);
    let currency = match &*code {
        "" => plan.currency,
        code => Some(Currency::parse(code).map_err(|error| refuse(Field::Currency, error.to_string()))?),
    };
    let amount = fields.text(Field::Amount);
    if !amount.is_empty() {
        let marks = plan.marks(Field::Amount, Some(&*code).filter(|code| !code.is_empty()));
        let number = Amount::parse(&amount).and_then(|amount| marks.number(amount));
        let number = number.ok_or_else(|| {
            refuse(Field::Amount, format!("is {amount:?}, which is not a decimal amount such as 12.50"))
        })?;
        let text = number.abs().to_string();
        if let Some(currency) = currency {
            Money::parse(&text, currency).map_err(|error| refuse(Field::Amount, error.to_string()))?;
            properties.insert("currency".to_owned(), json!(currency.code()));
        }
        properties.insert("total".to_owned(), json!(text));
    }
    for (field, name) in [(Field::ProductId, "product_id"), (Field::ProductName, "name"), (Field::Sku, "sku")] {
        let text = fields.text(field);
        if !text.is_empty() && !is_order {
            properties.insert(name.to_owned(), json!(text));
        }
    }
    let mut traits = Map::new();
    for (field, name) in [(Field::Email, "email"), (Field::Phone, "phone")] {
        let text = fields.text(field);
        if !text.is_empty() {
            traits.insert(name.to_owned(), json!(text));
        }
    }
    let id = fields.text(Field::CustomerId);
    let id = Some(&*id).filter(|id| !id.is_empty() && !is_no_id(id));
    let who =
        id.or_else(|| ["email", "phone"].into_iter().find_map(|name| traits.get(name)?.as_str())).map(str::to_owned);
    let who = who.ok_or_else(|| {
        refuse(Field::Email, "is missing, and neither customer_id nor phone says who it was".to_owned())
    })?;
    let own_id = fields.text(Field::EventId);
    let at_text = at.to_string();
    let parts = if is_order { ["history", &*order, name, ""] } else { [&*own_id, &*who, &*at_text, name] };
    let mut event = json!({
        "type": "track",
        "event": name,
        "messageId": format!("event-{}", short_digest(&parts, 20)),
        "timestamp": at_text,
        "properties": properties,
    });
    if let Some(id) = id {
        event["userId"] = json!(id);
    }
    if !traits.is_empty() {
        event["context"] = json!({ "traits": traits });
    }
    Ok(Entry { line: row.line, rows: 1, who, events: vec![event], warnings: Vec::new() })
}
