//! The measured functions: each is built or installed if it is missing.

use rekindle_tests::program::as_called_by_hand;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The versions that were current when the targets were set.
const BOTO3: &str = "boto3==1.43.106";
const CLIENT_DYNAMODB: &str = "@aws-sdk/client-dynamodb@3.1164.0";

/// A function in one of the languages.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: HashMap<&'static str, OsString>,
}

impl Subject {
    /// Rekindle's, then its peers.
    pub(crate) fn all() -> [Self; 3] {
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cold_start");
        fs::create_dir_all(&tools).expect("a directory");
        [rekindle(), boto3(&tools.join("venv")), node(&tools.join("node"))]
    }
}

/// The bootstrap of `ingest`, from the very command that makes what is deployed.
fn rekindle() -> Subject {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    run(as_called_by_hand(workspace.join("infra/build.sh")).args(["--arch", processor]));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let program = target.join("release/ingest");
    Subject { name: "rekindle", program, arguments: Vec::new(), environment: HashMap::new() }
}

fn boto3(venv: &Path) -> Subject {
    let python = venv.join("bin/python");
    if !venv.join("installed").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(venv));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", BOTO3]));
        fs::write(venv.join("installed"), BOTO3).expect("noted");
    }
    let arguments = vec![beside("peer_boto3.py").into()];
    Subject { name: "Python, boto3", program: python, arguments, environment: HashMap::new() }
}

fn node(folder: &Path) -> Subject {
    if !folder.join("installed").exists() {
        fs::create_dir_all(folder).expect("a directory");
        run(Command::new("npm")
            .current_dir(folder)
            .args(["install", "--silent", "--no-audit", "--no-fund"])
            .arg(CLIENT_DYNAMODB));
        fs::write(folder.join("installed"), CLIENT_DYNAMODB).expect("noted");
    }
    // Node looks for packages beside the script.
    let script = folder.join("peer_node.mjs");
    fs::copy(beside("peer_node.mjs"), &script).expect("copied");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let node = std::env::split_paths(&path).map(|folder| folder.join("node")).find(|node| node.exists());
    let program = node.expect("node is installed");
    Subject { name: "Node, SDK v3", program, arguments: vec![script.into()], environment: HashMap::new() }
}

fn beside(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/cold_start").join(file)
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
