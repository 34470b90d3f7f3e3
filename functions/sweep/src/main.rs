//! The Lambda function `sweep`.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::{Clock, Platform, WorkQueue};
use rekindle_store::{Store, Tables};
use serde_json::Value;
use sweep::{Sweep, handle};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let Platform { environment, clients } = Platform::start()?;
    let sweep = Sweep {
        store: Store::new(clients.dynamodb(), Tables::from_environment(&environment)?),
        advance_queue: WorkQueue::new(clients.sqs(), environment.queue_advance_url()?),
        clock: Clock::system(),
        limit_per_shard: 5_000,
    };
    run(service_fn(async |_: LambdaEvent<Value>| handle(&sweep).await.map_err(Error::from))).await
}
