//! Importing into an endpoint that fails now and then.

use crate::import::{import, run};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use rekindle_imports::import::Summary;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Chooses the endpoint's answer to the events of a call; `None` means a healthy answer.
type Mood = dyn Fn(&Endpoint, &[String]) -> Option<Response> + Send + Sync;

/// An endpoint that counts how often each order was taken in.
#[derive(Default)]
struct Endpoint {
    taken: Mutex<HashMap<String, u32>>,
    calls: Mutex<u32>,
}

async fn serve(
    mood: impl Fn(&Endpoint, &[String]) -> Option<Response> + Send + Sync + 'static,
) -> (String, Arc<Endpoint>) {
    async fn take(State((endpoint, mood)): State<(Arc<Endpoint>, Arc<Mood>)>, body: Bytes) -> Response {
        let call: Value = serde_json::from_slice(&body).expect("JSON");
        let events = call["batch"].as_array().expect("a batch");
        let orders: Vec<String> = events.iter().map(|event| event["properties"]["order_id"].to_string()).collect();
        if orders.is_empty() {
            return axum::Json(json!({ "success": true })).into_response();
        }
        *endpoint.calls.lock().expect("no panic") += 1;
        if let Some(response) = mood(&endpoint, &orders) {
            return response;
        }
        let mut taken = endpoint.taken.lock().expect("no panic");
        for order in orders {
            *taken.entry(order).or_default() += 1;
        }
        axum::Json(json!({ "success": true, "rejected": [], "warnings": [] })).into_response()
    }
    let endpoint = Arc::new(Endpoint::default());
    let mood: Arc<Mood> = Arc::new(mood);
    let router = Router::new().route("/v1/import", post(take)).with_state((Arc::clone(&endpoint), mood));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(axum::serve(listener, router).into_future());
    (url, endpoint)
}

fn history(folder: &Path, rows: usize) -> PathBuf {
    let rows: String = (0..rows).map(|n| format!("anna,o{n},2026-03-01,1\n")).collect();
    let file = folder.join("orders.csv");
    std::fs::write(&file, format!("customer_id,order_id,ordered_at,amount\n{rows}")).expect("written");
    file
}

fn busy(status: StatusCode) -> Response {
    (status, [("retry-after", "0")], "{}").into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_endpoint_is_retried_until_it_accepts_every_row() {
    for status in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS, StatusCode::INTERNAL_SERVER_ERROR] {
        let folder = tempfile::tempdir().expect("a folder");
        let (url, endpoint) = serve(move |endpoint, _| {
            let calls = *endpoint.calls.lock().expect("no panic");
            (calls % 3 == 1).then(|| busy(status))
        })
        .await;
        let summary = run(&mut import(&url, "key", &history(folder.path(), 450), false)).await.expect("imported");
        assert_eq!(summary, Summary { rows: 450, accepted: 450, rejected: 0, warnings: 0 });
        assert_eq!(endpoint.taken.lock().expect("no panic").len(), 450);
        assert!(*endpoint.calls.lock().expect("no panic") > 5, "it was busy at times");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_import_continues_after_the_acknowledged_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = history(folder.path(), 1_000);
    // Fails permanently once 550 rows are stored, in the middle of concurrent calls.
    let is_broken = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let broken = Arc::clone(&is_broken);
    let (url, endpoint) = serve(move |_, orders| {
        let is_late = orders.iter().any(|order| order == "\"o550\"");
        (is_late && broken.load(std::sync::atomic::Ordering::SeqCst)).then(|| StatusCode::BAD_REQUEST.into_response())
    })
    .await;
    let error = run(&mut import(&url, "key", &file, false)).await.expect_err("interrupted");
    assert!(error.to_string().contains("answered 400"), "{error}");

    is_broken.store(false, std::sync::atomic::Ordering::SeqCst);
    let mut again = import(&url, "key", &file, false);
    assert_eq!(again.checkpoint.line(), 501, "five calls of a hundred rows, and the header");
    let summary = run(&mut again).await.expect("imported");
    assert_eq!(summary, Summary { rows: 1_000, accepted: 1_000, rejected: 0, warnings: 0 });
    let taken = endpoint.taken.lock().expect("no panic");
    assert_eq!(taken.len(), 1_000, "nothing was left out");
    let twice = taken.iter().filter(|(_, times)| **times > 1);
    assert!(
        twice.clone().all(|(order, _)| order.trim_matches(['"', 'o']).parse::<u32>().is_ok_and(|n| n > 599)),
        "only what was under way"
    );
    assert_eq!(taken["\"o0\""], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_anew_posts_everything_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = history(folder.path(), 300);
    let fails = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let failing = Arc::clone(&fails);
    let (url, endpoint) = serve(move |_, orders| {
        let is_last = orders.iter().any(|order| order == "\"o299\"");
        (is_last && failing.load(std::sync::atomic::Ordering::SeqCst)).then(|| StatusCode::BAD_REQUEST.into_response())
    })
    .await;
    run(&mut import(&url, "key", &file, false)).await.expect_err("interrupted");
    fails.store(false, std::sync::atomic::Ordering::SeqCst);
    let summary = run(&mut import(&url, "key", &file, true)).await.expect("imported");
    assert_eq!((summary.rows, summary.accepted), (300, 300));
    assert_eq!(endpoint.taken.lock().expect("no panic")["\"o0\""], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_endpoint_is_reported_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    drop(listener);
    let error = run(&mut import(&url, "key", &history(folder.path(), 1), false)).await.expect_err("no listener");
    assert!(error.to_string().contains(&url) && error.to_string().contains("--endpoint"), "{error}");
}
