//! The built `rekindle` program: found beside the tests, started, called over HTTP, killed.

use crate::patience::wait_for;
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::SystemTime;

/// Extensions of the files that the program is built from.
const SOURCES: [&str; 9] = ["rs", "toml", "html", "css", "mjml", "txt", "sql", "csv", "json"];

/// Returns the path of the built program. `cargo test --workspace` builds it; if only one test was built, or a source is newer
/// than the program, it is built here.
///
/// # Panics
/// If the program cannot be built.
pub fn rekindle() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let tests = std::env::current_exe().expect("the path of the tests");
        let profile = tests.parent().and_then(Path::parent).expect("target/<profile>/deps");
        let program = profile.join("rekindle");
        let built = program.metadata().and_then(|found| found.modified()).ok();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        if built.is_none_or(|built| ["infra", "functions", "shared"].iter().any(|part| newer(&root.join(part), built)))
        {
            // Cargo builds a package's programs along with each of its integration tests: with the features that the tests were
            // built with, so that no dependency is compiled again.
            let mut build = as_called_by_hand(env!("CARGO"));
            build.current_dir(root).args(["test", "--workspace", "--test", "shopfront", "--no-run"]);
            if profile.ends_with("release") {
                build.arg("--release");
            }
            assert!(build.status().expect("cargo").success(), "the program could not be built");
        }
        program
    })
}

/// A program that runs cargo, without what cargo set for the test that runs it. Some build scripts look at that: they would run again,
/// and all that depends on them, which is nearly everything, would be compiled again.
pub fn as_called_by_hand(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_of_the_package =
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|lead| text.starts_with(lead));
        if is_of_the_package || ["OUT_DIR", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"].contains(&text.as_ref()) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether a source below a folder, or a template or text that is compiled in, was changed later.
fn newer(folder: &Path, than: SystemTime) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return newer(&path, than);
        }
        let changed = entry.metadata().and_then(|found| found.modified());
        let is_source = path.extension().and_then(|kind| kind.to_str()).is_some_and(|kind| SOURCES.contains(&kind));
        is_source && changed.is_ok_and(|changed| changed > than)
    })
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// All of its output.
    pub stdout: String,
    /// All that it wrote to standard error.
    pub stderr: String,
}

/// Runs the program to its end.
///
/// # Panics
/// If it does not start, or writes anything that is not UTF-8.
#[must_use]
pub fn run(arguments: &[&str]) -> Ended {
    let output = Command::new(rekindle()).args(arguments).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Ended {
    /// Parses the output of a run that succeeded.
    ///
    /// # Panics
    /// If it failed, or the output is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        serde_json::from_str(&self.stdout).expect("JSON on standard output")
    }
}

/// A running `rekindle serve`. Dropping it kills it, as `kill -9` does.
pub struct Server {
    child: Child,
    /// The base URL of its HTTP API.
    pub url: String,
    /// Standard error so far.
    printed: Arc<Mutex<String>>,
}

impl Server {
    /// Starts `rekindle serve` on a directory and a free port, and waits until it listens.
    ///
    /// # Panics
    /// If it ends before that.
    #[must_use]
    pub fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(rekindle());
        command.args(["serve", "--port", "0", "--data"]).arg(data).args(more);
        Self::from_command(command)
    }

    /// Starts a command that becomes `rekindle serve`, and waits until it listens.
    ///
    /// # Panics
    /// If it ends before that.
    #[must_use]
    pub fn from_command(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program starts");
        let printed = Arc::new(Mutex::new(String::new()));
        let (lines, kept) = (BufReader::new(child.stderr.take().expect("piped")), Arc::clone(&printed));
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                kept.lock().expect("no panic").push_str(&format!("{line}\n"));
            }
        });
        let mut server = Self { child, url: String::new(), printed };
        let url = server.printed_after("inbox").expect("it says where the inbox is");
        server.url = url.trim_end_matches("/inbox").to_owned();
        server
    }

    /// Waits for a line on standard error that begins with a word, and returns the rest of it; `None` if the program ended.
    ///
    /// # Panics
    /// If the line does not appear.
    pub fn printed_after(&mut self, word: &str) -> Option<String> {
        wait_for(word, || {
            let ended = !self.runs();
            let printed = self.printed();
            let line = printed.lines().find_map(|line| Some(line.strip_prefix(word)?.trim().to_owned()));
            if line.is_none() && ended { Some(None) } else { line.map(Some) }
        })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// If the system does not report it.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// What it has written to standard error so far.
    ///
    /// # Panics
    /// If the thread that reads it panicked.
    #[must_use]
    pub fn printed(&self) -> String {
        self.printed.lock().expect("no panic").clone()
    }

    /// Kills it without a warning, as `kill -9` does.
    ///
    /// # Panics
    /// If it cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Posts JSON with a key and returns the status and the answer; nothing without an answer.
    #[must_use]
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
        post(&self.url, path, key, body)
    }

    /// Gets a JSON document.
    ///
    /// # Panics
    /// If the answer is not one.
    #[must_use]
    pub fn get(&self, path: &str) -> Value {
        let mut answer = ureq::get(format!("{}{path}", self.url)).call().expect("an answer");
        answer.body_mut().read_json().expect("JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Posts JSON with a key and returns the status and the answer; nothing without an answer.
#[must_use]
pub fn post(url: &str, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
    let request = ureq::post(format!("{url}{path}")).config().http_status_as_error(false).build();
    let mut answer = request.header("authorization", format!("Bearer {key}")).send_json(body).ok()?;
    let text = answer.body_mut().read_to_string().ok()?;
    Some((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// Returns the message ids of all mail and texts in the mailbox of a data directory.
///
/// # Panics
/// If the mailbox cannot be read.
#[must_use]
pub fn mailed(data: &Path) -> Vec<String> {
    let mailbox = rusqlite::Connection::open(data.join("cloud.db")).expect("the mailbox");
    let mut select = mailbox.prepare("SELECT request FROM message").expect("the table");
    let requests = select.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    let id = |request: String| {
        let request: Value = serde_json::from_str(&request).expect("JSON");
        let tags = request["tags"].as_array().expect("tags").clone();
        let tag = tags.into_iter().find(|tag| tag[0] == "message").expect("a message id");
        tag[1].as_str().expect("a text").to_owned()
    };
    requests.map(|request| id(request.expect("a row"))).collect()
}

/// Asserts that no id occurs twice.
///
/// # Panics
/// If one does.
pub fn assert_unique(mut ids: Vec<String>) {
    ids.sort_unstable();
    let twice: Vec<_> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
    assert_eq!(twice, Vec::<String>::new(), "sent twice, of {}", ids.len());
}
