//! Runs the AWS CLI, which knows the caller's profiles, single sign-on and proxies.

use super::aws_cli_error::AwsCliError;
use rekindle_platform::AccessKeys;
use serde_json::Value;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// The AWS CLI with a region and a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsCli {
    region: Option<String>,
    profile: Option<String>,
}

impl AwsCli {
    /// The CLI with a region and a profile, or with those that it chooses itself.
    #[must_use]
    pub fn new(region: Option<String>, profile: Option<String>) -> Self {
        Self { region, profile }
    }

    /// Calls a command and parses its answer, which is null if there is none. Blocks for at most a minute.
    ///
    /// # Errors
    /// The message says what to do. It never contains arguments after the first two.
    pub fn call(&self, arguments: &[&str]) -> Result<Value, AwsCliError> {
        self.call_with_input(arguments, "")
    }

    /// Calls a command with an input on its standard input, which lists of processes do not show.
    ///
    /// # Errors
    /// As [`AwsCli::call`].
    pub fn call_with_input(&self, arguments: &[&str], input: &str) -> Result<Value, AwsCliError> {
        let command = arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        let written = self.run(&command, arguments, input)?;
        if written.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&written).map_err(|_| AwsCliError::Unreadable(command))
    }

    /// The caller's credentials, as the CLI uses them. An old CLI does not return them; then those of the environment count.
    ///
    /// # Errors
    /// The caller is not signed in.
    pub fn credentials(&self) -> Result<AccessKeys, AwsCliError> {
        let command = ["configure", "export-credentials", "--format", "process"];
        let exported = match self.call(&command) {
            Err(error @ (AwsCliError::UnknownCommand(_) | AwsCliError::Failed { .. })) => {
                let of_environment = if self.profile.is_none() { AccessKeys::from_process() } else { None };
                return of_environment.ok_or(error);
            }
            other => other?,
        };
        let text = |name: &str| exported[name].as_str().map(str::to_owned);
        let keys = text("AccessKeyId").zip(text("SecretAccessKey"));
        let (id, secret) = keys.ok_or_else(|| AwsCliError::Unreadable("configure export-credentials".to_owned()))?;
        Ok(AccessKeys { id, secret, session: text("SessionToken") })
    }

    /// Its region and profile, for people.
    pub(super) fn place(&self) -> String {
        let of_environment = || std::env::var("AWS_REGION").or_else(|_| std::env::var("AWS_DEFAULT_REGION")).ok();
        match self.region.clone().or_else(of_environment) {
            Some(region) => format!("the region {region}"),
            None => "the region of the profile".to_owned(),
        }
    }

    /// The options with which a command of the AWS CLI uses the same region and profile.
    #[must_use]
    pub fn options(&self) -> String {
        let option = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!(" --{name} {value}"));
        [option("region", &self.region), option("profile", &self.profile)].into_iter().flatten().collect()
    }

    fn run(&self, command: &str, arguments: &[&str], input: &str) -> Result<String, AwsCliError> {
        let mut program = Command::new("aws");
        program.args(arguments);
        if arguments.first() != Some(&"configure") {
            program.args(["--output", "json", "--cli-connect-timeout", "5", "--cli-read-timeout", "30"]);
            // Some versions do not find it themselves for every service.
            if let Some(url) = endpoint(arguments.first().copied().unwrap_or_default()) {
                program.args(["--endpoint-url", &url]);
            }
        }
        for (option, value) in [("--region", &self.region), ("--profile", &self.profile)] {
            if let Some(value) = value {
                program.args([option, value]);
            }
        }
        // A pager would wait for input.
        program.env("AWS_PAGER", "").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => AwsCliError::NotInstalled,
            _ => AwsCliError::NotStarted(error.to_string()),
        })?;
        let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads no input may have ended by now.
            let _ = stdin.write_all(input.as_bytes());
        }
        let succeeded = wait(&mut child).ok_or_else(|| AwsCliError::TimedOut(command.to_owned()))?;
        let text = |thread: JoinHandle<String>| thread.join().unwrap_or_default();
        if succeeded { Ok(text(stdout)) } else { Err(AwsCliError::from_stderr(command, &text(stderr))) }
    }
}

/// Waits for a process: whether it succeeded, or `None` if it was killed because it took too long.
fn wait(child: &mut Child) -> Option<bool> {
    let started = Instant::now();
    while started.elapsed() < CALL_TIMEOUT {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status.success());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// Reads a pipe to its end in a thread, so that the process never waits for its reader.
fn reader(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The URL of a service, if it is not AWS's own.
fn endpoint(service: &str) -> Option<String> {
    let of_service = format!("AWS_ENDPOINT_URL_{}", service.replace('-', "_").to_uppercase());
    let set = |name: &str| std::env::var(name).ok().filter(|url| !url.trim().is_empty());
    set(&of_service).or_else(|| set("AWS_ENDPOINT_URL"))
}
