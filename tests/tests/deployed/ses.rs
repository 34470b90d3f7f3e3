//! SES, emulated by the local stack: it keeps every request whole, and the events about each mail wait in a queue until the
//! test publishes them.

use jiff::Timestamp;
use rekindle_emulators::storage::MailboxFilter;
use rekindle_emulators::{Cloud, CloudSettings, Durability, Message, Page, QueueSettings, services};
use rekindle_platform::Clock;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// Where the stand-in stores its events; no other program reads it.
const EVENTS: &str = "events-of-ses";
/// Mails that it accepts in a second.
pub(crate) const MAILS_A_SECOND: u32 = 5;
/// Mails that the test reads at once.
const MANY: u32 = 1_000;

/// A running stand-in. Dropping it stops it.
pub(crate) struct SesStandIn {
    cloud: Cloud,
    url: String,
    _runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl SesStandIn {
    /// Starts it on a free port of loopback.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = CloudSettings {
            durability: Durability::Relaxed,
            queues: vec![QueueSettings::new(EVENTS)],
            feedback_queue: Some(EVENTS.to_owned()),
            mails_a_second: MAILS_A_SECOND,
            ..CloudSettings::default()
        };
        let cloud = Cloud::open(&folder.path().join("cloud.db"), settings, Clock::system()).expect("it opens");
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = services::router(cloud.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { cloud, url, _runtime: runtime, _folder: folder }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Every mail that it accepted, the latest first.
    pub(crate) fn mails(&self) -> Vec<Message> {
        self.cloud.mailbox().load(&MailboxFilter::default(), Page::Newest, MANY).expect("the mailbox")
    }

    /// When each mail of a shop arrived, the earliest first.
    pub(crate) fn arrivals(&self, shop: &str) -> Vec<Timestamp> {
        let mails = self.mails();
        let of_shop = mails.iter().filter(|mail| mail.content.request.tag("shop") == Some(shop));
        let mut arrivals: Vec<Timestamp> = of_shop.map(|mail| mail.sent_at).collect();
        arrivals.sort_unstable();
        arrivals
    }

    /// Returns the reports that were not taken yet, in the form in which SES publishes them to a topic, and removes
    /// them.
    pub(crate) fn take_events(&self) -> Vec<Value> {
        let queues = self.cloud.queues();
        let mut events = Vec::new();
        loop {
            let taken = queues.receive(EVENTS, 10).expect("the queue");
            if taken.is_empty() {
                return events;
            }
            for message in &taken {
                let envelope: Value = serde_json::from_str(&message.body).expect("JSON");
                let event = envelope["Message"].as_str().expect("an event");
                events.push(serde_json::from_str(event).expect("JSON"));
            }
            queues.delete(EVENTS, taken.iter().map(|message| message.receipt.as_str())).expect("deleted");
        }
    }
}
