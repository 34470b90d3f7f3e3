//! What a message is rendered from: its context of customer and shop, its signed links, its tags.

use crate::offer::Offer;
use crate::shop_context::ShopContext;
use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::tz::TimeZone;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{
    CouponOffer, KeyRing, Language, LinkClaims, LinkPurpose, MessageContext, MessageLinks, ReferralOffer,
};

/// Most characters of a tag's value.
const MAX_TAG_LEN: usize = 256;

/// Everything that a template may use. The same message always makes the same context.
#[must_use]
pub fn context(
    shop: &ShopContext,
    policy: &Policy,
    customer: &Customer,
    message: &Message,
    offer: &Offer,
    keys: &KeyRing,
    links_base_url: &str,
) -> MessageContext {
    let profile = &customer.folded.profile;
    let language = profile.language.as_ref().and_then(|said| Language::parse(&said.value).ok());
    let zone = profile.time_zone.as_ref().and_then(|said| TimeZone::get(&said.value).ok());
    let zone = zone.unwrap_or_else(|| policy.calendar.zone().rules().clone());
    MessageContext {
        brand: shop.brand.clone(),
        first_name: profile.first_name.as_ref().map(|said| said.value.clone()),
        language: language.unwrap_or_else(|| shop.brand.settings().default_language.clone()),
        coupon: message.coupon.as_ref().zip(offer.coupon_code.clone()).map(|(coupon, code)| CouponOffer {
            code,
            percent: coupon.percent,
            expires_on: Some(zone.to_datetime(coupon.last_day_of(message.created_at)).date()),
        }),
        referral: offer.referral_code.clone().map(|code| ReferralOffer {
            code,
            friend_percent: Some(policy.referral.friend_percent).filter(|percent| *percent > 0),
            reward_percent: policy.referral_reward_percent(),
        }),
        links: links(shop, customer, message, offer, keys, links_base_url),
    }
}

fn links(
    shop: &ShopContext,
    customer: &Customer,
    message: &Message,
    offer: &Offer,
    keys: &KeyRing,
    base: &str,
) -> MessageLinks {
    let link = |path: &str, purpose: LinkPurpose, score: Option<u8>| {
        let claims = LinkClaims {
            shop: customer.shop.clone(),
            customer: customer.id.clone(),
            message: message.id.clone(),
            score,
        };
        format!("{base}/{path}/{}", keys.seal(purpose, &claims, message.created_at))
    };
    MessageLinks {
        shop: shop.brand.settings().shop_url.clone(),
        unsubscribe: link("u", LinkPurpose::Unsubscribe, None),
        preferences: link("p", LinkPurpose::Preferences, None),
        nps: (0..=10).map(|score| link("n", LinkPurpose::Nps, Some(score))).collect(),
        referral: offer.referral_code.as_ref().map(|code| format!("{base}/r/{code}")),
        confirm: message.asks_to_confirm().then(|| link("c", LinkPurpose::Confirm, None)),
    }
}

/// The tags by which provider events find their message again, and by which reports count. The
/// customer's id is encoded, because a tag takes only letters, digits, `_` and `-`, and cut in two where
/// it is long.
#[must_use]
pub fn tags(customer: &Customer, message: &Message) -> Vec<(String, String)> {
    let id = Base64UrlUnpadded::encode_string(customer.id.as_str().as_bytes());
    let (first, rest) = id.split_at(id.len().min(MAX_TAG_LEN));
    let mut tags = vec![
        ("message", message.id.to_string()),
        ("shop", customer.shop.to_string()),
        ("customer", first.to_owned()),
        ("journey", message.journey.clone()),
        ("step", message.step.clone()),
    ];
    if !rest.is_empty() {
        tags.push(("customer-rest", rest.to_owned()));
    }
    tags.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
