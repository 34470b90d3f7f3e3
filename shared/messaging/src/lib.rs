//! From a template and facts about a customer to a message in the customer's inbox.
//!
//! The parts, in the order in which a message goes through them:
//! - [`Brand`]: the shop as its customers see it. Checked once; nothing in it can forge a header.
//! - [`KeyRing`] and [`LinkClaims`]: the sealed tokens behind a message's links; [`LinkKeys`]: where the keys are read.
//!   The ring also seals what others entrusted to a shop, such as signing keys.
//! - [`MessageContext`]: the brand, the customer, the offer, the links: all that a template can mention.
//! - [`Templates`]: the built-in templates in English and Russian, and the shop's own over them.
//!   [`TemplateOverride`] is one of those as the shop writes it, [`CheckedTemplate`] what is stored of it: a broken one is
//!   refused.
//! - [`RenderedEmail`] and [`RenderedSms`]: what the customer will read.
//! - [`Mailer`] and [`Texter`]: one attempt to hand a message to SES or SNS; [`SendQuota`] is how many SES takes.
//! - [`EventBus`] and [`CloudEvent`]: events for other systems.
//!
//! What holds:
//! - Rendering is pure: no clock, no random number; the same context makes the same message, byte for byte.
//! - A customer's name always stays text: no markup, no template code, no header, no link.
//! - A subject is one line.
//! - A template that was accepted can be filled for every customer, known or unknown name, with or without
//!   a coupon, and its mail has an unsubscribe link and the shop's postal address.
//! - One call of [`Mailer::send`] or [`Texter::send`] makes at most one HTTP request, however the client
//!   was configured, and says what is known of its outcome: accepted, certainly not accepted, or unknown.
//! - No address, number, token or key is in a log line, an error or a `Debug` output of this crate's types
//!   that carry them for delivery.

mod brand;
mod built_in;
mod channels;
mod checked_template;
mod colours;
mod contact_fingerprint;
mod coupon_code;
mod event_bus;
mod greeting_name;
mod jinja;
mod key_ring;
mod language;
mod legibility;
mod link_keys;
mod link_token;
mod message_context;
pub mod months;
mod referral_code;
mod sealed_secret;
mod sms_parts;
mod template;
mod template_override;
mod templates;

pub use brand::{Brand, BrandError, BrandSettings};
pub use channels::{
    AutoSubmitted, CANARY_TAG, MailStream, Mailer, OutgoingEmail, OutgoingSms, ProviderLists, QuotaError, ReleaseError,
    SendQuota, Texter,
};
pub use checked_template::CheckedTemplate;
pub use event_bus::{CloudEvent, EventBus, PublishError};
pub use greeting_name::greeting_name;
pub use key_ring::{KeyRing, KeyRingError};
pub use language::{Language, LanguageError};
pub use link_keys::{LinkKeys, LinkKeysError, READ_AGAIN};
pub use link_token::{LinkClaims, LinkPurpose, TokenError};
pub use message_context::{CouponOffer, MessageContext, MessageLinks, ReferralOffer, RenderError};
pub use sealed_secret::SealedSecretError;
pub use sms_parts::{SmsEncoding, sms_parts};
pub use template::{RenderedEmail, RenderedSms, TemplatePart};
pub use template_override::{TemplateContent, TemplateError, TemplateOverride};
pub use templates::Templates;

pub use rekindle_lifecycle::short_code;
