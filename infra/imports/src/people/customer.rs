//! A customer of an export.

use super::consents;
use crate::columns::{Field, RowFields};
use crate::file::Row;
use crate::history::{Entry, Options, RowError};
use crate::orders::Plan;
use crate::values::{damage, is_no_id};
use rekindle_lifecycle::id::short_digest;
use serde_json::{Map, Value, json};

const TRAITS: [(Field, &str); 7] = [
    (Field::Email, "email"),
    (Field::Phone, "phone"),
    (Field::FirstName, "firstName"),
    (Field::LastName, "lastName"),
    (Field::Name, "name"),
    (Field::Language, "language"),
    (Field::TimeZone, "timezone"),
];

/// The event of a customer. It happened when they agreed or refused, if the file says that, and else when the import began.
pub(crate) fn customer(row: &Row, plan: &Plan, options: &Options) -> Result<Entry, RowError> {
    let fields = RowFields::new(row, &plan.mapping);
    let refuse = |field: Field, reason: String| RowError { line: row.line, field: fields.column(field), reason };
    let id = fields.text(Field::CustomerId);
    let id = plan.ids.get(&Field::CustomerId).map_or(&*id, |column| column.id(&id));
    if let Some(reason) = damage(id) {
        return Err(refuse(Field::CustomerId, reason));
    }
    let id = Some(id).filter(|id| !id.is_empty() && !is_no_id(id));
    let mut traits = Map::new();
    for (field, name) in TRAITS {
        let text = fields.text(field);
        if !text.is_empty() {
            traits.insert(name.to_owned(), json!(text));
        }
    }
    let address = ["email", "phone"].into_iter().find_map(|name| traits.get(name)?.as_str());
    let Some(who) = id.or(address).map(str::to_owned) else {
        return Err(refuse(Field::Email, "is missing, and neither customer_id nor phone says who it is".to_owned()));
    };
    let consents = consents::from_row(row.line, &fields, plan, options)?;
    let at = consents.at.unwrap_or(options.started_at);
    traits.extend(consents.traits);
    let digest = short_digest(&["customer", &who, &at.to_string(), &Value::from(traits.clone()).to_string()], 20);
    let mut event = json!({
        "type": "identify",
        "messageId": format!("customer-{digest}"),
        "timestamp": at.to_string(),
        "traits": traits,
    });
    if let Some(id) = id {
        event["userId"] = json!(id);
    }
    Ok(Entry { line: row.line, rows: 1, who, events: vec![event], warnings: consents.warnings })
}
