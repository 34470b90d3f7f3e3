//! The Lambda function `admin`.

use admin::{Admin, handle};
use lambda_http::{Error, Request, run, service_fn};
use rekindle_platform::Platform;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (started, keys) = &Admin::from_platform(&Platform::start()?).await?;
    started.store.prime().await;
    run(service_fn(move |request: Request| async move {
        let link_keys = keys.at(started.clock.now()).await;
        Ok::<_, Error>(handle(&Admin { link_keys, ..started.clone() }, request).await)
    }))
    .await
}
