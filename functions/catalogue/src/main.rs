//! The Lambda function `catalogue`.

use catalogue::{handle, wire};
use lambda_runtime::Error;
use rekindle_platform::{Parts, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let catalogue = &wire(&Parts::start("catalogue")?)?;
    catalogue.store.prime().await;
    gateway::serve(async |request| handle(catalogue, request).await).await
}
