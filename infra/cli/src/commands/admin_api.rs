//! The HTTP API of a running stack, for administrators.

use super::output::print;
use super::stack_address::StackAddress;
use anyhow::{Context, bail};
use clap::Args;
use serde_json::Value;
use std::time::Duration;

/// A shop's admin key. It is never shown.
#[derive(Clone)]
pub(super) struct AdminKey(String);

impl std::fmt::Debug for AdminKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminKey")
    }
}

impl AdminKey {
    /// The key in the environment variable `REKINDLE_ADMIN_KEY`.
    fn from_environment() -> Option<Self> {
        std::env::var("REKINDLE_ADMIN_KEY").ok().map(Self)
    }
}

impl std::str::FromStr for AdminKey {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

/// The default address of the local stack.
const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:8787";

/// The options that name a running stack and a shop's admin key.
#[derive(Debug, Args)]
pub(super) struct AdminArgs {
    /// The running stack [default: the public URL of --stack, else http://127.0.0.1:8787]
    #[arg(long, global = true, value_name = "URL")]
    endpoint: Option<String>,
    /// The deployed stack, by its name in CloudFormation
    #[arg(long, global = true, value_name = "NAME")]
    stack: Option<String>,
    /// The region of --stack [default: the one that the AWS CLI would choose]
    #[arg(long, global = true, value_name = "REGION")]
    region: Option<String>,
    /// The profile of the AWS CLI to use with --stack
    #[arg(long, global = true, value_name = "PROFILE")]
    profile: Option<String>,
    /// The shop's admin key [default: the environment variable REKINDLE_ADMIN_KEY]
    #[arg(long, global = true, value_name = "KEY")]
    admin_key: Option<AdminKey>,
}

impl AdminArgs {
    /// The deployed stack, if one is named.
    pub(super) fn stack(&self) -> Option<StackAddress> {
        let stack = self.stack.clone()?;
        Some(StackAddress::new(stack, self.region.clone(), self.profile.clone()))
    }

    /// The API of the stack that they name.
    ///
    /// # Errors
    /// There is no key, or no such stack.
    pub(super) async fn api(self) -> anyhow::Result<Api> {
        let address = self.stack();
        let Some(key) = self.admin_key.or_else(AdminKey::from_environment) else {
            bail!("no admin key: give one with --admin-key or in REKINDLE_ADMIN_KEY");
        };
        let endpoint = match (self.endpoint, address) {
            (Some(endpoint), _) => endpoint,
            (None, Some(address)) => address.outputs().await?.public_url,
            (None, None) => DEFAULT_ENDPOINT.to_owned(),
        };
        Ok(Api { endpoint: endpoint.trim_end_matches('/').to_owned(), key })
    }
}

/// Does an action over the API of the stack that the options name, and prints its result: the text, or the JSON if it is asked for.
///
/// # Errors
/// There is no key or no such stack, or the action failed.
pub(super) async fn run<A: Send + 'static>(
    admin: AdminArgs,
    action: A,
    as_json: bool,
    act: fn(&Api, &A) -> anyhow::Result<(String, Value)>,
) -> anyhow::Result<()> {
    let api = admin.api().await?;
    let (text, answer) = tokio::task::spawn_blocking(move || act(&api, &action)).await??;
    if as_json {
        print(answer)?;
    } else {
        print(text)?;
    }
    Ok(())
}

/// The HTTP API of a running stack, called with an admin key.
pub(super) struct Api {
    pub(super) endpoint: String,
    key: AdminKey,
}

impl Api {
    /// The address of the stack, without a slash at the end.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Calls the API, and parses the answer as JSON.
    pub(super) fn call_json(&self, method: &str, path: &str, body: Option<&str>) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.call(method, path, body)?)?)
    }

    /// Calls the API, and returns the text of the answer. An error is the endpoint's reason.
    pub(super) fn call(&self, method: &str, path: &str, body: Option<&str>) -> anyhow::Result<String> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.endpoint))
            .header("authorization", format!("Bearer {}", self.key.0))
            .body(body.unwrap_or_default().to_owned())
            .with_context(|| format!("{} is not a URL, or the key contains invalid characters", self.endpoint))?;
        let answer = agent.run(request);
        let mut answer =
            answer.with_context(|| format!("nothing answers at {}; is the stack running?", self.endpoint))?;
        let text = answer.body_mut().read_to_string()?;
        if answer.status().is_success() {
            return Ok(text);
        }
        let problem: Value = serde_json::from_str(&text).unwrap_or_default();
        bail!("{}", problem["detail"].as_str().unwrap_or("the endpoint refused without a reason"))
    }
}
