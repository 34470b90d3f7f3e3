//! Schemathesis, as any reader of the description may run it: it generates valid and invalid requests from
//! `functions/openapi.json`, sends them to `rekindle serve`, and checks the answers against the description.

use rekindle_tests::program::Server;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names and versions, one a line.
const REQUIREMENTS: &str = include_str!("requirements.txt");
/// Requests of each kind to each operation.
const EXAMPLES: &str = "15";
/// Seconds without an answer after which the server hangs, also on a busy machine.
const REQUEST_TIMEOUT: &str = "300";

/// A Python environment with the tool, installed once below `target/`.
fn environment() -> PathBuf {
    let tests = std::env::current_exe().expect("the path of the tests");
    let environment = tests.ancestors().nth(3).expect("target/<profile>/deps/<test>").join("hostile-tools");
    let complete = environment.join("complete");
    if std::fs::read_to_string(&complete).is_ok_and(|installed| installed == REQUIREMENTS) {
        return environment;
    }
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/requirements.txt");
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    let python = environment.join("bin/python");
    run(Command::new(python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(requirements));
    std::fs::write(complete, REQUIREMENTS).expect("a place for the tools");
    environment
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{:?} does not start: {error}", command.get_program()));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Which key is sent to which route.
fn configuration(write_key: &str, admin_key: &str) -> String {
    let headers = |tags: &[&str], key: &str| {
        let one = |tag: &&str| {
            format!("[[operations]]\ninclude-tag = \"{tag}\"\nheaders = {{ Authorization = \"Bearer {key}\" }}\n")
        };
        tags.iter().map(one).collect::<String>()
    };
    let admins = ["policy", "words", "sending", "customers", "suppressions", "tasks", "coupons", "reports"];
    format!("{}{}", headers(&["events"], write_key), headers(&admins, admin_key))
}

#[test]
fn every_answer_is_described_and_none_is_a_server_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(&folder.path().join("data"), &["--clock", "2026-03-02T10:00:00Z"]);
    let write_key = server.printed_after("write key").expect("a key on the first start");
    let admin_key = server.printed_after("admin key").expect("a key on the first start");
    let file = folder.path().join("schemathesis.toml");
    std::fs::write(&file, configuration(&write_key, &admin_key)).expect("written");
    let mut tool = Command::new(environment().join("bin/schemathesis"));
    tool.current_dir(folder.path()).env("PYTHONDONTWRITEBYTECODE", "1").arg("--config-file").arg(&file).arg("run");
    tool.arg(format!("{}/openapi.json", server.url));
    tool.args(["--max-examples", EXAMPLES, "--seed", "20260302", "--request-timeout", REQUEST_TIMEOUT]);
    tool.args(["--generation-database", "none", "--warnings", "off"]);
    tool.args(["--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all", "--no-color"]);
    tool.args([
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
         response_schema_conformance,unsupported_method,allow_header_conformance,ignored_auth",
    ]);
    let output = tool.output().expect("the tool starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(server.runs(), "{}", server.printed());
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    let printed = server.printed();
    assert!(!printed.contains("panicked"), "{printed}");
    for key in [&write_key, &admin_key] {
        assert_eq!(printed.matches(key.as_str()).count(), 1, "a key is shown once");
    }
}
