//! The Lambda function `ingest`.

use ingest::{Ingest, handle, wire};
use lambda_runtime::Error;
use rekindle_platform::{Parts, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (ingest, keys) = &wire(&Parts::start("ingest")?).await?;
    ingest.store.prime().await;
    gateway::serve(async |request| {
        let link_keys = keys.at(ingest.clock.now()).await;
        handle(&Ingest { link_keys, ..ingest.clone() }, request).await
    })
    .await
}
