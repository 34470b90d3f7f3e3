//! The Lambda function `sweep`.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::Parts;
use serde_json::Value;
use sweep::{handle, wire};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let sweep = wire(&Parts::start("sweep")?)?;
    run(service_fn(async |_: LambdaEvent<Value>| handle(&sweep).await.map_err(Error::from))).await
}
