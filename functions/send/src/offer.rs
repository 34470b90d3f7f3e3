//! What a message carries that exists only once: a coupon of the customer's own, a referral code.
//!
//! Both are derived from the message or the customer, so a message that is prepared again carries the same.

use crate::Sender;
use crate::error::SendError;
use rekindle_lifecycle::channel::Purpose;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::rules::CouponSource;
use rekindle_store::CustomerKey;
use rekindle_store::offers::coupons::Coupon;

/// What a message carries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// The code of its coupon, if it has one.
    pub coupon_code: Option<String>,
    /// The customer's referral code, if it is about recommending the shop.
    pub referral_code: Option<String>,
}

impl Sender {
    /// Finds or makes what the message carries. A pool that is empty leaves the message without a coupon, and raises
    /// the alarm: its text says the same without one.
    pub(crate) async fn offer(&self, key: &CustomerKey, message: &Message) -> Result<Offer, SendError> {
        let referral_code = match message.purpose {
            Purpose::Referral => {
                self.store.referral_code(key, self.link_keys.referral_codes(&key.shop, &key.customer)).await?
            }
            _ => None,
        };
        Ok(Offer { coupon_code: self.coupon_code(key, message).await?, referral_code })
    }

    async fn coupon_code(&self, key: &CustomerKey, message: &Message) -> Result<Option<String>, SendError> {
        let Some(offer) = &message.coupon else { return Ok(None) };
        let coupon = |code: String| Coupon {
            code,
            customer: key.customer.clone(),
            message: message.id.clone(),
            percent: offer.percent,
            issued_at: message.created_at,
            expires_at: offer.expires_at(message.created_at),
        };
        match &offer.source {
            CouponSource::Fixed(code) => Ok(Some(code.clone())),
            CouponSource::Generated(prefix) => {
                for code in self.link_keys.coupon_codes(prefix, &key.shop, &message.id) {
                    if self.store.issue_coupon(&key.shop, &coupon(code.clone())).await? {
                        return Ok(Some(code));
                    }
                }
                Ok(None)
            }
            CouponSource::Pool(pool) => {
                let issued = self.store.issue_from_pool(&key.shop, pool, coupon(String::new())).await?;
                if issued.is_none() {
                    tracing::error!(
                        pool,
                        "a coupon pool is empty: upload more codes; messages go out without a coupon"
                    );
                }
                Ok(issued.map(|coupon| coupon.code))
            }
        }
    }
}
