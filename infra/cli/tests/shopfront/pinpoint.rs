//! Migrating from Amazon Pinpoint: importing its exports into a running stack.

use crate::stage::Stage;
use rekindle_lifecycle::policy::Policy;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn events(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/pinpoint").join(name)
}

/// Runs `rekindle import-pinpoint`; its progress is kept beside the files, so they are copies of this test.
async fn run(arguments: Vec<String>, key: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rekindle"));
    command.arg("import-pinpoint").args(arguments).env("REKINDLE_WRITE_KEY", key);
    tokio::task::spawn_blocking(move || command.output().expect("it starts")).await.expect("no panic")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A golden file, copied to where the test may write beside it.
fn copied(stage: &Stage, name: &str) -> String {
    let content = std::fs::read_to_string(events(name)).expect("a golden file");
    stage.file(name, &content).to_str().expect("a path").to_owned()
}

fn arguments(list: &[&str]) -> Vec<String> {
    list.iter().map(|argument| (*argument).to_owned()).collect()
}

async fn profile(stage: &Stage, customer: &str) -> Value {
    stage.get_json(&format!("/v1/customers/{customer}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_become_customers_with_mail_and_phone_once_however_often_they_are_posted() {
    let stage = Stage::new().await;
    // Pinpoint's dates are before its end; the stage is earlier than some of them.
    stage.stack.time.move_to("2026-11-22T12:00:00Z".parse().expect("an instant"), &stage.stack.data).expect("moved");
    let files = [copied(&stage, "endpoints.csv"), copied(&stage, "endpoints.jsonl")];
    let list = arguments(&["endpoints", &files[0], &files[1], "--endpoint", &stage.url, "--json"]);
    let mut pump = stage.pump();
    for _ in 0..2 {
        let output = run(list.clone(), &stage.write_key).await;
        assert_eq!(output.status.code(), Some(1), "some rows are rejected: {}", text(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let counts =
            |file: usize| (told["files"][file]["accepted"].clone(), told["files"][file]["rejected_rows"].clone());
        assert_eq!(counts(0), (json!(4), json!(4)), "{told}");
        assert_eq!(counts(1), (json!(4), json!(2)), "{told}");
        let rejected = told["files"][0]["rejected"].as_array().expect("a list");
        let fields: Vec<_> = rejected.iter().map(|row| (row["line"].as_u64(), row["field"].as_str())).collect();
        let expected = [(6, "ChannelType"), (7, "Address"), (8, "EndpointStatus"), (9, "Address")];
        assert_eq!(fields, expected.map(|(line, field)| (Some(line), Some(field))));
        assert!(told["not_taken"].as_array().is_some_and(|names| names.contains(&json!("user.userattributes.plan"))));
        assert!(!text(&output.stdout).contains("12065550102"), "no number is shown");
        pump.settle().await.expect("settled");
        assert_eq!(stage.overview().await.customers, 6);
    }
    let anna = profile(&stage, "user-anna").await;
    let shown = anna.to_string();
    for part in ["anna.berger@example.com", "+12065550101", "Europe/Vienna", "\"Anna\""] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    for (customer, channel, allowed) in [
        ("user-anna", "email", true),
        ("user-anna", "sms", false),
        ("user-bo", "email", false),
        ("pinpoint:e-04", "email", true),
        ("user-hana", "email", true),
        ("user-ian", "sms", false),
    ] {
        let profile = profile(&stage, customer).await;
        assert_eq!(may_be_written_to(&profile, channel), allowed, "{customer} {channel}: {profile}");
    }
    let mails = stage.stack.cloud.mailbox().count().expect("read");
    assert_eq!((mails.email, mails.sms), (0, 0), "an import sends no message");
}

/// Returns what the customer's page shows about a channel.
fn may_be_written_to(profile: &Value, channel: &str) -> bool {
    profile["permissions"][channel]["marketing"].as_bool().unwrap_or_else(|| panic!("{channel}: {profile}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_customers_and_posts_nothing() {
    let stage = Stage::new().await;
    let files = [copied(&stage, "endpoints.csv"), copied(&stage, "endpoints.jsonl")];
    let list = arguments(&["endpoints", &files[0], &files[1], "--endpoint", &stage.url, "--dry-run", "--json"]);
    let output = run(list, "").await;
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        told["counts"],
        json!({ "endpoints": 8, "email": 5, "sms": 3, "opted_out": 3, "without_user": 2, "customers": 6 })
    );
    assert_eq!(stage.overview().await.customers, 0);
    assert!(!Path::new(&format!("{}.import-state", files[0])).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_import_continues_where_it_stopped_and_a_wrong_key_posts_nothing() {
    let stage = Stage::new().await;
    let file = copied(&stage, "endpoints.jsonl");
    let list = arguments(&["endpoints", &file, "--endpoint", &stage.url]);
    let output = run(list.clone(), "rk_write_wrong").await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("does not accept the write key"), "{}", text(&output.stderr));
    let state = format!("{file}.import-state");
    assert!(std::fs::read_to_string(&state).expect("kept").contains("\"line\":0"));
    stage.stack.time.move_to("2026-11-22T12:00:00Z".parse().expect("an instant"), &stage.stack.data).expect("moved");
    run(list, &stage.write_key).await;
    assert!(!Path::new(&state).exists(), "a finished import leaves no progress behind");
}

async fn policy(list: &[&str]) -> (String, String, i32) {
    let output = run(arguments(list), "").await;
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
}

fn golden(name: &str) -> String {
    events(name).to_str().expect("a path").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_limits_and_quiet_time_become_the_golden_policy() {
    let (journeys, settings) = (golden("journeys.json"), golden("settings.json"));
    let (made, notes, code) = policy(&["journeys", &journeys, "--settings", &settings]).await;
    assert_eq!(code, 0, "{notes}");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(events("policy.toml"), &made).expect("written");
    }
    let expected = std::fs::read_to_string(events("policy.toml")).expect("a golden file");
    assert_eq!(made, expected, "UPDATE_GOLDEN=1 writes it anew");
    let policy = Policy::parse(&made).expect("the real parser takes it");
    assert_eq!(policy.journeys.len(), 1);
    // Every note on standard error is also in the file.
    assert!(notes.lines().count() > 20, "{notes}");
    for note in notes.lines() {
        assert!(made.contains(&format!("# - {note}\n")), "{note}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_setting_of_a_journey_is_either_converted_or_noted() {
    let (made, notes, _) =
        policy(&["journeys", &golden("journeys.json"), "--settings", &golden("settings.json")]).await;
    for told in [
        "MessageConfig is not carried over: {\"FromAddress\":\"shop@example.com\"}",
        "TemplateVersion is not carried over",
        "SenderId",
        "a random split cannot be carried over",
        "PUSH messages are not sent",
        "waits until 2026-03-20T09:00:00Z",
        "it asks for an open",
        "seg-lapsed",
        "its state was DRAFT",
        "_userauth.sign_up",
        "StartTime is not carried over",
        "RefreshFrequency is not carried over",
        "TimezoneEstimationMethods is not carried over",
        "CampaignHook is not carried over",
        "at most 50 messages a second",
        "at most 4 messages of one journey",
        "MaximumDuration is not carried over",
        "the journeys of the default policy",
    ] {
        let told = told.trim_start_matches("the journeys of ");
        assert!(notes.contains(told), "{told}\n{notes}");
    }
    for kept in [
        "from = 9\nto = 20",
        "window = \"7d\"\ntotal = 3\nmin_gap = \"24h\"",
        "holdout = 0.1",
        "at_most_every = \"30d\"",
    ] {
        assert!(made.contains(kept), "{kept}\n{made}");
    }
    assert!(made.contains("only_if = [\"clicked\"]") && made.contains("unless = [\"clicked\"]"), "{made}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_whose_trigger_the_shop_chooses_is_in_force_and_the_shop_can_store_it() {
    let stage = Stage::new().await;
    let out = stage.folder.path().join("policy.toml");
    let out = out.to_str().expect("a path");
    let journeys = golden("journeys.json");
    let list = ["journeys", &journeys, "--trigger", "Win back!=stage:lapsed", "--out", out, "--json"];
    let (told, _, code) = policy(&list).await;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((code, &told["journeys"], &told["set_aside"]), (0, &json!(2), &json!(1)));
    let made = std::fs::read_to_string(out).expect("written");
    assert_eq!(told["policy"], made);

    // The policy lists its templates, so it cannot be stored before they are.
    let (status, answer) = stage.admin("PUT", "/v1/policy", &made).await;
    assert_eq!(status, 422, "{answer}");
    for name in ["thank-you", "guide", "nudge", "offer"] {
        let line = made.lines().find(|line| line.starts_with(&format!("# - {name} (email)")));
        assert!(line.is_some(), "{name} is listed: {made}");
        let template = json!({
            "name": name, "language": "en", "channel": "email", "subject": "Hello", "preheader": "Hello",
            "mjml": "<mj-text><p>Hello</p></mj-text>", "text": "Hello",
        });
        let (status, answer) = stage.admin("PUT", &format!("/v1/templates/{name}/en"), &template.to_string()).await;
        assert_eq!(status, 200, "{answer}");
    }
    let (status, answer) = stage.admin("PUT", "/v1/policy", &made).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_without_a_match_and_files_of_another_kind_are_refused() {
    let journeys = golden("journeys.json");
    let (_, told, code) = policy(&["journeys", &journeys, "--trigger", "Loyal=stage:loyal"]).await;
    assert!(
        code == 1 && told.contains("no journey \"Loyal\"; there are: \"After a purchase\", \"Win back!\""),
        "{told}"
    );
    let (_, told, code) = policy(&["journeys", &journeys, "--trigger", "Win back!=whenever"]).await;
    assert!(code == 1 && told.contains("\"whenever\" is not a trigger; use one of first_order"), "{told}");
    let (_, told, code) = policy(&["journeys", &golden("endpoints.csv")]).await;
    assert!(code == 1 && told.contains("is not JSON"), "{told}");
    let stage = Stage::new().await;
    let other = stage.file("other.json", "{\"Name\":\"x\"}");
    let (_, told, code) = policy(&["journeys", other.to_str().expect("a path")]).await;
    assert!(code == 1 && told.contains("other.json: is none of what"), "{told}");
    assert_eq!(policy(&["journeys"]).await.2, 2, "a wrong use");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_journeys_stay_if_the_shop_wants_them() {
    let (made, notes, code) = policy(&["journeys", &golden("journeys.json"), "--keep-default-journeys"]).await;
    assert!(code == 0 && !notes.contains("--keep-default-journeys"), "{notes}");
    let policy = Policy::parse(&made).expect("a policy");
    assert_eq!(policy.journeys.len(), 1 + Policy::built_in().journeys.len());
}
