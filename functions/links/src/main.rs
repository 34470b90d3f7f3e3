//! The Lambda function `links`.

use lambda_runtime::Error;
use links::{Links, handle};
use rekindle_platform::{Platform, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (started, keys) = &Links::from_platform(&Platform::start()?).await?;
    started.store.prime().await;
    gateway::serve(async |request| {
        let link_keys = keys.at(started.clock.now()).await;
        handle(&Links { link_keys, ..started.clone() }, request).await
    })
    .await
}
