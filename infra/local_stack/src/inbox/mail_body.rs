//! `GET /inbox/{id}/html`: a mail's HTML part alone. Its scripts, forms, frames and plug-ins are disabled, and its links open
//! a new window.

use super::{Inbox, InboxError, query_mailbox};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

const POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src https: data:; \
                      style-src 'unsafe-inline'; font-src https: data:";

pub(super) async fn show(State(inbox): State<Inbox>, Path(id): Path<i64>) -> Result<Response, InboxError> {
    let message = query_mailbox(&inbox.mailbox, move |mailbox| mailbox.get(id)).await?;
    let html = message.and_then(|message| message.content.html).ok_or(InboxError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok((headers, with_links_in_new_window(&html)).into_response())
}

/// The page with a `base` that opens links in a new window, inserted where it does not change the page's rendering mode.
fn with_links_in_new_window(html: &str) -> String {
    const BASE: &str = "<base target=\"_blank\">";
    let lower = html.to_ascii_lowercase();
    let end_of_tag = |tag: &str| {
        lower.match_indices(tag).find_map(|(at, _)| {
            let rest = &lower[at + tag.len()..];
            let is_whole = rest.starts_with(|next: char| next == '>' || next.is_ascii_whitespace());
            is_whole.then(|| rest.find('>').map(|end| at + tag.len() + end + 1)).flatten()
        })
    };
    match end_of_tag("<head").or_else(|| end_of_tag("<html")).or_else(|| end_of_tag("<!doctype")) {
        Some(at) => format!("{}{BASE}{}", &html[..at], &html[at..]),
        None => format!("<!doctype html>{BASE}{html}"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_links_in_new_window;

    #[test]
    fn links_open_a_new_window_and_the_page_stays_as_it_is() {
        let base = "<base target=\"_blank\">";
        for (given, expected) in [
            ("<p>Hi</p>", format!("<!doctype html>{base}<p>Hi</p>")),
            ("<header>Hi</header>", format!("<!doctype html>{base}<header>Hi</header>")),
            ("<!DOCTYPE html><p>Hi", format!("<!DOCTYPE html>{base}<p>Hi")),
            (
                "<!doctype html><HTML lang=\"ru\"><HEAD ><title>Ä",
                format!("<!doctype html><HTML lang=\"ru\"><HEAD >{base}<title>Ä"),
            ),
        ] {
            assert_eq!(with_links_in_new_window(given), expected);
        }
    }
}
