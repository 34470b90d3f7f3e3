//! Output that cannot be written: a closed pipe is a normal end of every command, a full disk is an error of the command whose
//! output it was, and neither stops a server that only logs.

use rekindle_tests::patience::wait_for;
use rekindle_tests::program::{Server, post, rekindle};
use serde_json::{Value, json};
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A device on which every write fails as on a full disk.
fn full_disk() -> File {
    File::options().write(true).open("/dev/full").expect("/dev/full, which Linux has")
}

/// A pipe whose reader has ended.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a command with a closed pipe as its standard output, which has to be a quiet success.
fn assert_ends_normally(arguments: &[&str]) {
    let mut command = Command::new(rekindle());
    let output = command.args(arguments).stdout(closed_pipe()).output().expect("the program starts");
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    let is_bad = |line: &str| line.starts_with("error") || line.contains("panicked");
    assert!(!errors.lines().any(is_bad), "{arguments:?}: {errors}");
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(name)
}

#[test]
fn a_closed_pipe_is_a_normal_end_of_every_command_that_prints() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &[]);
    let admin = server.printed_after("admin key").expect("a key");
    let write = server.printed_after("write key").expect("a key");
    let orders = folder.path().join("orders.csv");
    std::fs::write(&orders, "customer_id,order_id,ordered_at,amount\nanna,o1,2026-03-01,12\n").expect("written");
    let endpoints = folder.path().join("endpoints.csv");
    std::fs::write(&endpoints, "ChannelType,Address\nEMAIL,anna@example.com\n").expect("written");
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (orders, endpoints, journey) = (path(&orders), path(&endpoints), path(&example("pinpoint/journeys.json")));
    let (url, shop) = (server.url.clone(), ["--admin-key", admin.as_str(), "--endpoint", server.url.as_str()]);
    for arguments in [
        vec!["costs"],
        vec!["costs", "--json"],
        vec!["import-pinpoint", "journeys", &journey],
        vec!["import-pinpoint", "journeys", &journey, "--json"],
        vec!["import-pinpoint", "endpoints", &endpoints, "--dry-run"],
        vec!["import-pinpoint", "endpoints", &endpoints, "--write-key", &write, "--endpoint", &url],
        vec!["import", &orders, "--write-key", &write, "--endpoint", &url],
        vec!["import", &orders, "--write-key", &write, "--endpoint", &url, "--json"],
        [vec!["shop", "show"], shop.to_vec()].concat(),
        [vec!["shop", "show", "--json"], shop.to_vec()].concat(),
        [vec!["shop", "policy-versions"], shop.to_vec()].concat(),
        vec!["demo", "--exit", "--port", "0", "--until", "1997-01-10"],
        vec!["--help"],
    ] {
        assert_ends_normally(&arguments);
    }
}

#[test]
fn output_for_a_full_disk_is_an_error_with_its_reason() {
    let run = |errors: Stdio| -> Output {
        let mut command = Command::new(rekindle());
        command.args(["costs"]).stdout(full_disk()).stderr(errors).output().expect("the program starts")
    };
    let output = run(Stdio::piped());
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("standard output cannot be written") && !errors.contains("panicked"), "{errors}");
    // With nowhere to write the reason, the exit code still reports the failure.
    assert_eq!(run(full_disk().into()).status.code(), Some(1));
}

/// A server whose standard error cannot be written. Dropping it kills it.
struct Silent {
    child: Child,
    url: String,
}

impl Silent {
    /// Starts the server and waits until it answers. It cannot report its port, so it gets one that was free a moment
    /// ago.
    fn start(data: &Path, errors: impl Into<Stdio>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
        let mut command = Command::new(rekindle());
        command.args(["serve", "--port", &free.port().to_string(), "--data"]).arg(data);
        command.env("RUST_LOG", "debug").stdout(Stdio::null()).stderr(errors);
        let silent = Self { child: command.spawn().expect("the program starts"), url: format!("http://{free}") };
        wait_for("the server answers", || silent.customers());
        silent
    }

    /// How many customers it has, if it answers.
    fn customers(&self) -> Option<u64> {
        let mut answer = ureq::get(format!("{}/local/overview", self.url)).call().ok()?;
        answer.body_mut().read_json::<Value>().ok()?["customers"].as_u64()
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_whose_log_cannot_be_written_keeps_working() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path(), &[]);
    let key = server.printed_after("write key").expect("a key");
    server.kill();
    for (number, errors) in [full_disk().into(), closed_pipe()].into_iter().enumerate() {
        let mut silent = Silent::start(folder.path(), errors);
        let event = json!({
            "type": "track", "event": "Order Completed", "userId": format!("c{number}"), "messageId": format!("m{number}"),
            "properties": { "order_id": format!("o{number}"), "total": "12.00", "currency": "EUR" },
        });
        let (status, answer) = post(&silent.url, "/v1/track", &key, &event).expect("an answer");
        assert_eq!(status, 200, "{answer}");
        wait_for("the order is counted", || (silent.customers() == Some(number as u64 + 1)).then_some(()));
        assert!(silent.child.try_wait().expect("a child").is_none(), "it ended");
    }
}

#[test]
fn keys_that_could_not_be_shown_are_replaced_at_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Silent::start(folder.path(), full_disk()));
    let mut server = Server::start(folder.path(), &[]);
    assert!(server.printed_after("write key").is_some());
}
