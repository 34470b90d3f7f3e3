//! The program under test: found beside the tests, started, talked to, killed.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime};

/// Longest that a test waits for the program to do something.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What the names of files end with that the program is made of.
const SOURCES: [&str; 7] = ["rs", "toml", "html", "css", "mjml", "txt", "sql"];

/// The built program. `cargo test --workspace` builds it; if only this test was built, or a source is newer than the
/// program, it is built here.
pub(crate) fn rekindle() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let tests = std::env::current_exe().expect("the path of the tests");
        let profile = tests.parent().and_then(Path::parent).expect("target/<profile>/deps");
        let program = profile.join("rekindle");
        let built = program.metadata().and_then(|found| found.modified()).ok();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        if built.is_none_or(|built| ["infra", "functions", "shared"].iter().any(|part| newer(&root.join(part), built)))
        {
            // A program is built along with any integration test of its package: with the same features as the tests,
            // so that nothing else has to be built anew.
            let mut build = Command::new(env!("CARGO"));
            build.current_dir(root).args(["test", "--workspace", "--test", "shopfront", "--no-run"]);
            if profile.ends_with("release") {
                build.arg("--release");
            }
            assert!(build.status().expect("cargo").success(), "the program could not be built");
        }
        program
    })
}

/// Whether a source below a folder, or a template or a text that is compiled in, was changed later.
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
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    let output = Command::new(rekindle()).args(arguments).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Ended {
    /// Its output, which has to be JSON.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        serde_json::from_str(&self.stdout).expect("JSON on standard output")
    }
}

/// A running `rekindle serve`. Dropping it kills it, as `kill -9` does.
pub(crate) struct Server {
    child: Child,
    /// Where its API is.
    pub(crate) url: String,
    /// What it has printed so far on standard error.
    printed: Arc<Mutex<String>>,
}

impl Server {
    /// Starts `rekindle serve` on a directory and a free port, and waits until it answers.
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(rekindle());
        command.args(["serve", "--port", "0", "--data"]).arg(data).args(more);
        Self::from(command)
    }

    /// Starts a command that becomes `rekindle serve`.
    pub(crate) fn from(mut command: Command) -> Self {
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

    /// What follows the first line that begins with a word, as soon as it is printed.
    pub(crate) fn printed_after(&mut self, word: &str) -> Option<String> {
        wait_for(|| {
            let printed = self.printed.lock().expect("no panic").clone();
            let line = printed.lines().find_map(|line| Some(line.strip_prefix(word)?.trim().to_owned()));
            let ended = self.child.try_wait().expect("a child").is_some();
            if line.is_none() && ended { Some(None) } else { line.map(Some) }
        })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// What it has printed so far.
    pub(crate) fn printed(&self) -> String {
        self.printed.lock().expect("no panic").clone()
    }

    /// Kills it without a warning.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Posts; status and answer, or nothing if there was no answer.
    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
        post(&self.url, path, key, body)
    }

    /// Gets a document.
    pub(crate) fn get(&self, path: &str) -> Value {
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

/// Posts; status and answer, or nothing if there was no answer.
pub(crate) fn post(url: &str, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
    let request = ureq::post(format!("{url}{path}")).config().http_status_as_error(false).build();
    let mut answer = request.header("authorization", format!("Bearer {key}")).send_json(body).ok()?;
    let text = answer.body_mut().read_to_string().ok()?;
    Some((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// Waits until something is there.
pub(crate) fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "it did not happen within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The message ids of everything in the mailbox of a directory that nobody runs on.
pub(crate) fn mailed(data: &Path) -> Vec<String> {
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

/// Fails if an id is there twice.
pub(crate) fn assert_unique(mut ids: Vec<String>) {
    ids.sort_unstable();
    let twice: Vec<_> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
    assert_eq!(twice, Vec::<String>::new(), "sent twice, of {}", ids.len());
}
