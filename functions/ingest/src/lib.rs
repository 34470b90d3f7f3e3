//! What shops call: Segment's HTTP tracking API, so that Segment's own libraries work unchanged.
//!
//! A call is authenticated (`auth`), its body read (`body`) and split into events (`batch`); each event becomes a fact
//! ([`rekindle_inbound`]) or is refused with the field and the reason. Then facts and refusals are stored, and only then the call
//! is answered. Nothing is decided here.
mod answer;
mod auth;
mod batch;
mod body;
mod browsers;
mod guests;
mod library_settings;
mod limits;
mod problem;
mod repair;
mod route;
mod split;
mod wiring;

use answer::Answer;
use auth::Credentials;
use batch::{Batch, Element};
use browsers::OwnAddress;
pub use guests::Guests;
use http::{Method, Response};
use jiff::tz::TimeZone;
use problem::Problem;
use rekindle_inbound::{Parsed, Received, Rejection, Whose};
use rekindle_lifecycle::country::Country;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::money::Currency;
use rekindle_messaging::LinkKeysError;
use rekindle_platform::gateway::{self, Body, Request};
use rekindle_platform::throttle::TooMuch;
use rekindle_platform::{Clock, NoRoute, Route, Throttle, spans};
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::shop::api_keys::{KeyHolder, Role};
use rekindle_store::{CustomerKey, Store, StoreError};
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
    /// Names guests.
    pub guests: Guests,
    /// How much each key may send.
    pub throttle: Throttle,
    /// The currency of amounts that come without one.
    pub default_currency: Currency,
}

impl Ingest {
    /// Stores into `store`, at the time of `clock`, without a limit for keys. Amounts without a currency are US dollars.
    ///
    /// # Panics
    /// Never: the dollar is a currency.
    #[must_use]
    pub fn new(store: Store, guests: Guests, clock: Clock) -> Self {
        let default_currency = Currency::parse("USD").expect("the dollar is a currency");
        Self { store, clock, guests, default_currency, throttle: Throttle::none() }
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
    let (holder, key, parsed) = match key_in_query.map_or_else(|| Credentials::from_headers(&head.headers), Credentials::Key) {
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
    match parsed {
        Ok(batch) => store_events(ingest, &holder.shop, &key, &batch, call).await,
        Err(rejection) => {
            let refused = refusal(ingest, &rejection, &body, &key);
            ingest.store.put_refused(&holder.shop, &[refused]).await.map_err(|error| unavailable(&error))?;
            Err(rejection.into())
        }
    }
}

async fn store_events(
    ingest: &Ingest,
    shop: &ShopId,
    key: &str,
    batch: &Batch,
    call: Call,
) -> Result<Response<Body>, Problem> {
    let settings = settings(ingest, shop, batch).await?;
    let context = Received {
        at: ingest.clock.now(),
        sent_at: batch.sent_at(),
        context: batch.context(),
        historical: call.historical,
        default_currency: settings.currency.unwrap_or(ingest.default_currency),
        country: settings.country,
        zone: settings.zone,
    };
    let mut answer = Answer::default();
    let (mut facts, mut refused) = (Vec::new(), Vec::new());
    for (index, element) in batch.elements().iter().enumerate() {
        let parsed = element.value().and_then(|value| rekindle_inbound::parse(value, call.kind, &context));
        match parsed.and_then(|parsed| if element.is_repaired() { without_damage(parsed) } else { Ok(parsed) }) {
            Ok(parsed) => {
                let at = |customer| CustomerKey { shop: shop.clone(), customer };
                let customer = match parsed.whose {
                    Whose::Id(id) => id,
                    Whose::Guest(address) => {
                        ingest.guests.id(&address, context.at).await.map_err(|error| no_keys(&error))?
                    }
                };
                facts.push((at(customer), parsed.fact));
                facts.extend(parsed.of_others.into_iter().map(|(id, fact)| (at(id), fact)));
                answer.accept(index, parsed.warnings);
            }
            Err(rejection) => {
                refused.push(refusal(ingest, &rejection, &element.text(), key));
                answer.reject(index, rejection);
            }
        }
    }
    tokio::try_join!(ingest.store.put_facts(&facts), ingest.store.put_refused(shop, &refused))
        .map_err(|error| unavailable(&error))?;
    tracing::info!(accepted = answer.accepted(), rejected = answer.rejected(), "events stored");
    if call.is_batch() { Ok(answer.into_response()) } else { answer.into_response_for_one() }
}

/// An event of which characters were replaced, with a warning. If one of them belongs to an id, it would be another's event.
fn without_damage(mut parsed: Parsed) -> Result<Parsed, Rejection> {
    let reason = "has characters that are not UTF-8, or half of one";
    let is_damaged = |id: &str| id.contains(repair::REPLACEMENT);
    let whose = match &parsed.whose {
        Whose::Id(id) => is_damaged(id.as_str()),
        Whose::Guest(address) => is_damaged(address.as_str()),
    };
    let order = parsed.fact.order_id().is_some_and(|order| is_damaged(order.as_str()));
    if whose || order || is_damaged(&parsed.fact.id) {
        return Err(Rejection::new("", format!("{reason}, in an id")));
    }
    parsed.warnings.push(Rejection::new("", format!("{reason}; they were replaced by {}", repair::REPLACEMENT)));
    Ok(parsed)
}

/// What of the shop's policy events are read with.
#[derive(Default)]
struct Settings {
    country: Option<Country>,
    currency: Option<Currency>,
    zone: Option<TimeZone>,
}

/// The shop's settings, if an event of the call can be read only with them. A policy that this version cannot read has none.
async fn settings(ingest: &Ingest, shop: &ShopId, batch: &Batch) -> Result<Settings, Problem> {
    let needs =
        |element: &Element| element.value().is_ok_and(|event| rekindle_inbound::needs_shop(event, batch.context()));
    if !batch.elements().iter().any(needs) {
        return Ok(Settings::default());
    }
    match ingest.store.policy(shop, ingest.clock.now()).await {
        Ok(policy) => {
            let zone = policy.calendar.zone().rules().clone();
            Ok(Settings { country: policy.country, currency: policy.currency, zone: Some(zone) })
        }
        Err(StoreError::Unreadable { .. }) => Ok(Settings::default()),
        Err(error) => Err(unavailable(&error)),
    }
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

fn refusal(ingest: &Ingest, rejection: &Rejection, body: &str, key: &str) -> Refused {
    // Some libraries repeat the key in the body.
    let body = body.replace(key, "(the key)");
    let refused = Refused::new(ingest.clock.now(), &rejection.field, &rejection.reason, &body);
    Refused { code: Some(rejection.kind.code().to_owned()), ..refused }
}

fn unavailable(error: &StoreError) -> Problem {
    tracing::error!(%error, "the store took nothing; the sender was asked to try again");
    Problem::unavailable()
}

fn no_keys(error: &LinkKeysError) -> Problem {
    tracing::error!(%error, "a guest could not be named; the sender was asked to try again later");
    Problem::unavailable()
}

#[cfg(test)]
mod tests;
