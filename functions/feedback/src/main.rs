//! The Lambda function `feedback`.

use feedback::{Feedback, handle_any};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_messaging::{EventBus, KeyRing, Texter};
use rekindle_platform::{Clock, Platform};
use rekindle_store::{Store, Tables};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let Platform { environment, clients } = Platform::start()?;
    let sns = clients.sns();
    let feedback = Feedback {
        store: Store::new(clients.dynamodb(), Tables::from_environment(&environment)?),
        texter: Texter::new(&sns),
        sns,
        events: match environment.event_bus_name()? {
            Some(name) => EventBus::named(clients.eventbridge(), name),
            None => EventBus::none(),
        },
        link_keys: Arc::new(KeyRing::parse(&environment.link_keys_secret()?)?),
        links_base_url: environment.links_base_url()?,
        // A little more than SNS asks for.
        between_pages: Duration::from_millis(1_100),
        clock: Clock::system(),
    };
    run(service_fn(async |event: LambdaEvent<Value>| handle_any(&feedback, event.payload).await.map_err(Error::from)))
        .await
}
