//! What customers do with products, carts and coupons.

use crate::context;
use crate::fields::{Fields, clean};
use crate::lenient::LenientReader;
use crate::limits;
use crate::order::{self, Sources, lines, totals};
use crate::properties;
use crate::received::Received;
use rekindle_lifecycle::facts::{LeftOutReason, Line, Lines, ShoppingAction, ShoppingEvent};
use rekindle_lifecycle::money::Money;

/// Names in letters and digits, in small letters: those of the specification, of its first version, and of other systems.
const NAMES: &[(ShoppingAction, &[&str])] = {
    use ShoppingAction::*;
    &[
        (
            ProductViewed,
            &["productviewed", "viewedproduct", "viewproduct", "viewitem", "viewcontent", "productdetailviewed"],
        ),
        (ProductClicked, &["productclicked", "clickedproduct", "productselected", "selectitem"]),
        (
            ProductAdded,
            &[
                "productadded",
                "addedproduct",
                "addtocart",
                "addedtocart",
                "productaddedtocart",
                "itemaddedtocart",
                "cartproductadded",
            ],
        ),
        (
            ProductRemoved,
            &[
                "productremoved",
                "removedproduct",
                "removefromcart",
                "removedfromcart",
                "productremovedfromcart",
                "itemremovedfromcart",
                "cartproductremoved",
            ],
        ),
        (ProductShared, &["productshared", "sharedproduct"]),
        (ProductReviewed, &["productreviewed", "reviewedproduct", "productreviewsubmitted"]),
        (WishlistAdded, &["productaddedtowishlist", "addtowishlist", "addedtowishlist", "addedproducttowishlist"]),
        (
            WishlistRemoved,
            &["productremovedfromwishlist", "removefromwishlist", "removedfromwishlist", "removedproductfromwishlist"],
        ),
        (CartViewed, &["cartviewed", "viewedcart", "viewcart"]),
        (
            CheckoutStarted,
            &["checkoutstarted", "startedcheckout", "begincheckout", "checkoutbegan", "initiatecheckout"],
        ),
        (CouponEntered, &["couponentered", "enteredcoupon"]),
        (CouponApplied, &["couponapplied", "appliedcoupon"]),
        (CouponDenied, &["coupondenied", "deniedcoupon"]),
        (CouponRemoved, &["couponremoved", "removedcoupon"]),
    ]
};

/// Properties that have a place of their own in the fact.
const READ: &[&str] = &[
    "products",
    "lineitems",
    "items",
    "orderitems",
    "cartitems",
    "contents",
    "cartid",
    "checkoutid",
    "productid",
    "itemid",
    "variantid",
    "variant",
    "sku",
    "name",
    "price",
    "quantity",
    "value",
    "currency",
    "coupon",
    "checkouturl",
    "carturl",
    "url",
    "discount",
];

/// What an event of this name reports; its letters and digits, in small letters.
pub(crate) fn action(letters: &str) -> Option<ShoppingAction> {
    NAMES.iter().find(|(_, names)| names.contains(&letters)).map(|(action, _)| *action)
}

/// Reads an event about products, a cart or a coupon. What is wrong with a field costs that field.
pub(crate) fn parse(
    action: ShoppingAction,
    event: &Fields<'_>,
    properties: Fields<'_>,
    received: &Received<'_>,
    reader: &mut LenientReader,
) -> ShoppingEvent {
    let sources = Sources::new(properties);
    let currency = order::currency_of(&sources, received.default_currency, reader);
    let text = |names: &[&str], max_len| {
        let field = properties.find(names)?;
        clean(&field.identity().ok()?, max_len)
    };
    let list = lines::list(|names| sources.find(names));
    let products = lines::read(list.as_ref(), currency.currency, reader);
    let lines = if list.is_some() || !names_product(&properties) {
        products.lines
    } else {
        // An id that is the event's own is not the product's.
        Lines::new(
            Some(lines::single(&properties, currency.currency, reader))
                .filter(|line: &Line| !line.is_empty())
                .into_iter()
                .collect(),
        )
    };
    let value = properties.find(&["value", "total", "revenue", "carttotal"]);
    let value = value.and_then(|field| totals::read(&field, currency.currency, reader));
    let value = value.filter(|value| !value.is_negative);
    let value = value.map(|value| Money { minor: value.minor, currency: currency.currency });
    let has_price = lines.kept.iter().any(|line| line.unit_price.is_some());
    ShoppingEvent {
        cart: text(&["cartid", "checkoutid", "carttoken", "checkouttoken", "orderid"], limits::MAX_NAME_LEN),
        value,
        currency: (value.is_none() && has_price).then_some(currency.currency),
        coupon: {
            let coupon = properties.find(&["coupon", "couponcode", "couponname", "couponid"]);
            reader.text(coupon, LeftOutReason::WrongType, |text| clean(text, limits::MAX_NAME_LEN))
        },
        link: text(&["checkouturl", "abandonedcheckouturl", "carturl", "url", "producturl"], MAX_LINK_LEN),
        properties: properties::bounded(properties.map(), "properties", READ, reader),
        context: context::parse(event, received.context),
        by_program: context::is_program(event, received.context),
        lines,
        ..ShoppingEvent::new(action)
    }
}

/// Longest link, in characters; a longer one is cut.
const MAX_LINK_LEN: usize = 1_024;

fn names_product(properties: &Fields<'_>) -> bool {
    properties.find(&["productid", "itemid", "sku", "variantid"]).is_some()
        || (properties.find(&["name", "productname", "title"]).is_some() && properties.find(&["price"]).is_some())
}
