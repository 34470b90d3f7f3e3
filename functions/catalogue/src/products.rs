//! Taking in products, and showing what is known of them.

use crate::Catalogue;
use crate::statements::{self, MAX_ITEMS, MAX_PRODUCTS, Products, Refused};
use jiff::Timestamp;
use rekindle_admin_api::{Call, Problem};
use rekindle_catalogue::{Offer, Product, ProductId, Source};
use rekindle_lifecycle::money::Money;
use rekindle_store::catalogue::changes::ProductChange;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Most products and variants of a page.
const MAX_PAGE_LEN: u32 = 500;
/// Products and variants of a page, where the caller names no number.
const DEFAULT_PAGE_LEN: u32 = 100;

/// Takes in what the shop says of products. What is wrong with one costs the others nothing.
pub(crate) async fn put(catalogue: &Catalogue, call: &Call) -> Result<Value, Problem> {
    let body: Products = call.json()?;
    let bad_call = |Refused { field, reason }| Problem::bad_request(format!("{field} {reason}."));
    let source = statements::source(body.source.as_deref()).map_err(bad_call)?;
    let currency = body.currency.as_deref().map(|code| statements::currency("currency", code)).transpose();
    let currency = currency.map_err(bad_call)?;
    if body.products.len() > MAX_PRODUCTS {
        return Err(Problem::too_large(format!("A call may have {MAX_PRODUCTS} products at most.")));
    }
    let now = catalogue.clock.now();
    let (mut changes, mut refused) = (BTreeMap::<ProductId, Vec<ProductChange>>::new(), Vec::new());
    let (mut accepted, mut ignored) = (0, BTreeSet::new());
    for (place, entry) in body.products.iter().enumerate() {
        match statements::parse(entry, currency, now) {
            Ok(statements) => {
                accepted += 1;
                ignored.extend(statements::ignored_fields(entry));
                for (id, statement) in statements {
                    changes.entry(id).or_default().push(ProductChange::Stated(source, statement));
                }
            }
            Err(Refused { field, reason }) => {
                refused.push(json!({ "index": place, "id": entry.get("id"), "field": field, "reason": reason }));
            }
        }
    }
    if changes.len() > MAX_ITEMS {
        return Err(Problem::too_large(format!("A call may have {MAX_ITEMS} products and variants at most.")));
    }
    if accepted == 0 && !refused.is_empty() {
        return Err(Problem::refused(first_reason(&refused)));
    }
    let items = changes.len();
    let written = catalogue.store.change_products(&call.shop, changes).await?;
    tracing::info!(accepted, items, written, refused = refused.len(), "products were taken in");
    Ok(
        json!({ "accepted": accepted, "changed": written, "unchanged": items - written, "refused": refused, "ignored_fields": ignored }),
    )
}

/// Products and variants, page by page.
pub(crate) async fn list(catalogue: &Catalogue, call: &Call) -> Result<Value, Problem> {
    let limit = call.number("limit", DEFAULT_PAGE_LEN, MAX_PAGE_LEN)?;
    let source = match call.parameter("source") {
        Some(name) => Some(
            statements::source(Some(name))
                .map_err(|Refused { field, reason }| Problem::bad_request(format!("{field} {reason}.")))?,
        ),
        None => None,
    };
    let page = catalogue.store.list_products(&call.shop, limit as usize, call.after()?).await?;
    let now = catalogue.clock.now();
    let by_source = |product: &Product| source.is_none_or(|source| product.statement(source).is_some());
    let products = page.products.iter().filter(|(_, product)| by_source(product));
    let products: Vec<Value> = products.map(|(id, product)| shown(id, &product.offer(now), product)).collect();
    Ok(json!({ "products": products, "next_after": page.next }))
}

/// A product with its variants, each as customers see it.
pub(crate) async fn get(catalogue: &Catalogue, call: &Call, product: &str) -> Result<Value, Problem> {
    let missing = || Problem::missing("No product of this id is known.");
    let id = ProductId::new(product, None).ok_or_else(missing)?;
    let found = catalogue.store.product_with_variants(&call.shop, id.product(), statements::MAX_VARIANTS + 1).await?;
    if found.is_empty() {
        return Err(missing());
    }
    let now = catalogue.clock.now();
    Ok(with_variants(&id, &found, now))
}

fn with_variants(id: &ProductId, found: &[(ProductId, Product)], now: Timestamp) -> Value {
    let whole = found.iter().find(|(known, _)| known == id).map(|(_, product)| product.clone()).unwrap_or_default();
    let offer = whole.offer(now);
    let variants = found.iter().filter(|(known, _)| known != id);
    let variants: Vec<Value> =
        variants.map(|(known, variant)| shown(known, &variant.offer(now).within(&offer), variant)).collect();
    let mut shown = shown(id, &offer, &whole);
    shown["variants"] = json!(variants);
    shown
}

fn shown(id: &ProductId, offer: &Offer, product: &Product) -> Value {
    let money = |money: Option<Money>| money.map(decimal);
    let currency = offer.price.or(offer.sale_price).map(|price| price.currency.code().to_owned());
    let said_by: Vec<&str> =
        Source::KNOWN.iter().filter(|source| product.statement(**source).is_some()).map(Source::code).collect();
    let all = json!({
        "id": id.product(),
        "variant": id.variant(),
        "name": offer.name,
        "url": offer.url,
        "image_url": offer.image,
        "brand": offer.brand,
        "category": offer.category,
        "sku": offer.sku,
        "price": money(offer.price),
        "sale_price": money(offer.sale_price),
        "lowest_price_of_30_days": money(offer.lowest_price_of_30_days),
        "currency": currency,
        "availability": offer.availability,
        "reorder_days": offer.reorder_days,
        "said_by": said_by,
        "feeds": Some(product.feeds().collect::<Vec<_>>()).filter(|feeds| !feeds.is_empty()),
    });
    let all = match all {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    all.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
}

/// An amount without its currency.
fn decimal(money: Money) -> String {
    let text = money.to_string();
    text.split_once(' ').map_or_else(|| text.clone(), |(amount, _)| amount.to_owned())
}

fn first_reason(refused: &[Value]) -> String {
    let text = |name: &str| refused.first().and_then(|one| one[name].as_str()).unwrap_or_default().to_owned();
    format!("None of the products can be used. The first: {} {}.", text("field"), text("reason"))
}
