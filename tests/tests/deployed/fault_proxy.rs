//! A proxy between a function and a service, which refuses calls, or keeps their answers.

use crate::stack::Stack;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// What happens to calls.
#[derive(Debug, Clone, Copy)]
enum Plan {
    PassOn,
    /// Every call is refused and not passed on.
    Refuse {
        status: u16,
        code: &'static str,
    },
    /// The next call is passed on, and its caller never gets the answer.
    KeepOneAnswer,
}

/// What happened so far.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    refused: usize,
    kept: usize,
}

/// A running proxy. Dropping it stops it.
pub(crate) struct FaultProxy {
    line: Line,
    url: String,
    _runtime: Runtime,
}

#[derive(Clone)]
struct Line {
    service: String,
    plan: Arc<Mutex<(Plan, Seen)>>,
    /// Callers that wait for an answer that is kept.
    waiting: Arc<AtomicUsize>,
}

impl FaultProxy {
    /// Starts it before a service, on a free port of loopback. It passes every call on until a fault is set.
    pub(crate) fn before(service: &str) -> Self {
        let line = Line {
            service: service.to_owned(),
            plan: Arc::new(Mutex::new((Plan::PassOn, Seen::default()))),
            waiting: Arc::default(),
        };
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(line.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { line, url, _runtime: runtime }
    }

    /// Refuses every call with an error of AWS.
    pub(crate) fn refuse(&self, status: u16, code: &'static str) {
        self.set(Plan::Refuse { status, code });
    }

    /// Passes the next call on and keeps its answer; calls after it pass.
    pub(crate) fn keep_one_answer(&self) {
        self.set(Plan::KeepOneAnswer);
    }

    /// Passes every call on.
    pub(crate) fn pass_on(&self) {
        self.set(Plan::PassOn);
    }

    /// Calls that were refused so far.
    pub(crate) fn refused(&self) -> usize {
        self.line.plan.lock().expect("no panic").1.refused
    }

    /// Answers that were kept so far.
    pub(crate) fn kept(&self) -> usize {
        self.line.plan.lock().expect("no panic").1.kept
    }

    /// Callers that still wait for an answer that is kept.
    pub(crate) fn waiting(&self) -> usize {
        self.line.waiting.load(Ordering::Relaxed)
    }

    fn set(&self, plan: Plan) {
        self.line.plan.lock().expect("no panic").0 = plan;
    }

    /// Puts it between a function and the service: new instances of the function find it in a variable of their environment.
    pub(crate) fn between<'s>(&self, stack: &'s Stack<'s>, function: &'static str, variable: &str) -> Redirected<'s> {
        let variables = stack.configuration(function)["Environment"]["Variables"].clone();
        let mut redirected = variables.clone();
        redirected[variable] = self.url.clone().into();
        let told = Redirected { stack, function, variables };
        told.set(&redirected);
        told
    }
}

/// A function that calls a service by a proxy. Dropping it gives the function its own environment back.
pub(crate) struct Redirected<'s> {
    stack: &'s Stack<'s>,
    function: &'static str,
    variables: Value,
}

impl Redirected<'_> {
    fn set(&self, variables: &Value) {
        let environment = json!({ "Variables": variables }).to_string();
        let name = Stack::function(self.function);
        let update =
            ["lambda", "update-function-configuration", "--function-name", &name, "--environment", &environment];
        self.stack.emulator.aws(&update);
    }
}

impl Drop for Redirected<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.set(&self.variables);
        }
    }
}

/// A caller that waits. It ends when the caller gives up.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn begin(callers: &Arc<AtomicUsize>) -> Self {
        callers.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(callers))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answers a call as planned.
async fn answer(State(line): State<Line>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let plan = {
        let mut plan = line.plan.lock().expect("no panic");
        let now = plan.0;
        match now {
            Plan::PassOn => {}
            Plan::Refuse { .. } => plan.1.refused += 1,
            Plan::KeepOneAnswer => plan.0 = Plan::PassOn,
        }
        now
    };
    match plan {
        Plan::PassOn => pass_on(&line.service, method, &uri, &headers, body).await,
        Plan::Refuse { status, code } => {
            // As both protocols name an error: DynamoDB's in the body, SES's in a header.
            let body = json!({ "__type": format!("com.amazon.coral.service#{code}"), "message": code });
            let status = StatusCode::from_u16(status).expect("a status");
            (status, [("x-amzn-errortype", code)], axum::Json(body)).into_response()
        }
        Plan::KeepOneAnswer => {
            pass_on(&line.service, method, &uri, &headers, body).await;
            let _waiting = Waiting::begin(&line.waiting);
            line.plan.lock().expect("no panic").1.kept += 1;
            std::future::pending().await
        }
    }
}

/// Passes a call on as it was signed.
async fn pass_on(service: &str, method: Method, uri: &Uri, headers: &HeaderMap, body: Bytes) -> Response {
    let mut request = http::Request::builder().method(method).uri(format!("{service}{uri}"));
    for (name, value) in headers.iter().filter(|(name, _)| *name != "content-length") {
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
