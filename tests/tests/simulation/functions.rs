//! The functions as Lambda runs them: an instance handles one event at a time, may be used again, and may stop anywhere.

use crate::bug::Bug;
use crate::edits;
use crate::line::Line;
use crate::world::World;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_types::retry::RetryConfig;
use rekindle_local_stack::Handlers;
use rekindle_messaging::Templates;
use rekindle_platform::throttle::Throttle;
use rekindle_platform::{AwsEndpoints, Clients, Environment, Parts};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Where the customers' pages are.
pub(crate) const LINKS: &str = "https://l.example.com";
const NOWHERE: &str = "http://127.0.0.1:1";

tokio::task_local! {
    /// The invocation that makes the calls of this task.
    pub(crate) static CURRENT: Invocation;
}

/// A running function, or the operator, as the maker of calls.
#[derive(Clone)]
pub(crate) struct Invocation {
    pub(crate) world: Arc<World>,
    pub(crate) function: &'static str,
    /// Stops it; the operator is never stopped, and their calls never fail.
    pub(crate) crash: Option<Arc<Notify>>,
}

/// What all functions of a history are wired from: clients whose calls the history answers, and the environment.
#[derive(Clone)]
pub(crate) struct Lines {
    clients: Clients,
    environment: Vec<(&'static str, String)>,
    templates: Templates,
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
        let clients = clients
            .clone()
            .with(line!(aws_sdk_dynamodb, clients.dynamodb(), repeated))
            .with(line!(aws_sdk_sqs, clients.sqs(), repeated))
            .with(line!(aws_sdk_sesv2, clients.ses()))
            .with(line!(aws_sdk_sns, clients.sns()))
            .with(line!(aws_sdk_eventbridge, clients.eventbridge(), repeated));
        let queue_url = |name: &str| format!("{NOWHERE}/0/{name}");
        let environment = [
            ("TABLE_CUSTOMERS", "r-customers"),
            ("TABLE_ACTIVITY", "r-activity"),
            ("TABLE_SHOPS", "r-shops"),
            ("TABLE_ERASURES", "r-erasures"),
            ("QUEUE_ADVANCE_URL", &queue_url("advance")),
            ("QUEUE_SEND_URL", &queue_url("send")),
            ("QUEUE_HOOKS_URL", &queue_url("hooks")),
            ("LINKS_BASE_URL", LINKS),
            ("SES_CONFIGURATION_SET", "set"),
            ("EVENT_BUS_NAME", "bus"),
            ("TEXTS_PER_SECOND", "20"),
        ];
        let environment = environment.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { clients, environment, templates: Templates::built_in() }
    }

    pub(crate) fn client(&self) -> aws_sdk_dynamodb::Client {
        self.clients.dynamodb()
    }
}

impl World {
    /// A cold start: wires the functions anew, with what they know from their start on.
    async fn start(&self) -> Handlers {
        let lines = &self.lines;
        let keys = edits::ring(self.rotated_at, self.time.seconds(), !self.has(Bug::RotationForgetsKeys));
        let pairs = lines.environment.iter().map(|(name, value)| (*name, value.as_str()));
        let environment = Environment::from_pairs(pairs.chain([("LINK_KEYS_SECRET", keys.as_str())]));
        let parts = Parts::new(environment, lines.clients.clone())
            .with_clock(self.time.clock(self.wrong_clock()))
            .with_throttle(Throttle::none())
            .with(lines.templates.clone());
        Handlers::wire(|_| parts.clone()).await.expect("the environment is complete")
    }

    /// Runs a function for at most `seconds`. Returns `None` if it stops before its end.
    pub(crate) async fn invoke<T>(
        self: &Arc<Self>,
        function: &'static str,
        seconds: u64,
        work: impl AsyncFnOnce(&Handlers) -> T,
    ) -> Option<T> {
        let now = self.time.seconds();
        let warm = self.warm.lock().expect("no panic").get_mut(function).and_then(Vec::pop);
        let (started_at, instance) = match warm {
            Some((started_at, warm)) if !edits::must_load_keys(self.rotated_at, started_at, now) => (started_at, warm),
            _ => (now, self.start().await),
        };
        let crash = Arc::new(Notify::new());
        let by = Invocation { world: Arc::clone(self), function, crash: Some(Arc::clone(&crash)) };
        let done = tokio::select! {
            biased;
            () = crash.notified() => None,
            done = CURRENT.scope(by, work(&instance)) => Some(done),
            () = tokio::time::sleep(Duration::from_secs(seconds)) => None,
        };
        if done.is_some() {
            self.warm.lock().expect("no panic").entry(function).or_default().push((started_at, instance));
        }
        done
    }

    /// Runs something as the operator, without faults.
    pub(crate) async fn operate<T>(self: &Arc<Self>, work: impl AsyncFnOnce(&Handlers) -> T) -> T {
        let instance = self.start().await;
        let by = Invocation { world: Arc::clone(self), function: "operator", crash: None };
        CURRENT.scope(by, work(&instance)).await
    }
}
