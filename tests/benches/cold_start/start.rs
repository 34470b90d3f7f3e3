//! One start, and what it cost.

use crate::database::Database;
use crate::runtime_api::RuntimeApi;
use crate::subject::Subject;
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The longest time that a start may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The costs of a start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Processor time, of the program and of the system on its behalf.
    pub(crate) processor: Duration,
    /// From the start of the process to the answer.
    pub(crate) elapsed: Duration,
    /// The peak resident memory, in KiB.
    pub(crate) resident: u64,
}

/// Starts a function, gives it an event, and measures it when it asks for the next one.
pub(crate) async fn measure(subject: &Subject, database: &Database) -> Cost {
    let before = database.facts().await;
    let api = RuntimeApi::start(event(&database.key, before)).await;
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cold_start/last-start.log");
    let started = Instant::now();
    let mut process = Process(spawn(subject, database, &api.address, &log));
    let answered = tokio::time::timeout(PATIENCE, api.answered()).await;
    let elapsed = started.elapsed();
    let cost = Cost { processor: process.processor(), elapsed, resident: process.resident() };
    process.end();
    let answer = answered.unwrap_or_default();
    let logged = || fs::read_to_string(&log).unwrap_or_default();
    assert_eq!(answer["statusCode"], 200, "{} answered {answer}\n{}", subject.name, logged());
    assert_eq!(database.facts().await, before + 1, "{} stored its fact", subject.name);
    cost
}

fn spawn(subject: &Subject, database: &Database, runtime_api: &str, log: &Path) -> Child {
    let log = fs::File::create(log).expect("a log");
    Command::new(&subject.program)
        .args(&subject.arguments)
        .env_clear()
        .envs(&subject.environment)
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", "ingest")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_REGION", "us-east-1")
        // Lambda sets both; boto3 knows only this one.
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        .env("AWS_ENDPOINT_URL_DYNAMODB", &database.url)
        .env("AWS_CA_BUNDLE", &database.bundle)
        .env("NODE_EXTRA_CA_CERTS", &database.bundle)
        .env("TABLE_CUSTOMERS", &database.tables.customers)
        .env("TABLE_ACTIVITY", &database.tables.activity)
        .env("TABLE_SHOPS", &database.tables.shops)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("{} cannot be started: {error}", subject.name))
}

/// A process that does not outlive its measurement.
struct Process(Child);

impl Process {
    /// The time that its threads ran, to the nanosecond: the kernel's own account, which is complete while they wait.
    fn processor(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0.id())).expect("the process runs");
        let ran = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("schedstat")).ok());
        let nanoseconds = ran.filter_map(|ran| ran.split(' ').next()?.parse::<u64>().ok());
        Duration::from_nanos(nanoseconds.sum())
    }

    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    fn end(&mut self) {
        // The process may have ended by itself, which the caller detects.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// An order posted to `POST /v1/track`, as API Gateway hands it over.
fn event(key: &str, number: i32) -> Value {
    let authorization = format!("Basic {}", Base64::encode_string(format!("{key}:").as_bytes()));
    let body = json!({
        "type": "track",
        "event": "Order Completed",
        "userId": format!("customer-{number}"),
        "messageId": format!("message-{number}"),
        "timestamp": jiff::Timestamp::now().to_string(),
        "properties": { "order_id": format!("order-{number}"), "total": "59.90", "currency": "EUR" },
    });
    json!({
        "version": "2.0",
        "routeKey": "POST /v1/track",
        "rawPath": "/v1/track",
        "rawQueryString": "",
        "headers": {
            "authorization": authorization,
            "content-type": "application/json",
            "host": "api.example.com",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": "POST",
                "path": "/v1/track",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.1",
                "userAgent": "bench",
            },
            "requestId": "request",
            "routeKey": "POST /v1/track",
            "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1_795_348_800_000_u64,
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}
