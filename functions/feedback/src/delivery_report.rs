//! A provider's report about a message that was handed over: one form for all providers. Each provider has a file that
//! reads its events into this form (`ses_event`); no other code knows which provider reported.

use jiff::Timestamp;
use rekindle_lifecycle::bounce::BounceMeaning;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::Address;
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::ProviderReport;
use rekindle_store::CustomerKey;
use std::fmt;

/// A provider's report about a message of ours. `Debug` shows no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The channel that the message went out on.
    pub channel: Channel,
    /// The customer that the report names. Only our own record of the message says whether that is true.
    pub customer: CustomerKey,
    /// The message that the report names.
    pub message: MessageId,
    /// The address that the message went to, where the report names exactly one.
    pub recipient: Option<Address>,
    /// The provider's id of the message.
    pub provider_id: String,
    /// When the message was handed over.
    pub sent_at: Timestamp,
    /// When what is reported happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: ReportKind,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportKind {
    /// The provider accepted the message.
    Sent,
    /// The message arrived.
    Delivered,
    /// The message bounced.
    Bounced {
        /// What that says about the address.
        meaning: BounceMeaning,
        /// A delivery was tried, so the bounce counts against the sender. An address on the provider's own list is not tried.
        tried: bool,
    },
    /// The message arrived, and a machine answered it: its owner is out of office, for example.
    Answered,
    /// The recipient called the message spam.
    Complained {
        /// As for a bounce.
        tried: bool,
    },
    /// The recipient said that the message is no spam.
    NotSpam,
    /// The provider gave the message up because of its content: a virus.
    Rejected,
    /// The provider could not fill its own template.
    RenderingFailed,
    /// The message's pictures were loaded. Privacy proxies load them for every recipient, so it says nothing about the customer.
    Opened,
    /// A link was followed.
    Clicked {
        /// The address behind the link.
        link: Link,
        /// What followed it, by its own account.
        user_agent: Option<String>,
        /// The provider marks the click as a program's.
        is_marked: bool,
    },
    /// The delivery is put off.
    Delayed,
    /// The recipient changed what a contact list of the provider says about them.
    Subscription {
        /// They want no more messages.
        unsubscribed: bool,
        /// The list, as the source of the refusal.
        list: &'static str,
    },
    /// A type of report that this version does not know.
    Unknown {
        /// The field that holds the type.
        field: &'static str,
    },
}

/// An address that was followed. It may hold a token, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(pub String);

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

impl ReportKind {
    /// The message's state by this report. Any event after the hand-over shows that the message was accepted.
    #[must_use]
    pub fn state(&self) -> Option<ProviderReport> {
        match self {
            Self::Delivered => Some(ProviderReport::Delivered),
            Self::Bounced { .. } => Some(ProviderReport::Bounced),
            Self::Complained { .. } => Some(ProviderReport::Complained),
            Self::Rejected | Self::RenderingFailed => Some(ProviderReport::Rejected),
            Self::Unknown { .. } => None,
            Self::Sent
            | Self::Answered
            | Self::NotSpam
            | Self::Opened
            | Self::Clicked { .. }
            | Self::Delayed
            | Self::Subscription { .. } => Some(ProviderReport::Accepted),
        }
    }

    /// Whether it says no more than the message's state, which a later report about the same message says again.
    #[must_use]
    pub fn is_only_a_state(&self) -> bool {
        match self {
            Self::Sent
            | Self::Delivered
            | Self::Answered
            | Self::NotSpam
            | Self::Rejected
            | Self::RenderingFailed
            | Self::Opened
            | Self::Delayed => true,
            Self::Bounced { .. }
            | Self::Complained { .. }
            | Self::Clicked { .. }
            | Self::Subscription { .. }
            | Self::Unknown { .. } => false,
        }
    }

    /// The name under which it is counted.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sent => "send",
            Self::Delivered => "delivery",
            Self::Bounced { meaning: BounceMeaning::NoSuchMailbox, .. } => "bounce_permanent",
            Self::Bounced { meaning: BounceMeaning::OnProviderList, .. } => "bounce_on_provider_list",
            Self::Bounced { .. } => "bounce_passing",
            Self::Answered => "automatic_answer",
            Self::Complained { .. } => "complaint",
            Self::NotSpam => "complaint_not_spam",
            Self::Rejected => "reject",
            Self::RenderingFailed => "rendering_failure",
            Self::Opened => "open",
            Self::Clicked { .. } => "click",
            Self::Delayed => "delivery_delay",
            Self::Subscription { .. } => "subscription",
            Self::Unknown { .. } => "unknown_type",
        }
    }
}
