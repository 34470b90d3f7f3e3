//! The Lambda function `feedback`.

use feedback::{Feedback, handle_any, wire};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rekindle_platform::Parts;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (feedback, keys) = &wire(&Parts::start("feedback")?).await?;
    feedback.store.prime().await;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let link_keys = keys.at(feedback.clock.now()).await;
        handle_any(&Feedback { link_keys, ..feedback.clone() }, event.payload).await.map_err(Error::from)
    }))
    .await
}
