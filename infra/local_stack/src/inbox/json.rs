//! `GET /inbox.json`: the mailbox for programs, newest first. It is streamed, so that memory does not grow with it.

use super::query::Query;
use super::{Inbox, InboxError, query_mailbox};
use axum::body::Body;
use axum::extract::{self, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use rekindle_emulators::{Mailbox, MailboxFilter, Message, Page};
use serde_json::{Map, Value, json};
use std::io;

/// Most messages in memory at a time.
const CHUNK_SIZE: u32 = 100;

/// The position of the stream.
struct Position {
    mailbox: Mailbox,
    filter: MailboxFilter,
    page: Page,
    remaining: u64,
    is_first: bool,
    is_done: bool,
}

pub(super) async fn stream(
    State(inbox): State<Inbox>,
    extract::Query(query): extract::Query<Query>,
) -> Result<Response, InboxError> {
    let position = Position {
        mailbox: inbox.mailbox,
        filter: query.filter()?,
        page: query.page()?,
        remaining: query.limit()?.unwrap_or(u64::MAX),
        is_first: true,
        is_done: false,
    };
    // The first chunk is loaded here, so that a failure still gets a status of its own.
    let (first, position) = position.next().await?;
    let rest = stream::try_unfold(position, |position| async move {
        if position.is_done {
            return Ok(None);
        }
        position.next().await.map(Some).map_err(|_| io::Error::other("the mailbox could not be read to its end"))
    });
    let chunks = futures::StreamExt::chain(stream::iter([Ok(first)]), rest);
    Ok(([(header::CONTENT_TYPE, "application/json")], Body::from_stream(chunks)).into_response())
}

impl Position {
    /// The next piece of the array, brackets and commas included.
    async fn next(mut self) -> Result<(String, Self), InboxError> {
        let (filter, page) = (self.filter.clone(), self.page);
        let limit = u32::try_from(self.remaining).unwrap_or(CHUNK_SIZE).min(CHUNK_SIZE);
        let messages = query_mailbox(&self.mailbox, move |mailbox| mailbox.load(&filter, page, limit)).await?;
        self.remaining -= messages.len() as u64;
        // `after` asks for one page of messages, not for all that follow it.
        self.is_done = messages.len() < limit as usize || self.remaining == 0 || matches!(page, Page::After(_));
        if let Some(last) = messages.last() {
            self.page = Page::Before(last.id);
        }
        let mut piece = if self.is_first { "[".to_owned() } else { String::new() };
        for message in &messages {
            if !self.is_first {
                piece.push(',');
            }
            self.is_first = false;
            piece.push('\n');
            piece.push_str(&describe(message).to_string());
        }
        if self.is_done {
            piece.push_str("\n]\n");
        }
        Ok((piece, self))
    }
}

fn describe(message: &Message) -> Value {
    let content = &message.content;
    let headers: Map<String, Value> =
        content.request.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    json!({
        "id": message.id.to_string(),
        "channel": content.channel,
        "from": content.request.from,
        "to": content.request.recipients().collect::<Vec<_>>().join(", "),
        "subject": content.subject,
        "html": content.html,
        "text": content.text,
        "headers": headers,
        "journey": content.request.tag("journey"),
        "step": content.request.tag("step"),
        "message": content.request.tag("message"),
        "customer": content.request.tag("customer"),
        "sent_at": message.sent_at,
    })
}
