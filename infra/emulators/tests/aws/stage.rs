//! A cloud for one test: a directory that is removed afterwards, a clock that stands still, a listener, and a client of
//! each service.

use aws_credential_types::Credentials;
use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::{Cloud, CloudSettings, Durability, QueueSettings, Redrive, services};
use rekindle_platform::Clock;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The queue of the tests: 30 seconds of visibility, dead after 3 receives.
pub(crate) const QUEUE: &str = "send";
/// The queue's dead-letter queue.
pub(crate) const DEAD: &str = "send-dead";
/// Where SES's events go.
pub(crate) const FEEDBACK: &str = "feedback";

pub(crate) struct Stage {
    pub(crate) cloud: Cloud,
    pub(crate) ses: aws_sdk_sesv2::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) eventbridge: aws_sdk_eventbridge::Client,
    pub(crate) endpoint: String,
    /// Removed when the stage is dropped.
    _directory: tempfile::TempDir,
    now: Arc<AtomicI64>,
}

/// The time at which every test begins.
pub(crate) fn beginning() -> Timestamp {
    "1997-03-01T12:00:00Z".parse().expect("a timestamp")
}

pub(crate) fn settings() -> CloudSettings {
    let redrive = Redrive { dead_letter_queue: DEAD.to_owned(), max_receives: 3 };
    CloudSettings {
        durability: Durability::Relaxed,
        queues: vec![
            QueueSettings { redrive: Some(redrive), ..QueueSettings::new(QUEUE) },
            QueueSettings::new(DEAD),
            QueueSettings::new(FEEDBACK),
        ],
        feedback_queue: Some(FEEDBACK.to_owned()),
        ..CloudSettings::default()
    }
}

pub(crate) fn open(directory: &Path, clock: Clock) -> Cloud {
    Cloud::open(&directory.join("cloud.db"), settings(), clock).expect("the cloud opens")
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let now = Arc::new(AtomicI64::new(beginning().as_millisecond()));
        let told = Arc::clone(&now);
        let clock = Clock::from_fn(move || {
            Timestamp::from_millisecond(told.load(Ordering::SeqCst)).expect("within the calendar")
        });
        let cloud = open(directory.path(), clock);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let router = services::router(cloud.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });

        let http = aws_smithy_http_client::Builder::new().build_http();
        let credentials = Credentials::new("test", "test", None, None, "test");
        // Every client has its own types with the same settings.
        macro_rules! client {
            ($sdk:ident) => {
                $sdk::Client::from_conf(
                    $sdk::Config::builder()
                        .behavior_version($sdk::config::BehaviorVersion::latest())
                        .region($sdk::config::Region::new("us-east-1"))
                        .credentials_provider(credentials.clone())
                        .endpoint_url(&endpoint)
                        .http_client(http.clone())
                        .retry_config($sdk::config::retry::RetryConfig::disabled())
                        .build(),
                )
            };
        }
        Self {
            ses: client!(aws_sdk_sesv2),
            sns: client!(aws_sdk_sns),
            sqs: client!(aws_sdk_sqs),
            eventbridge: client!(aws_sdk_eventbridge),
            cloud,
            endpoint,
            _directory: directory,
            now,
        }
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).expect("a short time");
        self.now.fetch_add(by, Ordering::SeqCst);
    }

    pub(crate) fn after(&self, seconds: i64) -> Timestamp {
        beginning() + SignedDuration::from_secs(seconds)
    }

    pub(crate) fn queue_url(&self, name: &str) -> String {
        format!("{}/000000000000/{name}", self.endpoint)
    }

    /// The SES events on the feedback queue, oldest first, taken out of their envelopes and deleted.
    pub(crate) fn events(&self) -> Vec<Value> {
        let queues = self.cloud.queues();
        let received = queues.receive(FEEDBACK, 100).expect("the feedback queue");
        queues.delete(FEEDBACK, received.iter().map(|message| message.receipt.as_str())).expect("deleted");
        let event = |body: &str| {
            let envelope: Value = serde_json::from_str(body).expect("an envelope");
            assert_eq!(envelope["Type"], "Notification");
            serde_json::from_str(envelope["Message"].as_str().expect("a message")).expect("an event")
        };
        received.iter().map(|message| event(&message.body)).collect()
    }

    /// The types of those events.
    pub(crate) fn event_types(&self) -> Vec<String> {
        self.events().iter().map(|event| event["eventType"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
