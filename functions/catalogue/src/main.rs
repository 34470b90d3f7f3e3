//! The Lambda function `catalogue`.

use catalogue::{handle, handle_event, wire};
use lambda_runtime::Error;
use rekindle_platform::{Parts, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let catalogue = &wire(&Parts::start("catalogue")?)?;
    catalogue.store.prime().await;
    gateway::serve_or(
        async |request| handle(catalogue, request).await,
        async |event| handle_event(catalogue, &event).await.map_err(Error::from),
    )
    .await
}
