//! The Lambda function `insight`.

use insight::{handle, wire};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::Parts;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let insight = &wire(&Parts::start("insight")?)?;
    insight.store.prime().await;
    run(service_fn(async |_: LambdaEvent<Value>| handle(insight).await.map_err(Error::from))).await
}
