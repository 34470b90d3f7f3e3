//! Policies from the command line, against a running stack: previewing one, storing it, restoring an earlier one.

use crate::stage::Stage;
use serde_json::{Value, json};
use std::process::Command;

/// Runs `rekindle shop`; standard output, or standard error if it failed.
async fn shop(stage: &Stage, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rekindle"));
    command.args(["shop", "--endpoint", &stage.url]).args(arguments).env("REKINDLE_ADMIN_KEY", &stage.admin_key);
    let output = tokio::task::spawn_blocking(move || command.output().expect("it starts")).await.expect("no panic");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_previewed_stored_and_reverted_from_the_command_line() {
    let stage = Stage::new().await;
    let order = r#"{"batch":[{"type":"track","event":"Order Completed","userId":"anna","messageId":"m1",
      "timestamp":"2026-03-10T11:59:00Z","properties":{"order_id":"o1","total":"25.00","currency":"EUR"},
      "context":{"traits":{"email":"anna@example.com"}}}]}"#;
    assert_eq!(stage.call("POST", "/v1/batch", &stage.write_key, order).await.0, 200);
    stage.pump().run_until("2026-03-10T12:10:00Z".parse().expect("an instant")).await.expect("run");

    let everybody = stage.file("everybody.toml", "[experiment]\nholdout = 0.0\n");
    let nobody = stage.file("nobody.toml", "[experiment]\ncontrol_group = 1.0\n");
    let broken = stage.file("broken.toml", "\n[experiment]\nholdouts = 0.0\n");
    let (everybody, nobody, broken) =
        (everybody.to_str().expect("a path"), nobody.to_str().expect("a path"), broken.to_str().expect("a path"));

    let told = shop(&stage, &["set-policy", everybody]).await.expect("stored");
    assert_eq!(told.trim(), "The policy is stored. It is version 1.");
    let told = shop(&stage, &["set-policy", nobody, "--dry-run"]).await.expect("tried");
    assert!(told.contains("Nothing was stored.") && told.contains("Customers examined: 1 (all of them)"), "{told}");
    assert!(told.contains("Would change their stage: 0"), "{told}");
    let json: Value =
        serde_json::from_str(&shop(&stage, &["set-policy", nobody, "--dry-run", "--json"]).await.expect("tried"))
            .expect("JSON");
    assert_eq!((&json["examined"], &json["stages"]["changed"]), (&json!(1), &json!(0)));
    let told = shop(&stage, &["set-policy", broken, "--dry-run"]).await.expect_err("a mistake");
    assert!(told.contains("line 3"), "{told}");

    shop(&stage, &["set-policy", nobody]).await.expect("stored");
    let told = shop(&stage, &["restore-policy", "1"]).await.expect("restored");
    assert_eq!(told.trim(), "The policy is stored. It is version 3.");
    let told = shop(&stage, &["policy-versions"]).await.expect("listed");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].trim_start().starts_with('3') && lines[0].contains("admin key "), "{told}");
    assert!(shop(&stage, &["restore-policy", "9"]).await.expect_err("no such version").contains("no version"));
    assert_eq!(stage.admin("GET", "/v1/policy", "").await.1, "[experiment]\nholdout = 0.0\n");
}
