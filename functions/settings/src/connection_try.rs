//! What deliveries would become: a mapping, or the connection as it is, tried on kept deliveries or on a given one. Nothing is stored.

use crate::Settings;
use crate::connections::load;
use rekindle_admin_api::{Call, Problem};
use rekindle_connections::{Connection, stored_headers};
use rekindle_connectors::mapping::{Mapping, Tried};
use rekindle_connectors::{Delivery, FieldError, Headers, MAX_BODY_BYTES, Outcome, Reading};
use rekindle_store::webhooks::deliveries::StoredDelivery;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Kept deliveries that are tried.
const MAX_TRIED: i32 = 10;

/// What to try.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Another mapping than the stored one.
    mapping: Option<Value>,
    /// A body to try it on, as JSON or as text; otherwise the latest kept ones.
    body: Option<Value>,
    /// Its headers.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// Tries it.
pub(crate) async fn run(settings: &Settings, call: &Call, name: &str) -> Result<Value, Problem> {
    let asked: Asked = call.json()?;
    let mapping = asked.mapping.as_ref().map(parse).transpose()?;
    let connection = match (&mapping, load(settings, &call.shop, name).await) {
        (_, Ok(connection)) => Some(connection),
        // A mapping can be tried before there is a connection.
        (Some(_), Err(_)) if asked.body.is_some() => None,
        (_, Err(problem)) => return Err(problem),
    };
    let deliveries = match &asked.body {
        Some(body) => vec![(None, given(settings, name, body, &asked.headers)?)],
        None => latest(settings, call, name).await?,
    };
    let mut tried = Vec::new();
    for (id, stored) in deliveries {
        let headers = stored_headers(&stored.headers);
        let delivery = Delivery {
            headers: &headers,
            url: "",
            path_token: None,
            body: &stored.body,
            received_at: stored.received_at,
        };
        let mut shown = match (&mapping, &connection) {
            (Some(mapping), _) => by_mapping(mapping, &delivery),
            (None, Some(connection)) => by_connection(connection, name, &delivery),
            (None, None) => json!({}),
        };
        shown["id"] = json!(id);
        shown["received_at"] = json!(stored.received_at);
        tried.push(shown);
    }
    Ok(json!({ "tried": tried }))
}

fn parse(value: &Value) -> Result<Mapping, Problem> {
    Mapping::parse(&value.to_string()).map_err(|faults| {
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Problem::refused(format!("The mapping: {}.", said.join("; ")))
    })
}

fn given(
    settings: &Settings,
    name: &str,
    body: &Value,
    headers: &BTreeMap<String, String>,
) -> Result<StoredDelivery, Problem> {
    let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned).into_bytes();
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::too_large(format!("The body is longer than {MAX_BODY_BYTES} bytes.")));
    }
    let now = settings.clock.now();
    let headers: Headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let headers = headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(StoredDelivery { connector: name.to_owned(), received_at: now, headers, body, kept_until: now })
}

/// The latest deliveries that are kept, each with its id.
async fn latest(
    settings: &Settings,
    call: &Call,
    name: &str,
) -> Result<Vec<(Option<String>, StoredDelivery)>, Problem> {
    let (read, _) = settings.store.read_deliveries(&call.shop, name, None, MAX_TRIED).await?;
    let mut found = Vec::new();
    for read in read {
        if let Some(stored) = settings.store.delivery(&read.key, settings.clock.now()).await? {
            found.push((Some(read.key.digest), stored));
        }
    }
    Ok(found)
}

fn by_mapping(mapping: &Mapping, delivery: &Delivery<'_>) -> Value {
    match mapping.try_out(delivery) {
        Ok(steps) => json!({ "steps": steps.iter().map(show_step).collect::<Vec<_>>() }),
        Err(error) => json!({ "error": show_error(&error) }),
    }
}

fn show_step(step: &Tried) -> Value {
    match step {
        Tried::Event { rule, event, warnings } => {
            json!({ "rule": rule, "event": event, "warnings": warnings.iter().map(show_error).collect::<Vec<_>>() })
        }
        Tried::Dropped { rule, because } => json!({ "rule": rule, "dropped": because }),
        Tried::Failed { rule, error } => json!({ "rule": rule, "failed": show_error(error) }),
    }
}

fn by_connection(connection: &Connection, name: &str, delivery: &Delivery<'_>) -> Value {
    let Reading { topic, outcome, warnings, .. } = match connection.read(name, delivery) {
        Ok(reading) => reading,
        Err(error) => return json!({ "error": { "field": "", "reason": error.to_string() } }),
    };
    let mut shown = match outcome {
        Outcome::Events(events) => json!({ "events": events }),
        Outcome::Products(products) => json!({ "products": products.len() }),
        Outcome::Stock(levels) => json!({ "stock_levels": levels.len() }),
        Outcome::Person(_) => json!({ "ignored": "a person's request about their data; it opens a task" }),
        Outcome::Shop(_) => json!({ "ignored": "a message about the shop as a whole" }),
        Outcome::Test(what) => json!({ "test": what }),
        Outcome::Ignored(why) => json!({ "ignored": why }),
        Outcome::Refused(error) => json!({ "error": show_error(&error) }),
    };
    shown["topic"] = json!(topic);
    shown["warnings"] = warnings.iter().map(show_error).collect();
    shown
}

fn show_error(error: &FieldError) -> Value {
    json!({ "field": error.field, "reason": error.reason })
}
