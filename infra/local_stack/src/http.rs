//! The HTTP API of a local stack: what the functions answer, each path with the same function as on AWS, the inbox, and the
//! controls that exist only here.
//!
//! - [`router`] has the routes, [`serve`] answers requests that name this server as their host, and arrive in time;
//! - `own_host` and `own_origin` keep out what pages of others send from the browser of this machine's user.

mod own_host;
mod own_origin;
mod server;

pub use server::serve;
pub(crate) use server::serve_emulator;

use super::pump::Pump;
use super::reasons::StoredReasons;
use super::{Overview, Stack, StackTime};
use crate::inbox;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rekindle_platform::gateway;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Most bytes of a body. The functions have smaller limits of their own and better messages.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
const CONSOLE: &str = "/console";

/// The state of the routes.
#[derive(Clone)]
struct Front {
    stack: Arc<Stack>,
    /// Present if `POST /local/clock` may move the time.
    pump: Option<Arc<Mutex<Pump>>>,
}

/// The routes of a stack. With a pump, `POST /local/clock` moves the virtual time.
pub fn router(stack: Arc<Stack>, pump: Option<Arc<Mutex<Pump>>>) -> Router {
    let inbox = inbox::router(&stack.cloud, Arc::new(StoredReasons(stack.store.clone())));
    let front = Front { stack, pump };
    Router::new()
        .route("/", get(|| async { Redirect::to(CONSOLE) }))
        .route("/dashboard", get(|| async { Redirect::to(CONSOLE) }))
        .route("/dashboard/customers/{id}", get(customer))
        .route("/local/overview", get(overview))
        .route("/local/clock", post(move_clock).get(show_clock))
        .route("/local/events/ses", post(publish_event))
        .route("/local/events/sms", post(publish_event))
        .with_state(front.clone())
        .merge(inbox)
        .route_layer(from_fn(own_origin::required))
        // What the functions answer they answer to whom they do on AWS.
        .merge(Router::new().fallback(call_function).with_state(front))
}

/// Calls the function that has the path as API Gateway does: with the complete body.
async fn call_function(State(front): State<Front>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(body) = server::whole(body, MAX_BODY_BYTES).await else {
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");
    };
    let request = gateway::Request::from_parts(parts, gateway::Body::Binary(body));
    let (parts, body) = front.stack.handlers.answer(request).await.into_parts();
    Response::from_parts(parts, Body::from(body.to_vec()))
}

/// The console has a customer's page; messages of the inbox lead to it by the customer's id in the path.
async fn customer(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("{CONSOLE}/customer?id={}", utf8_percent_encode(&id, NON_ALPHANUMERIC)))
}

async fn overview(State(front): State<Front>) -> Response {
    match Overview::scan(&front.stack).await {
        Ok(overview) => Json(overview).into_response(),
        Err(error) => problem(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

async fn show_clock(State(front): State<Front>) -> Json<Value> {
    Json(json!({ "now": front.stack.time.now(), "virtual": matches!(front.stack.time, StackTime::Virtual(_)) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveClock {
    advance: String,
}

/// Moves the virtual time, and answers when everything that is due on the way is done.
async fn move_clock(State(front): State<Front>, body: Bytes) -> Response {
    let by = serde_json::from_slice::<MoveClock>(&body).ok();
    let by = by.and_then(|by| rekindle_lifecycle::time::Period::parse(&by.advance).ok());
    let Some(by) = by else {
        return problem(StatusCode::BAD_REQUEST, "say how far, for example {\"advance\":\"3d\"}");
    };
    let (StackTime::Virtual(_), Some(pump)) = (&front.stack.time, &front.pump) else {
        return problem(StatusCode::CONFLICT, "this stack runs in real time; start it with --clock");
    };
    let until = front.stack.time.now() + SignedDuration::from_secs(by.as_seconds());
    let mut pump = pump.lock().await;
    let moved = match pump.run_until(until).await {
        Ok(()) => pump.learn().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match moved {
        Ok(()) => show_clock(State(front.clone())).await.into_response(),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error),
    }
}

/// Takes an event or an inbound text as a provider publishes it.
async fn publish_event(State(front): State<Front>, body: Bytes) -> Response {
    let Ok(event) = serde_json::from_slice::<Value>(&body) else {
        return problem(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    match front.stack.cloud.publish_ses_event(&event) {
        Ok(()) => (StatusCode::ACCEPTED, Json(json!({ "success": true }))).into_response(),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let body = json!({ "title": status.canonical_reason(), "status": status.as_u16(), "detail": detail });
    (status, [("content-type", "application/problem+json")], body.to_string()).into_response()
}
