//! From the sources to the functions that run: who may deploy, and of what a release is built.

use serde_yaml_ng::Value;

const WORKFLOW: &str = include_str!("../../../infra/github-actions-deploy.yml");
const BUILD: &str = include_str!("../../../infra/build.sh");
const CI: &str = include_str!("../../../.ci/run");
const WORKSPACE: &str = include_str!("../../../Cargo.toml");
const README: &str = include_str!("../../../README.md");

/// The job that may become the role in the account.
const DEPLOYING: &str = "deploy";
/// What that job may use: the platform's own actions and AWS's.
const TRUSTED_ACTIONS: [&str; 3] =
    ["actions/checkout", "actions/download-artifact", "aws-actions/configure-aws-credentials"];
/// What its scripts may run.
const TRUSTED_COMMANDS: [&str; 4] = ["aws", "cd", "echo", "sha256sum"];
/// Commands of cargo that build or resolve, and so have to keep to `Cargo.lock`.
const RESOLVING: [&str; 8] = ["build", "check", "clippy", "doc", "install", "lambda build", "test", "tree"];

fn jobs() -> Vec<(String, Value)> {
    let workflow: Value = serde_yaml_ng::from_str(WORKFLOW).expect("YAML");
    assert_eq!(workflow["permissions"], Value::Mapping(Default::default()), "each job says what it may do");
    let jobs = workflow["jobs"].as_mapping().expect("jobs");
    jobs.iter().map(|(name, job)| (name.as_str().expect("a name").to_owned(), job.clone())).collect()
}

fn steps(job: &Value) -> &[Value] {
    job["steps"].as_sequence().expect("steps")
}

#[test]
fn only_the_job_that_deploys_may_ask_for_a_token() {
    for (name, job) in jobs() {
        let allowed = serde_json::to_value(&job["permissions"]).expect("permissions");
        let expected = match name.as_str() {
            DEPLOYING => serde_json::json!({ "contents": "read", "id-token": "write" }),
            _ => serde_json::json!({ "contents": "read" }),
        };
        assert_eq!(allowed, expected, "{name}");
        assert_eq!(job["environment"].is_null(), name != DEPLOYING, "{name}");
    }
}

#[test]
fn the_job_that_deploys_runs_nothing_that_was_built_or_installed() {
    let (_, job) = jobs().into_iter().find(|(name, _)| name == DEPLOYING).expect("a job that deploys");
    for step in steps(&job) {
        if let Some(action) = step["uses"].as_str() {
            let name = action.split('@').next().unwrap_or_default();
            assert!(TRUSTED_ACTIONS.contains(&name), "{action}");
        }
        let script = step["run"].as_str().unwrap_or_default().replace("\\\n", " ");
        for command in script.split(['\n', '|', ';', '&']).map(str::trim).filter(|command| !command.is_empty()) {
            let program = command.split_whitespace().next().unwrap_or_default();
            assert!(TRUSTED_COMMANDS.contains(&program), "{command}");
            assert!(!command.contains("$(") && !command.contains('`'), "{command}");
        }
    }
    let compared = steps(&job).iter().position(|step| step["env"]["DIGEST"] == "${{ needs.build.outputs.digest }}");
    let token =
        steps(&job).iter().position(|step| step["uses"].as_str().is_some_and(|uses| uses.contains("credentials")));
    assert!(compared.is_some() && compared < token, "the zips are compared before there is a role");
}

#[test]
fn every_action_is_named_by_a_digest_and_says_which_version_that_is() {
    let named: Vec<&str> =
        WORKFLOW.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, action)| action).collect();
    assert!(named.len() > 4, "{named:?}");
    for action in named {
        let (digest, version) =
            action.split_once('@').and_then(|(_, rest)| rest.split_once(" # v")).unwrap_or_default();
        assert!(digest.len() == 40 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
        assert_eq!(version.split('.').count(), 3, "{action}");
    }
}

#[test]
fn what_is_checked_or_released_is_built_of_the_locked_versions() {
    assert!(BUILD.contains("readonly SELECTION=\"--locked "));
    let mut seen = 0;
    for line in
        [BUILD, CI, WORKFLOW].iter().flat_map(|file| file.lines()).filter(|line| !line.trim_start().starts_with('#'))
    {
        let resolves = RESOLVING.iter().any(|command| line.contains(&format!("cargo {command} ")));
        // What an error message proposes is not run. The tests are run by the README's own command, after the lints, which are of the
        // locked versions.
        let is_run = !line.contains("echo ") && !line.contains("fail ");
        if resolves && is_run && !line.contains("cargo test --workspace >") {
            seen += 1;
            assert!(line.contains("--locked") || line.contains("$SELECTION"), "{line}");
        }
    }
    assert!(seen > 4, "{seen} commands were seen");
    for line in WORKFLOW.lines().filter(|line| line.contains("pip install")) {
        assert!(line.contains("--require-hashes"), "{line}");
    }
}

#[test]
fn one_toolchain_builds_releases() {
    let after = |text: &'static str, start: &str| {
        let rest = text.split(start).nth(1).unwrap_or_else(|| panic!("{start} is there"));
        rest.split(['\n', '"', ' ']).next().unwrap_or_default()
    };
    let release = after(BUILD, "readonly RUST=");
    assert_eq!(after(WORKFLOW, "RUSTUP_TOOLCHAIN: "), release);
    let oldest = after(WORKSPACE, "rust-version = \"");
    assert!(release.starts_with(&format!("{oldest}.")), "{release} is the oldest that compiles, {oldest}");
    assert_eq!(after(README, "This needs Rust "), oldest);
}
