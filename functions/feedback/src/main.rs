//! The Lambda function `feedback`.

use aws_lambda_events::event::sqs::SqsEvent;
use feedback::{Feedback, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::{Clients, Clock, Environment};
use rekindle_store::{Store, Tables};

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
    let feedback = Feedback { store: Store::new(clients.dynamodb(), tables), clock: Clock::system() };
    run(service_fn(async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(handle(&feedback, event.payload).await))).await
}
