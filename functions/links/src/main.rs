//! The Lambda function `links`.

use lambda_http::{Error, Request, run, service_fn};
use links::{Links, handle};
use rekindle_messaging::KeyRing;
use rekindle_platform::{Clock, Platform};
use rekindle_store::{Store, Tables};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let Platform { environment, clients } = Platform::start()?;
    let links = &Links {
        store: Store::new(clients.dynamodb(), Tables::from_environment(&environment)?),
        link_keys: Arc::new(KeyRing::parse(&environment.link_keys_secret()?)?),
        links_base_url: environment.links_base_url()?,
        clock: Clock::system(),
    };
    run(service_fn(async |request: Request| Ok::<_, Error>(handle(links, request).await))).await
}
