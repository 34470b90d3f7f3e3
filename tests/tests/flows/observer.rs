//! The functions wired as on Lambda, each with credentials of its own, and a proxy that records which function calls
//! what of which table, queue or bus, with which keys, and which environment variables it reads.

use crate::leading_keys::{Part, family, parts};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rekindle_emulators::services;
use rekindle_local_stack::{ADVANCE_QUEUE, EVENT_BUS, HOOKS_QUEUE, Handlers, SEND_QUEUE, Stack};
use rekindle_platform::{AwsEndpoints, Clients, Environment, Parts};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// Which action, as IAM spells it, on which resources, as the template names them; of a table with the families of keys.
type Calls = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Bodies of messages, each with its group.
type Queued = BTreeSet<(String, Option<String>)>;

thread_local! {
    /// The observer of the stages that are created on this thread.
    static PRESENT: RefCell<Option<Observer>> = const { RefCell::new(None) };
}

/// Records the calls and the environment of each function.
#[derive(Clone, Default)]
pub(crate) struct Observer {
    calls: Arc<Mutex<BTreeMap<String, Calls>>>,
    /// The same calls to tables one by one, with the keys themselves.
    keyed: Arc<Mutex<BTreeSet<(String, Part)>>>,
    /// The messages that were put on a queue.
    queued: Arc<Mutex<Queued>>,
    environments: Arc<Mutex<BTreeMap<&'static str, Vec<Environment>>>>,
    /// A function whose next call is refused.
    refused: Arc<Mutex<Option<&'static str>>>,
}

/// The proxy between the functions and AWS.
#[derive(Clone)]
struct Line {
    observer: Observer,
    aws: AwsEndpoints,
    /// The secret, because the proxy answers for Secrets Manager.
    link_keys: String,
}

impl Observer {
    /// Returns the observer of this thread.
    pub(crate) fn present() -> Option<Self> {
        PRESENT.with_borrow(Clone::clone)
    }

    /// Watches the stages that some work makes on this thread.
    pub(crate) fn watch(&self, work: impl FnOnce()) {
        PRESENT.set(Some(self.clone()));
        work();
        PRESENT.set(None);
    }

    /// Refuses the next call of a function.
    pub(crate) fn refuse_once(&self, function: &'static str) {
        *self.refused.lock().expect("no panic") = Some(function);
    }

    /// Wires the functions again from their environment.
    pub(crate) async fn rewire(&self, stack: &mut Stack, links_base_url: &str) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let link_keys = stack.data.load("link-keys.json").expect("readable").expect("the ring");
        let line = Line { observer: self.clone(), aws: aws_for_all(stack).await, link_keys };
        let router = Router::new().fallback(pass_on).with_state(line);
        tokio::spawn(axum::serve(listener, router).into_future());

        let queue = |name: &str| format!("{url}/000000000000/{name}");
        let variables = [
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_ENDPOINT_URL", url.clone()),
            ("TABLE_CUSTOMERS", "rekindle-customers".to_owned()),
            ("TABLE_ACTIVITY", "rekindle-activity".to_owned()),
            ("TABLE_SHOPS", "rekindle-shops".to_owned()),
            ("TABLE_ERASURES", "rekindle-erasures".to_owned()),
            ("QUEUE_ADVANCE_URL", queue(ADVANCE_QUEUE)),
            ("QUEUE_SEND_URL", queue(SEND_QUEUE)),
            ("QUEUE_HOOKS_URL", queue(HOOKS_QUEUE)),
            ("LINKS_BASE_URL", links_base_url.to_owned()),
            ("LINK_KEYS_SECRET", "arn:aws:secretsmanager:us-east-1:000000000000:secret:link-keys".to_owned()),
            ("SES_CONFIGURATION_SET", "rekindle".to_owned()),
            ("EVENT_BUS_NAME", EVENT_BUS.to_owned()),
            ("CANARY_FROM", "canary@example.com".to_owned()),
            ("EMAILS_PER_SECOND", "0".to_owned()),
            ("TEXTS_PER_SECOND", "100".to_owned()),
        ];
        let clock = stack.time.clock();
        let parts = |function: &'static str| {
            let own = variables.iter().map(|(name, value)| (*name, value.as_str()));
            let environment = Environment::from_pairs(own.chain([("AWS_ACCESS_KEY_ID", function)]));
            let clients = Clients::from_env(&environment).expect("all that clients need");
            let mut environments = self.environments.lock().expect("no panic");
            environments.entry(function).or_default().push(environment.clone());
            Parts::new(environment, clients).with_clock(clock.clone())
        };
        stack.handlers = Handlers::wire(parts).await.expect("wired");
        // As each function does at its start; `sweep` does not.
        let Handlers {
            ingest,
            admin,
            settings,
            catalogue,
            collect,
            advance,
            send,
            feedback,
            links,
            hooks,
            insight,
            sweep: _,
            console: _,
        } = &stack.handlers;
        let first = [&ingest.store, &admin.store, &settings.store, &catalogue.store, &collect.store, &advance.store];
        let stores =
            first.into_iter().chain([&send.store, &feedback.store, &links.store, &hooks.store, &insight.store]);
        for store in stores {
            store.prime().await;
        }
    }

    /// Returns what each function calls and which environment variables it reads, except AWS's own.
    pub(crate) fn to_json(&self) -> Value {
        let calls = self.calls.lock().expect("no panic");
        let environments = self.environments.lock().expect("no panic");
        let functions = environments.iter().map(|(function, environments)| {
            let asked: BTreeSet<String> = environments.iter().flat_map(Environment::asked).collect();
            let own = asked.into_iter().filter(|name| !name.starts_with("AWS_") && name != "RUST_LOG");
            let calls = calls.get(*function).into_iter().flatten();
            let calls: BTreeMap<_, _> =
                calls.map(|(action, resources)| (action, resources_to_json(resources))).collect();
            (*function, json!({ "environment": own.collect::<Vec<_>>(), "calls": calls }))
        });
        json!(functions.collect::<BTreeMap<_, _>>())
    }

    /// Returns every call to a table, with the function that made it.
    pub(crate) fn table_calls(&self) -> BTreeSet<(String, Part)> {
        self.keyed.lock().expect("no panic").clone()
    }

    /// Returns every message that was put on a queue: its body and its group.
    pub(crate) fn queued(&self) -> Queued {
        self.queued.lock().expect("no panic").clone()
    }

    fn note_queued(&self, message: &Value) {
        let Some(body) = message["MessageBody"].as_str() else { return };
        let group = message["MessageGroupId"].as_str().map(str::to_owned);
        self.queued.lock().expect("no panic").insert((body.to_owned(), group));
    }

    fn note(&self, function: &str, action: &str, resource: &str, families: impl IntoIterator<Item = String>) {
        let mut calls = self.calls.lock().expect("no panic");
        let of_function = calls.entry(function.to_owned()).or_default();
        let of_action = of_function.entry(action.to_owned()).or_default();
        of_action.entry(resource.to_owned()).or_default().extend(families);
    }

    fn note_part(&self, function: &str, part: Part) {
        let families = part.keys.iter().map(|key| family(&part.resource, key));
        // What names no key may touch all.
        let every = part.keys.is_empty().then(|| "*".to_owned());
        self.note(function, &part.action, &part.resource, families.chain(every));
        self.keyed.lock().expect("no panic").insert((function.to_owned(), part));
    }
}

/// The database and the services of a stack, at ports that take the credentials of any function.
async fn aws_for_all(stack: &Stack) -> AwsEndpoints {
    let listen = async || TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (dynamodb, others) = (listen().await, listen().await);
    let url = |listener: &TcpListener| format!("http://{}", listener.local_addr().expect("bound"));
    let endpoints = AwsEndpoints { dynamodb: url(&dynamodb), services: url(&others) };
    tokio::spawn(stack.engine.clone().serve(dynamodb));
    tokio::spawn(axum::serve(others, services::router(stack.cloud.clone())).into_future());
    endpoints
}

/// Records a call and forwards it to the service that answers it.
async fn pass_on(State(line): State<Line>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let function =
        text("authorization").split("Credential=").nth(1).and_then(|rest| rest.split('/').next()).map(str::to_owned);
    let function = function.expect("every call is signed");
    let target = text("x-amz-target");
    note(&line.observer, &function, &target, &uri, &body);
    if line.observer.refused.lock().expect("no panic").take_if(|refused| *refused == function).is_some() {
        // An error that the SDK does not retry.
        let refusal = json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "message": "refused" });
        return (StatusCode::BAD_REQUEST, axum::Json(refusal)).into_response();
    }
    if target == "secretsmanager.GetSecretValue" {
        return axum::Json(json!({ "Name": "link-keys", "SecretString": line.link_keys })).into_response();
    }
    let base = if target.starts_with("DynamoDB_") { &line.aws.dynamodb } else { &line.aws.services };
    let mut request = http::Request::builder().method(method).uri(format!("{base}{}", uri.path()));
    for (name, value) in headers.iter().filter(|(name, _)| !["host", "content-length"].contains(&name.as_str())) {
        request = request.header(name, value);
    }
    let request = request.body(body.to_vec()).expect("a request");
    let call = tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.run(request).expect("an answer");
        let bytes = answer.body_mut().read_to_vec().expect("a body");
        (answer.status(), answer.headers().clone(), bytes)
    });
    let (status, mut headers, bytes) = call.await.expect("no panic");
    headers.remove("transfer-encoding");
    (status, headers, Body::from(bytes)).into_response()
}

/// A list of resources, or of a table's the families of keys.
fn resources_to_json(resources: &BTreeMap<String, BTreeSet<String>>) -> Value {
    if resources.values().all(BTreeSet::is_empty) {
        json!(resources.keys().collect::<Vec<_>>())
    } else {
        json!(resources)
    }
}

fn note(observer: &Observer, function: &str, target: &str, uri: &Uri, body: &[u8]) {
    let see = |action: &str, resource: &str| observer.note(function, action, resource, []);
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some((service, operation)) = target.split_once('.') else {
        if uri.path().starts_with("/v2/email") {
            let action = match uri.path() {
                "/v2/email/outbound-emails" => "ses:SendEmail",
                "/v2/email/account" => "ses:GetAccount",
                _ => "ses:DeleteSuppressedDestination",
            };
            return see(action, "SES");
        }
        let form = String::from_utf8_lossy(body);
        let action = form.split('&').find_map(|pair| pair.strip_prefix("Action=")).expect("SNS names its action");
        return see(&format!("sns:{action}"), "SNS");
    };
    match service {
        "AmazonSQS" => {
            let queue = request["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
            request["Entries"]
                .as_array()
                .into_iter()
                .flatten()
                .chain([&request])
                .for_each(|sent| observer.note_queued(sent));
            see(&format!("sqs:{}", operation.trim_end_matches("Batch")), &queue_name(queue));
        }
        "AWSEvents" => see("events:PutEvents", "EventBus"),
        "secretsmanager" => see("secretsmanager:GetSecretValue", "LinkKeys"),
        _ => parts(operation, &request).into_iter().for_each(|part| observer.note_part(function, part)),
    }
}

fn queue_name(name: &str) -> String {
    match name {
        ADVANCE_QUEUE => "AdvanceQueue".to_owned(),
        SEND_QUEUE => "SendQueue".to_owned(),
        HOOKS_QUEUE => "HooksQueue".to_owned(),
        other => panic!("{other} is no queue that a function puts work on"),
    }
}
