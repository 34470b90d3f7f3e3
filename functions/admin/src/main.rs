//! The Lambda function `admin`.

use admin::{Admin, handle, wire};
use lambda_runtime::Error;
use rekindle_platform::{Parts, gateway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (admin, keys) = &wire(&Parts::start("admin")?).await?;
    admin.store.prime().await;
    gateway::serve(async |request| {
        let link_keys = keys.at(admin.clock.now()).await;
        handle(&Admin { link_keys, ..admin.clone() }, request).await
    })
    .await
}
