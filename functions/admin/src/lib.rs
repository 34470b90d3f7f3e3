//! `admin`: what the platform team calls, with the shop's admin key as a Bearer token.
//!
//! | route | does |
//! |---|---|
//! | `GET`, `PUT /v1/policy` | the shop's policy (TOML); an empty one means the default |
//! | `POST /v1/policy/dry-run` | what another policy would change now; nothing is stored |
//! | `GET /v1/policy/versions`, `/{n}` | what the policy was before, and by whom |
//! | `POST /v1/policy/versions/{n}/restore` | stores the text of a version again, as the newest |
//! | `GET`, `PUT /v1/brand` | name, sender, postal address, colour (JSON) |
//! | `GET /v1/templates` | the shop's own templates |
//! | `GET`, `PUT`, `DELETE /v1/templates/{name}/{language}` | one of them (JSON) |
//! | `GET /v1/customers/{id}` | who a customer is and where they stand |
//! | `GET /v1/customers/{id}/timeline` | what happened to them, what was decided and why, newest first |
//! | `GET /v1/customers/{id}/export` | everything that is held about them |
//! | `DELETE /v1/customers/{id}` | forgets them: 200 if all is gone, 202 if it has to be asked again |
//! | `GET`, `POST /v1/suppressions` | whom the shop must not write to (JSON, or CSV to export); adds to the list (CSV, NDJSON) |
//! | `DELETE /v1/suppressions/{channel}/{address}` | takes an address off it |
//! | `GET /v1/tasks`, `/{id}` | what the shop's people are asked to do |
//! | `POST /v1/tasks/{id}/notes`, `/close` | writes something down; closes it |
//! | `GET /v1/coupons/{code}` | what a code is worth, and whether it was used |
//! | `GET`, `POST /v1/coupons/pools/{name}` | how many codes a pool has left; adds codes, one a line |
//! | `GET /v1/reports/nps` | the NPS by month, with its margin |
//!
//! The cast: `route` reads what is asked for, `auth` whose shop it is, `call` the rest of the request; [`customer`] and
//! [`timeline`] show a customer; `settings` and `policy` keep what a shop decides itself, `dry_run` tells what another
//! policy would do; `export` and `erase` are what a person may ask for; `suppressions`, `tasks`, `coupons` and `nps` are
//! what their names say.
//!
//! What is guaranteed:
//! - the shop comes from the key alone: nobody reads or writes another shop's records;
//! - a setting that could not be sent with is refused with 422 and the place of the mistake, and what was there stays:
//!   a policy that does not parse or asks for a template that does not exist, a template that some customer's mail
//!   could not be made of, a brand without a sender;
//! - functions that have read a setting use it for up to a minute more.

mod auth;
mod call;
mod coupons;
mod csv;
pub mod customer;
mod dry_run;
mod erase;
mod export;
mod nps;
mod policy;
pub mod problem;
mod route;
mod sending;
mod settings;
mod suppression_lines;
mod suppressions;
mod tasks;
pub mod timeline;

use call::Call;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Response, StatusCode};
use problem::Problem;
use rekindle_messaging::KeyRing;
use rekindle_platform::gateway::{Body, Request};
use rekindle_platform::{Clock, Throttle};
use rekindle_store::{CustomerKey, Store};
pub use route::ROUTES;
use route::{Resource, Verb};
use serde_json::{Value, json};
use std::sync::Arc;

/// Longest body that is read, in bytes.
const LONGEST_BODY: usize = 256 * 1024;
/// Longest list that is read, in bytes.
const LONGEST_LIST: usize = 5 * 1024 * 1024;
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
    /// The keys that make fingerprints of addresses and customers.
    pub link_keys: Arc<KeyRing>,
    /// How much each key may ask for.
    pub throttle: Throttle,
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
    let (shop, by) = auth::shop(admin, &head.headers).await?;
    let (resource, verb) = route::route(&head.method, head.uri.path())?;
    let longest = match resource {
        Resource::Suppressions | Resource::CouponPool(_) => LONGEST_LIST,
        _ => LONGEST_BODY,
    };
    let call = Call { shop, by, query: query(&head), body: call::text(body, longest)?, accept: accept(&head) };
    let told = match (resource, verb) {
        (Resource::Policy, Verb::Get) => return settings::policy(&admin.store, &call.shop).await.map(toml),
        (Resource::Policy, _) => policy::put(admin, &call, &call.body).await?,
        (Resource::Sending, Verb::Get) => sending::read(&admin.store, &call.shop).await?,
        (Resource::Sending, _) => sending::write(&admin.store, &call.shop, &call.body, admin.clock.now()).await?,
        (Resource::PolicyDryRun, _) => dry_run::run(admin, &call).await?,
        (Resource::PolicyVersions, _) => policy::versions(admin, &call).await?,
        (Resource::PolicyVersion(number), _) => policy::version(admin, &call, number).await?,
        (Resource::PolicyRestore(number), _) => policy::restore(admin, &call, number).await?,
        (words @ (Resource::Brand | Resource::Templates | Resource::Template(..)), verb) => {
            own_words(admin, &call, words, verb).await?
        }
        (Resource::Customer(id), Verb::Delete) => {
            let key = CustomerKey { shop: call.shop, customer: id };
            let (gone, told) = erase::run(admin, &key).await?.ok_or_else(Problem::no_such_customer)?;
            let mut response = json_body(&told);
            *response.status_mut() = if gone { StatusCode::OK } else { StatusCode::ACCEPTED };
            return Ok(response);
        }
        (Resource::Export(id), _) => {
            let key = CustomerKey { shop: call.shop, customer: id };
            export::run(admin, &key).await?.ok_or_else(Problem::no_such_customer)?
        }
        (Resource::Customer(id), _) => {
            let key = CustomerKey { shop: call.shop, customer: id };
            customer::describe(admin, &key).await?.ok_or_else(Problem::no_such_customer)?
        }
        (Resource::Timeline(id), _) => {
            let limit = call.number("limit", USUAL_TIMELINE, LONGEST_TIMELINE)?;
            let key = CustomerKey { shop: call.shop, customer: id };
            timeline::describe(admin, &key, limit).await?.ok_or_else(Problem::no_such_customer)?
        }
        (Resource::Suppressions, Verb::Get) if call.wants_csv() => {
            return suppressions::export(admin, &call).await.map(|text| respond(text, "text/csv; charset=utf-8"));
        }
        (Resource::Suppressions, Verb::Get) => suppressions::list(admin, &call).await?,
        (Resource::Suppressions, _) => suppressions::import(admin, &call).await?,
        (Resource::Suppression(channel, address), _) => {
            suppressions::lift(admin, &call, channel, &address).await.map(done)?
        }
        (Resource::Tasks, _) => tasks::list(admin, &call).await?,
        (Resource::Task(id), _) => tasks::show(admin, &call, &id).await?,
        (Resource::TaskNotes(id), _) => tasks::note(admin, &call, &id).await?,
        (Resource::TaskClose(id), _) => tasks::close(admin, &call, &id).await?,
        (Resource::Coupon(code), _) => coupons::show(admin, &call, &code).await?,
        (Resource::CouponPool(name), Verb::Get) => coupons::pool(admin, &call, &name).await?,
        (Resource::CouponPool(name), _) => coupons::fill(admin, &call, &name).await?,
        (Resource::NpsReport, _) => nps::by_month(admin, &call).await?,
    };
    Ok(json_body(&told))
}

/// What the shop says to its customers, and as whom.
async fn own_words(admin: &Admin, call: &Call, resource: Resource, verb: Verb) -> Result<Value, Problem> {
    let (store, shop) = (&admin.store, &call.shop);
    match (resource, verb) {
        (Resource::Brand, Verb::Get) => settings::brand(store, shop).await,
        (Resource::Brand, _) => settings::put_brand(store, shop, &call.body).await.map(done),
        (Resource::Template(name, language), Verb::Get) => settings::template(store, shop, &name, &language).await,
        (Resource::Template(name, language), Verb::Put) => {
            settings::put_template(store, shop, &name, &language, &call.body).await.map(done)
        }
        (Resource::Template(name, language), _) => {
            settings::delete_template(store, shop, &name, &language).await.map(done)
        }
        _ => settings::templates(store, shop).await,
    }
}

fn query(head: &Parts) -> Vec<(String, String)> {
    form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

fn accept(head: &Parts) -> String {
    head.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default().to_owned()
}

fn done((): ()) -> Value {
    json!({ "success": true })
}

fn json_body(value: &Value) -> Response<Body> {
    respond(value.to_string(), "application/json")
}

fn toml(text: String) -> Response<Body> {
    respond(text, "application/toml")
}

fn respond(body: String, kind: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
mod wiring;
