//! The emulator of AWS: one process, which starts the functions as processes of their own. It listens on loopback only.

use rekindle_platform::{Clients, Environment};
use rekindle_tests::patience::wait_for;
use serde_json::Value;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// Is in the environment of the emulator and of everything that it starts.
const MARKER: &str = "REKINDLE_DEPLOYED_TEST";
const REGION: &str = "us-east-1";

/// A running emulator. Dropping it ends it and everything that it started, also when a test panics; if the test itself is
/// killed, the shell at the other end of its pipe ends them.
pub(crate) struct Emulator {
    shell: Child,
    port: u16,
    programs: PathBuf,
    marker: String,
    /// Its log, and files of the test.
    pub(crate) folder: tempfile::TempDir,
}

impl Emulator {
    /// Starts it on a free port, with role policies enforced and with SES elsewhere, and waits until it answers.
    pub(crate) fn start(tools: &Path, ses: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let programs = tools.join("bin");
        let marker = format!("{}-{port}", std::process::id());
        let log = std::fs::File::create(folder.path().join("emulator.log")).expect("a log");
        // The shell waits for the end of its input, which comes when this process ends, however it ends.
        let script = r#""$0" & cat >/dev/null; kill -TERM 0"#;
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(programs.join("ministack"));
        // Nothing of this machine's own account reaches the emulator or a function.
        command.env_clear();
        command.envs(variables(port)).env("PATH", path(&programs)).env("HOME", folder.path()).env(MARKER, &marker);
        // Every listener on loopback, and none that is not needed.
        command.env("GATEWAY_PORT", port.to_string()).env("BIND_HOST", "127.0.0.1").env("MINISTACK_HOST", "localhost");
        command.env("IOT_MTLS_ENABLED", "0").env("SFTP_ENABLED", "0").env("AUTH", "true");
        // Its log tells the time without a zone.
        command.env("TZ", "UTC");
        // The functions inherit it.
        command.env("AWS_ENDPOINT_URL_SESV2", ses);
        let errors = log.try_clone().expect("a log");
        let shell =
            command.current_dir(folder.path()).process_group(0).stdin(Stdio::piped()).stdout(log).stderr(errors);
        let shell = shell.spawn().expect("the emulator starts");
        let emulator = Self { shell, port, programs, marker, folder };
        let health = format!("{}/_ministack/health", emulator.url());
        wait_for("the emulator answers", || ureq::get(&health).call().ok());
        emulator
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What is in the environment of every process of it.
    pub(crate) fn marker(&self) -> String {
        format!("{MARKER}={}", self.marker)
    }

    /// A program of the tools.
    pub(crate) fn program(&self, name: &str) -> Command {
        self.command(&self.path_of(name))
    }

    /// Where a program of the tools is.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// The processes of a function's running instances.
    pub(crate) fn processes_of(&self, function: &str) -> Vec<u32> {
        let of_function = processes_with(&format!("AWS_LAMBDA_FUNCTION_NAME={function}"));
        let own = processes_with(&self.marker());
        of_function.into_iter().filter(|process| own.contains(process)).collect()
    }

    /// A program that finds the tools and the emulator in its environment, and nothing of this machine's own account.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(variables(self.port));
        command.env("PATH", path(&self.programs)).env("HOME", self.folder.path());
        command
    }

    /// Runs the AWS command line; returns its output, or its error message if it failed.
    pub(crate) fn try_aws(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = self.program("aws");
        // Version 1 asks the environment for the endpoint of some services only.
        command.args(["--endpoint-url", &self.url(), "--output", "json"]).args(arguments);
        let output = command.current_dir(self.folder.path()).output().expect("the AWS command line");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stderr) + &text(&output.stdout))
        }
    }

    /// A call of the AWS command line that has to succeed; its answer, null if there is none.
    pub(crate) fn aws(&self, arguments: &[&str]) -> Value {
        let told = self.try_aws(arguments).unwrap_or_else(|error| panic!("aws {}: {error}", arguments.join(" ")));
        serde_json::from_str(&told).unwrap_or_default()
    }

    /// The functions' own clients, as an administrator of the account.
    pub(crate) fn clients(&self) -> Clients {
        Clients::from_env(&self.environment(&[])).expect("a complete environment")
    }

    /// An environment as Lambda gives it to a function, with these variables of its own.
    pub(crate) fn environment(&self, own: &[(&str, &str)]) -> Environment {
        let variables = variables(self.port);
        let given = variables.iter().map(|(name, value)| (*name, value.as_str()));
        Environment::from_pairs(given.chain(own.iter().copied()))
    }

    /// The last lines that each function wrote.
    fn last_words_of_functions(&self) -> String {
        let ask = |arguments: &[&str]| -> Value {
            serde_json::from_str(&self.try_aws(arguments).unwrap_or_default()).unwrap_or_default()
        };
        let list = |answer: &Value, name: &str| answer[name].as_array().cloned().unwrap_or_default();
        let mut words = String::new();
        for group in list(&ask(&["logs", "describe-log-groups"]), "logGroups") {
            let name = group["logGroupName"].as_str().unwrap_or_default();
            let lines = list(&ask(&["logs", "filter-log-events", "--log-group-name", name]), "events");
            let own = lines.iter().filter_map(|line| line["message"].as_str()).filter(|line| line.starts_with('{'));
            let own: Vec<&str> = own.collect();
            words += &format!("{name}\n  {}\n", own[own.len().saturating_sub(12)..].join("\n  "));
        }
        words
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("emulator.log")).unwrap_or_default()
    }

    /// The last lines of its log.
    fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the emulator's last lines:\n{}", self.last_words());
            eprintln!("the functions' last lines:\n{}", self.last_words_of_functions());
        }
        drop(self.shell.stdin.take());
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) && !processes_with(&self.marker()).is_empty() {
            let _ = self.shell.try_wait();
            std::thread::sleep(Duration::from_millis(100));
        }
        for process in processes_with(&self.marker()) {
            let _ = Command::new("kill").args(["-KILL", &process.to_string()]).status();
        }
        let _ = self.shell.wait();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(5) && !processes_with(&self.marker()).is_empty() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A free port that stays free until the emulator takes it: it lies outside the range from which the system assigns
/// ports, which other tests use meanwhile, and each emulator of this process has a part of its own.
fn free_port() -> u16 {
    static EMULATORS: AtomicU16 = AtomicU16::new(0);
    let part = 100 * EMULATORS.fetch_add(1, Ordering::Relaxed);
    let first = 20_000 + part + u16::try_from(std::process::id() % 10_000).expect("small");
    let free = (first..).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.expect("a free port")
}

/// The processes whose environment has this entry.
pub(crate) fn processes_with(entry: &str) -> Vec<u32> {
    let running = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = running.filter_map(|process| process.file_name().to_str()?.parse().ok());
    let has_it = |id: &u32| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == entry.as_bytes())
    };
    ids.filter(has_it).collect()
}

/// The variables by which a program finds the emulator in place of AWS.
fn variables(port: u16) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_PAGER", String::new()),
    ]
}

fn path(programs: &Path) -> String {
    let usual = std::env::var("PATH").unwrap_or_default();
    format!("{}:{usual}", programs.display())
}
