//! The HTTP API of a running stack, for administrators.

use anyhow::{Context, bail};
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
    pub(super) fn from_environment() -> Option<Self> {
        std::env::var("REKINDLE_ADMIN_KEY").ok().map(Self)
    }
}

impl std::str::FromStr for AdminKey {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

/// The HTTP API of a running stack, called with an admin key.
pub(super) struct Api {
    pub(super) endpoint: String,
    pub(super) key: AdminKey,
}

impl Api {
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
