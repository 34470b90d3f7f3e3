//! The Lambda function `send`.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::Parts;
use send::{Sender, handle_any, wire};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (sender, keys) = &wire(&Parts::start("send")?).await?;
    sender.store.prime().await;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let link_keys = keys.at(sender.clock.now()).await;
        handle_any(&Sender { link_keys, ..sender.clone() }, event.payload).await.map_err(Error::from)
    }))
    .await
}
