//! The Lambda function `admin`.

use admin::{Admin, handle};
use lambda_runtime::Error;
use rekindle_platform::{Platform, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (started, keys) = &Admin::from_platform(&Platform::start()?).await?;
    started.store.prime().await;
    gateway::serve(async |request| {
        let link_keys = keys.at(started.clock.now()).await;
        handle(&Admin { link_keys, ..started.clone() }, request).await
    })
    .await
}
