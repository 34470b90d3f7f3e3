//! The Lambda function `settings`.

use lambda_runtime::Error;
use rekindle_platform::{Platform, gateway};
use settings::{Settings, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = &Settings::from_platform(&Platform::start()?)?;
    settings.store.prime().await;
    gateway::serve(async |request| handle(settings, request).await).await
}
