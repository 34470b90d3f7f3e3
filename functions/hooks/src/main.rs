//! The Lambda function `hooks`.

use hooks::{Hooks, handle, handle_event, wire};
use lambda_runtime::Error;
use rekindle_platform::{Parts, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (hooks, keys) = &wire(&Parts::start("hooks")?).await?;
    hooks.store.prime().await;
    let with_keys = async || Hooks { link_keys: keys.at(hooks.clock.now()).await, ..hooks.clone() };
    gateway::serve_or(
        async |request| handle(&with_keys().await, request).await,
        async |event| handle_event(&with_keys().await, event).await.map_err(Error::from),
    )
    .await
}
