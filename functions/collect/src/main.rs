//! The Lambda function `collect`.

use collect::{handle, wire};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::Parts;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let collect = &wire(&Parts::start("collect")?)?;
    collect.store.prime().await;
    run(service_fn(async |event: LambdaEvent<Value>| handle(collect, event.payload).await.map_err(Error::from))).await
}
