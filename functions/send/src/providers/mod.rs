//! The providers that accept messages: one file for each, and one enum that connects the channels with them.
//!
//! A provider renders a message into its own form, and makes one attempt to hand it over. The outcome of an attempt is the
//! same type for all of them.

mod email;
mod task;
mod text;

use crate::error::SendError;
use crate::offer::Offer;
use crate::shop_context::ShopContext;
use crate::{Sender, content};
use email::Email;
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{MessageContext, QuotaError, RenderError, SendQuota};
use rekindle_store::{CustomerKey, StoreError};
use task::Task;
use text::Text;

/// A message that passed every check, with all that it is rendered from.
pub(crate) struct Draft<'a> {
    pub(crate) key: &'a CustomerKey,
    pub(crate) message: &'a Message,
    pub(crate) customer: &'a Customer,
    pub(crate) policy: &'a Policy,
    pub(crate) shop: &'a ShopContext,
    pub(crate) offer: &'a Offer,
    pub(crate) now: Timestamp,
}

/// A rendered message on its way to an address, by provider.
#[expect(clippy::large_enum_variant, reason = "one at a time, on its way through one call")]
pub(crate) enum Rendered {
    /// A mail for SES.
    Email(Email),
    /// A text for SNS.
    Text(Text),
    /// A task for the list of the shop's people.
    Task(Task),
}

/// Why a message could not be rendered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRendered {
    /// The customer has no address on the channel.
    #[error("the customer has no address")]
    NoAddress,
    /// The template does not exist or cannot be filled.
    #[error(transparent)]
    Template(#[from] RenderError),
    /// Something it is rendered from could not be read.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl Rendered {
    /// Renders a message for the provider of its channel.
    pub(crate) async fn new(sender: &Sender, draft: &Draft<'_>) -> Result<Self, NotRendered> {
        match draft.message.channel {
            Channel::Email => Email::render(sender, draft).map(Self::Email),
            Channel::Sms => Text::render(sender, draft).map(Self::Text),
            Channel::Task => Ok(Self::Task(Task::new(sender, draft).await.map_err(SendError::from)?)),
            // No message on such a channel is ever attempted (see `Message::next_action`).
            Channel::Unrecognised(_) => Err(NotRendered::NoAddress),
        }
    }

    /// Stores what an answer to the message will need, before the message can go out.
    pub(crate) async fn prepare_for_answers(&self, sender: &Sender, now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Text(text) => text.note_number(sender, now).await,
            Self::Email(_) | Self::Task(_) => Ok(()),
        }
    }

    /// Makes one attempt to hand the message over.
    pub(crate) async fn hand_over(&self, sender: &Sender) -> AttemptOutcome {
        match self {
            Self::Email(email) => email.hand_over(sender).await,
            Self::Text(text) => text.hand_over(sender).await,
            Self::Task(task) => task.hand_over(sender).await,
        }
    }
}

/// How many messages the provider of a channel allows; `None` if it does not report that.
pub(crate) async fn quota(sender: &Sender, channel: Channel) -> Option<Result<SendQuota, QuotaError>> {
    match channel {
        Channel::Email => Some(sender.mailer.quota().await),
        Channel::Sms | Channel::Task | Channel::Unrecognised(_) => None,
    }
}

impl Draft<'_> {
    /// What a template may use.
    fn context(&self, sender: &Sender) -> MessageContext {
        let Self { message, customer, policy, shop, offer, .. } = self;
        content::context(shop, policy, customer, message, offer, &sender.link_keys, &sender.links_base_url)
    }
}
