//! The Lambda function `advance`.

use advance::{Advance, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_messaging::KeyRing;
use rekindle_platform::{Clock, Platform, WorkQueue};
use rekindle_store::{Store, Tables};
use serde_json::Value;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let Platform { environment, clients } = Platform::start()?;
    let advance = Advance {
        store: Store::new(clients.dynamodb(), Tables::from_environment(&environment)?),
        send_queue: WorkQueue::new(clients.sqs(), environment.queue_send_url()?),
        advance_queue: WorkQueue::new(clients.sqs(), environment.queue_advance_url()?),
        link_keys: Arc::new(KeyRing::parse(&environment.link_keys_secret()?)?),
        clock: Clock::system(),
    };
    run(service_fn(async |event: LambdaEvent<Value>| handle(&advance, event.payload).await.map_err(Error::from))).await
}
