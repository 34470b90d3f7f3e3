//! A full disk: no event is acknowledged that is not stored, no stored event is lost, and everything continues as soon
//! as there is room. A limit on the size of files simulates the full disk; it needs no rights.

use rekindle_tests::patience::{wait_for, wait_while_it_advances};
use rekindle_tests::program::{Server, rekindle};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::process::Command;

fn visit(number: usize) -> Value {
    json!({
        "type": "page", "userId": format!("c{number}"), "messageId": format!("v{number}"),
        "timestamp": jiff::Timestamp::now().to_string(),
    })
}

#[test]
fn a_full_disk_asks_the_sender_to_retry_and_no_acknowledged_event_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("bash");
    // Ignored, the signal becomes an error of the write. The limit counts kilobytes.
    command.args(["-c", "trap '' XFSZ; ulimit -S -f 900; exec \"$0\" serve --port 0 --data \"$1\""]);
    command.arg(rekindle()).arg(folder.path());
    let mut server = Server::from_command(command);
    let key = server.printed_after("write key").expect("a key");
    let mut acknowledged = 0;
    let (status, problem) = wait_for("the disk is full", || {
        let batch: Vec<Value> = (acknowledged..acknowledged + 10).map(visit).collect();
        let (status, answer) = server.post("/v1/batch", &key, &json!({ "batch": batch })).expect("an answer");
        if status == 200 {
            assert_eq!(answer["accepted"], json!(10));
            acknowledged += 10;
            return None;
        }
        Some((status, answer))
    });
    assert_eq!((status, problem["status"].clone()), (503, json!(503)), "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    assert!(acknowledged >= 10, "{acknowledged}");
    // The background tasks have met the full disk too, twice, and the server still runs.
    wait_for("the background work fails and is tried again", || {
        (server.printed().matches("a trigger failed; it is tried again").count() >= 2).then_some(())
    });
    assert!(server.runs(), "{}", server.printed());

    let more_room = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &server.id().to_string()]).status();
    assert!(more_room.expect("prlimit, of util-linux").success());
    let more: Vec<Value> = (acknowledged..acknowledged + 10).map(visit).collect();
    wait_for("there is room again", || {
        let (status, _) = server.post("/v1/batch", &key, &json!({ "batch": more })).expect("an answer");
        (status == 200).then_some(())
    });
    // Work that was taken from a queue and could not be given back is hidden for a minute; a new start shows it at once.
    server.kill();
    let server = Server::start(folder.path(), &[]);
    let wanted = json!(acknowledged + 10);
    wait_while_it_advances("every visitor is a customer", || {
        let customers = server.get("/local/overview")["customers"].clone();
        if customers == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(customers) }
    });
}
