//! `/c/{token}`: the customer's own yes to a channel (double opt-in).

use crate::Links;
use crate::consent::consent;
use crate::form::Form;
use crate::page::Page;
use crate::visit::{self, LinksError, Visit};
use minijinja::context;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::Consent;

/// GET shows what the customer would say yes to: the channel, what for, how often. POST notes their yes to exactly that.
/// Who says yes twice, or has changed their mind since the question, has said yes.
pub(crate) async fn page(links: &Links, visit: &Visit, token: &str, form: Option<&Form>) -> Result<Page, LinksError> {
    let channel = visit.channel();
    let asked = asked(visit, channel);
    let done = form.is_some();
    if done {
        let source = "confirmation page";
        let facts: Vec<_> = asked.iter().map(|purpose| consent(visit, channel, Some(*purpose), true, source)).collect();
        links.store.store_and_apply(&visit.key, &facts, visit.now).await?;
    }
    let cap = &visit.policy.frequency_cap;
    visit.look().render(
        "confirm.html",
        context! {
            done => done || asked.is_empty(),
            channel => channel.name(),
            purposes => asked.iter().map(|purpose| purpose.name()).collect::<Vec<_>>(),
            most => if channel == Channel::Sms { cap.sms.min(cap.total) } else { cap.total },
            days => (cap.window.as_seconds() / 86_400).max(1),
            preferences => visit::preferences_path(links, visit),
            action => format!("/c/{token}"),
        },
    )
}

/// What the shop asked for in the customer's name; if nothing waits any more, what the customer does not get.
fn asked(visit: &Visit, channel: Channel) -> Vec<Purpose> {
    let permissions = &visit.customer.folded.permissions;
    let stands = |purpose: &Purpose| permissions.consent(&visit.policy.consent, channel, *purpose);
    let waiting: Vec<_> = Purpose::ALL.into_iter().filter(|purpose| stands(purpose) == Consent::Unconfirmed).collect();
    if !waiting.is_empty() {
        return waiting;
    }
    Purpose::ALL.into_iter().filter(|purpose| !visit.may(channel, *purpose)).collect()
}
