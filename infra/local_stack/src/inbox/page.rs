//! `GET /inbox` and `GET /inbox/{id}`: the list beside the message; on a phone one or the other.

use super::query::Query;
use super::team::Team;
use super::view::{Line, Reading};
use super::{Inbox, Trouble, read};
use rekindle_emulators::Page;
use axum::extract::{self, Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use indicatif::HumanCount;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use std::collections::BTreeMap;

/// Messages on one page of the list.
const LINES: u32 = 50;
/// Nothing from elsewhere, no scripts; the frame holds a mail's HTML part.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the template sees.
#[derive(Serialize)]
struct Shown<'a> {
    lines: Vec<Line>,
    /// The message that the page of newer messages comes after, when there is one.
    newer: Option<i64>,
    /// The message that the page of older messages comes before, when there is one.
    older: Option<i64>,
    reading: Option<Reading>,
    journeys: Vec<String>,
    view: &'a str,
    query: &'a Query,
    /// The query to keep in links to messages of this page of the list.
    kept: BTreeMap<&'static str, String>,
    /// The query to keep in links to other pages of the list.
    filter: BTreeMap<&'static str, String>,
    is_chosen: bool,
    is_filtered: bool,
    emails: String,
    texts: String,
    team: Team,
}

/// The templates. They are part of the program: a test renders them all.
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

/// The list; beside it, where there is room, the message at its top.
pub(super) async fn newest(
    State(inbox): State<Inbox>,
    extract::Query(query): extract::Query<Query>,
) -> Result<Response, Trouble> {
    show(&inbox, &query, None).await
}

/// The message; beside it, where there is room, the list it was chosen from.
pub(super) async fn message(
    State(inbox): State<Inbox>,
    Path(id): Path<String>,
    extract::Query(query): extract::Query<Query>,
) -> Result<Response, Trouble> {
    let id: i64 = id.parse().map_err(|_| Trouble::Missing)?;
    show(&inbox, &query, Some(id)).await
}

async fn show(inbox: &Inbox, query: &Query, chosen: Option<i64>) -> Result<Response, Trouble> {
    let (filter, page) = (query.filter()?, query.page()?);
    let (summaries, has_more, counts, journeys, message) = read(&inbox.mailbox, move |mailbox| {
        // One more than a page, to know whether another page follows in the direction of reading.
        let mut summaries = mailbox.list(&filter, page, LINES + 1)?;
        let has_more = summaries.len() > LINES as usize;
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
        return Err(Trouble::Missing);
    }
    let reading = match message {
        Some(message) => {
            let reason = inbox.reasons.reason(&message.content.request.marks()).await;
            Some(Reading::new(message, reason))
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
    let view = Shown {
        lines: summaries.into_iter().map(Line::from).collect(),
        newer,
        older,
        reading,
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
    let page = template.and_then(|template| template.render(Serde(&view)));
    let page = page.map_err(|error| Trouble::Page(format!("the page cannot be rendered: {error:#}")))?;
    let headers = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "no-referrer")];
    Ok((headers, Html(page)).into_response())
}

/// What of the query goes into links: all that is there, or only the filter.
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
