//! Segment's own library for Python, as a shop would use it, against `rekindle serve`. It is installed from the package
//! index into a virtual environment below `target/`, once.

use rekindle_tests::patience::wait_for;
use rekindle_tests::program::Server;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

const SHOP: &str = r#"
import datetime, sys
from segment.analytics import Client

failures = []
shop = Client(sys.argv[1], host=sys.argv[2], on_error=lambda error, batch: failures.append(str(error)), max_retries=1)
shop.identify("anna", {"email": "anna@example.com", "firstName": "Anna", "sms_marketing_consent": True})
shop.page("anna", "Catalogue", "Tea")
for number in range(25):
    shop.track("anna" if number == 0 else f"customer-{number}", "Order Completed",
               {"order_id": f"o{number}", "total": 27.5, "currency": "EUR"})
shop.flush()
shop.join()
print(failures)
sys.exit(len(failures) > 0)
"#;

/// A Python that has the library.
fn python() -> PathBuf {
    let tests = std::env::current_exe().expect("the path of the tests");
    let target = tests.ancestors().nth(3).expect("target/<profile>/deps/<test>");
    let environment = target.join("segment-library");
    let python = environment.join("bin/python");
    let run = |command: &mut Command| {
        let output = command.output().expect("python3 is needed for this test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    if !environment.join("complete").exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "segment-analytics-python==2.4.0"]));
        std::fs::write(environment.join("complete"), "").expect("written");
    }
    python
}

#[test]
fn segments_own_library_posts_to_rekindle_as_to_segment() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &["--clock", &jiff::Timestamp::now().to_string()]);
    let key = server.printed_after("write key").expect("a key");
    let script = folder.path().join("shop.py");
    std::fs::write(&script, SHOP).expect("written");
    let shop = Command::new(python()).arg(Path::new(&script)).args([&key, &server.url]).output().expect("it starts");
    let told = String::from_utf8_lossy(&shop.stdout).into_owned() + &String::from_utf8_lossy(&shop.stderr);
    assert!(shop.status.success(), "{told}");
    // The virtual clock stood still meanwhile: an event a moment later counts a moment later.
    server.post("/local/clock", &key, &json!({ "advance": "5m" })).expect("an answer");
    let overview = wait_for("25 orders are counted", || {
        Some(server.get("/local/overview")).filter(|seen| seen["orders"] == json!(25))
    });
    assert_eq!(overview["customers"], json!(25), "{overview}");
    // Anna's mail contains what the library reported about her.
    server.post("/local/clock", &key, &json!({ "advance": "1d" })).expect("an answer");
    let mails = server.get("/inbox.json");
    let mails = mails.as_array().expect("a list");
    assert!(mails.iter().all(|mail| mail["to"] == json!("anna@example.com")), "the others have no address");
    assert_eq!(mails.len(), 1);
    assert!(mails[0]["text"].as_str().is_some_and(|text| text.contains("Anna")));
}
