//! The limits on the size of a call, tested at the public routes on both sides of each limit.

use crate::stage::{Answer, Shop, Stage, order};
use http::Request;
use rekindle_platform::gateway::Body;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

async fn post(stage: &Stage, shop: &Shop, path: &str, body: impl Into<Body>) -> Answer {
    stage.call("POST", path, &shop.write, body).await
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

/// A body of exactly this many bytes: blanks are not content, but they count.
fn filled(body: &Value, bytes: usize) -> String {
    let mut text = body.to_string();
    text.push_str(&" ".repeat(bytes - text.len()));
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_at_most_2500_events_and_512000_bytes() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let small = |number: usize| json!({ "type": "screen", "userId": "anna", "messageId": number.to_string(), "timestamp": stage.now().to_string() });
    let batch = |size: usize| json!({ "batch": (0..size).map(small).collect::<Vec<_>>() });
    let answer = post(&stage, &shop, "/v1/batch", batch(2_500).to_string()).await;
    assert_eq!((answer.status, &answer.json()["accepted"]), (200, &json!(2_500)));
    let answer = post(&stage, &shop, "/v1/batch", batch(2_501).to_string()).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("has 2501 events; at most 2500 are allowed"), "{answer:?}");
    assert_eq!(post(&stage, &shop, "/v1/batch", filled(&batch(1), 512_000)).await.status, 200);
    let answer = post(&stage, &shop, "/v1/batch", filled(&batch(1), 512_001)).await;
    assert!(answer.status == 413 && answer.body.contains("512000"), "{answer:?}");
    let single = small(1);
    assert_eq!(post(&stage, &shop, "/v1/screen", filled(&single, 32_768)).await.status, 200);
    assert_eq!(post(&stage, &shop, "/v1/screen", filled(&single, 32_769)).await.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_too_long_or_too_deep_is_refused_and_its_neighbours_are_not() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let event = |name: &str, value: Value| {
        let mut event = order(name, name, stage.now());
        event["event"] = json!("Quiz Taken");
        event["properties"]["x"] = value;
        event
    };
    let exact = |bytes: usize| event("long", json!("x".repeat(bytes - event("long", json!("")).to_string().len())));
    // An order may have hundreds of lines.
    let long_order = |bytes: usize| {
        let mut event = exact(bytes + "Quiz Taken".len() - "Order Completed".len());
        event["event"] = json!("Order Completed");
        event.to_string()
    };
    assert_eq!(post(&stage, &shop, "/v1/track", long_order(200_000)).await.status, 200);
    assert_eq!(post(&stage, &shop, "/v1/track", long_order(262_145)).await.status, 413);
    let events = json!([
        event("fits", deep(30)),
        event("deep", deep(31)),
        exact(32_768),
        exact(32_769),
        event("last", json!(1))
    ]);
    let answer = post(&stage, &shop, "/v1/batch", json!({ "batch": events }).to_string()).await.json();
    assert_eq!(answer["accepted"], json!(3), "{answer}");
    let told: Vec<(u64, bool)> = answer["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (
                one["index"].as_u64().expect("a number"),
                one["reason"]
                    .as_str()
                    .is_some_and(|why| why.contains("deeper than 32") || why.contains("at most 32768")),
            )
        })
        .collect();
    assert_eq!(told, [(1, true), (3, true)], "{answer}");
    // Deeper than any parser goes: one bad element, and no stack overflow.
    let abyss = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let good = order("bela", "b1", stage.now()).to_string();
    let answer = post(&stage, &shop, "/v1/batch", format!("{{\"batch\":[{abyss},{good}]}}")).await;
    assert_eq!((answer.status, &answer.json()["accepted"]), (200, &json!(1)), "{answer:?}");
    assert_eq!(post(&stage, &shop, "/v1/track", "[".repeat(30_000)).await.status, 400);
    assert_eq!(post(&stage, &shop, "/v1/batch", "{\"a\":".repeat(90_000)).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_body_that_becomes_a_huge_one_is_refused_before_it_is_huge() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    // A hundred megabytes of blanks in a hundred kilobytes.
    let mut gzip = Command::new("gzip").arg("-9").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("gzip");
    let mut input = gzip.stdin.take().expect("piped");
    let writer = std::thread::spawn(move || {
        let blanks = vec![b' '; 1 << 20];
        (0..100).for_each(|_| input.write_all(&blanks).expect("written"));
    });
    let bomb = gzip.wait_with_output().expect("packed").stdout;
    writer.join().expect("written");
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let request = Request::post("/v1/batch").header("authorization", format!("Bearer {}", shop.write));
    let request = request.header("content-encoding", "gzip").body(Body::Binary(bomb)).expect("a request");
    let answer = stage.send(request).await;
    assert!(answer.status == 413 && answer.body.contains("512000"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_lists_and_forms_have_limits_of_their_own() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let admin = async |method: &str, path: &str, body: String| stage.call(method, path, &shop.admin, body).await;
    let comment = |bytes: usize| "#".repeat(bytes);
    assert_eq!(admin("PUT", "/v1/policy", comment(256 * 1024)).await.status, 200);
    assert_eq!(admin("PUT", "/v1/policy", comment(256 * 1024 + 1)).await.status, 413);
    let blanks = |bytes: usize| " ".repeat(bytes);
    assert_eq!(admin("POST", "/v1/coupons/pools/spring", blanks(5 << 20)).await.status, 200);
    assert_eq!(admin("POST", "/v1/coupons/pools/spring", blanks((5 << 20) + 1)).await.status, 413);
    let lines = |count: usize| format!("channel,address\n{}", "fax,x\n".repeat(count));
    assert_eq!(admin("POST", "/v1/suppressions", lines(20_000)).await.status, 200);
    assert_eq!(admin("POST", "/v1/suppressions", lines(20_001)).await.status, 413);
    stage.take(&shop, &[order("anna", "a1", stage.now())]).await;
    let mut stage = stage;
    stage.pass(1).await;
    let link = stage.link(rekindle_messaging::LinkPurpose::Nps, &shop.id, "anna");
    let form = |bytes: usize| format!("score=9&comment={}", "x".repeat(bytes - 16));
    assert_eq!(stage.call("POST", &link, "", form(64 * 1024)).await.status, 200);
    assert_eq!(stage.call("POST", &link, "", form(64 * 1024 + 1)).await.status, 413);
}
