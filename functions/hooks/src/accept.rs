//! Takes a delivery: who sent it, and the body as it is. What it means is found out later.

use crate::Hooks;
use crate::routes::ROUTES;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use rekindle_connections::{Connection, ConnectionError, about, kept_headers};
use rekindle_connectors::{Accepted, Delivery, Headers, MAX_BODY_BYTES};
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::gateway::{self, Body, Request};
use rekindle_platform::{NoRoute, Problem, Route, spans};
use rekindle_store::StoreError;
use rekindle_store::webhooks::deliveries::{DeliveryKey, StoredDelivery};
use rekindle_store::webhooks::unread::Unread;
use rekindle_store::work::DeliveryWork;
use tracing::Instrument;

/// Answers one HTTP request. With 200 the delivery is durable, or needs not be. Every other response is an RFC 9457 problem document.
/// A delivery may be repeated without harm.
pub async fn handle(hooks: &Hooks, request: Request) -> Response<Body> {
    let answered = answer(hooks, request).instrument(spans::http_call()).await;
    gateway::secured(answered.unwrap_or_else(Problem::into_response))
}

async fn answer(hooks: &Hooks, request: Request) -> Result<Response<Body>, Problem> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let found = Route::for_request(&ROUTES, head.method.as_str(), path);
    let (_, parts) = found.map_err(|none| match none {
        NoRoute::Path => Problem::no_such_path(path, "Shop systems post to /v1/webhooks/{connector}/{shop}."),
        NoRoute::Method { allow } => Problem::wrong_method(&allow),
    })?;
    let body = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    if body.len() > MAX_BODY_BYTES {
        let detail = format!("The body has {} bytes; at most {MAX_BODY_BYTES} are taken.", body.len());
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let (name, shop, token) = match parts.as_slice() {
        [name, shop] => (*name, *shop, None),
        [name, shop, token] => (*name, *shop, Some(*token)),
        _ => return Err(no_connection()),
    };
    let shop = ShopId::parse(shop).map_err(|_| no_connection())?;
    spans::note_shop(&shop);
    let now = hooks.clock.now();
    let connection = hooks.connection(&shop, name, now).await.map_err(|error| unavailable(&error))?;
    let Some(connection) = connection.as_ref() else { return Err(no_connection()) };
    let headers = headers_of(&head.headers);
    let url = format!("{}{path}", hooks.base_url);
    let delivery = Delivery { headers: &headers, url: &url, path_token: token, body: &body, received_at: now };
    let secrets = connection.open_secrets(&hooks.link_keys, &shop, name).map_err(|error| unavailable(&error))?;
    match connection.accept(name, &delivery, &secrets).map_err(|error| unavailable(&error))? {
        Ok(Accepted::Signed) => keep(hooks, connection, &shop, name, &delivery).await?,
        Ok(Accepted::Ping) => tracing::info!(connector = name, "a shop system asked whether somebody is there"),
        Err(error) => {
            tracing::warn!(metric = "deliveries_unsigned", value = 1, connector = name, reason = %error, "a delivery was refused");
            return Err(Problem::new(StatusCode::UNAUTHORIZED, format!("The delivery is refused: {error}.")));
        }
    }
    let mut response = Response::new(Body::from(r#"{"success":true}"#));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Stores a delivery and has it read.
async fn keep(
    hooks: &Hooks,
    connection: &Connection,
    shop: &ShopId,
    name: &str,
    delivery: &Delivery<'_>,
) -> Result<(), Problem> {
    let received_at = delivery.received_at;
    let key = DeliveryKey::new(shop, name, &about(connection, delivery.headers), delivery.body);
    let stored = StoredDelivery {
        connector: name.to_owned(),
        received_at,
        headers: kept_headers(delivery.headers),
        body: delivery.body.to_vec(),
        kept_until: connection.kept_until(received_at),
    };
    let unread = Unread { key: key.clone(), received_at };
    let (store, kept_until) = (&hooks.store, stored.kept_until);
    let kept = async { tokio::try_join!(store.note_unread(&unread, kept_until), store.put_delivery(&key, &stored)) };
    let (kept, ()) = tokio::join!(kept, note_delivered(hooks, shop, name, received_at));
    let ((), is_new) = kept.map_err(|error| unstored(&error))?;
    tracing::info!(connector = name, bytes = delivery.body.len(), is_new, "a delivery was stored");
    let work =
        DeliveryWork { shop: shop.to_string(), delivery: key.digest, waiting_since: Some(received_at), again: false };
    if let Err(error) = hooks.queue.put_all(&[work]).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "a delivery is not on the queue; the sweep finds it among those that wait");
    }
    Ok(())
}

/// Notes that the connection is alive, once a minute at most.
async fn note_delivered(hooks: &Hooks, shop: &ShopId, name: &str, now: Timestamp) {
    let known_as = format!("{shop}/{name}");
    if hooks.noted.get(&known_as, now).is_some() {
        return;
    }
    match hooks.store.note_delivered(shop, name, now).await {
        Ok(()) => drop(hooks.noted.put(&known_as, (), now)),
        Err(error) => tracing::warn!(%error, "it was not noted that a connection delivered; the next delivery will"),
    }
}

/// Those that are text, which all headers of interest are.
fn headers_of(headers: &HeaderMap) -> Headers {
    headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
}

fn no_connection() -> Problem {
    let detail = "There is no such connection. The address is the one that `rekindle shop connect` printed.";
    Problem::new(StatusCode::NOT_FOUND, detail)
}

fn unavailable(error: &ConnectionError) -> Problem {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "a connection cannot be used; the sender was asked to try again"
    );
    Problem::unavailable("The connection cannot be looked up now. Deliver again.")
}

fn unstored(error: &StoreError) -> Problem {
    tracing::error!(%error, "a delivery was not stored; the sender was asked to try again");
    Problem::unavailable("The delivery could not be stored. Deliver again.")
}
