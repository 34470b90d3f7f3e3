//! The Lambda function `sweep`.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::Platform;
use serde_json::Value;
use sweep::{Sweep, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let sweep = Sweep::from_platform(&Platform::start()?)?;
    run(service_fn(async |_: LambdaEvent<Value>| handle(&sweep).await.map_err(Error::from))).await
}
