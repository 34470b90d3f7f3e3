//! The whole engine on a local stack: on disk, every commit waits for it, the real SDK clients over HTTP.

use crate::intake;
use crate::report::Report;
use aws_lambda_events::event::sqs::SqsEvent;
use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::Durability;
use rekindle_local_stack::{ADVANCE_QUEUE, DataDir, FEEDBACK_QUEUE, SEND_QUEUE, Stack, StackTime, StreamReader, http};
use rekindle_store::shop::api_keys::Role;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

const ONE_BY_ONE: &str = "events over HTTP: one a call, one client";
const AT_ONCE: &str = "events over HTTP: one a call, eight clients";
const BATCHES: &str = "events over HTTP: 100 a call, one client";
const FIRST_ORDERS: &str = "advance: first orders, two journeys begin";
const REPEAT_ORDERS: &str = "advance: repeat orders";
const DUE: &str = "advance: due customers, each gets a message";
const SENT: &str = "send: messages to the SES endpoint";
const REPORTS: &str = "feedback: provider events";
const SWEPT: &str = "sweep: customers found due";
/// What is measured here.
pub(crate) const MEASUREMENTS: [&str; 9] =
    [ONE_BY_ONE, AT_ONCE, BATCHES, FIRST_ORDERS, REPEAT_ORDERS, DUE, SENT, REPORTS, SWEPT];

const ROUNDS: usize = 5;
/// New customers of each round.
const CUSTOMERS: usize = 200;
/// What a queue's mapping hands over at a time.
const BATCH: usize = 64;
const CLIENTS: usize = 8;

/// Measures in rounds, each with customers of its own and all measurements in turn, so that a slow moment of the
/// machine affects all figures alike.
pub(crate) async fn measure(report: &mut Report) {
    let mut bench = Bench::start().await;
    for round in 0..ROUNDS {
        eprint!("\rround {} of {ROUNDS}", round + 1);
        bench.round(report, round).await;
    }
    eprintln!();
    intake::webhooks(&bench, report).await;
    intake::imports(&bench, report).await;
}

/// A stack on disk that answers HTTP, and how far its stream was read.
pub(crate) struct Bench {
    pub(crate) stack: Arc<Stack>,
    stream: StreamReader,
    pub(crate) origin: String,
    /// The shop's write key.
    pub(crate) key: String,
    directory: TempDir,
}

impl Bench {
    async fn start() -> Self {
        // Where the program is built, there is a disk; a temporary directory may be memory.
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let data = Arc::new(DataDir::take(directory.path()).expect("a free directory"));
        let start = "2026-01-05T10:00:00Z".parse().expect("an instant");
        let time = StackTime::virtual_from(start, &data).expect("a clock");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("bound"));
        let stack = Stack::start(data, time, Durability::Full, &origin).await.expect("a stack");
        let policy = "[experiment]\nholdout = 0.0";
        stack.store.put_policy(&stack.shop.id, policy).await.expect("a policy");
        let key = stack.shop.new_key(&stack.store, Role::Write, start).await.expect("a key");
        let stack = Arc::new(stack);
        tokio::spawn(http::serve(listener, http::router(Arc::clone(&stack), None)));
        let stream = stack.engine.stream(&stack.store.tables().activity).expect("a stream");
        Self { stack, stream, origin, key, directory }
    }

    async fn round(&mut self, report: &mut Report, round: usize) {
        let customers: Vec<String> = (0..CUSTOMERS).map(|number| format!("customer-{round}-{number}")).collect();
        self.post(orders(&customers, 0, self.now())).await;
        let (count, took) = self.advance_stream().await;
        report.round(FIRST_ORDERS, count, took);

        self.pass(SignedDuration::from_hours(1));
        let started = Instant::now();
        let swept = sweep::handle(&self.stack.handlers.sweep).await.expect("swept");
        report.round(SWEPT, swept.due, started.elapsed());
        let (count, took) = self.drain(ADVANCE_QUEUE).await;
        report.round(DUE, count, took);
        let (count, took) = self.drain(SEND_QUEUE).await;
        // The customers of earlier rounds get their later messages meanwhile.
        assert!(count >= CUSTOMERS, "every new customer gets a message");
        report.round(SENT, count, took);
        let (count, took) = self.drain(FEEDBACK_QUEUE).await;
        report.round(REPORTS, count, took);
        self.forget_stream();

        self.pass(SignedDuration::from_hours(23));
        self.post(orders(&customers, 1, self.now())).await;
        let (count, took) = self.advance_stream().await;
        report.round(REPEAT_ORDERS, count, took);

        self.http(report, round).await;
        intake::round(self, report, round).await;
        self.forget_stream();
    }

    async fn http(&self, report: &mut Report, round: usize) {
        let visitors: Vec<String> = (0..100).map(|number| format!("visitor-{round}-{number}")).collect();
        let started = Instant::now();
        for event in orders(&visitors, 0, self.now()) {
            self.post(vec![event]).await;
        }
        report.round(ONE_BY_ONE, visitors.len(), started.elapsed());

        let started = Instant::now();
        let clients = (0..CLIENTS).map(|client| {
            let events = orders(&visitors, 1 + client, self.now());
            async move {
                for event in events {
                    self.post(vec![event]).await;
                }
            }
        });
        futures::future::join_all(clients).await;
        report.round(AT_ONCE, CLIENTS * visitors.len(), started.elapsed());

        let batches = 20;
        let started = Instant::now();
        for batch in 0..batches {
            self.post(orders(&visitors, 100 + batch, self.now())).await;
        }
        report.round(BATCHES, batches * visitors.len(), started.elapsed());
    }

    /// A folder on the disk of the stack.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.stack.time.now()
    }

    fn pass(&self, by: SignedDuration) {
        self.stack.time.move_to(self.now() + by, &self.stack.data).expect("the clock can be kept");
    }

    /// Posts events in one call.
    pub(crate) async fn post(&self, events: Vec<Value>) {
        let (url, bearer) = (format!("{}/v1/batch", self.origin), format!("Bearer {}", self.key));
        let posted = tokio::task::spawn_blocking(move || {
            let answer = ureq::post(&url).header("authorization", &bearer).send_json(json!({ "batch": events }));
            answer.expect("accepted").body_mut().read_to_string().expect("an answer")
        });
        let answer = posted.await.expect("posted");
        assert!(answer.contains("\"rejected\":[]"), "{answer}");
    }

    /// Hands every new fact to `advance`; returns their number and the time that it took.
    async fn advance_stream(&mut self) -> (usize, Duration) {
        let (mut count, mut took) = (0, Duration::ZERO);
        loop {
            let batch = self.stream.next_batch().expect("the stream");
            let new = |record: &&Value| {
                record["eventName"] == "INSERT" && record["dynamodb"]["NewImage"]["fact"] != Value::Null
            };
            let facts: Vec<&Value> = batch.records.iter().filter(new).collect();
            if batch.records.is_empty() {
                return (count, took);
            }
            if !facts.is_empty() {
                let started = Instant::now();
                let event = json!({ "Records": facts });
                let answer = advance::handle(&self.stack.handlers.advance, event).await.expect("advanced");
                took += started.elapsed();
                assert_eq!(answer["batchItemFailures"], json!([]));
            }
            count += facts.len();
            self.stream.done_with(batch);
            self.stack.engine.trim(&[&self.stream]).expect("the stream");
        }
    }

    fn forget_stream(&mut self) {
        loop {
            let batch = self.stream.next_batch().expect("the stream");
            if batch.records.is_empty() {
                return;
            }
            self.stream.done_with(batch);
            self.stack.engine.trim(&[&self.stream]).expect("the stream");
        }
    }

    /// Hands all messages of a queue to its function; returns their number and the time that it took.
    async fn drain(&self, queue: &str) -> (usize, Duration) {
        let queues = self.stack.cloud.queues();
        let (mut count, mut took) = (0, Duration::ZERO);
        loop {
            let received = queues.receive(queue, BATCH).expect("the queue");
            if received.is_empty() {
                return (count, took);
            }
            let records: Vec<Value> = received
                .iter()
                .map(|message| json!({ "messageId": message.message_id, "body": message.body, "eventSource": "aws:sqs" }))
                .collect();
            let event = json!({ "Records": records });
            let started = Instant::now();
            let failed = self.handle(queue, event).await;
            took += started.elapsed();
            assert_eq!(failed, 0, "nothing fails");
            count += received.len();
            queues.delete(queue, received.iter().map(|message| message.receipt.as_str())).expect("deleted");
        }
    }

    async fn handle(&self, queue: &str, event: Value) -> usize {
        let handlers = &self.stack.handlers;
        let typed = || serde_json::from_value::<SqsEvent>(event.clone()).expect("an event");
        match queue {
            SEND_QUEUE => send::handle(&handlers.send, typed()).await.batch_item_failures.len(),
            FEEDBACK_QUEUE => feedback::handle(&handlers.feedback, typed()).await.batch_item_failures.len(),
            _ => {
                let answer = advance::handle(&handlers.advance, event).await.expect("advanced");
                answer["batchItemFailures"].as_array().map_or(0, Vec::len)
            }
        }
    }
}

/// An order of each customer.
pub(crate) fn orders(customers: &[String], number: usize, at: Timestamp) -> Vec<Value> {
    let event = |customer: &String| {
        json!({
            "type": "track",
            "event": "Order Completed",
            "userId": customer,
            "messageId": format!("{customer}-{number}"),
            "timestamp": at.to_string(),
            "properties": { "order_id": format!("{customer}-{number}"), "total": "59.90", "currency": "EUR" },
            "context": {
                "traits": {
                    "email": format!("{customer}@example.com"),
                    "firstName": "Anastasia",
                    "phone": "+442071838750",
                    "sms_marketing_consent": true,
                },
                "locale": "en-GB",
            },
        })
    };
    customers.iter().map(event).collect()
}
