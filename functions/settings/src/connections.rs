//! The shop's connections to shop systems: stored, shown without their keys, tried, and read again.

use crate::Settings;
use jiff::Timestamp;
use rekindle_admin_api::{Call, Problem};
use rekindle_connections::{Connection, ConnectionChange, ConnectionError};
use rekindle_connectors::{FieldError, connector};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::webhooks::read_deliveries::{ReadDelivery, ReadResult};
use rekindle_store::work::DeliveryWork;
use serde::Deserialize;
use serde_json::{Value, json};

/// Deliveries of a page.
const PAGE_LEN: u16 = 100;
/// Most deliveries that one call has read again.
const MAX_REPLAYED: usize = 1_000;

/// All connections, and when each delivered last.
pub(crate) async fn list(settings: &Settings, shop: &ShopId) -> Result<Value, Problem> {
    let last = settings.store.last_deliveries(shop).await?;
    let mut connections = Vec::new();
    for (name, stored) in settings.store.connections(shop).await? {
        connections.push(match Connection::from_json(stored) {
            Ok(connection) => shown(&name, &connection, last.get(&name).copied()),
            Err(error) => json!({ "connector": name, "error": error.to_string() }),
        });
    }
    Ok(json!({ "shop": shop, "connections": connections }))
}

/// A connection, without its keys.
pub(crate) async fn get(settings: &Settings, shop: &ShopId, name: &str) -> Result<Value, Problem> {
    let connection = load(settings, shop, name).await?;
    let last = settings.store.last_deliveries(shop).await?;
    Ok(shown(name, &connection, last.get(name).copied()))
}

/// Stores a connection. Keys that are not named stay as they are.
pub(crate) async fn put(settings: &Settings, shop: &ShopId, name: &str, body: &str) -> Result<Value, Problem> {
    let change = ConnectionChange::parse(name, body).map_err(|errors| refused(&errors))?;
    let before = match Connection::load(&settings.store, shop, name).await {
        Ok(before) => before,
        // What cannot be read is replaced; its keys have to be named again.
        Err(ConnectionError::Unreadable(_) | ConnectionError::Sealed(_)) => None,
        Err(ConnectionError::Store(error)) => return Err(error.into()),
    };
    let connection = change
        .apply(before.as_ref(), &settings.link_keys, (shop, name), settings.clock.now())
        .map_err(|error| refused(&[error]))?;
    settings.store.put_connection(shop, name, &connection.to_json()).await?;
    tracing::info!(connector = name, "a connection was stored");
    let last = settings.store.last_deliveries(shop).await?;
    Ok(shown(name, &connection, last.get(name).copied()))
}

/// Removes a connection: its address answers nothing any more within a minute. What it delivered stays until it expires.
pub(crate) async fn delete(settings: &Settings, shop: &ShopId, name: &str) -> Result<(), Problem> {
    if !settings.store.remove_connection(shop, name).await? {
        return Err(no_connection(name));
    }
    settings.store.forget_last_delivery(shop, name).await?;
    tracing::info!(connector = name, "a connection was removed");
    Ok(())
}

/// What became of the latest deliveries, a page of them.
pub(crate) async fn deliveries(settings: &Settings, call: &Call, name: &str) -> Result<Value, Problem> {
    let before = call.after()?.map(str::to_owned);
    let (page, next) = settings.store.read_deliveries(&call.shop, name, before, PAGE_LEN.into()).await?;
    Ok(json!({ "deliveries": page.iter().map(show_read).collect::<Vec<_>>(), "next_after": next }))
}

/// Which deliveries are to be read again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replay {
    /// `refused` (those of which something was refused or that were ignored) or `all`.
    #[serde(default)]
    which: Which,
    /// Only those that came at this instant or later.
    since: Option<Timestamp>,
}

#[derive(Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Which {
    #[default]
    Refused,
    All,
}

/// Has kept deliveries read again, after a mapping was mended. Orders that were counted are not counted twice.
pub(crate) async fn replay(settings: &Settings, call: &Call, name: &str) -> Result<Value, Problem> {
    let asked: Replay =
        if call.body.trim().is_empty() { Replay { which: Which::Refused, since: None } } else { call.json()? };
    load(settings, &call.shop, name).await?;
    let (mut work, mut before) = (Vec::new(), None);
    let mut is_all = true;
    'pages: loop {
        let (page, next) = settings.store.read_deliveries(&call.shop, name, before, PAGE_LEN.into()).await?;
        for read in page {
            if asked.since.is_some_and(|since| read.received_at < since) {
                break 'pages;
            }
            let ReadResult { outcome, refused, .. } = &read.result;
            if asked.which == Which::All || *refused > 0 || outcome == "ignored" {
                if work.len() == MAX_REPLAYED {
                    is_all = false;
                    break 'pages;
                }
                work.push(DeliveryWork {
                    shop: call.shop.to_string(),
                    delivery: read.key.digest,
                    waiting_since: None,
                    again: true,
                });
            }
        }
        before = next;
        if before.is_none() {
            break;
        }
    }
    // In the order in which they came.
    work.reverse();
    settings.hooks_queue.put_all(&work).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "deliveries are not on the queue");
        Problem::unavailable()
    })?;
    tracing::info!(connector = name, deliveries = work.len(), "deliveries are read again");
    Ok(json!({ "deliveries": work.len(), "all": is_all }))
}

pub(crate) async fn load(settings: &Settings, shop: &ShopId, name: &str) -> Result<Connection, Problem> {
    match Connection::load(&settings.store, shop, name).await {
        Ok(Some(connection)) => Ok(connection),
        Ok(None) => Err(no_connection(name)),
        Err(ConnectionError::Store(error)) => Err(error.into()),
        Err(error) => Err(Problem::in_use(format!("The connection cannot be read: {error}. Store it again."))),
    }
}

fn no_connection(name: &str) -> Problem {
    Problem::missing(format!("There is no connection {name:?}."))
}

fn refused(errors: &[FieldError]) -> Problem {
    let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Problem::refused(format!("Not stored: {}.", said.join("; ")))
}

fn shown(name: &str, connection: &Connection, last_delivery_at: Option<Timestamp>) -> Value {
    json!({
        "connector": name,
        "title": connector(name).map_or(name, |connector| connector.title),
        "keys": connection.secrets.len(),
        "keep_days": connection.keep_days,
        "currency": connection.currency,
        "customers_by": connection.customers_by,
        "settings": connection.settings().ok(),
        "mapping": connection.mapping().ok(),
        "connected_at": connection.connected_at,
        "last_delivery_at": last_delivery_at,
    })
}

fn show_read(read: &ReadDelivery) -> Value {
    let ReadDelivery { key, received_at, result, .. } = read;
    json!({
        "id": key.digest,
        "received_at": received_at,
        "topic": result.topic,
        "outcome": result.outcome,
        "accepted": result.accepted,
        "refused": result.refused,
        "detail": result.detail,
        "bytes": result.bytes,
    })
}
