//! `admin`: what the platform team calls, with the shop's admin key as a Bearer token.
//!
//! | route | does |
//! |---|---|
//! | `GET /v1/customers` | those in a stage, page by page; those behind an address or a number |
//! | `GET /v1/customers/{id}` | who a customer is and where they stand |
//! | `GET /v1/customers/{id}/timeline` | what happened to them, what was decided and why, newest first |
//! | `GET /v1/customers/{id}/export` | everything that is stored about them |
//! | `POST /v1/customers/{id}/join`, `…/part` | says that another id is the same customer, or is not |
//! | `DELETE /v1/customers/{id}` | erases them: 200 if everything is gone, 202 if it has to be called again |
//! | `GET`, `POST /v1/suppressions` | the addresses that the shop must not write to (JSON, or CSV to export); adds to the list (CSV, NDJSON) |
//! | `DELETE /v1/suppressions/{channel}/{address}` | takes an address off it |
//! | `GET /v1/tasks`, `/{id}` | what the shop's people are asked to do |
//! | `POST /v1/tasks/{id}/notes`, `/close` | adds a note to a task; closes it |
//! | `GET /v1/coupons/{code}` | what a code is worth, and whether it was used |
//! | `GET`, `POST /v1/coupons/pools/{name}` | how many codes a pool has left; adds codes, one a line |
//! | `GET /v1/reports`, `/{name}` | what was learned from the shop's history, as JSON or CSV |
//! | `GET /v1/reports/stages` | how many ids there are in each stage |
//! | `GET /v1/reports/nps` | the NPS by month, with its margin |
//! | `GET /v1/refused`, `/{id}` | the events that were refused: how many of which kind; one of them |
//! | `POST /v1/refused/retry` | takes them in again |
//!
//! A customer with a question mark in their id is `/v1/customers/-?id=…`.
//!
//! The shop's own settings (policy, brand, templates) are the function `settings`.
//!
//! [`ROUTES`] is what can be called, `path` parses the ids in its path; [`rekindle_admin_api`] knows who calls and parses the rest.
//! [`customer`] and [`timeline`] show a customer, `next` what would come next, `customer_list` many; `export` and `erase` are what a person may ask for; `suppressions`, `tasks`,
//! `coupons`, `nps` and `refused` are what their names say.
//!
//! What is guaranteed: the shop comes from the key alone, so no caller reads or writes another shop's records.

mod consents;
mod coupons;
mod csv;
pub mod customer;
mod customer_list;
mod delivered;
mod erase;
mod erasure_report;
mod export;
mod ids;
mod next;
mod nps;
mod path;
mod refused;
mod reports;
mod routes;
mod said;
mod suppression_lines;
mod suppressions;
mod tasks;
pub mod timeline;
mod wiring;

pub use erase::Eraser;
pub use routes::{Operation, ROUTES};
pub use wiring::wire;

use http::{Response, StatusCode};
use rekindle_admin_api::{Api, Call, Problem, answer};
use rekindle_messaging::{KeyRing, ProviderLists};
use rekindle_platform::gateway::{Body, Request};
use rekindle_platform::{Clock, Throttle};
use rekindle_store::Store;
use std::sync::Arc;

/// The longest timeline in one response.
const MAX_TIMELINE_LENGTH: u16 = 1_000;
/// The longest timeline of a call that gives no limit.
const DEFAULT_TIMELINE_LENGTH: u16 = 200;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Admin {
    /// The tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The keys that make fingerprints of addresses and customers.
    pub link_keys: Arc<KeyRing>,
    /// The lists of providers, off which a lifted address is taken.
    pub provider_lists: ProviderLists,
    /// How much each key may ask for.
    pub throttle: Throttle,
}

/// Answers one HTTP request. What is wrong with it is an RFC 9457 problem document.
pub async fn handle(admin: &Admin, request: Request) -> Response<Body> {
    let Admin { store, throttle, clock, .. } = admin;
    let api = Api { routes: &ROUTES, max_body_bytes: routes::max_body_bytes, store, throttle, now: clock.now() };
    api.serve(request, async |operation, call| respond(admin, operation, &call).await).await
}

async fn respond(admin: &Admin, operation: Operation, call: &Call) -> Result<Response<Body>, Problem> {
    let value = match operation {
        Operation::ListCustomers => return customer_list::respond(admin, call).await,
        Operation::CountStages => customer_list::stages(admin, call).await?,
        Operation::ReadCustomer => {
            customer::describe(admin, &path::customer(admin, call)?).await?.ok_or_else(customer::unknown)?
        }
        Operation::ReadTimeline => {
            let key = path::customer(admin, call)?;
            let limit = call.number("limit", DEFAULT_TIMELINE_LENGTH, MAX_TIMELINE_LENGTH)?;
            timeline::describe(admin, &key, limit).await?.ok_or_else(customer::unknown)?
        }
        Operation::ExportCustomer => {
            export::run(admin, &path::customer(admin, call)?, call.after()?).await?.ok_or_else(customer::unknown)?
        }
        Operation::EraseCustomer => {
            let now = admin.clock.now();
            let eraser = Eraser { store: &admin.store, link_keys: &admin.link_keys, now, at: now };
            let erased = erase::all_ids(eraser, &path::customer(admin, call)?).await?;
            let report = erased.ok_or_else(customer::unknown)?;
            let mut response = answer::json_body(&report.to_json());
            *response.status_mut() = if report.is_complete() { StatusCode::OK } else { StatusCode::ACCEPTED };
            return Ok(response);
        }
        Operation::JoinCustomers => ids::join(admin, call, &path::customer(admin, call)?).await?,
        Operation::PartCustomers => ids::part(admin, call, &path::customer(admin, call)?).await?,
        Operation::ListTasks => tasks::list(admin, call).await?,
        Operation::ReadTask => tasks::show(admin, call, &path::task(call)?).await?,
        Operation::NoteTask => tasks::note(admin, call, &path::task(call)?).await?,
        Operation::CloseTask => tasks::close(admin, call, &path::task(call)?).await?,
        Operation::ListSuppressions if call.wants_csv() => {
            return suppressions::export(admin, call).await.map(suppressions::Exported::into_response);
        }
        Operation::ListSuppressions => suppressions::list(admin, call).await?,
        Operation::AddSuppressions => suppressions::import(admin, call).await?,
        Operation::LiftSuppression => {
            let (channel, address) = path::address(call)?;
            suppressions::lift(admin, call, channel, &address).await.map(answer::done)?
        }
        Operation::ReadCoupon => coupons::show(admin, call, &call.path_part(0)?).await?,
        Operation::ReadPool => coupons::pool(admin, call, &call.path_part(0)?).await?,
        Operation::FillPool => coupons::fill(admin, call, &call.path_part(0)?).await?,
        Operation::ListReports => reports::list(admin, call).await?,
        Operation::ReadReport => return reports::show(admin, call, &call.path_part(0)?).await,
        Operation::NpsByMonth => nps::by_month(admin, call).await?,
        Operation::ListRefused => refused::list(admin, call).await?,
        Operation::RetryRefused => refused::retry(admin, call).await?,
        Operation::ReadRefused => refused::show(admin, call, &call.path_part(0)?).await?,
    };
    Ok(answer::json_body(&value))
}

#[cfg(test)]
mod tests;
