//! To which stream a mail belongs: whose it is, of which journey, and whether a machine answers with it. Mail programs and providers
//! sort, count and answer mail by the headers that follow.

use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::id::ShopId;

/// The stream of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailStream<'a> {
    /// The shop that sends it.
    pub shop: &'a ShopId,
    /// The journey that it is a step of.
    pub journey: &'a str,
    /// How it came about, where that is not a mailing of the shop.
    pub automatic: Option<AutoSubmitted>,
}

/// The values of the header `Auto-Submitted` (RFC 3834, section 5): programs do not answer such mail with a notice of absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoSubmitted {
    /// It follows from something that happened, such as a consent that the customer has to confirm.
    Generated,
    /// It answers what the customer answered.
    Replied,
}

impl AutoSubmitted {
    pub(super) fn value(self) -> &'static str {
        match self {
            Self::Generated => "auto-generated",
            Self::Replied => "auto-replied",
        }
    }
}

impl MailStream<'_> {
    /// The tags whose values SES puts in front of its own in the header `Feedback-ID`, by which Gmail's Postmaster Tools count
    /// complaints. The names are SES's, the only ones with a colon.
    pub(super) fn feedback_tags(&self) -> [(&'static str, &str); 2] {
        [("ses:feedback-id-a", self.shop.as_str()), ("ses:feedback-id-b", self.journey)]
    }

    /// The value of the header `List-ID` (RFC 2919): the shop, in the domain that it sends from.
    pub(super) fn list_id(&self, sender: &EmailAddress) -> String {
        let (_, domain) = sender.as_str().rsplit_once('@').unwrap_or_default();
        format!("<{}.{domain}>", self.shop)
    }
}
