//! The reader's browser: the engine's public pages, over HTTP.

use super::delivered_message::page_of;
use super::form::Form;
use std::time::Duration;

/// Opens pages at a stack's own address and sends their forms. It follows nobody anywhere else.
#[derive(Debug, Clone)]
pub(super) struct Browser {
    agent: ureq::Agent,
    url: String,
}

/// A page did not answer as it should. Never says which link it was: who has it can act for the customer.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// Another status than the page has.
    #[error("the page /{page} answered {method} with status {status}")]
    Status {
        /// Its name.
        page: String,
        /// What was asked.
        method: &'static str,
        /// What came.
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

    /// Opens the page of a link.
    pub(super) fn get(&self, link: &str) -> Result<String, BrowserError> {
        let (name, address) = self.at(link);
        let answer = self.agent.get(address).call().map_err(unreachable)?;
        page(answer, &name, "GET", 200)
    }

    /// Asks for the head of the page of a link, as programs do that check links.
    pub(super) fn head(&self, link: &str) -> Result<(), BrowserError> {
        let (name, address) = self.at(link);
        let answer = self.agent.head(address).call().map_err(unreachable)?;
        page(answer, &name, "HEAD", 200).map(|_| ())
    }

    /// Sends the form of the page of a link.
    pub(super) fn post(&self, link: &str, form: &Form) -> Result<String, BrowserError> {
        let (name, address) = self.at(link);
        let answer = self.agent.post(address).send_form(form.fields()).map_err(unreachable)?;
        page(answer, &name, "POST", 200)
    }

    /// The one click of RFC 8058, as a mail program sends it.
    pub(super) fn one_click(&self, link: &str) -> Result<(), BrowserError> {
        let mut form = Form::default();
        form.set("List-Unsubscribe", "One-Click");
        self.post(link, &form).map(|_| ())
    }

    /// Goes on to the shop from the page of a referral code; the shop itself is not visited.
    pub(super) fn go_to_shop(&self, code: &str, visitor: &str) -> Result<(), BrowserError> {
        let address = format!("{}/r/{code}", self.url);
        let shown = self.agent.get(&address).header("user-agent", visitor).call().map_err(unreachable)?;
        page(shown, "r", "GET", 200)?;
        let led = self.agent.post(&address).header("user-agent", visitor).send_empty().map_err(unreachable)?;
        page(led, "r", "POST", 303).map(|_| ())
    }

    /// The page of a link at the address of this stack: the port may be another one than when the mail was sent.
    fn at(&self, link: &str) -> (String, String) {
        let (name, token) = page_of(link).unwrap_or(("", ""));
        (name.to_owned(), format!("{}/{name}/{token}", self.url))
    }
}

fn page(
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
