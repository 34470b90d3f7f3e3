//! The stack's public address, called as a client on the internet calls it.

use crate::emulator::Emulator;
use serde_json::Value;
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

/// The beginning of links in messages: a domain of the shop's own. It does not exist, so the test resolves it itself.
pub(crate) const PUBLIC_URL: &str = "https://mail.harbour-records.example";

/// The stack's API.
pub(crate) struct PublicApi {
    /// Where it is: the emulator has all APIs below its own address.
    pub(crate) url: String,
    agent: Agent,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON, null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl PublicApi {
    /// Creates a client for the API at the address in the stack's outputs.
    pub(crate) fn new(emulator: &Emulator, told: &str) -> Self {
        let (_, host) = told.split_once("://").expect("a URL");
        let id = host.split('.').next().expect("the API's id");
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Self { url: format!("{}/_aws/execute-api/{id}/$default", emulator.url()), agent: config.build().into() }
    }

    /// Calls a path, with a key if one is given.
    pub(crate) fn call(&self, method: &str, path: &str, key: Option<&str>, body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        if method == "POST" && path.starts_with("/u/") {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let request = request.body(body.to_owned()).expect("a request");
        let mut answer: Response<Body> = self.agent.run(request).expect("an answer");
        let body = answer.body_mut().read_to_string().expect("text");
        Answer { status: answer.status().as_u16(), body }
    }

    /// Opens a link of a message.
    pub(crate) fn open(&self, link: &str) -> Answer {
        self.call("GET", path_of(link), None, "")
    }
}

/// The path of a link of the stack.
pub(crate) fn path_of(link: &str) -> &str {
    link.strip_prefix(PUBLIC_URL).unwrap_or_else(|| panic!("the link does not begin with the public URL: {link}"))
}
