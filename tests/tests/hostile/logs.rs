//! One customer with unmistakable marks goes through everything that can happen and every failure; then all log lines,
//! in both formats, are searched for the marks.

use crate::marked_customer::{CUSTOMER, PHONE, everything, records};
use crate::stage::{BEGINNING, Stage, key, order};
use jiff::Timestamp;
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_local_stack::FUNCTIONS;
use rekindle_platform::Environment;
use rekindle_tests::patience::wait_for;
use rekindle_tests::program;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// Texts that no line may contain: name, address, number, postcode, what the customer wrote, and values derived from
/// them.
const MARKS: [&str; 7] =
    ["Zerbinetta", "zerbinetta", "canary7731", "2071837731", "Ariadne", "emVyYmluZXR0YU", "rk_write_"];

/// Where lines go.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("UTF-8")
    }
}

/// Runs some work on one thread; returns its log lines and its result.
fn logged<T>(settings: &[(&'static str, &'static str)], work: impl Future<Output = T>) -> (String, T) {
    let kept = Kept::default();
    let place = kept.clone();
    let environment = Environment::from_pairs(settings.iter().copied());
    let lines = rekindle_platform::tracing::lines(&environment, &FUNCTIONS, move || place.clone());
    let _on_this_thread = tracing::subscriber::set_default(lines);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let done = runtime.block_on(work);
    (kept.text(), done)
}

/// Searches lines for the marks of the customer and for keys.
fn search_for_marks(text: &str, keys: &[String]) {
    let marks = MARKS.iter().map(|mark| (*mark).to_owned()).chain(keys.iter().map(|key| key[9..].to_owned()));
    for mark in marks {
        let found: Vec<&str> = text.lines().filter(|line| line.contains(&mark)).take(3).collect();
        assert!(found.is_empty(), "{mark} is in {found:#?}");
    }
}

fn search(text: &str, keys: &[String]) {
    search_for_marks(text, keys);
    // The search proves something only if every function wrote lines, about successes and about failures.
    for told in [
        "events stored",
        "the store took nothing",
        "a template of the shop cannot be used",
        "it goes to the dead letters",
        "a batch was processed",
        "records of the stream cannot be read",
        "a customer goes to the queue",
        "the event stays on the queue",
        "the message stays on the queue",
        "a page could not be given",
        "the store did not answer as it should",
        "a customer was erased",
        "swept",
    ] {
        assert!(text.contains(told), "nothing was logged of {told:?}:\n{text}");
    }
}

#[test]
fn no_line_of_json_names_a_customer_or_a_key() {
    let (text, keys) = logged(&[("AWS_LAMBDA_FUNCTION_NAME", "any"), ("AWS_LAMBDA_LOG_LEVEL", "TRACE")], everything());
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "every line is JSON");
    search(&text, &keys);
}

#[test]
fn no_line_of_text_names_a_customer_or_a_key() {
    let (text, keys) = logged(&[("RUST_LOG", "trace")], everything());
    search(&text, &keys);
}

/// Sends two messages at once, and SES breaks the connection of both; their ids.
async fn two_messages_at_once() -> [String; 2] {
    let mut stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    for name in ["anna", "bela"] {
        let mut order = order(name, name, stage.now());
        order["context"] = json!({ "traits": { "email": format!("{name}@example.com") } });
        stage.take(&shop, &[order]).await;
    }
    stage.pump.settle().await.expect("the pump runs");
    stage.skip(3_600);
    let (mut ids, mut bodies) = (Vec::new(), Vec::new());
    for name in ["anna", "bela"] {
        let customer = key(&shop.id, name);
        let advance = &stage.stack.handlers.advance;
        advance.advance_customer(&customer, &[], false).await.expect("advanced");
        let message = stage.stack.store.customer(&customer).await.expect("read").decided.contacts[0].message.clone();
        bodies.push(json!({ "customer": customer.pk(), "message": message }).to_string());
        ids.push(message.to_string());
    }
    stage.stack.cloud.faults().plan(Service::Ses, 2, Matching::Any, Fault::Drop);
    let answer = send::handle(&stage.stack.handlers.send, records(&bodies)).await;
    assert!(answer.batch_item_failures.is_empty());
    ids.try_into().expect("two")
}

#[test]
fn the_lines_of_two_messages_that_are_sent_at_once_are_distinguished_in_json() {
    let json = [("AWS_LAMBDA_FUNCTION_NAME", "any"), ("AWS_LAMBDA_LOG_LEVEL", "WARN")];
    let (text, ids) = logged(&json, two_messages_at_once());
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |id: &str| lines.iter().filter(|line| line["span"]["message_id"] == id).collect::<Vec<_>>();
    let (anna, bela) = (of(&ids[0]), of(&ids[1]));
    for (lines, queue_message_id) in [(&anna, "m0"), (&bela, "m1")] {
        assert_eq!(lines.len(), 1, "what SES did with each message is said once: {text}");
        assert_eq!(lines[0]["metric"], "messages_unknown");
        assert_eq!(
            (&lines[0]["span"]["shop"], &lines[0]["span"]["queue_message_id"]),
            (&json!("quartz"), &json!(queue_message_id))
        );
    }
    assert_ne!(anna[0]["span"]["customer"], bela[0]["span"]["customer"]);
    assert!(!text.contains("anna") && !text.contains("bela"), "{text}");
}

#[test]
fn the_lines_of_two_messages_that_are_sent_at_once_are_distinguished_as_text() {
    let (text, ids) = logged(&[("RUST_LOG", "warn")], two_messages_at_once());
    for id in &ids {
        let about = |line: &&str| line.contains(&format!("message_id=\"{id}\""));
        let lines: Vec<&str> = text.lines().filter(about).collect();
        assert_eq!(lines.len(), 1, "what SES did with each message is said once: {text}");
        assert!(lines[0].contains("shop=\"quartz\"") && lines[0].contains("customer=\""), "{}", lines[0]);
    }
    assert!(!text.contains("anna") && !text.contains("bela"), "{text}");
}

#[test]
fn no_line_of_a_running_server_names_a_customer_or_a_key() {
    let data = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(program::rekindle());
    command.env("RUST_LOG", "trace").args(["serve", "--port", "0", "--clock", BEGINNING, "--data"]).arg(data.path());
    let mut server = program::Server::from_command(command);
    let keys = ["write key", "admin key"].map(|name| server.printed_after(name).expect("a new server shows its keys"));
    let now: Timestamp = BEGINNING.parse().expect("an instant");
    let mut order = order(CUSTOMER, "o1", now);
    order["context"] = json!({ "traits": { "email": CUSTOMER, "phone": PHONE, "firstName": "Zerbinetta", "sms_marketing_consent": true } });
    assert_eq!(server.post("/v1/track", &keys[0], &order).map(|answer| answer.0), Some(200));
    for (path, body) in [
        (
            "/v1/track",
            json!({ "userId": CUSTOMER, "event": "Order Completed", "properties": { "order_id": CUSTOMER } }),
        ),
        ("/v1/zerbinetta", json!(CUSTOMER)),
        ("/v1/suppressions", json!(CUSTOMER)),
        (
            "/local/events/sms",
            json!({ "originationNumber": PHONE, "messageBody": "Ariadne Zerbinetta", "inboundMessageId": "zerbinetta-1" }),
        ),
        ("/local/events/ses", json!({ "zerbinetta": CUSTOMER })),
        ("/local/clock", json!({ "advance": "20d" })),
    ] {
        for key in &keys {
            server.post(path, key, &body).expect("an answer");
        }
    }
    for told in
        ["events stored", "a batch was processed", "swept", "it goes to the dead letters", "http_call{", "shop=\""]
    {
        wait_for(told, || server.printed().contains(told).then_some(()));
    }
    // The keys themselves are shown once, at the first start.
    let printed = server.printed();
    let is_logged = |line: &&str| !line.starts_with("write key") && !line.starts_with("admin key");
    let logged: Vec<&str> = printed.lines().filter(is_logged).collect();
    search_for_marks(&logged.join("\n"), &keys);
    server.kill();
}

/// Searches what a server prints while its tables refuse commits and say about whom they were.
fn search_what_is_printed_of_refused_commits(level: Option<&str>) {
    let data = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(program::rekindle());
    command.args(["serve", "--port", "0", "--clock", BEGINNING, "--data"]).arg(data.path()).env_remove("RUST_LOG");
    level.map(|level| command.env("RUST_LOG", level));
    let mut server = program::Server::from_command(command);
    let keys = ["write key", "admin key"].map(|name| server.printed_after(name).expect("a new server shows its keys"));
    let mut order = order(CUSTOMER, "o1", BEGINNING.parse().expect("an instant"));
    order["context"] = json!({ "traits": { "email": CUSTOMER, "phone": PHONE, "firstName": "Zerbinetta" } });
    assert_eq!(server.post("/v1/track", &keys[0], &order).map(|answer| answer.0), Some(200));
    let refusal = format!(
        "CREATE TRIGGER refuse BEFORE INSERT ON \"rekindle-customers\"
         BEGIN SELECT RAISE(ABORT, 'about {CUSTOMER} {PHONE}'); END"
    );
    let tables = rusqlite::Connection::open(data.path().join("tables.db")).expect("the tables");
    tables.busy_timeout(std::time::Duration::from_secs(10)).expect("set");
    tables.execute_batch(&refusal).expect("changed");
    order["properties"]["order_id"] = json!("o2");
    server.post("/v1/track", &keys[0], &order).expect("an answer");
    let refused = "the customer could not be read or written";
    wait_for(refused, || server.printed().contains(refused).then_some(()));
    let printed = server.printed();
    let is_logged = |line: &&str| !line.starts_with("write key") && !line.starts_with("admin key");
    let told: Vec<&str> = printed.lines().filter(is_logged).collect();
    search_for_marks(&told.join("\n"), &keys);
}

#[test]
fn no_line_of_a_server_whose_commits_are_refused_names_a_customer_or_a_key() {
    search_what_is_printed_of_refused_commits(None);
    search_what_is_printed_of_refused_commits(Some("trace"));
}
