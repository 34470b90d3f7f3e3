//! What a running stack learned, from the command line: reports, and deciding about what is proposed.

use crate::stage::Stage;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::process::Command;

/// Runs `rekindle`; standard output, or standard error if it failed.
async fn rekindle(stage: &Stage, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rekindle"));
    command.args(arguments).args(["--endpoint", &stage.url]).env("REKINDLE_ADMIN_KEY", &stage.admin_key);
    let output = tokio::task::spawn_blocking(move || command.output().expect("it starts")).await.expect("no panic");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// Customers of whom every second one came back after some forty days.
fn history(now: Timestamp) -> Value {
    let order = |customer: i64, order: i64, days_ago: i64| {
        json!({
            "type": "track", "event": "Order Completed", "userId": format!("c{customer}"),
            "messageId": format!("{customer}-{order}"),
            "timestamp": (now - SignedDuration::from_hours(24 * days_ago)).to_string(),
            "properties": { "order_id": format!("{customer}-{order}"), "total": "25.00", "currency": "EUR" },
        })
    };
    let first = (0..120).map(|customer| order(customer, 1, 100 + customer));
    let second = (0..120).step_by(2).map(|customer| order(customer, 2, 60 + customer));
    json!({ "batch": first.chain(second).collect::<Vec<_>>() })
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_and_proposals_are_read_and_decided_from_the_command_line() {
    let stage = Stage::new().await;
    let none = rekindle(&stage, &["report", "learned"]).await.expect_err("nothing was learned");
    assert!(none.contains("There is no report yet"), "{none}");
    assert_eq!(rekindle(&stage, &["proposals", "list"]).await.expect("listed").trim(), "Nothing is proposed.");
    let history = history(stage.stack.time.now()).to_string();
    assert_eq!(stage.call("POST", "/v1/batch", &stage.write_key, &history).await.0, 200);
    let mut pump = stage.pump();
    pump.settle().await.expect("settled");
    pump.learn().await.expect("learned");

    let listed = rekindle(&stage, &["report"]).await.expect("listed");
    for name in ["stages", "nps", "learned", "thresholds", "lift", "latest of 2026-03-09"] {
        assert!(listed.lines().any(|line| line == name), "{name}: {listed}");
    }
    let learned = rekindle(&stage, &["report", "learned"]).await.expect("read");
    assert!(learned.starts_with("learned, as of 2026-03-09 (EUR)"), "{learned}");
    assert!(learned.contains("The second order\n  ") && learned.contains("half of those who come back"), "{learned}");
    let russian = rekindle(&stage, &["report", "learned", "--language", "ru"]).await.expect("read");
    assert!(russian.contains("Второй заказ"), "{russian}");
    let csv = rekindle(&stage, &["report", "second_order", "--csv"]).await.expect("read");
    assert!(csv.starts_with("name,value,lo,hi,n,shown\r\n") && csv.lines().count() > 10, "{csv}");
    let nps: Value = serde_json::from_str(&rekindle(&stage, &["report", "nps"]).await.expect("read")).expect("JSON");
    assert_eq!(nps["examined"], 120, "what is counted at once is shown as it is: {nps}");
    let unknown = rekindle(&stage, &["report", "sales"]).await.expect_err("no such report");
    assert!(unknown.contains("second_order"), "{unknown}");

    let listed = rekindle(&stage, &["proposals", "list"]).await.expect("listed");
    assert!(listed.contains("inactive-first     open       2026-03-10"), "{listed}");
    let shown = rekindle(&stage, &["proposals", "show", "inactive-first"]).await.expect("shown");
    assert!(shown.contains("Today, of 120 customers:") && shown.contains("would be in another stage"), "{shown}");
    let told = rekindle(&stage, &["proposals", "accept", "inactive-first"]).await.expect("accepted");
    assert_eq!(told.trim(), "Accepted: the policy is version 1 now.");
    assert!(stage.admin("GET", "/v1/policy", "").await.1.starts_with("[stages.silence.first]\n"));
    let told = rekindle(&stage, &["proposals", "reject", "lapsed-first"]).await.expect("rejected");
    assert_eq!(told.trim(), "Rejected. The policy stays as it is.");
    let json: Value =
        serde_json::from_str(&rekindle(&stage, &["proposals", "list", "--json"]).await.expect("listed")).expect("JSON");
    let standing = |subject: &str| {
        let found = json["proposals"].as_array().expect("a list").iter().find(|of| of["subject"] == subject);
        found.map(|of| of["standing"].clone())
    };
    assert_eq!(standing("inactive-first"), Some(json!("accepted")));
    assert_eq!(standing("lapsed-first"), Some(json!("rejected")));
    let twice = rekindle(&stage, &["proposals", "accept", "inactive-first"]).await.expect_err("only once");
    assert!(twice.contains("Nothing is proposed about this at present"), "{twice}");
}
