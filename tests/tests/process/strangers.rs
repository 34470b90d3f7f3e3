//! What strangers on the same machine, and web pages in its browser, can do with a running server: nothing.
#![cfg(target_os = "linux")]

use rekindle_emulators::Durability;
use rekindle_local_stack::{DataDir, Stack, StackTime};
use rekindle_platform::{AccessKeys, Clients};
use rekindle_tests::program::Server;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Sends a request as it is written, and returns the status and all of the answer.
fn raw(address: SocketAddr, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    stream.write_all(request.as_bytes()).expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, answer)
}

/// A request with a body of JSON; `lines` are further lines of its head.
fn request(method: &str, target: &str, host: &str, lines: &[&str], body: &Value) -> String {
    let (lines, body) = (lines.iter().map(|line| format!("{line}\r\n")).collect::<String>(), body.to_string());
    let length = body.len();
    format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}Content-Length: {length}\r\n\r\n{body}"
    )
}

fn address(server: &Server) -> SocketAddr {
    server.url.trim_start_matches("http://").parse().expect("an address")
}

/// The ports on which a process listens, with the address that they are open on, as `/proc` has it.
fn listening(process: u32) -> Vec<(String, u16)> {
    let files = std::fs::read_dir(format!("/proc/{process}/fd")).expect("its files");
    let sockets: Vec<String> = files
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .filter_map(|target| Some(target.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let tables = ["tcp", "tcp6"].map(|table| std::fs::read_to_string(format!("/proc/{process}/net/{table}")));
    let lines: Vec<String> =
        tables.into_iter().flatten().flat_map(|table| table.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let listens = lines.iter().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
        let (address, port) = local.split_once(':')?;
        let is_own = *state == "0A" && sockets.iter().any(|socket| socket == inode);
        is_own.then(|| (address.to_owned(), u16::from_str_radix(port, 16).expect("a port")))
    });
    listens.collect()
}

#[test]
fn every_port_is_open_on_loopback_only_and_answers_requests_for_its_own_host_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let ports = listening(server.id());
    assert_eq!(ports.len(), 3, "{ports:?}");
    for (bound, port) in ports {
        assert_eq!(bound, "0100007F", "127.0.0.1");
        let at = SocketAddr::from(([127, 0, 0, 1], port));
        let targets = ["/", "/inbox.json", "/dashboard", "/local/overview", "/v1/sending", "/u/x", "/nothing"];
        for (method, target) in targets.iter().flat_map(|target| [("GET", *target), ("POST", *target)]) {
            for host in
                [format!("evil.example:{port}"), "evil.example".to_owned(), format!("127.0.0.1.evil.example:{port}")]
            {
                let (status, answer) = raw(at, &request(method, target, &host, &[], &json!({})));
                assert_eq!(status, 421, "{method} {target} of {host}: {answer}");
            }
            let absolute = format!("http://evil.example:{port}{target}");
            assert_eq!(raw(at, &request(method, &absolute, &format!("127.0.0.1:{port}"), &[], &json!({}))).0, 421);
        }
    }
    let at = address(&server);
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let (status, answer) =
            raw(at, &request("GET", "/local/overview", &format!("{host}:{}", at.port()), &[], &json!({})));
        assert_eq!(status, 200, "{host}: {answer}");
    }
}

#[test]
fn a_web_page_moves_no_clock_and_reports_no_event() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path(), &["--clock", "2026-03-02T10:00:00Z"]);
    let (at, host) = (address(&server), address(&server).to_string());
    let own = format!("Origin: http://{host}");
    let json_kind = "Content-Type: application/json";
    let post =
        |target: &str, lines: &[&str]| raw(at, &request("POST", target, &host, lines, &json!({ "advance": "1d" }))).0;
    for target in ["/local/clock", "/local/events/ses", "/local/events/sms"] {
        for foreign in [
            "Origin: https://evil.example",
            "Origin: null",
            "Origin: http://127.0.0.1:1",
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site",
        ] {
            assert_eq!(post(target, &[foreign, json_kind]), 403, "{target}, {foreign}");
            assert_eq!(post(target, &[foreign, "Content-Type: text/plain"]), 403, "{target}, {foreign}");
        }
        assert_eq!(post(target, &["Content-Type: text/plain"]), 415, "{target}");
        assert_eq!(post(target, &[]), 415, "{target}");
    }
    assert_eq!(server.get("/local/clock")["now"], json!("2026-03-02T10:00:00Z"), "nothing has happened");
    assert_eq!(post("/local/clock", &[json_kind, own.as_str(), "Sec-Fetch-Site: same-origin"]), 200);
    assert_eq!(server.get("/local/clock")["now"], json!("2026-03-03T10:00:00Z"));
    // What customers reach from their mail program is not asked where it comes from, as on AWS.
    let (status, answer) = raw(at, &request("POST", "/u/x", &host, &["Origin: https://mail.example"], &json!({})));
    assert!(![403, 415, 421].contains(&status), "{answer}");
}

/// All files and directories below a directory, itself included.
fn below(directory: &Path) -> Vec<PathBuf> {
    let mut found = vec![directory.to_owned()];
    for entry in std::fs::read_dir(directory).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(below(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn no_file_can_be_read_by_others_not_even_one_that_could_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let assert_private = || {
        for path in below(&data) {
            let found = std::fs::metadata(&path).expect("there");
            assert_eq!(found.mode() & 0o077, 0, "{}", path.display());
        }
    };
    let mut server = Server::start(&data, &[]);
    let key = server.printed_after("write key").expect("a key");
    let order = json!({ "userId": "anna", "event": "Order Completed", "properties": { "order_id": "1", "total": 5 } });
    assert_eq!(server.post("/v1/track", &key, &order).map(|answer| answer.0), Some(200));
    assert_private();
    assert!(!server.printed().contains("others could read"), "{}", server.printed());
    server.kill();
    for path in below(&data) {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
    }
    let server = Server::start(&data, &[]);
    assert_private();
    assert!(server.printed().contains("others could read"), "{}", server.printed());
    server.kill();
    let server = Server::start(&data, &[]);
    assert!(!server.printed().contains("others could read"), "{}", server.printed());
}

#[test]
fn the_emulated_aws_answers_only_calls_that_are_signed_with_the_keys_of_the_stack() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let data = Arc::new(DataDir::take(folder.path()).expect("free"));
        let stack = Stack::start(data, StackTime::Real, Durability::Relaxed, "http://127.0.0.1:9").await;
        let stack = stack.expect("the stack starts");
        let keys = &stack.aws_keys;
        let strangers = [
            AccessKeys { id: "local".to_owned(), secret: "local".to_owned(), session: None },
            AccessKeys { id: keys.id.clone(), secret: "local".to_owned(), session: None },
            AccessKeys { id: "other".to_owned(), secret: keys.secret.clone(), session: None },
        ];
        let customers = &stack.store.tables().customers;
        for stranger in strangers {
            let clients = Clients::local(&stack.endpoints).signing_with(stranger);
            let scanned = clients.dynamodb().scan().table_name(customers).send().await;
            let code = scanned.expect_err("refused").raw_response().map(|answer| answer.status().as_u16());
            assert_eq!(code, Some(403));
            let url = format!("{}/000000000000/rekindle-send", stack.endpoints.services);
            let received = clients.sqs().receive_message().queue_url(url).send().await;
            assert_eq!(received.expect_err("refused").raw_response().map(|answer| answer.status().as_u16()), Some(403));
            assert!(clients.ses().get_account().send().await.is_err());
        }
        let own = Clients::local(&stack.endpoints).signing_with(keys.clone());
        own.dynamodb().scan().table_name(customers).send().await.expect("scanned");
        own.ses().get_account().send().await.expect("read");
        // Every service, and a path with characters that are encoded.
        let suppressed = own.ses().delete_suppressed_destination().email_address("a+b c@example.com").send().await;
        let code = suppressed.expect_err("it is not there").raw_response().map(|answer| answer.status().as_u16());
        assert_eq!(code, Some(404));

        let other = tempfile::tempdir().expect("a folder");
        let other = Stack::start(
            Arc::new(DataDir::take(other.path()).expect("free")),
            StackTime::Real,
            Durability::Relaxed,
            "http://127.0.0.1:9",
        );
        assert_ne!(other.await.expect("started").aws_keys.secret, keys.secret, "each stack has keys of its own");
    });
}
