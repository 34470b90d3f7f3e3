//! The Lambda function `ingest`.

use ingest::{Ingest, handle};
use lambda_http::{Error, Request, run, service_fn};
use rekindle_platform::Platform;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let ingest = &Ingest::from_platform(&Platform::start()?)?;
    ingest.store.prime().await;
    run(service_fn(move |request: Request| async move { Ok::<_, Error>(handle(ingest, request).await) })).await
}
