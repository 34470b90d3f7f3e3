//! The Lambda function `admin`: wiring only.

use admin::Admin;
use lambda_http::{Error, Request, run, service_fn};
use rekindle_messaging::KeyRing;
use rekindle_platform::{Clock, Platform};
use rekindle_store::{Store, Tables};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let Platform { environment, clients } = Platform::start()?;
    let store = Store::new(clients.dynamodb(), Tables::from_environment(&environment)?);
    let link_keys = Arc::new(KeyRing::parse(&environment.link_keys_secret()?)?);
    let admin = &Admin { store, clock: Clock::system(), link_keys };
    run(service_fn(move |request: Request| async move { Ok::<_, Error>(admin::handle(admin, request).await) })).await
}
