//! The functions as Lambda runs them: an instance handles one event at a time, may be used again, and may stop anywhere.

use crate::line::Line;
use crate::world::World;
use admin::Admin;
use advance::Advance;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_types::retry::RetryConfig;
use feedback::Feedback;
use ingest::Ingest;
use jiff::Timestamp;
use links::Links;
use rekindle_messaging::{EventBus, KeyRing, Mailer, Templates, Texter};
use rekindle_platform::throttle::Throttle;
use rekindle_platform::{AwsEndpoints, Clients, WorkQueue};
use rekindle_store::{Store, Tables};
use send::Sender;
use send::limits::RateCaps;
use send::shop_context::ShopContexts;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use sweep::Sweep;
use tokio::sync::Notify;

/// Where the customers' pages are.
pub(crate) const LINKS: &str = "https://l.example.com";
const NOWHERE: &str = "http://127.0.0.1:1";

tokio::task_local! {
    /// Who makes the calls of this task.
    pub(crate) static CURRENT: Invocation;
}

/// Somebody who makes calls.
#[derive(Clone)]
pub(crate) struct Invocation {
    pub(crate) world: Arc<World>,
    pub(crate) function: &'static str,
    /// Stops it; nobody stops the operator, and nothing happens to their calls.
    pub(crate) crash: Option<Arc<Notify>>,
}

/// The clients of a history.
#[derive(Clone)]
pub(crate) struct Lines {
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    ses: aws_sdk_sesv2::Client,
    sns: aws_sdk_sns::Client,
    eventbridge: aws_sdk_eventbridge::Client,
    templates: Templates,
    link_keys: Arc<KeyRing>,
}

impl Lines {
    pub(crate) fn new() -> Self {
        let clients = Clients::local(&AwsEndpoints { dynamodb: NOWHERE.to_owned(), services: NOWHERE.to_owned() });
        let connector = SharedHttpConnector::new(Line);
        let http = http_client_fn(move |_, _| connector.clone());
        // As the functions' own, with pauses that a seed decides, and an allowance for repetitions that no other history uses.
        let retries = RetryConfig::standard().with_max_attempts(3);
        let partition = || RetryPartition::custom("a history").build();
        macro_rules! line {
            ($sdk:ident, $client:expr) => {
                $sdk::Client::from_conf($client.config().to_builder().http_client(http.clone()).build())
            };
            ($sdk:ident, $client:expr, repeated) => {{
                let config = $client.config().to_builder().http_client(http.clone());
                $sdk::Client::from_conf(config.retry_config(retries.clone()).retry_partition(partition()).build())
            }};
        }
        let ring =
            json!({ "current": 1, "keys": [{ "id": 1, "secret": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" }] });
        Self {
            dynamodb: line!(aws_sdk_dynamodb, clients.dynamodb(), repeated),
            sqs: line!(aws_sdk_sqs, clients.sqs(), repeated),
            ses: line!(aws_sdk_sesv2, clients.ses()),
            sns: line!(aws_sdk_sns, clients.sns()),
            eventbridge: line!(aws_sdk_eventbridge, clients.eventbridge(), repeated),
            templates: Templates::built_in(),
            link_keys: Arc::new(KeyRing::parse(&ring.to_string(), Timestamp::UNIX_EPOCH).expect("a ring")),
        }
    }

    pub(crate) fn client(&self) -> aws_sdk_dynamodb::Client {
        self.dynamodb.clone()
    }

    fn store(&self) -> Store {
        Store::new(self.dynamodb.clone(), Tables::with_prefix("r"))
    }

    pub(crate) fn queue(&self, name: &str) -> WorkQueue {
        WorkQueue::new(self.sqs.clone(), format!("{NOWHERE}/0/{name}"))
    }
}

/// An instance: what a function knows from its start on.
pub(crate) struct Instance {
    pub(crate) ingest: Ingest,
    pub(crate) links: Links,
    pub(crate) advance: Advance,
    pub(crate) sweep: Sweep,
    pub(crate) send: Sender,
    pub(crate) feedback: Feedback,
    pub(crate) admin: Admin,
}

impl Instance {
    fn start(world: &World) -> Self {
        let lines = &world.lines;
        let (store, link_keys) = (lines.store(), &lines.link_keys);
        let clock = world.time.clock(world.wrong_clock());
        let events = EventBus::named(lines.eventbridge.clone(), "bus".to_owned());
        Self {
            ingest: Ingest::new(store.clone(), clock.clone()),
            links: Links {
                store: store.clone(),
                link_keys: Arc::clone(link_keys),
                links_base_url: LINKS.to_owned(),
                clock: clock.clone(),
            },
            advance: Advance {
                store: store.clone(),
                send_queue: lines.queue("send"),
                advance_queue: lines.queue("advance"),
                link_keys: Arc::clone(link_keys),
                clock: clock.clone(),
            },
            sweep: Sweep {
                store: store.clone(),
                advance_queue: lines.queue("advance"),
                clock: clock.clone(),
                limit_per_shard: 5_000,
            },
            send: Sender {
                store: store.clone(),
                mailer: Mailer::new(&lines.ses, Some("set".to_owned())),
                texter: Texter::new(&lines.sns),
                canary_from: None,
                events: events.clone(),
                shops: ShopContexts::new(lines.templates.clone()),
                link_keys: Arc::clone(link_keys),
                links_base_url: LINKS.to_owned(),
                send_queue: lines.queue("send"),
                rate_caps: RateCaps { emails_per_second: None, texts_per_second: 20.0 },
                clock: clock.clone(),
            },
            feedback: Feedback {
                store: store.clone(),
                texter: Texter::new(&lines.sns),
                sns: lines.sns.clone(),
                events,
                link_keys: Arc::clone(link_keys),
                links_base_url: LINKS.to_owned(),
                between_pages: Duration::ZERO,
                clock: clock.clone(),
            },
            admin: Admin { store, clock, link_keys: Arc::clone(link_keys), throttle: Throttle::none() },
        }
    }
}

impl World {
    /// Runs a function for at most so long. Nothing comes of it if it stops on the way.
    pub(crate) async fn invoke<T>(
        self: &Arc<Self>,
        function: &'static str,
        seconds: u64,
        work: impl AsyncFnOnce(&Instance) -> T,
    ) -> Option<T> {
        let warm = self.warm.lock().expect("no panic").get_mut(function).and_then(Vec::pop);
        let instance = warm.unwrap_or_else(|| Instance::start(self));
        let crash = Arc::new(Notify::new());
        let by = Invocation { world: Arc::clone(self), function, crash: Some(Arc::clone(&crash)) };
        let done = tokio::select! {
            biased;
            () = crash.notified() => None,
            done = CURRENT.scope(by, work(&instance)) => Some(done),
            () = tokio::time::sleep(Duration::from_secs(seconds)) => None,
        };
        if done.is_some() {
            self.warm.lock().expect("no panic").entry(function).or_default().push(instance);
        }
        done
    }

    /// Does something as the operator, to whom nothing happens.
    pub(crate) async fn operate<T>(self: &Arc<Self>, work: impl AsyncFnOnce(&Instance) -> T) -> T {
        let instance = Instance::start(self);
        let by = Invocation { world: Arc::clone(self), function: "operator", crash: None };
        CURRENT.scope(by, work(&instance)).await
    }
}
