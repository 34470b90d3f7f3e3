//! A disk that is full: no event is acknowledged that is not stored, none that was is lost, and as soon as there is
//! room everything goes on. The limit on the size of files plays the full disk; it needs no rights.

use crate::program::{Server, rekindle, wait_for};
use serde_json::{Value, json};
use std::process::Command;

fn visit(number: usize) -> Value {
    json!({
        "type": "page", "userId": format!("c{number}"), "messageId": format!("v{number}"),
        "timestamp": jiff::Timestamp::now().to_string(),
    })
}

#[test]
fn a_full_disk_is_an_answer_to_come_again_and_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("bash");
    // Ignored, the signal becomes an error of the write. The limit counts kilobytes.
    command.args(["-c", "trap '' XFSZ; ulimit -S -f 900; exec \"$0\" serve --port 0 --data \"$1\""]);
    command.arg(rekindle()).arg(folder.path());
    let mut server = Server::from(command);
    let key = server.printed_after("write key").expect("a key");
    let mut acknowledged = 0;
    let (status, problem) = wait_for(|| {
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
    // It has met the full disk in the background too, and still runs.
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert!(server.runs(), "{}", server.printed());

    let more_room = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &server.id().to_string()]).status();
    assert!(more_room.expect("prlimit, of util-linux").success());
    let more: Vec<Value> = (acknowledged..acknowledged + 10).map(visit).collect();
    wait_for(|| {
        let (status, _) = server.post("/v1/batch", &key, &json!({ "batch": more })).expect("an answer");
        (status == 200).then_some(())
    });
    // Work that was taken from a queue and could not be given back is hidden for a minute; a new start shows it at once.
    server.kill();
    let server = Server::start(folder.path(), &[]);
    let wanted = json!(acknowledged + 10);
    wait_for(|| (server.get("/local/overview")["customers"] == wanted).then_some(()));
}
