//! The tools of the test, installed once below `target/`, and the functions, built as for a deployment.

use rekindle_tests::program::as_called_by_hand;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Once, OnceLock};

/// Names and versions, one a line.
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the workspace")
}

/// A Python environment with the emulator, the AWS command line and Segment's library.
pub(crate) fn environment() -> PathBuf {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(install).clone()
}

fn install() -> PathBuf {
    let tests = std::env::current_exe().expect("the path of the tests");
    let environment = tests.ancestors().nth(3).expect("target/<profile>/deps/<test>").join("deployed-tools");
    let complete = environment.join("complete");
    if std::fs::read_to_string(&complete).is_ok_and(|installed| installed == REQUIREMENTS) {
        return environment;
    }
    let requirements = root().join("tests/tests/deployed/requirements.txt");
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    run(Command::new(environment.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(requirements));
    std::fs::write(complete, REQUIREMENTS).expect("a place for the tools");
    environment
}

/// Packs every function where the template expects it, once for all tests: as the tests have built it, or as a release if
/// `REKINDLE_DEPLOY_RELEASE` is set.
pub(crate) fn build_functions() {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        if std::env::var_os("REKINDLE_DEPLOY_BUILT").is_none() {
            let mut build = as_called_by_hand(root().join("infra/build.sh"));
            build.args(["--arch", "x86_64"]);
            if std::env::var_os("REKINDLE_DEPLOY_RELEASE").is_none() {
                build.arg("--debug");
            }
            let told = run(&mut build);
            eprintln!("{told}");
        }
    });
}

/// Runs a program to its end, which has to be a success.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{:?} does not start: {error}", command.get_program()));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
