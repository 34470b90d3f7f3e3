//! The Lambda function `ingest`.

use ingest::{Ingest, handle};
use lambda_runtime::Error;
use rekindle_platform::{Platform, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let ingest = &Ingest::from_platform(&Platform::start()?)?;
    ingest.store.prime().await;
    gateway::serve(async |request| handle(ingest, request).await).await
}
