//! `GET /inbox` and `GET /inbox/{id}`: the list beside a message; on a phone one of the two.

use super::query::Query;
use super::team::Team;
use super::view::{Line, MessageView};
use super::{Inbox, InboxError, query_mailbox};
use axum::extract::{self, Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use indicatif::HumanCount;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use rekindle_emulators::Page;
use serde::Serialize;
use std::collections::BTreeMap;

/// Messages on a page of the list.
const PAGE_SIZE: u32 = 50;
/// No scripts, and nothing from other servers. The frame shows a mail's HTML part.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The values of the template.
#[derive(Serialize)]
struct PageValues<'a> {
    lines: Vec<Line>,
    /// The first message of this page, if there are newer ones.
    newer: Option<i64>,
    /// The last message of this page, if there are older ones.
    older: Option<i64>,
    message: Option<MessageView>,
    journeys: Vec<String>,
    view: &'a str,
    query: &'a Query,
    /// The query of links to messages of this page.
    kept: BTreeMap<&'static str, String>,
    /// The query of links to other pages.
    filter: BTreeMap<&'static str, String>,
    is_chosen: bool,
    is_filtered: bool,
    emails: String,
    texts: String,
    team: Team,
}

/// The built-in templates.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in [
        ("inbox.html", include_str!("templates/inbox.html")),
        ("list.html", include_str!("templates/list.html")),
        ("message.html", include_str!("templates/message.html")),
        ("style.css", include_str!("templates/style.css")),
    ] {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(template = name, error = %error, "a built-in template does not compile");
        }
    }
    environment
}

/// `GET /inbox`: the list and, where there is room, its first message.
pub(super) async fn newest(
    State(inbox): State<Inbox>,
    extract::Query(query): extract::Query<Query>,
) -> Result<Response, InboxError> {
    show(&inbox, &query, None).await
}

/// `GET /inbox/{id}`: a message and, where there is room, the list.
pub(super) async fn message(
    State(inbox): State<Inbox>,
    Path(id): Path<String>,
    extract::Query(query): extract::Query<Query>,
) -> Result<Response, InboxError> {
    let id: i64 = id.parse().map_err(|_| InboxError::NotFound)?;
    show(&inbox, &query, Some(id)).await
}

async fn show(inbox: &Inbox, query: &Query, chosen: Option<i64>) -> Result<Response, InboxError> {
    let (filter, page) = (query.filter()?, query.page()?);
    let (summaries, has_more, counts, journeys, message) = query_mailbox(&inbox.mailbox, move |mailbox| {
        // One more than a page, to see whether another page follows in this direction.
        let mut summaries = mailbox.list(&filter, page, PAGE_SIZE + 1)?;
        let has_more = summaries.len() > PAGE_SIZE as usize;
        if has_more {
            let surplus = if matches!(page, Page::After(_)) { 0 } else { summaries.len() - 1 };
            summaries.remove(surplus);
        }
        let id = chosen.or_else(|| summaries.first().map(|summary| summary.id));
        let message = id.map(|id| mailbox.get(id)).transpose()?.flatten();
        Ok((summaries, has_more, mailbox.count()?, mailbox.journeys()?, message))
    })
    .await?;
    if chosen.is_some() && message.is_none() {
        return Err(InboxError::NotFound);
    }
    let message = match message {
        Some(message) => {
            let reason = inbox.reasons.reason(&message.content.request.rekindle_tags()).await;
            Some(MessageView::new(message, reason))
        }
        None => None,
    };
    let (first, last) = (summaries.first().map(|line| line.id), summaries.last().map(|line| line.id));
    let (newer, older) = match page {
        Page::Newest => (None, last.filter(|_| has_more)),
        Page::Before(_) => (first, last.filter(|_| has_more)),
        Page::After(_) => (first.filter(|_| has_more), last),
    };
    let view = match query.view.as_str() {
        "text" | "headers" => query.view.as_str(),
        _ => "html",
    };
    let values = PageValues {
        lines: summaries.into_iter().map(Line::from).collect(),
        newer,
        older,
        message,
        journeys,
        view,
        query,
        kept: kept(query, false),
        filter: kept(query, true),
        is_chosen: chosen.is_some(),
        is_filtered: query.is_filtered(),
        emails: HumanCount(counts.email).to_string(),
        texts: HumanCount(counts.sms).to_string(),
        team: inbox.team().await?,
    };
    let template = inbox.pages.get_template("inbox.html");
    let page = template.and_then(|template| template.render(Serde(&values)));
    let page = page.map_err(|error| InboxError::Page(format!("the page cannot be rendered: {error:#}")))?;
    let headers = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "no-referrer")];
    Ok((headers, Html(page)).into_response())
}

/// The parameters of a query that links keep: all of them, or only the filter.
fn kept(query: &Query, only_filter: bool) -> BTreeMap<&'static str, String> {
    let mut kept =
        vec![("to", &query.to), ("journey", &query.journey), ("step", &query.step), ("channel", &query.channel)];
    if !only_filter {
        kept.extend([("before", &query.before), ("after", &query.after)]);
    }
    kept.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_template_compiles() {
        let environment = environment();
        assert_eq!(environment.templates().count(), 4);
    }
}
