//! The Lambda function `advance`.

use advance::{Advance, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::Platform;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (started, keys) = &Advance::from_platform(&Platform::start()?).await?;
    started.store.prime().await;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let link_keys = keys.at(started.clock.now()).await;
        handle(&Advance { link_keys, ..started.clone() }, event.payload).await.map_err(Error::from)
    }))
    .await
}
