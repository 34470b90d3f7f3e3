//! The web inbox: every mail and text as the customer sees it.
//!
//! - [`router`] serves the pages and `/inbox.json` from the cloud's [`Mailbox`];
//! - `query` parses the query of a URL: a filter and a page;
//! - `page` answers with HTML, `view` is what its templates show of a message;
//! - `mail_body` serves a mail's HTML part alone, for the sandboxed frame;
//! - `json` streams the mailbox to programs;
//! - `team` shows the events for the platform team's other systems;
//! - [`ReasonLookup`] knows why a message was sent, which the mailbox does not.
//!
//! The pages have no scripts, and allow none of a message's.

mod json;
mod mail_body;
mod mailbox_name;
mod page;
mod query;
mod reason;
mod sms_parts;
mod team;
mod view;

pub use reason::ReasonLookup;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rekindle_emulators::{BusEvents, Cloud, CloudError, Mailbox};
use std::sync::Arc;

/// The state of the routes.
#[derive(Clone)]
struct Inbox {
    mailbox: Mailbox,
    bus_events: BusEvents,
    reasons: Arc<dyn ReasonLookup>,
    pages: Arc<minijinja::Environment<'static>>,
}

/// `GET /inbox`, `/inbox/{id}`, `/inbox/{id}/html`, `/inbox.json` and `/local/events.json`.
pub fn router(cloud: &Cloud, reasons: Arc<dyn ReasonLookup>) -> Router {
    let (mailbox, bus_events) = (cloud.mailbox().clone(), cloud.bus_events().clone());
    Router::new()
        .route("/inbox", get(page::newest))
        .route("/inbox/{id}", get(page::message))
        .route("/inbox/{id}/html", get(mail_body::show))
        .route("/inbox.json", get(json::stream))
        .route("/local/events.json", get(team::list))
        .with_state(Inbox { mailbox, bus_events, reasons, pages: Arc::new(page::environment()) })
}

/// Why a request cannot be answered.
enum InboxError {
    /// There is no such message.
    NotFound,
    /// A parameter of the query is invalid.
    InvalidQuery(String),
    /// The mailbox failed.
    Cloud(CloudError),
    /// The template failed, or a thread panicked.
    Page(String),
}

impl From<CloudError> for InboxError {
    fn from(error: CloudError) -> Self {
        Self::Cloud(error)
    }
}

impl IntoResponse for InboxError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "there is no such message in the inbox".to_owned()),
            Self::InvalidQuery(message) => (StatusCode::BAD_REQUEST, message),
            Self::Cloud(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
            Self::Page(message) => (StatusCode::INTERNAL_SERVER_ERROR, message),
        };
        (status, message).into_response()
    }
}

/// Queries the mailbox on a thread for blocking work.
async fn query_mailbox<T: Send + 'static>(
    mailbox: &Mailbox,
    work: impl FnOnce(&Mailbox) -> Result<T, CloudError> + Send + 'static,
) -> Result<T, InboxError> {
    let mailbox = mailbox.clone();
    let done = tokio::task::spawn_blocking(move || work(&mailbox)).await;
    Ok(done.map_err(|_| InboxError::Page("the mailbox could not be read; see the log".to_owned()))??)
}
