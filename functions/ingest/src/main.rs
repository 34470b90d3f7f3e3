//! The Lambda function `ingest`.

use ingest::{handle, wire};
use lambda_runtime::Error;
use rekindle_platform::{Parts, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let ingest = &wire(&Parts::start("ingest")?)?;
    ingest.store.prime().await;
    gateway::serve(async |request| handle(ingest, request).await).await
}
