//! The Lambda function `send`.

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_messaging::{EventBus, KeyRing, Mailer, Templates, Texter};
use rekindle_platform::{Clock, Platform};
use rekindle_store::{Store, Tables};
use send::voice::Voices;
use send::{Sender, handle};
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let Platform { environment, clients } = Platform::start()?;
    let sender = Sender {
        store: Store::new(clients.dynamodb(), Tables::from_environment(&environment)?),
        mailer: Mailer::new(&clients.ses(), Some(environment.ses_configuration_set()?)),
        texter: Texter::new(&clients.sns()),
        events: match environment.event_bus_name()? {
            Some(name) => EventBus::named(clients.eventbridge(), name),
            None => EventBus::none(),
        },
        voices: Voices::new(Templates::built_in()),
        link_keys: Arc::new(KeyRing::parse(&environment.link_keys_secret()?)?),
        links_base_url: environment.links_base_url()?,
        clock: Clock::system(),
    };
    run(service_fn(async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(handle(&sender, event.payload).await))).await
}
