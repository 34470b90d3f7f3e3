//! E-mail, through SES.

use super::{Draft, NotRendered};
use crate::{Sender, content};
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_messaging::{Brand, OutgoingEmail, RenderedEmail};

/// A mail that is ready to go out.
pub(crate) struct Email {
    to: EmailAddress,
    brand: Brand,
    rendered: RenderedEmail,
    unsubscribe_url: String,
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
            tags: content::tags(draft.customer, draft.message),
        })
    }

    /// Makes one request to SES.
    pub(super) async fn hand_over(&self, sender: &Sender) -> AttemptOutcome {
        let Self { to, brand, rendered, unsubscribe_url, tags } = self;
        sender.mailer.send(&OutgoingEmail { to, brand, rendered, unsubscribe_url, tags }).await
    }
}
