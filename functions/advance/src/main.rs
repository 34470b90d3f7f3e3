//! The Lambda function `advance`.

use advance::{Advance, handle, wire};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::Parts;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (advance, keys) = &wire(&Parts::start("advance")?).await?;
    advance.store.prime().await;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let link_keys = keys.at(advance.clock.now()).await;
        handle(&Advance { link_keys, ..advance.clone() }, event.payload).await.map_err(Error::from)
    }))
    .await
}
