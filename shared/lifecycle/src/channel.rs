//! The ways to reach a customer, as one table, and the purposes for which customers agree to be reached.
//!
//! Rules, pages, exports and calls ask a channel's row ([`Channel::row`]) and never which channel it is. A new channel is a
//! variant with its row here, a provider in `functions/send/src/providers`, and its templates.

use crate::code::UnrecognisedCode;
use crate::contact::AddressKind;
use serde::Deserialize;

crate::stored_codes! {
    /// A way to reach a customer.
    pub enum Channel {
        /// E-mail, through SES.
        Email = "email",
        /// Text message, through SNS.
        Sms = "sms",
        /// A task for the shop's people, who call or write themselves. Stored as `handoff`.
        Task = "handoff",
    }
}

crate::stored_codes! {
    /// What a message is for. Consent is given per channel and purpose.
    pub enum Purpose {
        /// Offers, reminders and tips.
        Marketing = "marketing",
        /// Questions, such as NPS.
        Survey = "survey",
        /// Invitations to recommend the shop.
        Referral = "referral",
    }
}

/// What the engine knows about a channel.
#[derive(Debug)]
pub struct ChannelRow {
    /// The channel.
    pub channel: Channel,
    /// The letter that begins the slots in which answers about the channel are stored with every customer. It never changes.
    pub slot: Option<char>,
    /// The word for it in policies and on pages. Policies and calls also accept the stored code.
    pub word: &'static str,
    /// The word for its messages, in the plural.
    pub messages: &'static str,
    /// What an address on it is.
    pub address: AddressKind,
    /// What its templates consist of.
    pub template: TemplateForm,
    /// It opens a task for the shop's people, which they close. Such a message carries no coupon.
    pub opens_task: bool,
    /// The provider reports the outcome of a message after it was handed over.
    pub reports_delivery: bool,
    /// Whether a message whose outcome is unknown is handed over again.
    pub unknown_outcome: UnknownOutcome,
    /// What it means that a customer said nothing about the channel, unless the policy says otherwise.
    pub default_consent: ConsentDefault,
    /// Whether and by default the shop's yes needs the customer's own (double opt-in).
    pub confirmation: Confirmation,
    /// The policy may limit its messages within the cap that holds for all channels together.
    pub has_own_cap: bool,
    /// It is delivered during the hours that the policy allows only.
    pub heeds_quiet_hours: bool,
    /// It waits while the shop's sending is stopped.
    pub heeds_sending_pause: bool,
    /// How fast it may be sent; none where no provider limits it.
    pub rate: Option<RateRow>,
}

/// How fast a channel may be sent.
#[derive(Debug)]
pub struct RateRow {
    /// The name of a shop's own limit, in messages a second.
    pub setting: &'static str,
    /// The environment variable with the account's limit, in messages a second.
    pub variable: &'static str,
    /// The account's limit where the variable is not set; none where the provider reports its own.
    pub default: Option<f64>,
}

impl RateRow {
    /// Whether the provider reports its limit.
    #[must_use]
    pub fn is_told_by_provider(&self) -> bool {
        self.default.is_none()
    }
}

/// What the templates of a channel consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TemplateForm {
    /// A subject, a preheader, MJML and plain text.
    Mail,
    /// One plain text.
    Text,
    /// No template: the name says what the message is about.
    Title,
}

impl TemplateForm {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Text => "text",
            Self::Title => "title",
        }
    }
}

/// Whether a message whose outcome is unknown is handed over again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownOutcome {
    /// Once, on evidence from the provider's reports that it was not accepted.
    RetryOnEvidence,
    /// Never: the customer could get it twice.
    NeverRetry,
    /// At once: handing it over again has no further effect.
    RetryAtOnce,
}

/// What it means that a customer said nothing about a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentDefault {
    /// They may be written to until they refuse.
    UntilRefused,
    /// They may be written to only once they agreed.
    WhenGranted,
}

/// Whether a consent reported by the shop needs the customer's own confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// There is no confirmation on this channel.
    Never,
    /// The policy may ask for it.
    Optional,
    /// Needed unless the policy says otherwise.
    Required,
}

const EMAIL: ChannelRow = ChannelRow {
    channel: Channel::Email,
    slot: Some('e'),
    word: "email",
    messages: "mails",
    address: AddressKind::Email,
    template: TemplateForm::Mail,
    opens_task: false,
    reports_delivery: true,
    unknown_outcome: UnknownOutcome::RetryOnEvidence,
    default_consent: ConsentDefault::UntilRefused,
    confirmation: Confirmation::Optional,
    has_own_cap: false,
    heeds_quiet_hours: true,
    heeds_sending_pause: true,
    rate: Some(RateRow { setting: "emails_per_second", variable: "EMAILS_PER_SECOND", default: None }),
};

// SNS reports nothing about texts.
const SMS: ChannelRow = ChannelRow {
    channel: Channel::Sms,
    slot: Some('s'),
    word: "sms",
    messages: "text messages",
    address: AddressKind::Phone,
    template: TemplateForm::Text,
    opens_task: false,
    reports_delivery: false,
    unknown_outcome: UnknownOutcome::NeverRetry,
    default_consent: ConsentDefault::WhenGranted,
    confirmation: Confirmation::Required,
    has_own_cap: true,
    heeds_quiet_hours: true,
    heeds_sending_pause: true,
    rate: Some(RateRow { setting: "texts_per_second", variable: "TEXTS_PER_SECOND", default: Some(1.0) }),
};

const TASK: ChannelRow = ChannelRow {
    channel: Channel::Task,
    slot: Some('h'),
    word: "task",
    messages: "tasks",
    address: AddressKind::None,
    template: TemplateForm::Title,
    opens_task: true,
    reports_delivery: false,
    unknown_outcome: UnknownOutcome::RetryAtOnce,
    default_consent: ConsentDefault::UntilRefused,
    confirmation: Confirmation::Never,
    has_own_cap: false,
    // A task leads to a call, which must not come at night either.
    heeds_quiet_hours: true,
    heeds_sending_pause: false,
    rate: None,
};

/// Every channel of another version: nothing goes out on it, and nothing that is not known of it is taken for a permission.
const UNRECOGNISED: ChannelRow = ChannelRow {
    channel: Channel::Unrecognised(UnrecognisedCode::ANY),
    slot: None,
    word: "unknown",
    messages: "messages",
    address: AddressKind::None,
    template: TemplateForm::Title,
    opens_task: false,
    reports_delivery: false,
    unknown_outcome: UnknownOutcome::NeverRetry,
    default_consent: ConsentDefault::WhenGranted,
    confirmation: Confirmation::Required,
    has_own_cap: false,
    heeds_quiet_hours: true,
    heeds_sending_pause: true,
    rate: None,
};

/// A value for each known channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerChannel<T>([T; Channel::KNOWN.len()]);

impl<T: Copy> PerChannel<T> {
    /// The value that `value` gives for each channel.
    pub fn from_fn(mut value: impl FnMut(Channel) -> T) -> Self {
        Self(Channel::KNOWN.map(&mut value))
    }

    /// The value for a channel.
    #[must_use]
    pub fn get(&self, channel: Channel) -> Option<T> {
        let place = Channel::KNOWN.iter().position(|known| *known == channel)?;
        Some(self.0[place])
    }

    /// Replaces the value for a channel.
    pub fn set(&mut self, channel: Channel, value: T) {
        if let Some(place) = Channel::KNOWN.iter().position(|known| *known == channel) {
            self.0[place] = value;
        }
    }
}

impl Channel {
    /// The letter that begins the slots of the channel (see [`ChannelRow::slot`]); none for one of another version.
    #[must_use]
    pub fn slot(&self) -> Option<char> {
        self.row().slot
    }

    /// What the engine knows about the channel.
    #[must_use]
    pub fn row(&self) -> &'static ChannelRow {
        match self {
            Self::Email => &EMAIL,
            Self::Sms => &SMS,
            Self::Task => &TASK,
            Self::Unrecognised(_) => &UNRECOGNISED,
        }
    }

    /// The name for readers: `task` where the code is `handoff`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.row().word
    }

    /// The channel that a policy or a call names by its word or its code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::KNOWN.into_iter().find(|channel| text == channel.word() || text == channel.code())
    }

    /// The channels whose row has a property.
    pub fn having(property: impl Fn(&ChannelRow) -> bool) -> impl Iterator<Item = Self> {
        Self::KNOWN.into_iter().filter(move |channel| property(channel.row()))
    }

    /// Whether customers have addresses on the channel.
    #[must_use]
    pub fn has_addresses(&self) -> bool {
        self.row().address != AddressKind::None
    }

    /// The channels on which customers have addresses.
    pub fn with_addresses() -> impl Iterator<Item = Self> {
        Self::KNOWN.into_iter().filter(|channel| channel.has_addresses())
    }

    /// The channels on which a consent can need the customer's own confirmation.
    pub fn confirmable() -> impl Iterator<Item = Self> {
        Self::having(|row| row.confirmation != Confirmation::Never)
    }

    /// The words of channels as a sentence lists them: `email or sms`.
    #[must_use]
    pub fn either(channels: impl Iterator<Item = Self>) -> String {
        let mut words: Vec<&str> = channels.map(|channel| channel.row().word).collect();
        let last = words.pop().unwrap_or_default();
        if words.is_empty() { last.to_owned() } else { format!("{} or {last}", words.join(", ")) }
    }
}

impl Purpose {
    /// The letter that ends the slots in which answers about the purpose are stored with every customer. It never changes.
    /// None for a purpose of another version, whose letter this version does not know.
    #[must_use]
    pub fn slot(&self) -> Option<char> {
        match self {
            Self::Marketing => Some('m'),
            Self::Survey => Some('s'),
            Self::Referral => Some('r'),
            Self::Unrecognised(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_channel_has_a_row_of_its_own_with_words_that_no_other_has() {
        let mut names = BTreeSet::new();
        for channel in Channel::KNOWN {
            assert_eq!(channel.row().channel, channel);
            assert!(names.insert(channel.to_string()), "{channel}");
            assert!(channel.word() == channel.code() || names.insert(channel.word().to_owned()), "{channel}");
            for name in [channel.code(), channel.word()] {
                assert_eq!(Channel::parse(name), Some(channel));
            }
        }
        assert_eq!((Channel::parse("fax"), Channel::parse("Email")), (None, None));
    }

    #[test]
    fn a_message_is_retried_on_evidence_only_where_the_provider_reports() {
        for row in Channel::KNOWN.map(|channel| channel.row()) {
            let needs_reports = row.unknown_outcome == UnknownOutcome::RetryOnEvidence;
            assert!(!needs_reports || row.reports_delivery, "{}", row.channel);
        }
    }

    #[test]
    fn a_task_is_called_task_and_stored_as_handoff() {
        assert_eq!(
            (Channel::parse("task"), Channel::parse("handoff")),
            (Channel::parse("handoff"), Some(Channel::KNOWN[2]))
        );
        assert_eq!((Channel::KNOWN[2].word(), Channel::KNOWN[2].code()), ("task", "handoff"));
        assert_eq!(serde_json::to_string(&Channel::KNOWN[2]).expect("JSON"), "\"handoff\"");
    }

    #[test]
    fn words_are_listed_as_in_a_sentence() {
        assert_eq!(Channel::either(Channel::KNOWN.into_iter()), "email, sms or task");
        assert_eq!(Channel::either(Channel::with_addresses()), "email or sms");
        assert_eq!(Channel::either(Channel::having(|row| row.opens_task)), "task");
        assert_eq!(Channel::either(Channel::confirmable()), "email or sms");
    }

    #[test]
    fn a_value_for_each_channel_is_found_again() {
        let mut values = PerChannel::from_fn(|channel| channel.code().len());
        assert_eq!(Channel::KNOWN.map(|channel| values.get(channel)), [Some(5), Some(3), Some(7)]);
        values.set(Channel::KNOWN[1], 9);
        assert_eq!(Channel::KNOWN.map(|channel| values.get(channel)), [Some(5), Some(9), Some(7)]);
    }
}
