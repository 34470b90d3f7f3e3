//! `/u/{token}`: no more messages on this channel.

use crate::Links;
use crate::consent::{allowed, consent, names, purposes};
use crate::error::LinksError;
use crate::form::Form;
use crate::page::Page;
use crate::pause::pause_for;
use crate::visit::{self, Visit};
use minijinja::context;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::{UNSUBSCRIBE_SOURCE, taken_by_unsubscribing};

/// The pause that is offered instead, in days.
const OFFERED_PAUSE_DAYS: i64 = 30;

/// The source of a refusal by this page where nothing was allowed any more.
const NOTHING_TAKEN_SOURCE: &str = "unsubscribe page, nothing left to refuse";

/// GET shows a button. POST refuses everything on the channel of the message, whatever its body says, so
/// that a mail program's one click counts in any encoding. Only the page's own other buttons do something else.
pub(crate) async fn page(links: &Links, visit: &Visit, token: &str, form: Option<&Form>) -> Result<Page, LinksError> {
    let channel = visit.channel();
    let mut again = allowed(visit, channel);
    let gets_some = !again.is_empty();
    let (state, facts) = match form.map(|form| form.text("act")) {
        None if gets_some => ("asked", Vec::new()),
        None => ("already", Vec::new()),
        Some(Some("undo")) => {
            let source = "undo on the unsubscribe page";
            let taken = taken(links, visit, channel, form).await?;
            let facts: Vec<_> =
                taken.iter().map(|purpose| consent(visit, channel, Some(*purpose), true, source)).collect();
            (if gets_some || !facts.is_empty() { "undone" } else { "already" }, facts)
        }
        Some(Some("pause")) => ("paused", Vec::from_iter(pause_for(visit, OFFERED_PAUSE_DAYS))),
        Some(_) if visit.has_refused_all(channel) => {
            // The second of two clicks: the page is the same, with its undo, and nothing is stored.
            again = taken(links, visit, channel, form).await?;
            ("done", Vec::new())
        }
        Some(_) => {
            // What another id with the address refused is not taken here, so that an undo here does not give it back.
            let source = if gets_some { UNSUBSCRIBE_SOURCE } else { NOTHING_TAKEN_SOURCE };
            ("done", vec![consent(visit, channel, None, false, source)])
        }
    };
    if form.is_some() && facts.is_empty() {
        visit.note_again(links).await?;
    }
    let not_reopened = links.store_statements(visit, facts).await?;
    let state = if not_reopened.is_empty() { state } else { "already" };
    let after = if state == "paused" { Some(visit.reload(links).await?) } else { None };
    visit.look().render(
        "unsubscribe.html",
        context! {
            state => state,
            not_reopened => not_reopened.iter().map(ToString::to_string).collect::<Vec<_>>(),
            channel => channel.code(),
            again => names(&again),
            pause => OFFERED_PAUSE_DAYS,
            paused_until => after.as_ref().and_then(Visit::paused_until),
            preferences => visit::preferences_path(links, visit),
            action => format!("/u/{token}"),
        },
    )
}

/// What an undo gives back: what unsubscribing took according to the facts. A form that says what its page showed can only
/// ask for less.
async fn taken(
    links: &Links,
    visit: &Visit,
    channel: Channel,
    form: Option<&Form>,
) -> Result<Vec<Purpose>, LinksError> {
    let facts = links.store.facts_of(&visit.key).all().await?;
    let mut taken = taken_by_unsubscribing(&facts, &visit.policy, channel);
    if let Some(shown) = form.and_then(|form| form.text("again")) {
        let shown = purposes(shown);
        taken.retain(|purpose| shown.contains(purpose));
    }
    Ok(taken)
}
