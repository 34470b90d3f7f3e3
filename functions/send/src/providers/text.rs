//! Text messages, through SNS.

use super::{Draft, NotRendered};
use crate::{Sender, content};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Purpose;
use rekindle_lifecycle::contact::PhoneNumber;
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_lifecycle::message::Message;
use rekindle_messaging::{OutgoingSms, RenderedSms};
use rekindle_store::sending::phone_numbers::TextKind;
use rekindle_store::{CustomerKey, StoreError};

/// A text message that is ready to go out.
pub(crate) struct Text {
    key: CustomerKey,
    message: MessageId,
    kind: TextKind,
    to: PhoneNumber,
    rendered: RenderedSms,
    tags: Vec<(String, String)>,
}

impl Text {
    /// Fills the template of the message.
    pub(super) fn render(sender: &Sender, draft: &Draft<'_>) -> Result<Self, NotRendered> {
        let to = draft.customer.folded.profile.phone.as_ref().ok_or(NotRendered::NoAddress)?;
        let rendered = draft.shop.templates.render_sms(&draft.message.template, &draft.context(sender))?;
        Ok(Self {
            key: draft.key.clone(),
            message: draft.message.id.clone(),
            kind: kind(draft.message),
            to: to.value.clone(),
            rendered,
            tags: content::tags(draft.customer, draft.message),
        })
    }

    /// Notes which customer the number belongs to, before the text goes out: an answer must not come from an unknown number.
    pub(super) async fn note_number(&self, sender: &Sender, now: Timestamp) -> Result<(), StoreError> {
        let number = sender.link_keys.phone_fingerprint(&self.to);
        sender.store.note_text(&number, &self.key, &self.message, self.kind, now).await
    }

    /// Makes one request to SNS.
    pub(super) async fn hand_over(&self, sender: &Sender) -> AttemptOutcome {
        let Self { to, rendered, tags, .. } = self;
        sender.texter.send(&OutgoingSms { to, text: &rendered.text, tags }).await
    }
}

/// What an answer to the text would answer.
fn kind(message: &Message) -> TextKind {
    match message.purpose {
        _ if message.asks_to_confirm() => TextKind::Confirmation,
        Purpose::Survey => TextKind::Survey,
        _ => TextKind::Other,
    }
}
