//! Payloads that real shop systems sent, one after the other: each is taken, read and accounted for.

use crate::shop_systems::{
    SHOPIFY_KEY, STRIPE_KEY, WOOCOMMERCE_KEY, connect, read, shopify, stripe, waiting, with_shopify, woocommerce,
};
use rekindle_local_stack::HOOKS_QUEUE;
use serde_json::json;
use std::path::PathBuf;

/// The topic of a kept payload of Shopify, by the name of its file.
fn topic_of(name: &str) -> String {
    let (resource, rest) = name.split_once('-').unwrap_or((name, "create"));
    format!("{resource}/{}", rest.split('.').next().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kept_payload_is_taken_read_and_accounted_for() {
    let Some(cases) = std::env::var_os("REKINDLE_CASES") else {
        println!("skipped: REKINDLE_CASES is not set, so no kept payload is posted");
        return;
    };
    let cases = PathBuf::from(cases).join("connectors");
    let mut stage = with_shopify().await;
    connect(&stage, "woocommerce", json!({ "secrets": [WOOCOMMERCE_KEY] })).await;
    connect(&stage, "stripe", json!({ "secrets": [STRIPE_KEY] })).await;
    let mut posted = 0;
    for folder in ["shopify", "woocommerce", "others"] {
        let mut files: Vec<_> =
            std::fs::read_dir(cases.join(folder)).expect("a folder").map(|it| it.expect("a file").path()).collect();
        files.sort();
        for path in files.iter().filter(|path| path.extension().is_some_and(|it| it == "json" || it == "txt")) {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            let body = std::fs::read(path).expect("readable");
            let (status, answer) = match folder {
                "shopify" => shopify(&stage, &topic_of(name), &body, SHOPIFY_KEY).await,
                "woocommerce" => {
                    let topic = if name.starts_with("order") { "order.updated" } else { "product.updated" };
                    woocommerce(&stage, topic, &body).await
                }
                _ => stripe(&stage, &body).await,
            };
            assert_eq!(status, 200, "{name}: {answer}");
            posted += 1;
        }
    }
    assert!(posted > 60, "{posted} payloads");
    stage.settle().await;
    stage.skip("16m");
    hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept");
    stage.settle().await;
    let mut accounted = waiting(&stage).await;
    let mut orders = 0;
    for connector in ["shopify", "woocommerce", "stripe"] {
        let read = read(&stage, connector).await;
        accounted += read.len();
        orders += read.iter().filter(|one| one["outcome"] == "events").count();
    }
    assert_eq!(accounted, posted, "each is read, or waits for the order that it names");
    assert!(orders >= 15, "{orders} became events");
    assert!(stage.stack.cloud.queues().is_empty(&format!("{HOOKS_QUEUE}-dead")).expect("a queue"));
}
