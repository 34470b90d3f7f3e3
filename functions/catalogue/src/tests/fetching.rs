//! A host of feeds that only the network leads astray, and the function that fetches from it.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::SignedDuration;
use rekindle_testing::{Reply, WebHost};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub(super) const HOST: &str = "tea.example";
pub(super) const FEED: &str = "https://tea.example/feed.xml?token=SECRET";

/// The function, the host of the feed, and the minutes that have passed.
pub(super) struct Fetching {
    pub(super) rig: Rig<Catalogue>,
    pub(super) host: WebHost,
    minutes: Arc<AtomicI64>,
}

impl Fetching {
    pub(super) async fn new() -> Self {
        let host = WebHost::start(&[HOST, "cdn.example", "inside.example"]);
        let minutes = Arc::new(AtomicI64::new(0));
        let passed = Arc::clone(&minutes);
        let clock = Clock::from_fn(move || now() + SignedDuration::from_mins(passed.load(Ordering::Relaxed)));
        let web = host.web();
        let catalogue = |store| Catalogue { store, clock, throttle: Throttle::none(), web, limits: Limits::default() };
        Self { rig: Rig::new(Role::Admin, catalogue).await, host, minutes }
    }

    pub(super) fn pass(&self, minutes: i64) {
        self.minutes.fetch_add(minutes, Ordering::Relaxed);
    }

    pub(super) async fn store(&self, url: &str) {
        self.rig.json("PUT", "/v1/feeds/main", &json!({ "url": url }).to_string()).await;
    }

    pub(super) async fn fetch(&self) -> FetchedFeeds {
        fetch_due(&self.rig.function).await.expect("the list of feeds")
    }

    /// Fetches what is due, and returns the last fetch of the only feed as its shop sees it.
    pub(super) async fn fetched(&self) -> Value {
        self.fetch().await;
        self.feed().await["last_fetch"].clone()
    }

    pub(super) async fn feed(&self) -> Value {
        self.rig.json("GET", "/v1/feeds", "").await["feeds"][0].clone()
    }

    /// The availability of a product.
    pub(super) async fn availability(&self, id: &str) -> Value {
        self.rig.json("GET", &format!("/v1/products/{id}"), "").await["availability"].clone()
    }

    pub(super) fn serve(&self, feed: impl Into<Vec<u8>>) {
        self.host.reply(HOST, "/feed.xml?token=SECRET", Reply::file(feed));
    }
}

/// A feed with these products.
pub(super) fn feed(ids: impl IntoIterator<Item = u32>) -> String {
    let item = |id| {
        format!(
            "<item><g:id>T-{id}</g:id><title>Tea {id}</title><link>https://tea.example/{id}</link>\
             <g:price>{}.50 EUR</g:price><g:availability>in_stock</g:availability></item>",
            id + 1
        )
    };
    let items: String = ids.into_iter().map(item).collect();
    format!("<rss xmlns:g=\"http://base.google.com/ns/1.0\"><channel>{items}</channel></rss>")
}

pub(super) fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("written to memory");
    encoder.finish().expect("written to memory")
}
