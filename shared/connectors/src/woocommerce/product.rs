//! Products of WooCommerce. Variations are objects of their own, each with its own webhook.

use super::answer::{modified_at, plain, without_id};
use crate::amount::Amount;
use crate::connector::Call;
use crate::fields::{Node, Warnings};
use crate::product::{Availability, Product, Variant};
use crate::reading::Outcome;
use jiff::Timestamp;

pub(super) fn read(call: &Call<'_>, event: &str, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let object = Node::root(call.body);
    let Some(id) = object.get("id").id() else { return without_id() };
    if event == "deleted" {
        return (Outcome::Products(vec![Product::deleted(id, None)]), None);
    }
    let version = modified_at(&object, warnings);
    // A variation names the product that it is one of.
    let parent = object.get("parent_id").id();
    let has_variations = !object.get("variations").list().is_empty();
    let is_shown = object.get("status").word().is_none_or(|status| status == "publish");
    let variant = variant(&object, &id, is_shown, warnings);
    let availability = if is_shown { variant.availability } else { Availability::Hidden };
    let image = object.get("images").list().iter().find_map(|image| image.get("src").text());
    let categories = object.get("categories").list();
    let product = Product {
        title: plain(object.get("name").text()),
        url: object.get("permalink").text(),
        image: image.or_else(|| object.at(&["image", "src"]).text()),
        brand: object.get("brands").list().iter().find_map(|brand| plain(brand.get("name").text())),
        category: categories.first().and_then(|category| plain(category.get("name").text())),
        availability,
        // A product with variations has none that is the product itself.
        variants: if has_variations { Vec::new() } else { vec![variant] },
        has_all_variants: parent.is_none() && !has_variations,
        id: parent.unwrap_or(id),
        updated_at: version,
    };
    (Outcome::Products(vec![product]), version)
}

fn variant(object: &Node<'_>, id: &str, is_shown: bool, warnings: &mut Warnings) -> Variant {
    let price = |name: &str, warnings: &mut Warnings| object.get(name).positive(warnings);
    let now = price("price", warnings);
    let regular = price("regular_price", warnings).or(now);
    let sale = price("sale_price", warnings).or(now);
    let on_sale = object.get("on_sale").truth() != Some(false);
    let sale = sale.zip(regular).filter(|(sale, regular)| on_sale && sale < regular).map(|(sale, _)| sale);
    let text = |amount: Option<Amount>| {
        amount.map(|amount| {
            let short = amount.to_shortest();
            if short.split_once('.').is_some_and(|(_, places)| places.len() > 2) { short } else { amount.to_text(2) }
        })
    };
    let availability = match object.get("stock_status").word().as_deref() {
        _ if !is_shown => Availability::Hidden,
        Some("outofstock") => Availability::OutOfStock,
        Some("onbackorder") => Availability::Backorder,
        _ => Availability::InStock,
    };
    let is_counted = object.get("manage_stock").value().as_bool() != Some(false);
    Variant {
        id: id.to_owned(),
        title: None,
        sku: object.get("sku").text(),
        price: text(regular),
        sale_price: text(sale),
        stock: object.get("stock_quantity").integer().filter(|_| is_counted),
        inventory_item_id: None,
        is_sold_without_stock: false,
        image: object.at(&["image", "src"]).text(),
        availability,
    }
}
