//! Products and stock of Shopify.

use super::answer::{triggered_at, without_id};
use crate::amount::Amount;
use crate::connector::Call;
use crate::fields::{Node, Warnings};
use crate::product::{Availability, Product, StockLevel, Variant};
use crate::reading::Outcome;
use jiff::Timestamp;

/// Most variants of one product.
const MAX_VARIANTS: usize = 2_048;

pub(super) fn read(call: &Call<'_>, action: &str, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let product = Node::root(call.body);
    let id = product.get("id").id().or_else(|| product.get("admin_graphql_api_id").id());
    let Some(id) = id else { return without_id("id") };
    let version = product.get("updated_at").time(warnings).or_else(|| triggered_at(call.delivery));
    if action == "delete" {
        return (Outcome::Products(vec![Product::deleted(id, version)]), version);
    }
    let images = product.get("images").list();
    let image_of = |variant: &Node<'_>| {
        let wanted = variant.get("image_id").id()?;
        images.iter().find(|image| image.get("id").id().as_ref() == Some(&wanted))?.get("src").text()
    };
    let all = product.get("variants").list();
    let variants: Vec<Variant> = all
        .iter()
        .take(MAX_VARIANTS)
        .filter_map(|variant| {
            let image = image_of(variant);
            variant_of(variant, image, warnings)
        })
        .collect();
    // Of very many variants some are only named.
    let named = product.get("variant_gids").list().len();
    let has_all_variants = variants.len() == all.len() && named <= variants.len();
    // A product is for sale when it is active and published.
    let is_active = product.get("status").word().is_none_or(|status| status == "active");
    let is_published = product.value().get("published_at").is_none_or(|at| !at.is_null());
    let availability =
        if is_active && is_published { Product::best_availability(&variants) } else { Availability::Hidden };
    let image = product.at(&["image", "src"]).text().or_else(|| images.first()?.get("src").text());
    let product = Product {
        id,
        title: product.get("title").text(),
        url: url(call, &product),
        image,
        brand: product.get("vendor").text(),
        category: product.get("product_type").text(),
        availability,
        variants,
        has_all_variants,
        updated_at: version,
    };
    (Outcome::Products(vec![product]), version)
}

/// The product's page, below the shop's own address if that is known.
fn url(call: &Call<'_>, product: &Node<'_>) -> Option<String> {
    let handle = product.get("handle").text()?;
    let domain = || {
        let domain = call.delivery.headers.first(&["X-Shopify-Shop-Domain", "shopify-shop-domain"])?;
        Some(format!("https://{domain}"))
    };
    let shop = call.settings.storefront.clone().or_else(domain)?;
    Some(format!("{}/products/{handle}", shop.trim_end_matches('/')))
}

fn variant_of(variant: &Node<'_>, image: Option<String>, warnings: &mut Warnings) -> Option<Variant> {
    let id = variant.get("id").id().or_else(|| variant.get("admin_graphql_api_id").id())?;
    let now = variant.get("price").positive(warnings);
    let before = variant.get("compare_at_price").positive(warnings);
    let (price, sale_price) = match (now, before) {
        (Some(now), Some(before)) if before > now => (Some(before), Some(now)),
        _ => (now, None),
    };
    let is_counted = !variant.get("inventory_management").is_null();
    let stock = variant.get("inventory_quantity").integer().filter(|_| is_counted);
    let is_sold_on = variant.get("inventory_policy").word().as_deref() == Some("continue");
    // What is sold on without stock is in stock for customers, as it is in the feed that Shopify writes for Google.
    let availability = match stock {
        Some(stock) if stock <= 0 && !is_sold_on => Availability::OutOfStock,
        _ => Availability::InStock,
    };
    Some(Variant {
        id,
        title: variant.get("title").text().filter(|title| title != "Default Title"),
        sku: variant.get("sku").text(),
        price: price.map(decimal),
        sale_price: sale_price.map(decimal),
        stock,
        inventory_item_id: variant.get("inventory_item_id").id(),
        is_sold_without_stock: is_sold_on || !is_counted,
        image,
        availability,
    })
}

/// A price as it is written, with two places at least: a product does not tell its currency.
fn decimal(amount: Amount) -> String {
    let short = amount.to_shortest();
    let places = short.split_once('.').map_or(0, |(_, places)| places.len());
    if places > 2 { short } else { amount.to_text(2) }
}

/// How much there is of something at one place. Which variant it is, the product's `inventory_item_id` tells. A place that does not count
/// it (`available` is null) says nothing; one that is disconnected has none.
pub(super) fn read_level(call: &Call<'_>, action: &str, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let level = Node::root(call.body);
    let Some(item) = level.get("inventory_item_id").id() else { return without_id("inventory_item_id") };
    let version = level.get("updated_at").time(warnings).or_else(|| triggered_at(call.delivery));
    let available = if action == "disconnect" { Some(0) } else { level.get("available").integer() };
    let level = StockLevel {
        inventory_item_id: item,
        location_id: level.get("location_id").id(),
        available,
        updated_at: version,
    };
    (Outcome::Stock(vec![level]), version)
}
