//! What a template is filled with: the brand, the customer, the offer and the links.

use crate::brand::{Brand, is_web_address};
use crate::greeting_name::{greeting_name, printable};
use crate::language::Language;
use jiff::civil::Date;
use serde::Serialize;
use std::fmt;

/// Everything that a template can mention about one message. `Debug` shows nothing about the customer.
#[derive(Clone)]
pub struct MessageContext {
    /// The shop that sends it.
    pub brand: Brand,
    /// The customer's first name, as it came from outside. What is no name (too long, a web address, only
    /// control characters) is left out of the message.
    pub first_name: Option<String>,
    /// The customer's language.
    pub language: Language,
    /// The offer, when the step has one.
    pub coupon: Option<CouponOffer>,
    /// The customer's own code for friends, when they have one.
    pub referral: Option<ReferralOffer>,
    /// Where the links of the message lead.
    pub links: MessageLinks,
}

/// A discount that the customer can redeem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponOffer {
    /// What the customer enters in the shop.
    pub code: String,
    /// The discount in per cent.
    pub percent: u8,
    /// The last day on which it works, in the shop's own calendar.
    pub expires_on: Option<Date>,
}

/// What a customer can pass on to friends, and what both get for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralOffer {
    /// The customer's code.
    pub code: String,
    /// What the friend gets off the first order, in per cent.
    pub friend_percent: Option<u8>,
    /// What the customer gets once the friend's order is there to stay, in per cent.
    pub reward_percent: Option<u8>,
}

/// The links of a message, each absolute, http(s), with its token inside. `Debug` shows none of them: who
/// has a link can act for the customer.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageLinks {
    /// The shop's page that the button opens.
    pub shop: String,
    /// The page that stops messages.
    pub unsubscribe: String,
    /// The page where the customer chooses what to receive.
    pub preferences: String,
    /// One link for each score, 0 to 10, in this order; empty when the message asks nothing.
    pub nps: Vec<String>,
    /// The link to share, when the message has one.
    pub referral: Option<String>,
    /// The page on which the customer says yes to the channel, when the message asks for it.
    pub confirm: Option<String>,
}

impl MessageLinks {
    /// Those with which a customer answers: no, yes, a score.
    pub(crate) fn answers(&self) -> impl Iterator<Item = &str> {
        [&self.unsubscribe].into_iter().chain(&self.confirm).chain(&self.nps).map(String::as_str)
    }
}

impl fmt::Debug for MessageLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageLinks").finish_non_exhaustive()
    }
}

impl fmt::Debug for MessageContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageContext").field("language", &self.language).finish_non_exhaustive()
    }
}

/// Why a template cannot be filled for a message. Shops' own templates were tried when they were stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// No template of that name in any language that would do.
    #[error("there is no {form} template named {name:?}; store one, or correct the journey's step")]
    NoSuchTemplate {
        /// The name asked for.
        name: String,
        /// "mail" or "text".
        form: &'static str,
    },
    /// A link that is not an absolute http(s) address.
    #[error("the {0} link is not an absolute http or https address")]
    BadLink(&'static str),
    /// Not one link for each score.
    #[error("the message has {0} NPS links; it needs none or 11, for the scores 0 to 10")]
    NpsLinks(usize),
    /// The template asks for something that this message does not have.
    #[error("{template} could not be filled: {problem}")]
    Fill {
        /// Name, language and part of the template.
        template: String,
        /// What the template engine found, with the line.
        problem: String,
    },
}

/// What templates see. The words of this structure are the vocabulary of templates.
#[derive(Serialize)]
pub(crate) struct View<'a> {
    brand: BrandView<'a>,
    language: &'a str,
    first_name: Option<String>,
    coupon: Option<CouponView>,
    referral: Option<ReferralView>,
    links: LinksView<'a>,
    /// Set once they are rendered, for the HTML part.
    pub(crate) subject: String,
    pub(crate) preheader: String,
}

#[derive(Debug, Serialize)]
struct BrandView<'a> {
    name: &'a str,
    sender_name: &'a str,
    postal_address: &'a str,
    shop_url: &'a str,
    logo_url: Option<&'a str>,
    accent_colour: &'a str,
    on_accent: &'static str,
}

#[derive(Debug, Serialize)]
struct LinksView<'a> {
    shop: &'a str,
    unsubscribe: &'a str,
    preferences: &'a str,
    nps: &'a [String],
    referral: Option<&'a str>,
    confirm: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ReferralView {
    code: String,
    /// "10%", as the language writes it.
    friend_discount: Option<String>,
    reward_discount: Option<String>,
}

#[derive(Debug, Serialize)]
struct CouponView {
    code: String,
    /// "15%", as the language writes it.
    discount: String,
    /// "5 December", as the language writes it.
    expires_on: Option<String>,
}

impl<'a> View<'a> {
    /// Checks the links and writes everything as `language`, the template's, writes it.
    pub(crate) fn new(context: &'a MessageContext, language: &'a Language) -> Result<Self, RenderError> {
        let links = &context.links;
        for (name, link) in
            [("shop", &links.shop), ("unsubscribe", &links.unsubscribe), ("preferences", &links.preferences)]
        {
            require_web_address(name, link)?;
        }
        for link in &links.nps {
            require_web_address("nps", link)?;
        }
        for (name, link) in [("referral", &links.referral), ("confirm", &links.confirm)] {
            if let Some(link) = link {
                require_web_address(name, link)?;
            }
        }
        if !matches!(links.nps.len(), 0 | 11) {
            return Err(RenderError::NpsLinks(links.nps.len()));
        }
        let brand = context.brand.settings();
        Ok(Self {
            brand: BrandView {
                name: &brand.name,
                sender_name: &brand.sender_name,
                postal_address: &brand.postal_address,
                shop_url: &brand.shop_url,
                logo_url: brand.logo_url.as_deref(),
                accent_colour: &brand.accent_colour,
                on_accent: context.brand.on_accent(),
            },
            language: language.as_str(),
            first_name: context.first_name.as_deref().and_then(greeting_name),
            coupon: context.coupon.as_ref().map(|offer| CouponView {
                code: printable(&offer.code, 40),
                discount: language.percent(offer.percent),
                expires_on: offer.expires_on.map(|date| language.day(date)),
            }),
            referral: context.referral.as_ref().map(|offer| ReferralView {
                code: printable(&offer.code, 40),
                friend_discount: offer.friend_percent.map(|percent| language.percent(percent)),
                reward_discount: offer.reward_percent.map(|percent| language.percent(percent)),
            }),
            links: LinksView {
                shop: &links.shop,
                unsubscribe: &links.unsubscribe,
                preferences: &links.preferences,
                nps: &links.nps,
                referral: links.referral.as_deref(),
                confirm: links.confirm.as_deref(),
            },
            subject: String::new(),
            preheader: String::new(),
        })
    }
}

fn require_web_address(name: &'static str, link: &str) -> Result<(), RenderError> {
    if is_web_address(link) { Ok(()) } else { Err(RenderError::BadLink(name)) }
}
