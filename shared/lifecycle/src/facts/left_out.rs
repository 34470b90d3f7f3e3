//! What an event said that could not be used.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A field of an event whose value is not in the fact. It is stored beside what was used, so that people see why a customer
/// has no phone number or gets no offers. `Debug` never shows the value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The path of the field in the event, such as `context.traits.phone`.
    pub field: String,
    /// Why it was left out.
    pub reason: LeftOutReason,
    /// The beginning of the value; none if it is a list or an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

crate::stored_codes! {
    /// Why the value of a field was left out.
    pub enum LeftOutReason {
        /// No e-mail address can be read from it.
        NotAnAddress = "not_an_address",
        /// No phone number can be read from it.
        NotAPhoneNumber = "not_a_phone_number",
        /// It is no name, but what other software writes in place of one.
        NotAName = "not_a_name",
        /// It is no language tag.
        NotALanguage = "not_a_language",
        /// No time zone can be read from it.
        NotATimeZone = "not_a_time_zone",
        /// It says neither yes nor no to e-mail; until it does, no marketing is sent.
        UnclearEmailConsent = "unclear_email_consent",
        /// It says neither yes nor no to text messages; until it does, no marketing is sent.
        UnclearSmsConsent = "unclear_sms_consent",
        /// It has a typing error, by its check digits.
        NotAReferralCode = "not_a_referral_code",
        /// It has another type than the field: a number in place of a text, for example.
        WrongType = "wrong_type",
        /// No amount of money can be read from it, or it can be read as two different ones.
        NotAnAmount = "not_an_amount",
        /// It is no currency.
        NotACurrency = "not_a_currency",
        /// It is no instant that can be.
        NotAnInstant = "not_an_instant",
        /// It, or a part of it, is more than is kept.
        TooLong = "too_long",
        /// It cannot be the id of an order, a refund or a cart.
        NotAnId = "not_an_id",
    }
}

impl LeftOut {
    /// Maximum number of entries of one fact.
    pub const MAX_PER_FACT: usize = 8;
    /// Maximum length of a value, in characters.
    pub const MAX_VALUE_LEN: usize = 64;
}

impl LeftOutReason {
    /// The predicate of a sentence about the field.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::NotAnAddress => "is not an e-mail address",
            Self::NotAPhoneNumber => {
                "is not a phone number in international form, such as +442071838750, or one of the shop's country"
            }
            Self::NotAName => "is not a name",
            Self::NotALanguage => "is not a language tag such as \"en\" or \"de-AT\"",
            Self::NotATimeZone => "is not a time zone such as \"Europe/Berlin\"",
            Self::UnclearEmailConsent => {
                "says neither yes nor no; it counts as a no to marketing by e-mail until it is clear"
            }
            Self::UnclearSmsConsent => {
                "says neither yes nor no; it counts as a no to marketing by text message until it is clear"
            }
            Self::NotAReferralCode => "is not a referral code; check for a typing error",
            Self::WrongType => "has the wrong type",
            Self::NotAnAmount => "is not an amount that can be read in one way only, such as 12.50",
            Self::NotACurrency => "is not an ISO 4217 currency code such as \"EUR\"",
            Self::NotAnInstant => "is not an instant such as 2026-11-22T10:00:00Z",
            Self::TooLong => "is longer than what is kept; a part of it is left out",
            Self::NotAnId => "cannot be used as an id",
            Self::Unrecognised(_) => "could not be used",
        }
    }
}

impl fmt::Debug for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeftOut").field("field", &self.field).field("reason", &self.reason).finish_non_exhaustive()
    }
}
