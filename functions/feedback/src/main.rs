//! The Lambda function `feedback`.

use aws_lambda_events::event::sqs::SqsEvent;
use feedback::{Feedback, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::{Clock, Platform};
use rekindle_store::{Store, Tables};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let Platform { environment, clients } = Platform::start()?;
    let feedback = Feedback {
        store: Store::new(clients.dynamodb(), Tables::from_environment(&environment)?),
        clock: Clock::system(),
    };
    run(service_fn(async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(handle(&feedback, event.payload).await))).await
}
