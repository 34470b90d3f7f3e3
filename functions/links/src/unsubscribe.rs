//! `/u/{token}`: no more messages on this channel.

use crate::form::Form;
use crate::page::{self, Page};
use crate::visit::{LinksError, Visit};
use crate::{Links, visit};
use minijinja::context;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::fact::{ConsentEvent, Event, Fact, Traits};

/// GET shows a button. POST refuses everything on the channel of the message, whatever its body says, so
/// that a mail program's one click counts in any encoding; only the page's own undo button takes it back.
pub(crate) async fn page(links: &Links, visit: &Visit, token: &str, form: Option<&Form>) -> Result<Page, LinksError> {
    let channel = visit.message.as_ref().map_or(Channel::Email, |message| message.channel);
    let undo = form.is_some_and(|form| form.text("act") == Some("undo"));
    let facts = match form {
        None => Vec::new(),
        Some(form) if undo => undone(visit, channel, form.text("again").unwrap_or_default()),
        Some(_) => vec![consent(visit, channel, None, false, "unsubscribe page")],
    };
    if !facts.is_empty() {
        links.store.hear_at_once(&visit.key, &facts, visit.now).await?;
    }
    let state = match (form, undo) {
        (None, _) => "asked",
        (Some(_), false) => "done",
        (Some(_), true) => "undone",
    };
    page::render(
        visit,
        "unsubscribe.html",
        context! {
            state => state,
            channel => channel.name(),
            // What was allowed before, so that an undo gives back that and no more.
            again => allowed(visit, channel).join(" "),
            preferences => visit::preferences_path(links, visit),
            action => format!("/u/{token}"),
        },
    )
}

fn allowed(visit: &Visit, channel: Channel) -> Vec<&'static str> {
    let permissions = &visit.customer.folded.permissions;
    let is_allowed = |purpose: &Purpose| permissions.allow(&visit.policy.consent, channel, *purpose);
    Purpose::ALL.into_iter().filter(is_allowed).map(Purpose::name).collect()
}

fn undone(visit: &Visit, channel: Channel, again: &str) -> Vec<Fact> {
    let wanted = Purpose::ALL.into_iter().filter(|purpose| again.split(' ').any(|name| name == purpose.name()));
    wanted.map(|purpose| consent(visit, channel, Some(purpose), true, "undo on the unsubscribe page")).collect()
}

/// A fact about consent, said now. Its identity is the message whose link was used: the same act within
/// the same instant is the same fact.
pub(crate) fn consent(visit: &Visit, channel: Channel, purpose: Option<Purpose>, granted: bool, source: &str) -> Fact {
    let event = Event::Consent(ConsentEvent {
        channel,
        purpose,
        granted,
        source: source.to_owned(),
        text_version: None,
        own: true,
    });
    let about = purpose.map_or("all", Purpose::name);
    Fact {
        at: visit.act_at(),
        id: format!("{}-{channel}-{about}", visit.claims.message),
        event,
        traits: Traits::default(),
    }
}
