//! `/c/{token}`: the customer's own yes to a channel (double opt-in).

use crate::Links;
use crate::consent::consent;
use crate::error::LinksError;
use crate::form::Form;
use crate::page::Page;
use crate::visit::{self, Visit};
use minijinja::context;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::Consent;

/// GET shows what the customer would agree to: the channel, the purposes, how often. POST stores their yes to exactly that,
/// also if they agreed before or have refused since they were asked.
pub(crate) async fn page(links: &Links, visit: &Visit, token: &str, form: Option<&Form>) -> Result<Page, LinksError> {
    let channel = visit.channel();
    let asked = asked(visit, channel);
    let mut not_reopened = Vec::new();
    if form.is_some() {
        let source = "confirmation page";
        let facts: Vec<_> = asked.iter().map(|purpose| consent(visit, channel, Some(*purpose), true, source)).collect();
        not_reopened = links.store_statements(visit, facts).await?;
    }
    let done = form.is_some() && not_reopened.is_empty();
    let cap = &visit.policy.frequency_cap;
    visit.look().render(
        "confirm.html",
        context! {
            done => done || asked.is_empty(),
            not_reopened => not_reopened.iter().map(ToString::to_string).collect::<Vec<_>>(),
            channel => channel.code(),
            purposes => asked.iter().map(ToString::to_string).collect::<Vec<_>>(),
            most => cap.most(channel),
            days => (cap.window.as_seconds() / 86_400).max(1),
            preferences => visit::preferences_path(links, visit),
            action => format!("/c/{token}"),
        },
    )
}

/// The purposes that wait for the customer's yes; if none waits any more, those that the customer does not get.
fn asked(visit: &Visit, channel: Channel) -> Vec<Purpose> {
    let permissions = &visit.customer.folded.permissions;
    let state = |purpose: &Purpose| permissions.consent(&visit.policy.consent, channel, *purpose);
    let waiting: Vec<_> = Purpose::KNOWN.into_iter().filter(|purpose| state(purpose) == Consent::Unconfirmed).collect();
    if !waiting.is_empty() {
        return waiting;
    }
    Purpose::KNOWN.into_iter().filter(|purpose| !visit.may(channel, *purpose)).collect()
}
