//! What facts say about products, money and circumstances, as people read it: amounts in major units with their currency, and
//! names in full.

use rekindle_lifecycle::facts::{Context, Event, Fact, Line, Lines, OrderEvent, Quantity, ShoppingEvent};
use rekindle_lifecycle::money::{Currency, Money};
use serde_json::{Map, Value, json};

/// A fact as it is stored, but what is stored in short is written in full.
pub(crate) fn in_full(fact: &Fact) -> Value {
    let mut shown = json!(fact);
    let mut replace = |names: &[&str]| {
        if let Some(members) = shown.as_object_mut() {
            members.retain(|name, _| !names.contains(&name.as_str()));
        }
    };
    match &fact.event {
        Event::Order(event) => {
            replace(&["d"]);
            order(&mut shown, event);
        }
        Event::Refund(event) => {
            replace(&["l"]);
            lines(&mut shown, &event.lines, event.amount.map(|amount| amount.currency));
        }
        Event::Shopping(event) => {
            replace(&["lines", "context"]);
            shopping(&mut shown, event);
        }
        Event::Other(event) => {
            replace(&["context"]);
            context(&mut shown, &event.context);
        }
        _ => {}
    }
    shown
}

/// Adds what an order says beside its amount and its coupon.
pub(crate) fn order(row: &mut Value, order: &OrderEvent) {
    let details = &order.details;
    let currency = order.currency();
    set(row, "ordered_at", details.ordered_at);
    for (name, minor) in [("shipping", details.shipping), ("tax", details.tax), ("discount", details.discount)] {
        set(row, name, minor.map(|minor| money(minor, currency)));
    }
    lines(row, &details.lines, currency);
    context(row, &details.context);
}

/// Adds what an event about products, a cart or a coupon says.
pub(crate) fn shopping(row: &mut Value, event: &ShoppingEvent) {
    set(row, "cart", event.cart.as_deref());
    set(row, "value", event.value.map(|value| value.to_string()));
    set(row, "coupon", event.coupon.as_deref());
    set(row, "link", event.link.as_deref());
    if event.by_program {
        row["by_program"] = true.into();
    }
    lines(row, &event.lines, event.currency());
    properties(row, &event.properties);
    context(row, &event.context);
}

/// Adds the products, and how many more there were.
pub(crate) fn lines(row: &mut Value, lines: &Lines, currency: Option<Currency>) {
    if lines.is_empty() {
        return;
    }
    row["products"] = lines.kept.iter().map(|one| line(one, currency)).collect();
    if lines.left_out > 0 {
        row["products_left_out"] = lines.left_out.into();
        set(row, "units", lines.units.map(quantity));
    }
}

/// Adds the other properties of an event.
pub(crate) fn properties(row: &mut Value, properties: &Map<String, Value>) {
    if !properties.is_empty() {
        row["properties"] = Value::Object(properties.clone());
    }
}

/// Adds the circumstances of an event.
pub(crate) fn context(row: &mut Value, context: &Context) {
    if context.is_empty() {
        return;
    }
    let mut shown = json!({});
    for (name, text) in [
        ("page", &context.page),
        ("title", &context.title),
        ("referrer", &context.referrer),
        ("locale", &context.locale),
        ("device", &context.device),
    ] {
        set(&mut shown, name, text.as_deref());
    }
    let campaign = &context.campaign;
    if !campaign.is_empty() {
        let mut parts = json!({});
        for (name, text) in [("source", &campaign.source), ("medium", &campaign.medium), ("name", &campaign.name)] {
            set(&mut parts, name, text.as_deref());
        }
        shown["campaign"] = parts;
    }
    row["context"] = shown;
}

fn line(line: &Line, currency: Option<Currency>) -> Value {
    let mut shown = json!({});
    for (name, text) in
        [("product_id", &line.product), ("variant", &line.variant), ("sku", &line.sku), ("name", &line.name)]
    {
        set(&mut shown, name, text.as_deref());
    }
    set(&mut shown, "quantity", line.quantity.map(quantity));
    set(&mut shown, "price", line.unit_price.map(|minor| money(minor, currency)));
    set(&mut shown, "discount", line.discount.map(|minor| money(minor, currency)));
    shown
}

fn quantity(quantity: Quantity) -> Value {
    json!(quantity)
}

/// The amount with its currency; an amount of an unknown currency is shown in minor units.
fn money(minor: i64, currency: Option<Currency>) -> Value {
    currency.map_or_else(|| json!(minor), |currency| Money { minor, currency }.to_string().into())
}

fn set(row: &mut Value, name: &str, value: Option<impl serde::Serialize>) {
    if let Some(value) = value {
        row[name] = json!(value);
    }
}
