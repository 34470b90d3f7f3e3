//! The Lambda function `settings`.

use lambda_runtime::Error;
use rekindle_platform::{Parts, gateway};
use settings::{handle, wire};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = &wire(&Parts::start("settings")?)?;
    settings.store.prime().await;
    gateway::serve(async |request| handle(settings, request).await).await
}
