//! `catalogue`: what a shop sells, as the shop says it, with its admin key as a Bearer token.
//!
//! | route | does |
//! |---|---|
//! | `PUT /v1/products` | takes in what the shop says of products, up to 500 at once |
//! | `GET /v1/products` | the products and variants that are known, page by page |
//! | `GET /v1/products/{id}` | one product with its variants |
//! | `GET /v1/feeds` | the product feeds that are fetched by themselves, and what became of each |
//! | `PUT /v1/feeds/{name}` | stores the address of a feed, and how often it is fetched |
//! | `DELETE /v1/feeds/{name}` | fetches it no more |
//! | `POST /v1/feeds/{name}/fetch` | fetches it soon |
//!
//! [`ROUTES`] is what can be called; [`rekindle_admin_api`] knows who calls. `statements` reads what a call says, `products` stores it and
//! shows what is known; `feeds` keeps what is to be fetched. A schedule starts [`fetching`].
//!
//! What is guaranteed:
//! - the shop comes from the key alone, so no caller reads or changes another shop's products;
//! - a product that cannot be used is refused by its place, field and reason, and costs the others nothing;
//! - what is known already is not written again, so that all products can be sent every night.

mod feeds;
pub mod fetching;
mod products;
mod routes;
mod statements;
mod trigger;
mod wiring;

pub use fetching::{FetchedFeeds, Limits, due_feeds, fetch_due};
pub use routes::{Operation, ROUTES};
pub use trigger::{TriggerError, handle_event};
pub use wiring::wire;

use http::Response;
use rekindle_admin_api::{Api, Call, Problem, answer};
use rekindle_platform::gateway::{Body, Request};
use rekindle_platform::public_web::PublicWeb;
use rekindle_platform::{Clock, Throttle};
use rekindle_store::Store;

/// The longest body of a call, in bytes.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// How much each key may ask for.
    pub throttle: Throttle,
    /// What feeds are fetched from.
    pub web: PublicWeb,
    /// How much is fetched at once.
    pub limits: Limits,
}

/// Answers one HTTP request. What is wrong with it is an RFC 9457 problem document.
pub async fn handle(catalogue: &Catalogue, request: Request) -> Response<Body> {
    let Catalogue { store, throttle, clock, .. } = catalogue;
    let api = Api { routes: &ROUTES, max_body_bytes: |_| MAX_BODY_BYTES, store, throttle, now: clock.now() };
    api.serve(request, async |operation, call| respond(catalogue, operation, &call).await).await
}

async fn respond(catalogue: &Catalogue, operation: Operation, call: &Call) -> Result<Response<Body>, Problem> {
    let value = match operation {
        Operation::StoreProducts => products::put(catalogue, call).await?,
        Operation::ListProducts => products::list(catalogue, call).await?,
        Operation::ReadProduct => products::get(catalogue, call, &call.path_part(0)?).await?,
        Operation::ListFeeds => feeds::list(catalogue, call).await?,
        Operation::StoreFeed => feeds::put(catalogue, call, &call.path_part(0)?).await?,
        Operation::RemoveFeed => feeds::remove(catalogue, call, &call.path_part(0)?).await?,
        Operation::FetchFeed => feeds::fetch_soon(catalogue, call, &call.path_part(0)?).await?,
    };
    Ok(answer::json_body(&value))
}

#[cfg(test)]
mod tests;
