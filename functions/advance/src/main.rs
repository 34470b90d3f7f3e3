//! The Lambda function `advance`.

use advance::{Advance, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::{Clients, Clock, Environment, WorkQueue};
use rekindle_store::{Store, Tables};
use serde_json::Value;

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
    let advance = Advance {
        store: Store::new(clients.dynamodb(), tables),
        send_queue: WorkQueue::new(clients.sqs(), environment.queue_send_url()?),
        advance_queue: WorkQueue::new(clients.sqs(), environment.queue_advance_url()?),
        clock: Clock::system(),
    };
    run(service_fn(async |event: LambdaEvent<Value>| handle(&advance, event.payload).await.map_err(Error::from))).await
}
