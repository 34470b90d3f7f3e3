//! A product feed at an address, fetched by the schedule through the roles and variables that the function has on AWS. The host of the
//! feed speaks TLS under its own name; only the network leads it to this machine.

use crate::stage::Stage;
use catalogue::{Catalogue, handle_event};
use rekindle_testing::{Reply, WebHost};
use serde_json::{Value, json};

const HOST: &str = "tea.example";

fn feed(ids: &[&str]) -> String {
    let items: String = ids
        .iter()
        .map(|id| {
            format!("<item><g:id>{id}</g:id><title>Tea {id}</title><g:availability>in_stock</g:availability></item>")
        })
        .collect();
    format!("<rss xmlns:g=\"http://base.google.com/ns/1.0\"><channel>{items}</channel></rss>")
}

/// Starts the function as the schedule does.
async fn scheduled(stage: &Stage, host: &WebHost) -> Value {
    let catalogue = Catalogue { web: host.web(), ..stage.stack.handlers.catalogue.clone() };
    handle_event(&catalogue, &json!({ "source": "aws.scheduler" })).await.expect("handled")
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_feed_that_a_shop_named_is_fetched_by_the_schedule_until_it_is_removed() {
    let stage = Stage::new().await;
    let host = WebHost::start(&[HOST]);
    host.reply(HOST, "/feed.xml?key=1", Reply::file(feed(&["A", "B", "C"])).with_etag("\"1\""));
    let stored = json!({ "url": "https://tea.example/feed.xml?key=1", "every_hours": 6 }).to_string();
    stage.administer("PUT", "/v1/feeds/main", &stored).await;
    assert_eq!(scheduled(&stage, &host).await, json!({ "fetched": 1, "failed": 0, "left": 0 }));
    assert_eq!(stage.administer("GET", "/v1/products/B", "").await["name"], "Tea B");
    assert_eq!(scheduled(&stage, &host).await["fetched"], 0, "it is due in six hours");
    stage.skip("6h");
    scheduled(&stage, &host).await;
    let feeds = stage.administer("GET", "/v1/feeds", "").await;
    assert_eq!(feeds["feeds"][0]["last_fetch"]["outcome"], "unchanged");
    host.reply(HOST, "/feed.xml?key=1", Reply::file(feed(&["A", "C"])).with_etag("\"2\""));
    stage.administer("POST", "/v1/feeds/main/fetch", "").await;
    scheduled(&stage, &host).await;
    assert_eq!(stage.administer("GET", "/v1/products/B", "").await["availability"], "discontinued");
    host.name(HOST, &["169.254.169.254"]);
    stage.administer("POST", "/v1/feeds/main/fetch", "").await;
    assert_eq!(scheduled(&stage, &host).await, json!({ "fetched": 1, "failed": 1, "left": 0 }));
    let feeds = stage.administer("GET", "/v1/feeds", "").await;
    assert!(
        feeds["feeds"][0]["last_fetch"]["detail"].as_str().is_some_and(|why| why.contains("not public")),
        "{feeds}"
    );
    stage.administer("DELETE", "/v1/feeds/main", "").await;
    stage.skip("2d");
    assert_eq!(scheduled(&stage, &host).await["fetched"], 0);
    assert_eq!(stage.administer("GET", "/v1/products/A", "").await["availability"], "in_stock");
}
