//! What customers do in the shop before they order: products they look at, carts, coupons.

use super::context::Context;
use super::lines::Lines;
use crate::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

crate::stored_codes! {
    /// What a customer did in the shop.
    pub enum ShoppingAction {
        /// Looked at a product.
        ProductViewed = "product_viewed",
        /// Chose a product from a list.
        ProductClicked = "product_clicked",
        /// Put a product into the cart.
        ProductAdded = "product_added",
        /// Took a product out of the cart.
        ProductRemoved = "product_removed",
        /// Showed a product to others.
        ProductShared = "product_shared",
        /// Wrote about a product.
        ProductReviewed = "product_reviewed",
        /// Put a product on a wish list.
        WishlistAdded = "wishlist_added",
        /// Took a product off a wish list.
        WishlistRemoved = "wishlist_removed",
        /// Looked at the cart.
        CartViewed = "cart_viewed",
        /// Went to pay.
        CheckoutStarted = "checkout_started",
        /// Typed in a coupon.
        CouponEntered = "coupon_entered",
        /// The shop accepted the coupon.
        CouponApplied = "coupon_applied",
        /// The shop refused the coupon.
        CouponDenied = "coupon_denied",
        /// Took the coupon back.
        CouponRemoved = "coupon_removed",
    }
}

/// A customer did something with a product, a cart or a coupon. It counts as a visit, as a page view does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShoppingEvent {
    /// What they did.
    pub action: ShoppingAction,
    /// The cart, as the shop names it. Events of one cart have one name, also when it becomes an order, if the shop says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<String>,
    /// The products.
    #[serde(default, skip_serializing_if = "Lines::is_empty")]
    pub lines: Lines,
    /// What all of it is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    /// The currency of the lines' prices, where no value says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    /// Where the customer can go on: the address of the checkout, the cart or the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What else the event said, within bounds.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
    /// Under which circumstances.
    #[serde(default, skip_serializing_if = "Context::is_empty")]
    pub context: Context,
    /// A program did it, by its own account: a crawler, or a scanner that follows the links of mails. It is no visit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_program: bool,
    /// It came with a public key, which anybody can read in the shop's pages: what it says of products is not believed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_public: bool,
}

impl ShoppingEvent {
    /// An event of which only the action is known.
    #[must_use]
    pub fn new(action: ShoppingAction) -> Self {
        Self {
            action,
            cart: None,
            lines: Lines::default(),
            value: None,
            currency: None,
            coupon: None,
            link: None,
            properties: Map::new(),
            context: Context::default(),
            by_program: false,
            is_public: false,
        }
    }

    /// The currency of its amounts.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.value.map(|value| value.currency).or(self.currency)
    }
}
