//! What of a shop's settings an event is read with.

use crate::event_name;
use crate::fields::Fields;
use crate::instant;
use crate::kind::Kind;
use crate::order::{self, OrderName, Sources};
use crate::shopping;
use crate::traits;
use serde_json::Value;

/// Whether an event can be read only with the shop's settings: it has a phone number without a country code, a time without a
/// zone, amounts without a currency, or a name that means nothing by itself. Most events have none of them, and cost no look at the
/// settings.
#[must_use]
pub fn needs_shop(event: &Value, batch_context: Fields<'_>) -> bool {
    traits::needs_country(event, batch_context) || needs_zone(event) || needs_currency(event) || needs_meaning(event)
}

fn needs_zone(event: &Value) -> bool {
    let of_order = ["ordered_at", "orderedAt", "placed_at", "placedAt"]
        .into_iter()
        .filter_map(|name| event.get("properties")?.get(name));
    let own = ["timestamp", "originalTimestamp", "sentAt"].into_iter().filter_map(|name| event.get(name));
    own.chain(of_order).any(instant::needs_zone)
}

/// Whether the name of an event may be one that only the shop knows.
fn needs_meaning(event: &Value) -> bool {
    let Ok(fields) = Fields::from_value(event, "") else { return false };
    let kind = fields.get("type").and_then(|field| Kind::from_name(field.value.as_str()?));
    let name = event_name::name_of(&fields);
    kind.is_none_or(|kind| kind == Kind::Track) && name.is_some_and(|name| !event_name::is_known(&name))
}

fn needs_currency(event: &Value) -> bool {
    let named = event.get("event").and_then(Value::as_str);
    let properties = event.get("properties").and_then(|properties| Fields::from_value(properties, "properties").ok());
    let (Some(name), Some(properties)) = (named, properties) else { return false };
    let sources = Sources::new(properties);
    if !order::needs_currency(&sources) || !(order::has_content(&sources) || properties.find(&["price"]).is_some()) {
        return false;
    }
    shopping::action(&order::letters(name)).is_some() || matches!(OrderName::parse(name), OrderName::Reports(_))
}
