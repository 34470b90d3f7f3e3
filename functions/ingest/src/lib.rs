//! What shops call: Segment's HTTP tracking API, so that Segment's own libraries work unchanged.
//!
//! A call is authenticated (`auth`), its body read (`body`) and split into events (`batch`); each event becomes a fact
//! or is refused with the field and the reason ([`rekindle_intake`]). When facts and refusals are stored, the call is answered.
//! Nothing is decided here.
mod answer;
mod auth;
mod batch;
mod body;
mod browsers;
mod library_settings;
mod limits;
mod problem;
mod repair;
mod route;
mod split;
mod visitors;
mod wiring;

use answer::Answer;
use auth::Credentials;
use batch::Batch;
use browsers::OwnAddress;
use http::{Method, Response};
use problem::Problem;
use rekindle_intake::{Frame, Guests, Intake, IntakeError, Source};
use rekindle_platform::gateway::{self, Body, Request};
use rekindle_platform::throttle::TooMuch;
use rekindle_platform::{Clock, NoRoute, Route, Scope, Throttle, spans};
use rekindle_store::shop::api_keys::{KeyHolder, Role};
use rekindle_store::{Store, StoreError};
use route::Call;
pub use route::{OPENAPI, Operation, ROUTES};
use serde_json::Value;
use tracing::Instrument;
pub use wiring::wire;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Ingest {
    /// The tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Where events go.
    pub intake: Intake,
    /// How much each key may send.
    pub throttle: Throttle,
    /// How much each device may send with a public key.
    pub visitors: Throttle,
}

impl Ingest {
    /// Stores into `store`, at the time of `clock`, without a limit for keys.
    #[must_use]
    pub fn new(store: Store, guests: Guests, clock: Clock) -> Self {
        Self {
            intake: Intake::new(store.clone(), guests),
            store,
            clock,
            throttle: Throttle::none(),
            visitors: Throttle::none(),
        }
    }
}

/// Answers one HTTP request. With 200 every event that the response counts as accepted is durable; every
/// other response is an RFC 9457 problem document. A request may be repeated without harm.
pub async fn handle(ingest: &Ingest, request: Request) -> Response<Body> {
    let for_pages = Route::find(&ROUTES, request.uri().path()).is_some_and(|(route, _)| route::is_for_browsers(route));
    let answered = answer(ingest, request).instrument(spans::http_call()).await;
    let answered = answered.unwrap_or_else(Problem::into_response);
    gateway::secured(if for_pages { browsers::allow_pages(answered) } else { answered })
}

async fn answer(ingest: &Ingest, request: Request) -> Result<Response<Body>, Problem> {
    let path = request.uri().path();
    let found = Route::for_request(&ROUTES, request.method().as_str(), path);
    let (route, parts) = found.map_err(|none| match none {
        NoRoute::Path => Problem::not_found(path),
        NoRoute::Method { allow } => Problem::wrong_method(&allow),
    })?;
    if *request.method() == Method::OPTIONS {
        let methods = answer::methods(route.methods);
        return Ok(if route::is_for_browsers(route) { browsers::allow_calls(methods) } else { methods });
    }
    if let Some(settings) = library_settings(&request, route.id, &parts) {
        return settings.map(|settings| answer::json_value(&settings));
    }
    let Some(call) = Call::for_operation(route.id) else {
        return Ok(answer::json(if route.id == Operation::Health { r#"{"status":"ok"}"# } else { OPENAPI }));
    };
    let key_in_query = parameter(&request, "writeKey").filter(|key| {
        // A secret key would be in logs of addresses.
        route.id == Operation::BeaconBatch && key.starts_with(Role::Public.prefix())
    });
    let (head, body) = request.into_parts();
    let (body, is_repaired) = body::parse(&head.headers, body, call.max_body_bytes())?;
    // A key in a header is checked before the body is parsed.
    let credentials = key_in_query.map_or_else(|| Credentials::from_headers(&head.headers), Credentials::Key);
    let (holder, key, parsed) = match credentials {
        Credentials::Key(key) => {
            (authenticate(ingest, &key, route).await?, key, Batch::parse(&body, is_repaired, call))
        }
        Credentials::InBody => {
            let batch = Batch::parse(&body, is_repaired, call)?;
            let key = batch.write_key().ok_or_else(Problem::no_key)?.to_owned();
            (authenticate(ingest, &key, route).await?, key, Ok(batch))
        }
    };
    let events = parsed.as_ref().map_or(1, |batch| batch.elements().len());
    ingest.throttle.charge(&holder.hash, events, holder.limits, ingest.clock.now());
    let is_public = !holder.scopes.contains(Scope::Send);
    let source = Source { shop: &holder.shop, key: Some(&key), is_public };
    match parsed {
        Ok(batch) if is_public => {
            visitors::admit(&ingest.visitors, &holder.hash, &batch, ingest.clock.now())?;
            take_in(ingest, source, &batch, call).await
        }
        Ok(batch) => take_in(ingest, source, &batch, call).await,
        Err(rejection) => {
            let refused = ingest.intake.refuse(source, &rejection, &body, ingest.clock.now()).await;
            refused.map_err(|error| untaken(&error))?;
            Err(rejection.into())
        }
    }
}

async fn take_in(ingest: &Ingest, source: Source<'_>, batch: &Batch, call: Call) -> Result<Response<Body>, Problem> {
    let frame = Frame {
        at: ingest.clock.now(),
        sent_at: batch.sent_at(),
        context: batch.context(),
        historical: call.historical,
        kind: call.kind,
        currency: None,
    };
    let outcomes = ingest.intake.take_in(source, batch.elements(), &frame).await.map_err(|error| untaken(&error))?;
    let answer = Answer::from_outcomes(outcomes);
    if call.is_batch() { Ok(answer.into_response()) } else { answer.into_response_for_one() }
}

/// The settings of a call that asks for some.
fn library_settings(request: &Request, operation: Operation, parts: &[&str]) -> Option<Result<Value, Problem>> {
    match operation {
        Operation::SegmentSettings => {
            let own = OwnAddress::from_headers(request.headers()).ok_or_else(Problem::no_host);
            Some(own.and_then(|own| library_settings::of_segment(parts.first().copied().unwrap_or_default(), &own)))
        }
        Operation::RudderstackSettings => {
            Some(library_settings::of_rudderstack(&parameter(request, "writeKey").unwrap_or_default()))
        }
        _ => None,
    }
}

/// A parameter of the query.
fn parameter(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// Returns who holds the key, if it has the scope that the route asks for and did not send too much lately.
async fn authenticate(ingest: &Ingest, key: &str, route: &Route<Operation>) -> Result<KeyHolder, Problem> {
    let now = ingest.clock.now();
    let holder = ingest.store.holder_of(key, now).await.map_err(|error| unavailable(&error))?;
    let holder = holder.ok_or_else(Problem::unknown_key)?;
    spans::note_shop(&holder.shop);
    if let Some(scope) = route.scope.filter(|scope| !holder.scopes.contains(*scope)) {
        return Err(match holder.role {
            Role::Admin => Problem::admin_key(),
            Role::Write | Role::Public => Problem::missing_scope(scope),
        });
    }
    let admitted = ingest.throttle.admit(&holder.hash, holder.limits, now);
    admitted.map_err(|too_much: TooMuch| {
        tracing::warn!("a key sent too much; the sender was asked to try again later");
        Problem::from(too_much)
    })?;
    Ok(holder)
}

fn unavailable(error: &StoreError) -> Problem {
    tracing::error!(%error, "the store took nothing; the sender was asked to try again");
    Problem::unavailable()
}

fn untaken(error: &IntakeError) -> Problem {
    match error {
        IntakeError::Store(error) => unavailable(error),
        IntakeError::Keys(error) => {
            tracing::error!(%error, "a guest could not be named; the sender was asked to try again later");
            Problem::unavailable()
        }
    }
}

#[cfg(test)]
mod tests;
