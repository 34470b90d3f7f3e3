//! The Lambda function `console`.

use console::{Console, handle, wire};
use lambda_runtime::Error;
use rekindle_platform::{Parts, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (console, keys) = &wire(&Parts::start("console")?).await?;
    gateway::serve(async |request| {
        let link_keys = keys.at(console.clock.now()).await;
        handle(&Console { link_keys, ..console.clone() }, request).await
    })
    .await
}
