//! Refused events from the command line, against a running stack.

use crate::stage::Stage;
use serde_json::{Value, json};
use std::process::Command;

/// Runs `rekindle refused`; standard output, or standard error if it failed.
async fn refused(stage: &Stage, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rekindle"));
    command.arg("refused").args(arguments).args(["--endpoint", &stage.url]).env("REKINDLE_ADMIN_KEY", &stage.admin_key);
    let output = tokio::task::spawn_blocking(move || command.output().expect("it starts")).await.expect("no panic");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_events_are_listed_shown_and_taken_in_again_from_the_command_line() {
    let stage = Stage::new().await;
    assert_eq!(refused(&stage, &["list"]).await.expect("listed"), "Nothing was refused.\n");
    let by_number = |order: &str| {
        json!({
            "type": "track", "event": "Order Completed", "messageId": order, "timestamp": "2026-03-10T11:59:00Z",
            "properties": { "order_id": order, "total": "25.00", "currency": "EUR" },
            "context": { "traits": { "phone": "020 7183 8750" } },
        })
    };
    let batch = json!({ "batch": [by_number("o1"), by_number("o2"), { "type": "buy", "userId": "anna" }] });
    assert_eq!(stage.call("POST", "/v1/batch", &stage.write_key, &batch.to_string()).await.0, 200);

    let listed = refused(&stage, &["list"]).await.expect("listed");
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 4, "{listed}");
    assert!(lines[0].starts_with("2026-03-10       2  userId is missing, and there is no"), "{listed}");
    assert!(lines[2].starts_with("2026-03-10       1  type is unknown; it should be one of"), "{listed}");
    let id = lines[3].trim();
    let shown = refused(&stage, &["show", id]).await.expect("shown");
    assert!(shown.contains("\"userId\": \"anna\""), "{shown}");
    assert!(refused(&stage, &["show", "2026-03-10-k7"]).await.expect_err("none").contains("There is no refused event"));
    assert!(refused(&stage, &["list", "--from", "then"]).await.is_err());

    assert_eq!(refused(&stage, &["retry"]).await.expect("tried"), "0 taken in, 3 still refused.\n");
    assert_eq!(stage.admin("PUT", "/v1/policy", "country = \"GB\"\n").await.0, 200);
    let retry = refused(&stage, &["retry", "--reason", "missing", "--json"]).await.expect("tried");
    let counts = json!({ "accepted": 2, "erased": 0, "incomplete": 0, "missing": 0, "refused": 0 });
    assert_eq!(serde_json::from_str::<Value>(&retry).expect("JSON"), counts);
    assert_eq!(refused(&stage, &["retry", id]).await.expect("tried"), "0 taken in, 1 still refused.\n");
    let listed: Value =
        serde_json::from_str(&refused(&stage, &["list", "--json"]).await.expect("listed")).expect("JSON");
    assert_eq!(listed["groups"].as_array().map(Vec::len), Some(1), "{listed}");
}
