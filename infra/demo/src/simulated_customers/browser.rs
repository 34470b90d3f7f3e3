//! A simulated customer's browser, which uses the engine's public pages over HTTP.

use super::delivered_message::page_of;
use super::form::Form;
use std::time::Duration;

/// Opens pages of a stack and sends their forms. It follows no link to another server.
#[derive(Debug, Clone)]
pub(super) struct Browser {
    agent: ureq::Agent,
    url: String,
}

/// Why a page failed. The error does not contain the link, with which anyone could act for the customer.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// An unexpected status.
    #[error("the page /{page} answered {method} with status {status}")]
    Status {
        /// The name of the page.
        page: String,
        /// The method of the request.
        method: &'static str,
        /// The status of the answer.
        status: u16,
    },
    /// The stack did not answer.
    #[error("a page could not be opened")]
    Unreachable(#[source] Box<ureq::Error>),
}

impl Browser {
    pub(super) fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder();
        let config = config.http_status_as_error(false).max_redirects(0).timeout_global(Some(Duration::from_secs(30)));
        Self { agent: config.build().into(), url: url.to_owned() }
    }

    /// Loads the page of a link.
    pub(super) fn get(&self, link: &str) -> Result<String, BrowserError> {
        let (name, address) = self.at(link);
        let answer = self.agent.get(address).call().map_err(unreachable)?;
        check(answer, &name, "GET", 200)
    }

    /// Requests the head of the page of a link, as link checkers do.
    pub(super) fn head(&self, link: &str) -> Result<(), BrowserError> {
        let (name, address) = self.at(link);
        let answer = self.agent.head(address).call().map_err(unreachable)?;
        check(answer, &name, "HEAD", 200).map(|_| ())
    }

    /// Sends the form of the page of a link.
    pub(super) fn post(&self, link: &str, form: &Form) -> Result<String, BrowserError> {
        let (name, address) = self.at(link);
        let answer = self.agent.post(address).send_form(form.fields()).map_err(unreachable)?;
        check(answer, &name, "POST", 200)
    }

    /// Unsubscribes by one click (RFC 8058), as a mail program does.
    pub(super) fn one_click(&self, link: &str) -> Result<(), BrowserError> {
        let mut form = Form::default();
        form.set("List-Unsubscribe", "One-Click");
        self.post(link, &form).map(|_| ())
    }

    /// Opens the page of a referral code and goes on to the shop, which itself is not loaded.
    pub(super) fn go_to_shop(&self, code: &str, visitor: &str) -> Result<(), BrowserError> {
        let address = format!("{}/r/{code}", self.url);
        let page_answer = self.agent.get(&address).header("user-agent", visitor).call().map_err(unreachable)?;
        check(page_answer, "r", "GET", 200)?;
        let redirect = self.agent.post(&address).header("user-agent", visitor).send_empty().map_err(unreachable)?;
        check(redirect, "r", "POST", 303).map(|_| ())
    }

    /// The name and the URL of a link's page at this stack, whose port may have changed since the mail was sent.
    fn at(&self, link: &str) -> (String, String) {
        let (name, token) = page_of(link).unwrap_or(("", ""));
        (name.to_owned(), format!("{}/{name}/{token}", self.url))
    }
}

/// The text of an answer with the expected status.
fn check(
    mut answer: http::Response<ureq::Body>,
    page: &str,
    method: &'static str,
    expected: u16,
) -> Result<String, BrowserError> {
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().map_err(unreachable)?;
    if status == expected { Ok(text) } else { Err(BrowserError::Status { page: page.to_owned(), method, status }) }
}

fn unreachable(error: ureq::Error) -> BrowserError {
    BrowserError::Unreachable(Box::new(error))
}
