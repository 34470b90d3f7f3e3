//! The ways to reach a customer and the purposes for which they agree to be reached.

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
    /// A task for the shop's people, who call or write themselves.
    Handoff,
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

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Email, Self::Sms, Self::Handoff];

    /// The name used in keys, tags and policy.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Handoff => "handoff",
        }
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
