//! The ways to reach a customer, as one table, and the purposes for which customers agree to be reached.
//!
//! Rules, pages, exports and calls ask a channel's row ([`Channel::row`]) and never which channel it is. A new channel is a
//! variant with its row here, a provider in `functions/send/src/providers`, and its templates.

use crate::contact::AddressKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A way to reach a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// E-mail, through SES.
    Email,
    /// Text message, through SNS.
    Sms,
    /// A task for the shop's people, who call or write themselves. Stored as `handoff`.
    #[serde(rename = "handoff", alias = "task")]
    Task,
}

/// What a message is for. Consent is given per channel and purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Offers, reminders and tips.
    Marketing,
    /// Questions, such as NPS.
    Survey,
    /// Invitations to recommend the shop.
    Referral,
}

/// What the engine knows about a channel.
#[derive(Debug)]
pub struct ChannelRow {
    /// The channel.
    pub channel: Channel,
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
    /// The provider reports what became of a message after it was handed over.
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
    /// The account's limit where the variable is not set; none where the provider tells its own.
    pub default: Option<f64>,
}

impl RateRow {
    /// Whether the provider tells how much it allows.
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

/// Whether a yes that the shop passes on needs the customer's own as well.
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
    // A task brings a call, which must not come at night either.
    heeds_quiet_hours: true,
    heeds_sending_pause: false,
    rate: None,
};

/// A value for each known channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerChannel<T>([T; Channel::ALL.len()]);

impl<T: Copy> PerChannel<T> {
    /// The value that `value` gives for each channel.
    pub fn from_fn(mut value: impl FnMut(Channel) -> T) -> Self {
        Self(Channel::ALL.map(&mut value))
    }

    /// The value for a channel.
    #[must_use]
    pub fn get(&self, channel: Channel) -> Option<T> {
        let place = Channel::ALL.iter().position(|known| *known == channel)?;
        Some(self.0[place])
    }

    /// Replaces the value for a channel.
    pub fn set(&mut self, channel: Channel, value: T) {
        if let Some(place) = Channel::ALL.iter().position(|known| *known == channel) {
            self.0[place] = value;
        }
    }
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Email, Self::Sms, Self::Task];

    /// The stored code, also used in keys, tags and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Task => "handoff",
        }
    }

    /// What the engine knows about the channel.
    #[must_use]
    pub fn row(self) -> &'static ChannelRow {
        match self {
            Self::Email => &EMAIL,
            Self::Sms => &SMS,
            Self::Task => &TASK,
        }
    }

    /// The word for people: `task` where the code is `handoff`.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// The channel that a policy or a call names by its word or its code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| text == channel.word() || text == channel.name())
    }

    /// The channels whose row has a property.
    pub fn having(property: impl Fn(&ChannelRow) -> bool) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |channel| property(channel.row()))
    }

    /// Whether customers have addresses on the channel.
    #[must_use]
    pub fn has_addresses(self) -> bool {
        self.row().address != AddressKind::None
    }

    /// The channels on which customers have addresses.
    pub fn with_addresses() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|channel| channel.has_addresses())
    }

    /// The channels on which a yes can need the customer's own as well.
    pub fn confirmable() -> impl Iterator<Item = Self> {
        Self::having(|row| row.confirmation != Confirmation::Never)
    }

    /// The words of channels as a sentence lists them: `email or sms`.
    #[must_use]
    pub fn either(channels: impl Iterator<Item = Self>) -> String {
        let mut words: Vec<&str> = channels.map(Self::word).collect();
        let last = words.pop().unwrap_or_default();
        if words.is_empty() { last.to_owned() } else { format!("{} or {last}", words.join(", ")) }
    }
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 3] = [Self::Marketing, Self::Survey, Self::Referral];

    /// The name used in keys, tags and policy.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Survey => "survey",
            Self::Referral => "referral",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_channel_has_a_row_of_its_own_with_words_that_no_other_has() {
        let mut names = BTreeSet::new();
        for channel in Channel::ALL {
            assert_eq!(channel.row().channel, channel);
            assert!(names.insert(channel.name()), "{channel}");
            assert!(channel.word() == channel.name() || names.insert(channel.word()), "{channel}");
            for name in [channel.name(), channel.word()] {
                assert_eq!(Channel::parse(name), Some(channel));
            }
        }
        assert_eq!((Channel::parse("fax"), Channel::parse("Email")), (None, None));
    }

    #[test]
    fn a_message_is_retried_on_evidence_only_where_the_provider_reports() {
        for row in Channel::ALL.map(Channel::row) {
            let needs_reports = row.unknown_outcome == UnknownOutcome::RetryOnEvidence;
            assert!(!needs_reports || row.reports_delivery, "{}", row.channel);
        }
    }

    #[test]
    fn a_task_is_called_task_and_stored_as_handoff() {
        assert_eq!(
            (Channel::parse("task"), Channel::parse("handoff")),
            (Channel::parse("handoff"), Some(Channel::ALL[2]))
        );
        assert_eq!((Channel::ALL[2].word(), Channel::ALL[2].name()), ("task", "handoff"));
        assert_eq!(serde_json::to_string(&Channel::ALL[2]).expect("JSON"), "\"handoff\"");
    }

    #[test]
    fn words_are_listed_as_in_a_sentence() {
        assert_eq!(Channel::either(Channel::ALL.into_iter()), "email, sms or task");
        assert_eq!(Channel::either(Channel::with_addresses()), "email or sms");
        assert_eq!(Channel::either(Channel::having(|row| row.opens_task)), "task");
        assert_eq!(Channel::either(Channel::confirmable()), "email or sms");
    }

    #[test]
    fn a_value_for_each_channel_is_found_again() {
        let mut values = PerChannel::from_fn(|channel| channel.name().len());
        assert_eq!(Channel::ALL.map(|channel| values.get(channel)), [Some(5), Some(3), Some(7)]);
        values.set(Channel::ALL[1], 9);
        assert_eq!(Channel::ALL.map(|channel| values.get(channel)), [Some(5), Some(9), Some(7)]);
    }
}
