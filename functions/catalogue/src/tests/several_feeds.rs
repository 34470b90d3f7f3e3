//! Shops with several feeds: what is missing from one may be in another.

use super::fetching::{FEED, Fetching, HOST, feed};
use super::*;
use rekindle_testing::Reply;

/// The main feed, and another one under the name `other`, are stored and fetched.
async fn with_two(main: std::ops::Range<u32>, other: std::ops::Range<u32>) -> Fetching {
    let fetching = Fetching::new().await;
    serve(&fetching, main, other);
    fetching.store(FEED).await;
    let body = json!({ "url": "https://tea.example/other.xml", "every_hours": 24 }).to_string();
    fetching.rig.json("PUT", "/v1/feeds/other", &body).await;
    assert_eq!(fetching.fetch().await.fetched, 2);
    fetching
}

fn serve(fetching: &Fetching, main: std::ops::Range<u32>, other: std::ops::Range<u32>) {
    fetching.host.reply(HOST, "/feed.xml?token=SECRET", Reply::file(feed(main)));
    fetching.host.reply(HOST, "/other.xml", Reply::file(feed(other)));
}

/// Fetches both feeds a day later; the discontinued of each by its name.
async fn fetch_again(fetching: &Fetching) -> Vec<(Value, Value)> {
    fetching.pass(24 * 60);
    assert_eq!(fetching.fetch().await.fetched, 2);
    let feeds = fetching.rig.json("GET", "/v1/feeds", "").await;
    let feeds = feeds["feeds"].as_array().expect("a list").iter();
    feeds.map(|feed| (feed["name"].clone(), feed["last_fetch"]["discontinued"].clone())).collect()
}

#[tokio::test]
async fn a_product_is_discontinued_when_it_is_missing_from_its_feed_and_in_no_other() {
    let fetching = with_two(0..5, 4..9).await;
    let shared = fetching.rig.json("GET", "/v1/products/T-4", "").await;
    assert_eq!((&shared["said_by"], &shared["feeds"]), (&json!(["feed"]), &json!(["main", "other"])));
    // The main feed has T-0 and T-4 no more, the other one T-8.
    serve(&fetching, 1..4, 4..8);
    let discontinued = fetch_again(&fetching).await;
    assert_eq!(discontinued, [(json!("main"), json!(1)), (json!("other"), json!(1))]);
    for (id, expected) in [
        ("T-0", "discontinued"),
        ("T-1", "in_stock"),
        ("T-3", "in_stock"),
        ("T-4", "in_stock"),
        ("T-7", "in_stock"),
        ("T-8", "discontinued"),
    ] {
        assert_eq!(fetching.availability(id).await, expected, "{id}");
    }
    // The last feed that had it, has it no more.
    serve(&fetching, 1..4, 5..8);
    assert_eq!(fetch_again(&fetching).await, [(json!("main"), json!(0)), (json!("other"), json!(1))]);
    assert_eq!(fetching.availability("T-4").await, "discontinued");
    // And it is back.
    serve(&fetching, 1..5, 5..8);
    fetch_again(&fetching).await;
    assert_eq!(fetching.availability("T-4").await, "in_stock");
}

#[tokio::test]
async fn a_cut_feed_among_several_discontinues_nothing_and_neither_does_one_without_most_of_its_products() {
    let fetching = with_two(0..4, 4..8).await;
    let whole = feed(0..4);
    fetching.host.reply(HOST, "/feed.xml?token=SECRET", Reply::file(&whole.as_bytes()[..whole.len() / 2]));
    fetching.host.reply(HOST, "/other.xml", Reply::file(feed(4..5)));
    assert_eq!(fetch_again(&fetching).await, [(json!("main"), json!(0)), (json!("other"), json!(0))]);
    let feeds = fetching.rig.json("GET", "/v1/feeds", "").await;
    assert_eq!(feeds["feeds"][0]["last_fetch"]["outcome"], "cut");
    let detail = feeds["feeds"][1]["last_fetch"]["detail"].as_str().expect("a detail").to_owned();
    assert!(detail.contains("3 of 4 products are missing"), "only its own are counted: {detail}");
    for id in ["T-0", "T-3", "T-4", "T-7"] {
        assert_eq!(fetching.availability(id).await, "in_stock", "{id}");
    }
}

#[tokio::test]
async fn the_same_feeds_again_are_not_written() {
    let fetching = with_two(0..3, 3..6).await;
    fetching.rig.store.capacity().take();
    fetch_again(&fetching).await;
    let used = fetching.rig.store.capacity().take();
    assert!(used.write <= 8.0, "the claims and reports of two feeds, at most 2 KB each: {}", used.write);
}
