//! The Lambda function `links`.

use lambda_http::{Error, Request, run, service_fn};
use links::{Links, handle};
use rekindle_platform::Platform;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (started, keys) = &Links::from_platform(&Platform::start()?).await?;
    started.store.prime().await;
    run(service_fn(move |request: Request| async move {
        let link_keys = keys.at(started.clock.now()).await;
        Ok::<_, Error>(handle(&Links { link_keys, ..started.clone() }, request).await)
    }))
    .await
}
