//! `/u/{token}`: no more messages on this channel.

use crate::Links;
use crate::consent::{allowed, consent, names, purposes};
use crate::error::LinksError;
use crate::form::Form;
use crate::page::Page;
use crate::pause::pause_for;
use crate::visit::{self, Visit};
use minijinja::context;

/// The pause that is offered instead, in days.
const OFFERED_PAUSE_DAYS: i64 = 30;

/// GET shows a button. POST refuses everything on the channel of the message, whatever its body says, so
/// that a mail program's one click counts in any encoding. Only the page's own other buttons do something else.
pub(crate) async fn page(links: &Links, visit: &Visit, token: &str, form: Option<&Form>) -> Result<Page, LinksError> {
    let channel = visit.channel();
    // An undo allows again what was allowed before, and no more. The form carries that along, because after the first of
    // two clicks on the same button nothing is allowed any more.
    let before = match form.and_then(|form| form.text("again")) {
        Some(again) => purposes(again),
        None => allowed(visit, channel),
    };
    let (state, facts) = match form.map(|form| form.text("act")) {
        None | Some(Some("undo")) if before.is_empty() => ("already", Vec::new()),
        None => ("asked", Vec::new()),
        Some(Some("undo")) => {
            let source = "undo on the unsubscribe page";
            ("undone", before.iter().map(|purpose| consent(visit, channel, Some(*purpose), true, source)).collect())
        }
        Some(Some("pause")) => ("paused", vec![pause_for(visit, OFFERED_PAUSE_DAYS)]),
        Some(_) => ("done", vec![consent(visit, channel, None, false, "unsubscribe page")]),
    };
    let not_reopened = links.store_statements(visit, facts).await?;
    let state = if not_reopened.is_empty() { state } else { "already" };
    let after = if state == "paused" { Some(visit.reload(links).await?) } else { None };
    visit.look().render(
        "unsubscribe.html",
        context! {
            state => state,
            not_reopened => not_reopened.iter().map(ToString::to_string).collect::<Vec<_>>(),
            channel => channel.code(),
            again => names(&before),
            pause => OFFERED_PAUSE_DAYS,
            paused_until => after.as_ref().and_then(Visit::paused_until),
            preferences => visit::preferences_path(links, visit),
            action => format!("/u/{token}"),
        },
    )
}
