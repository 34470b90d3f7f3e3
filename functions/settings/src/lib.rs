//! `settings`: what a shop decides itself, with its admin key as a Bearer token.
//!
//! | route | does |
//! |---|---|
//! | `GET`, `PUT /v1/policy` | the shop's policy (TOML); an empty one means the default |
//! | `POST /v1/policy/dry-run` | what another policy would change now; nothing is stored |
//! | `GET /v1/policy/versions`, `/{n}` | the earlier versions of the policy, and who stored them |
//! | `POST /v1/policy/versions/{n}/restore` | stores the text of a version again, as the newest |
//! | `GET /v1/proposals` | values of the policy that the shop's history speaks against |
//! | `GET /v1/proposals/{subject}` | one of them, and what it would change now |
//! | `POST /v1/proposals/{subject}/accept`, `/reject` | puts it into the policy, or does not |
//! | `GET`, `PUT /v1/brand` | name, sender, postal address, colour (JSON) |
//! | `GET /v1/templates` | the shop's own templates |
//! | `GET`, `PUT`, `DELETE /v1/templates/{name}/{language}` | one of them (JSON) |
//! | `GET /v1/connectors` | the connections to shop systems, and when each delivered last |
//! | `GET`, `PUT`, `DELETE /v1/connectors/{connector}` | one of them (JSON); its keys are stored and never shown |
//! | `POST /v1/connectors/{connector}/try` | what kept deliveries, or a given one, would become; nothing is stored |
//! | `GET /v1/connectors/{connector}/deliveries` | what became of the latest deliveries |
//! | `POST /v1/connectors/{connector}/replay` | has kept deliveries read again |
//! | `GET`, `PUT /v1/sending` | whether the shop sends, and how fast at most |
//!
//! [`ROUTES`] is what can be called; [`rekindle_admin_api`] knows who calls. `policy`, `brand`, `templates` and `sending` read and
//! store what their names say, `dry_run` compares another policy with the stored one, `proposals` shows what `insight` proposed. `stored` reads what a check needs, and
//! `needed_templates` finds the template that a step lacks.
//!
//! What is guaranteed:
//! - the shop comes from the key alone, so no caller reads or writes another shop's settings;
//! - a setting that could not be sent with is refused with 422 and the place of the mistake, and the stored one stays:
//!   a policy that does not parse or asks for a template that does not exist, a template that cannot be filled for some
//!   customer, a brand without a sender;
//! - functions that have read a setting use it for up to a minute more.
//!
//! It is a function of its own, beside `admin`, because it alone compiles what shops write: a compiler of mails is large, and
//! code that reads texts from outside should have as few permissions as possible.

mod brand;
mod connection_try;
mod connections;
mod dry_run;
mod needed_templates;
mod policy;
mod proposals;
mod routes;
mod sending;
mod stored;
mod templates;
mod wiring;

pub use routes::{Operation, ROUTES};
pub use wiring::wire;

use http::Response;
use rekindle_admin_api::{Api, Call, Problem, answer};
use rekindle_messaging::KeyRing;
use rekindle_platform::gateway::{Body, Request};
use rekindle_platform::{Clock, Throttle, WorkQueue};
use rekindle_store::Store;
use std::sync::Arc;

/// The longest body of a call, in bytes.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// How much each key may ask for.
    pub throttle: Throttle,
    /// Seals the keys of connections.
    pub link_keys: Arc<KeyRing>,
    /// Where deliveries are put that are to be read again.
    pub hooks_queue: WorkQueue,
}

/// Answers one HTTP request. What is wrong with it is an RFC 9457 problem document.
pub async fn handle(settings: &Settings, request: Request) -> Response<Body> {
    let Settings { store, throttle, clock, .. } = settings;
    let api = Api { routes: &ROUTES, max_body_bytes: |_| MAX_BODY_BYTES, store, throttle, now: clock.now() };
    api.serve(request, async |operation, call| respond(settings, operation, &call).await).await
}

async fn respond(settings: &Settings, operation: Operation, call: &Call) -> Result<Response<Body>, Problem> {
    let (store, shop) = (&settings.store, &call.shop);
    let value = match operation {
        Operation::ReadPolicy => {
            return policy::text(store, shop).await.map(|text| answer::text(text, "application/toml"));
        }
        Operation::StorePolicy => policy::put(settings, call, &call.body).await?,
        Operation::TryPolicy => dry_run::run(settings, call).await?,
        Operation::ListPolicyVersions => policy::versions(settings, call).await?,
        Operation::ReadPolicyVersion => policy::version(settings, call, version(call)?).await?,
        Operation::RestorePolicyVersion => policy::restore(settings, call, version(call)?).await?,
        Operation::ListProposals => proposals::list(settings, call).await?,
        Operation::ReadProposal => proposals::get(settings, call, &call.path_part(0)?).await?,
        Operation::AcceptProposal => proposals::accept(settings, call, &call.path_part(0)?).await?,
        Operation::RejectProposal => proposals::reject(settings, call, &call.path_part(0)?).await?,
        Operation::ReadBrand => brand::get(store, shop).await?,
        Operation::StoreBrand => brand::put(store, shop, &call.body).await.map(answer::done)?,
        Operation::ReadSending => sending::get(store, shop).await?,
        Operation::ChangeSending => sending::put(store, shop, &call.body, settings.clock.now()).await?,
        Operation::ListTemplates => templates::list(store, shop).await?,
        Operation::ReadTemplate => {
            let (name, language) = template(call)?;
            templates::get(store, shop, &name, &language).await?
        }
        Operation::StoreTemplate => {
            let (name, language) = template(call)?;
            templates::put(store, shop, &name, &language, &call.body).await.map(answer::done)?
        }
        Operation::RemoveTemplate => {
            let (name, language) = template(call)?;
            templates::delete(store, shop, &name, &language).await.map(answer::done)?
        }
        Operation::ListConnections => connections::list(settings, shop).await?,
        Operation::ReadConnection => connections::get(settings, shop, &call.path_part(0)?).await?,
        Operation::StoreConnection => connections::put(settings, shop, &call.path_part(0)?, &call.body).await?,
        Operation::RemoveConnection => {
            connections::delete(settings, shop, &call.path_part(0)?).await.map(answer::done)?
        }
        Operation::TryConnection => connection_try::run(settings, call, &call.path_part(0)?).await?,
        Operation::ListDeliveries => connections::deliveries(settings, call, &call.path_part(0)?).await?,
        Operation::ReplayDeliveries => connections::replay(settings, call, &call.path_part(0)?).await?,
    };
    Ok(answer::json_body(&value))
}

/// The version of the policy that the path names.
fn version(call: &Call) -> Result<u32, Problem> {
    let number = call.path_part(0)?.parse();
    number.map_err(|_| Problem::bad_request("A version of the policy is a whole number."))
}

/// The name and the language of the template that the path names.
fn template(call: &Call) -> Result<(String, String), Problem> {
    Ok((call.path_part(0)?, call.path_part(1)?))
}

#[cfg(test)]
mod tests;
