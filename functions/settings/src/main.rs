//! The Lambda function `settings`.

use lambda_runtime::Error;
use rekindle_platform::{Parts, gateway};
use settings::{Settings, handle, wire};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (settings, keys) = &wire(&Parts::start("settings")?).await?;
    settings.store.prime().await;
    gateway::serve(async |request| {
        let link_keys = keys.at(settings.clock.now()).await;
        handle(&Settings { link_keys, ..settings.clone() }, request).await
    })
    .await
}
