//! E-mail, through SES.

use super::{Draft, NotRendered};
use crate::{Sender, content};
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_messaging::{AutoSubmitted, Brand, MailStream, OutgoingEmail, RenderedEmail};

/// A mail that is ready to go out.
pub(crate) struct Email {
    to: EmailAddress,
    brand: Brand,
    rendered: RenderedEmail,
    unsubscribe_url: String,
    shop: ShopId,
    journey: String,
    automatic: Option<AutoSubmitted>,
    tags: Vec<(String, String)>,
}

impl Email {
    /// Fills the template of the message.
    pub(super) fn render(sender: &Sender, draft: &Draft<'_>) -> Result<Self, NotRendered> {
        let to = draft.customer.folded.profile.email.as_ref().ok_or(NotRendered::NoAddress)?;
        let context = draft.context(sender);
        let rendered = draft.shop.templates.render_email(&draft.message.template, &context)?;
        Ok(Self {
            to: to.value.clone(),
            brand: context.brand,
            rendered,
            unsubscribe_url: context.links.unsubscribe,
            shop: draft.customer.shop.clone(),
            journey: draft.message.journey.clone(),
            automatic: automatic(draft),
            tags: content::tags(draft.customer, draft.message),
        })
    }

    /// Makes one request to SES.
    pub(super) async fn hand_over(&self, sender: &Sender) -> AttemptOutcome {
        let Self { to, brand, rendered, unsubscribe_url, shop, journey, automatic, tags } = self;
        let stream = MailStream { shop, journey, automatic: *automatic };
        sender.mailer.send(&OutgoingEmail { to, brand, rendered, unsubscribe_url, stream, tags }).await
    }
}

/// How a mail came about. A journey outside of the shop's experiments is not the shop's idea: it answers what happened.
fn automatic(draft: &Draft<'_>) -> Option<AutoSubmitted> {
    let trigger = &draft.policy.journey(&draft.message.journey)?.trigger;
    match (trigger.is_answer(), trigger.is_in_experiments()) {
        (true, _) => Some(AutoSubmitted::Replied),
        (false, false) => Some(AutoSubmitted::Generated),
        (false, true) => None,
    }
}
