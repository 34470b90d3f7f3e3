//! `admin`: what the platform team calls, with the shop's admin key as a Bearer token.
//!
//! | route | does |
//! |---|---|
//! | `GET`, `PUT /v1/policy` | the shop's policy (TOML); an empty one means the default |
//! | `GET`, `PUT /v1/brand` | name, sender, postal address, colour (JSON) |
//! | `GET /v1/templates` | the shop's own templates |
//! | `GET`, `PUT`, `DELETE /v1/templates/{name}/{language}` | one of them (JSON) |
//! | `GET /v1/customers/{id}` | who a customer is and where they stand |
//! | `GET /v1/customers/{id}/timeline` | what happened to them, what was decided and why, newest first |
//!
//! The cast: `route` reads what is asked for, `auth` whose shop it is; [`customer`] and [`timeline`] show a customer;
//! `settings` keeps what a shop decides itself.
//!
//! What is guaranteed:
//! - the shop comes from the key alone: nobody reads or writes another shop's records;
//! - a setting that could not be sent with is refused with 422 and the place of the mistake, and what was there stays:
//!   a policy that does not parse or asks for a template that does not exist, a template that some customer's mail
//!   could not be made of, a brand without a sender;
//! - functions that have read a setting use it for up to a minute more.

mod auth;
pub mod customer;
pub mod problem;
mod route;
mod settings;
pub mod timeline;

use lambda_http::{Body, Request, Response};
use problem::Problem;
use rekindle_platform::Clock;
use rekindle_store::{CustomerKey, Store};
use route::{Resource, Verb};
use serde_json::{Value, json};

/// Longest body that is read, in bytes.
const LONGEST_BODY: usize = 256 * 1024;
/// Longest timeline in one answer.
const LONGEST_TIMELINE: u16 = 1_000;
/// What a timeline shows unless asked for more or less.
const USUAL_TIMELINE: u16 = 200;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Admin {
    /// The tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
}

/// Answers one HTTP request; what is wrong with it is an RFC 9457 problem document.
pub async fn handle(admin: &Admin, request: Request) -> Response<Body> {
    match answer(admin, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn answer(admin: &Admin, request: Request) -> Result<Response<Body>, Problem> {
    let (head, body) = request.into_parts();
    let shop = auth::shop(&admin.store, &head.headers).await?;
    let (resource, verb) = route::route(&head.method, head.uri.path())?;
    let store = &admin.store;
    let body = text(body)?;
    match (resource, verb) {
        (Resource::Policy, Verb::Get) => settings::policy(store, &shop).await.map(toml),
        (Resource::Policy, _) => settings::put_policy(store, &shop, &body).await.map(done),
        (Resource::Brand, Verb::Get) => settings::brand(store, &shop).await.map(|brand| json_body(&brand)),
        (Resource::Brand, _) => settings::put_brand(store, &shop, &body).await.map(done),
        (Resource::Templates, _) => settings::templates(store, &shop).await.map(|own| json_body(&own)),
        (Resource::Template(name, language), Verb::Get) => {
            settings::template(store, &shop, &name, &language).await.map(|own| json_body(&own))
        }
        (Resource::Template(name, language), Verb::Put) => {
            settings::put_template(store, &shop, &name, &language, &body).await.map(done)
        }
        (Resource::Template(name, language), Verb::Delete) => {
            settings::delete_template(store, &shop, &name, &language).await.map(done)
        }
        (Resource::Customer(id), _) => {
            let key = CustomerKey { shop, customer: id };
            let found = customer::describe(admin, &key).await?.ok_or_else(Problem::no_such_customer)?;
            Ok(json_body(&found))
        }
        (Resource::Timeline(id), _) => {
            let key = CustomerKey { shop, customer: id };
            let found = timeline::describe(admin, &key, limit(head.uri.query())?).await?;
            Ok(json_body(&found.ok_or_else(Problem::no_such_customer)?))
        }
    }
}

fn limit(query: Option<&str>) -> Result<u16, Problem> {
    let given = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("limit="));
    let Some(given) = given else { return Ok(USUAL_TIMELINE) };
    let limit = given.parse().ok().filter(|limit| (1..=LONGEST_TIMELINE).contains(limit));
    limit.ok_or_else(|| Problem::bad_request(format!("limit must be a whole number from 1 to {LONGEST_TIMELINE}.")))
}

fn text(body: Body) -> Result<String, Problem> {
    let bytes = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    if bytes.len() > LONGEST_BODY {
        return Err(Problem::too_large(format!("The body is longer than {LONGEST_BODY} bytes.")));
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad_request("The body is not text in UTF-8."))
}

fn done((): ()) -> Response<Body> {
    json_body(&json!({ "success": true }))
}

fn json_body(value: &Value) -> Response<Body> {
    respond(value.to_string(), "application/json")
}

fn toml(text: String) -> Response<Body> {
    respond(text, "application/toml")
}

fn respond(body: String, kind: &'static str) -> Response<Body> {
    use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
