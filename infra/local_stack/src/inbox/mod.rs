//! The web inbox: every mail and text as the customer sees it.
//!
//! The cast:
//! - [`router`] serves the pages and `/inbox.json` from the cloud's [`Mailbox`];
//! - `query` reads what an address asks for: a filter and a page;
//! - `page` answers with HTML, out of what `view` makes of messages and of the template;
//! - `mail_body` serves a mail's HTML part alone, for the sandboxed frame;
//! - `json` streams the mailbox to programs;
//! - `team` shows what the platform team's other systems are told;
//! - [`ReasonLookup`] knows why a message was sent, which the mailbox does not.
//!
//! There are no scripts: a message in the inbox can do nothing but be read.

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

use rekindle_emulators::{BusEvents, Cloud, CloudError, Mailbox};
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;

/// What the handlers share.
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

/// A request that cannot be answered, in words for the reader.
enum Trouble {
    /// There is no such message.
    Missing,
    /// The address asks for something that does not exist.
    Query(String),
    /// The mailbox failed.
    Cloud(CloudError),
    /// The template failed, or the reading was cut off.
    Page(String),
}

impl From<CloudError> for Trouble {
    fn from(error: CloudError) -> Self {
        Self::Cloud(error)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, told) = match self {
            Self::Missing => (StatusCode::NOT_FOUND, "there is no such message in the inbox".to_owned()),
            Self::Query(told) => (StatusCode::BAD_REQUEST, told),
            Self::Cloud(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
            Self::Page(told) => (StatusCode::INTERNAL_SERVER_ERROR, told),
        };
        (status, told).into_response()
    }
}

/// Reads from the mailbox without holding up the other requests of this thread.
async fn read<T: Send + 'static>(
    mailbox: &Mailbox,
    work: impl FnOnce(&Mailbox) -> Result<T, CloudError> + Send + 'static,
) -> Result<T, Trouble> {
    let mailbox = mailbox.clone();
    let done = tokio::task::spawn_blocking(move || work(&mailbox)).await;
    Ok(done.map_err(|_| Trouble::Page("the mailbox could not be read; see the log".to_owned()))??)
}
