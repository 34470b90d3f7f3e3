//! The Lambda Runtime API, as far as one event needs it.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Hands one event to a function.
pub(crate) struct RuntimeApi {
    /// Host and port.
    pub(crate) address: String,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

struct Shared {
    event: Mutex<Option<Value>>,
    answer: Mutex<Option<Value>>,
    /// The function has requested the next event.
    done: Notify,
}

impl RuntimeApi {
    pub(crate) async fn start(event: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound").to_string();
        let shared = Arc::new(Shared { event: Mutex::new(Some(event)), answer: Mutex::default(), done: Notify::new() });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{kind}", post(answer))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("serves") });
        Self { address, shared, server }
    }

    /// Waits until the function has answered and asks for another event: its answer.
    pub(crate) async fn answered(&self) -> Value {
        self.shared.done.notified().await;
        self.shared.answer.lock().expect("no panic").take().unwrap_or_default()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let event = shared.event.lock().expect("no panic").take();
    let Some(event) = event else {
        shared.done.notify_one();
        return std::future::pending().await;
    };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:ingest"),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"),
    ];
    (headers, Json(event))
}

async fn answer(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    // Not every runtime declares its body as JSON. Anything else is shown as text.
    let answer = serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into());
    *shared.answer.lock().expect("no panic") = Some(answer);
    StatusCode::ACCEPTED
}
