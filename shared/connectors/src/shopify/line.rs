//! Lines of Shopify's orders and carts.

use super::money::{amount, text};
use crate::amount::Amount;
use crate::fields::{Node, Warnings};
use crate::lines::Line;

/// A line of an order.
pub(super) fn line(item: &Node<'_>, code: Option<&str>, warnings: &mut Warnings) -> Line {
    let allocated: Vec<Amount> =
        item.get("discount_allocations").list().iter().filter_map(|part| amount(part, "amount", warnings)).collect();
    // What an order-wide discount takes from the line is in the allocations only.
    let discount =
        if allocated.is_empty() { amount(item, "total_discount", warnings) } else { Some(allocated.into_iter().sum()) };
    let is_gift_card = item.get("gift_card").truth() == Some(true);
    Line {
        product_id: item.get("product_id").id(),
        variant_id: item.get("variant_id").id(),
        sku: item.get("sku").text(),
        name: item.get("title").text().or_else(|| item.get("name").text()),
        variant: item.get("variant_title").text().filter(|title| title != "Default Title"),
        category: is_gift_card.then(|| "gift card".to_owned()),
        brand: item.get("vendor").text(),
        quantity: item.get("quantity").positive(warnings).map(Amount::to_shortest),
        price: text(amount(item, "price", warnings), code),
        discount: text(discount.filter(|discount| !discount.is_zero()), code),
        ..Line::default()
    }
}
