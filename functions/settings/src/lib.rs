//! `settings`: what a shop decides itself, with its admin key as a Bearer token.
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
//! | `GET`, `PUT /v1/sending` | whether the shop sends, and how fast at most |
//!
//! The cast: `route` reads what is asked for; [`rekindle_admin_api`] knows whose shop it is; `policy`, `brand`, `templates` and
//! `sending` keep what their names say; `dry_run` tells what another policy would do.
//!
//! What is guaranteed:
//! - the shop comes from the key alone: nobody reads or writes another shop's settings;
//! - a setting that could not be sent with is refused with 422 and the place of the mistake, and what was there stays:
//!   a policy that does not parse or asks for a template that does not exist, a template that some customer's mail
//!   could not be made of, a brand without a sender;
//! - functions that have read a setting use it for up to a minute more.
//!
//! It is a function of its own, beside `admin`, because it alone compiles what shops wrote: a compiler of mails is large, and
//! what runs over foreign texts should be able to reach as little as can be.

mod brand;
mod dry_run;
mod policy;
mod route;
mod sending;
mod templates;

use http::Response;
use rekindle_admin_api::{Call, Caller, Problem, Verb, answer};
use rekindle_platform::gateway::{Body, Request};
use rekindle_platform::{Clock, Throttle, spans};
use rekindle_store::Store;
pub use route::ROUTES;
use route::Resource;
use serde_json::Value;
use tracing::Instrument;

/// Longest body that is read, in bytes.
const LONGEST_BODY: usize = 256 * 1024;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// How much each key may ask for.
    pub throttle: Throttle,
}

/// Answers one HTTP request; what is wrong with it is an RFC 9457 problem document.
pub async fn handle(settings: &Settings, request: Request) -> Response<Body> {
    match respond(settings, request).instrument(spans::http_call()).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn respond(settings: &Settings, request: Request) -> Result<Response<Body>, Problem> {
    let (head, body) = request.into_parts();
    let now = settings.clock.now();
    let caller = Caller::of(&head.headers, &settings.store, &settings.throttle, now).await?;
    let (resource, verb) = route::route(&head.method, head.uri.path())?;
    let call = Call::read(caller, &head, body, LONGEST_BODY)?;
    let (store, shop) = (&settings.store, &call.shop);
    let told = match (resource, verb) {
        (Resource::Policy, Verb::Get) => {
            return policy::text(store, shop).await.map(|text| answer::text(text, "application/toml"));
        }
        (Resource::Policy, _) => policy::put(settings, &call, &call.body).await?,
        (Resource::PolicyDryRun, _) => dry_run::run(settings, &call).await?,
        (Resource::PolicyVersions, _) => policy::versions(settings, &call).await?,
        (Resource::PolicyVersion(number), _) => policy::version(settings, &call, number).await?,
        (Resource::PolicyRestore(number), _) => policy::restore(settings, &call, number).await?,
        (Resource::Brand, Verb::Get) => brand::read(store, shop).await?,
        (Resource::Brand, _) => brand::put(store, shop, &call.body).await.map(answer::done)?,
        (Resource::Sending, Verb::Get) => sending::read(store, shop).await?,
        (Resource::Sending, _) => sending::write(store, shop, &call.body, now).await?,
        (Resource::Templates, _) => templates::list(store, shop).await?,
        (Resource::Template(name, language), verb) => template(settings, &call, verb, &name, &language).await?,
    };
    Ok(answer::json_body(&told))
}

async fn template(settings: &Settings, call: &Call, verb: Verb, name: &str, language: &str) -> Result<Value, Problem> {
    let (store, shop) = (&settings.store, &call.shop);
    match verb {
        Verb::Get => templates::read(store, shop, name, language).await,
        Verb::Delete => templates::delete(store, shop, name, language).await.map(answer::done),
        _ => templates::put(store, shop, name, language, &call.body).await.map(answer::done),
    }
}

#[cfg(test)]
mod tests;
mod wiring;
