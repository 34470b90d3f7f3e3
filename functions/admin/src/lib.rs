//! `admin`: what the platform team calls, with the shop's admin key as a Bearer token.
//!
//! | route | does |
//! |---|---|
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
//! A customer with a question mark in their name is `/v1/customers/-?id=…`.
//!
//! What a shop decides itself (policy, brand, templates) is the function `settings`.
//!
//! The cast: `route` reads what is asked for; [`rekindle_admin_api`] knows whose shop it is and what the rest of the request
//! says; [`customer`] and [`timeline`] show a customer; `export` and `erase` are what a person may ask for; `suppressions`,
//! `tasks`, `coupons` and `nps` are what their names say.
//!
//! What is guaranteed: the shop comes from the key alone: nobody reads or writes another shop's records.

mod coupons;
mod csv;
pub mod customer;
mod erase;
mod export;
mod nps;
mod route;
mod suppression_lines;
mod suppressions;
mod tasks;
pub mod timeline;

use http::{Response, StatusCode};
use rekindle_admin_api::{Call, Caller, Problem, Verb, answer};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_messaging::KeyRing;
use rekindle_platform::gateway::{Body, Request};
use rekindle_platform::{Clock, Throttle, spans};
use rekindle_store::{CustomerKey, Store};
pub use route::ROUTES;
use route::Resource;
use std::sync::Arc;
use tracing::Instrument;

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

impl Admin {
    /// The key of a customer of the caller's shop; the span of the call says from now on whom it is about.
    fn key_of(&self, shop: ShopId, customer: CustomerId) -> CustomerKey {
        spans::note_customer(&shop, &self.link_keys.customer_fingerprint(&shop, &customer));
        CustomerKey { shop, customer }
    }
}

/// Answers one HTTP request; what is wrong with it is an RFC 9457 problem document.
pub async fn handle(admin: &Admin, request: Request) -> Response<Body> {
    match respond(admin, request).instrument(spans::http_call()).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn respond(admin: &Admin, request: Request) -> Result<Response<Body>, Problem> {
    let (head, body) = request.into_parts();
    let caller = Caller::of(&head.headers, &admin.store, &admin.throttle, admin.clock.now()).await?;
    let (resource, verb) = route::route(&head.method, head.uri.path())?;
    let longest = match resource {
        Resource::Suppressions | Resource::CouponPool(_) => LONGEST_LIST,
        _ => LONGEST_BODY,
    };
    let call = Call::read(caller, &head, body, longest)?;
    let told = match (resource.of(call.asked("id"))?, verb) {
        (Resource::Customer(id), Verb::Delete) => {
            let key = admin.key_of(call.shop, id);
            let (gone, told) = erase::run(admin, &key).await?.ok_or_else(customer::unknown)?;
            let mut response = answer::json_body(&told);
            *response.status_mut() = if gone { StatusCode::OK } else { StatusCode::ACCEPTED };
            return Ok(response);
        }
        (Resource::Export(id), _) => {
            let key = admin.key_of(call.shop, id);
            export::run(admin, &key).await?.ok_or_else(customer::unknown)?
        }
        (Resource::Customer(id), _) => {
            let key = admin.key_of(call.shop, id);
            customer::describe(admin, &key).await?.ok_or_else(customer::unknown)?
        }
        (Resource::Timeline(id), _) => {
            let limit = call.number("limit", USUAL_TIMELINE, LONGEST_TIMELINE)?;
            let key = admin.key_of(call.shop, id);
            timeline::describe(admin, &key, limit).await?.ok_or_else(customer::unknown)?
        }
        (Resource::Suppressions, Verb::Get) if call.wants_csv() => {
            return suppressions::export(admin, &call).await.map(|text| answer::text(text, "text/csv; charset=utf-8"));
        }
        (Resource::Suppressions, Verb::Get) => suppressions::list(admin, &call).await?,
        (Resource::Suppressions, _) => suppressions::import(admin, &call).await?,
        (Resource::Suppression(channel, address), _) => {
            suppressions::lift(admin, &call, channel, &address).await.map(answer::done)?
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
    Ok(answer::json_body(&told))
}

#[cfg(test)]
mod tests;
mod wiring;
