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

/// The size that no file may exceed at first, in bytes.
const FIRST_LIMIT: u64 = 900 * 1024;

/// How much is added each time that the background work had finished before the disk was full.
const MORE_ROOM: u64 = 16 * 1024;

/// Posts visits until the disk is full, and returns the answer to the first batch that was refused.
fn fill(server: &Server, key: &str, acknowledged: &mut usize) -> (u16, Value) {
    wait_for("the disk is full", || {
        let batch: Vec<Value> = (*acknowledged..*acknowledged + 10).map(visit).collect();
        let (status, answer) = server.post("/v1/batch", key, &json!({ "batch": batch })).expect("an answer");
        if status != 200 {
            return Some((status, answer));
        }
        assert_eq!(answer["accepted"], json!(10));
        *acknowledged += 10;
        None
    })
}

fn limit_files(server: &Server, limit: &str) {
    let prlimit =
        Command::new("prlimit").args([&format!("--fsize={limit}:"), "--pid", &server.id().to_string()]).status();
    assert!(prlimit.expect("prlimit, of util-linux").success());
}

/// What the log says of background work that failed and stays where it was: on the stream or on a queue.
const FAILED: [&str; 2] = ["a trigger failed; it is tried again", "the message stays on the queue"];

/// Waits until the background work has failed twice; returns whether it did. It did not if everything that was stored is
/// worked off.
fn background_work_fails(server: &Server, acknowledged: usize) -> bool {
    wait_while_it_advances("the background work fails or ends", || {
        let printed = server.printed();
        let failures: usize = FAILED.iter().map(|line| printed.matches(line).count()).sum();
        let customers = server.get("/local/overview")["customers"].clone();
        if failures >= 2 {
            ControlFlow::Break(true)
        } else if customers == json!(acknowledged) {
            ControlFlow::Break(false)
        } else {
            ControlFlow::Continue((failures, customers))
        }
    })
}

#[test]
fn a_full_disk_asks_the_sender_to_retry_and_no_acknowledged_event_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("bash");
    // Ignored, the signal becomes an error of the write.
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve --port 0 --data \"$1\""]).arg(rekindle()).arg(folder.path());
    let mut server = Server::from_command(command);
    let key = server.printed_after("write key").expect("a key");
    let (mut limit, mut acknowledged) = (FIRST_LIMIT, 0);
    limit_files(&server, &limit.to_string());
    let (status, problem) = fill(&server, &key, &mut acknowledged);
    assert_eq!((status, problem["status"].clone()), (503, json!(503)), "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    assert!(acknowledged >= 10, "{acknowledged}");
    // The background work meets the full disk too, twice, and the server still runs.
    while !background_work_fails(&server, acknowledged) {
        limit += MORE_ROOM;
        limit_files(&server, &limit.to_string());
        fill(&server, &key, &mut acknowledged);
    }
    assert!(server.runs(), "{}", server.printed());

    limit_files(&server, "unlimited");
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
