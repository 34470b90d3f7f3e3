//! The Lambda function `sweep`.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::{Clients, Clock, Environment, WorkQueue};
use rekindle_store::{Store, Tables};
use serde_json::Value;
use sweep::{Sweep, handle};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process();
    rekindle_platform::tracing::start(&environment);
    let clients = Clients::from_env(&environment)?;
    let tables = Tables {
        customers: environment.table_customers()?,
        activity: environment.table_activity()?,
        shops: environment.table_shops()?,
    };
    let sweep = Sweep {
        store: Store::new(clients.dynamodb(), tables),
        advance_queue: WorkQueue::new(clients.sqs(), environment.queue_advance_url()?),
        clock: Clock::system(),
        limit_per_shard: 5_000,
    };
    run(service_fn(async |_: LambdaEvent<Value>| handle(&sweep).await.map_err(Error::from))).await
}
