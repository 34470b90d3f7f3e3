//! `rekindle serve`: what it prints, what it refuses, and its clock.

use rekindle_tests::patience::wait_for;
use rekindle_tests::program::{Server, run};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn order(customer: &str, at: &str) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "userId": customer, "messageId": format!("{customer}-order"),
        "timestamp": at, "properties": { "order_id": customer, "total": "12.00", "currency": "EUR" },
        "context": { "traits": { "email": format!("{customer}@example.com") } },
    })
}

#[test]
fn moving_the_clock_by_hand_runs_what_becomes_due() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = ["--clock", "2026-03-02T10:00:00Z"];
    let mut server = Server::start(folder.path(), &clock);
    let key = server.printed_after("write key").expect("a key on the first start");
    assert!(server.printed_after("admin key").is_some());
    let (status, answer) = server.post("/v1/track", &key, &order("anna1", "2026-03-02T10:00:00Z")).expect("an answer");
    assert_eq!(status, 200, "{answer}");
    let (status, told) = server.post("/local/clock", &key, &json!({ "advance": "3d" })).expect("an answer");
    assert_eq!((status, &told["now"]), (200, &json!("2026-03-05T10:00:00Z")), "{told}");
    let steps = |server: &Server| -> Vec<Value> {
        let mails = server.get("/inbox.json");
        mails.as_array().expect("a list").iter().map(|mail| mail["step"].clone()).collect()
    };
    assert_eq!(steps(&server), ["guide", "thanks"], "newest first");
    let (status, problem) = server.post("/local/clock", &key, &json!({ "advance": "soon" })).expect("an answer");
    assert_eq!((status, problem["status"].clone()), (400, json!(400)));

    // After a kill and a new start, the clock has not moved, the keys are not shown again, and they still work.
    server.kill();
    let server = Server::start(folder.path(), &clock);
    assert!(!server.printed().contains("write key"), "{}", server.printed());
    assert_eq!(server.get("/local/clock")["now"], json!("2026-03-05T10:00:00Z"));
    server.post("/local/clock", &key, &json!({ "advance": "30d" })).expect("an answer");
    assert_eq!(steps(&server)[2..], ["guide", "thanks"]);
    let (status, _) = server.post("/v1/track", &key, &order("bela1", "2026-04-01T10:00:00Z")).expect("an answer");
    assert_eq!(status, 200);
    wait_for("the second customer is there", || (server.get("/local/overview")["customers"] == json!(2)).then_some(()));
}

#[test]
fn without_a_virtual_clock_the_time_cannot_be_moved() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let (status, problem) = server.post("/local/clock", "", &json!({ "advance": "3d" })).expect("an answer");
    assert_eq!(status, 409);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("--clock")), "{problem}");
}

#[test]
fn a_failed_start_names_its_cause_and_the_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &[]);
    let port = server.url.rsplit(':').next().expect("a port").to_owned();
    let other = folder.path().join("other");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("bound").port().to_string();
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let damaged = folder.path().join("damaged");
    std::fs::create_dir(&damaged).expect("a folder");
    std::fs::write(damaged.join("tables.db"), "not a database ".repeat(1_000)).expect("written");
    for (arguments, told) in [
        (["serve", "--port", "0", "--data", text(folder.path())], "belongs to a running instance"),
        (["demo", "--port", "0", "--data", text(folder.path())], "belongs to a running instance"),
        (["serve", "--port", &port, "--data", text(&other)], "choose another with --port"),
        (["serve", "--port", &taken, "--data", text(&other)], "choose another with --port"),
        (["serve", "--port", "0", "--data", text(&file)], "choose another with --data"),
        (["serve", "--port", "0", "--data", text(&damaged)], "tables.db"),
    ] {
        let ended = run(&arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stderr);
        let line = ended.stderr.lines().last().expect("a line");
        assert!(line.starts_with("error: ") && line.contains(told), "{arguments:?}: {}", ended.stderr);
    }
    drop(listener);
    assert!(server.runs(), "the running instance was not disturbed");
    assert_eq!(run(&["serve", "--port", "many"]).code, Some(2), "wrong use");
    assert_eq!(run(&["sell"]).code, Some(2), "wrong use");
    assert_eq!(run(&["--help"]).code, Some(0));
}

#[test]
fn keys_are_shown_even_if_a_demo_used_the_directory_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let orders = folder.path().join("orders.csv");
    std::fs::write(&orders, "customer_id,order_id,ordered_at,amount\nanna,a1,1997-01-01,3\n").expect("written");
    let data = folder.path().join("data");
    let demo = ["demo", "--exit", "--port", "0", "--orders", text(&orders), "--data", text(&data)];
    assert_eq!(run(&demo).code, Some(0));
    let mut server = Server::start(&data, &[]);
    let key = server.printed_after("write key").expect("a key");
    let now = jiff::Timestamp::now().to_string();
    assert_eq!(server.post("/v1/track", &key, &order("bela", &now)).expect("an answer").0, 200);
}
