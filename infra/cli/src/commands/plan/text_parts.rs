//! In how many parts the text messages of a plan would be sent: they are rendered as `send` renders them.

use anyhow::Context;
use jiff::Timestamp;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::rules::CouponSource;
use rekindle_local_stack::sample_brand;
use rekindle_messaging::{KeyRing, Templates};
use rekindle_planning::PartsOfText;
use rekindle_store::sending::limits::SendingLimits;
use send::content::context;
use send::offer::Offer;
use send::shop_context::ShopContext;
use serde_json::json;

/// Keys that seal nothing which is ever sent: links are as long with any.
const KEYS: &str = r#"{"current":1,"keys":[{"id":1,"secret":"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}]}"#;
/// An address of usual length.
const LINKS_URL: &str = "https://links.shop.example";
/// As long as an uploaded code usually is.
const CODE_OF_A_POOL: &str = "XXXXXXXX";

/// Counts the parts of texts with the built-in templates and the sample brand.
pub(super) struct TextParts {
    shop: ShopContext,
    keys: KeyRing,
    links_url: String,
}

impl TextParts {
    pub(super) fn new(links_url: Option<&str>) -> anyhow::Result<Self> {
        let brand = serde_json::from_value(json!(sample_brand())).context("the sample brand is one")?;
        let shop =
            ShopContext { paused: false, limits: SendingLimits::default(), brand, templates: Templates::built_in() };
        let keys = KeyRing::parse(KEYS, Timestamp::UNIX_EPOCH).context("the keys of a plan are good")?;
        let links_url = links_url.unwrap_or(LINKS_URL).trim_end_matches('/').to_owned();
        Ok(Self { shop, keys, links_url })
    }

    fn offer(&self, customer: &Customer, message: &Message) -> Offer {
        let coupon_code = message.coupon.as_ref().and_then(|offer| match &offer.source {
            CouponSource::Fixed(code) => Some(code.clone()),
            CouponSource::Generated(prefix) => self.keys.coupon_codes(prefix, &customer.shop, &message.id).next(),
            CouponSource::Pool(_) => Some(CODE_OF_A_POOL.to_owned()),
        });
        let is_referral = message.purpose == Purpose::Referral;
        let referral_code = self.keys.referral_codes(&customer.shop, &customer.id).next().filter(|_| is_referral);
        Offer { coupon_code, referral_code }
    }
}

impl PartsOfText for TextParts {
    /// A template that is not built in is one of the shop's own, which a plan does not have: its text counts as one part.
    fn count(&self, policy: &Policy, customer: &Customer, message: &Message) -> u32 {
        if message.channel != Channel::Sms {
            return 0;
        }
        let offer = self.offer(customer, message);
        let context = context(&self.shop, policy, customer, message, &offer, &self.keys, &self.links_url);
        self.shop.templates.render_sms(&message.template, &context).map_or(1, |text| text.parts)
    }
}
