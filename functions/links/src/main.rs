//! The Lambda function `links`.

use lambda_runtime::Error;
use links::{Links, handle, wire};
use rekindle_platform::{Parts, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (links, keys) = &wire(&Parts::start("links")?).await?;
    links.store.prime().await;
    gateway::serve(async |request| {
        let link_keys = keys.at(links.clock.now()).await;
        handle(&Links { link_keys, ..links.clone() }, request).await
    })
    .await
}
