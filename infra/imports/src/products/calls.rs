//! What a feed states, as the calls that post it.

use rekindle_catalogue::feed::FeedProduct;
use rekindle_catalogue::{Availability, Statement};
use rekindle_lifecycle::money::Money;
use serde_json::{Map, Value, json};

/// Most products of a call.
pub const MAX_CALL_PRODUCTS: usize = 200;

/// The fields of a product that is shown which are stated again when it is discontinued, so that it can still be named.
const KEPT: [&str; 10] = ["id", "variant", "name", "url", "image_url", "brand", "category", "sku", "price", "currency"];

/// The statement that a product, as the API shows it, is not sold any more.
#[must_use]
pub fn discontinued(shown: &Value) -> Value {
    let kept = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), shown.get(*name)?.clone())));
    let mut entry: Map<String, Value> = kept.collect();
    entry.insert("availability".to_owned(), json!(Availability::Discontinued.code()));
    Value::Object(entry)
}

/// The entry of a call for one product or variant of a feed.
pub(super) fn entry(product: &FeedProduct) -> Value {
    let mut entry = details(&product.statement);
    entry.insert("id".to_owned(), json!(product.id.product()));
    entry.extend(product.id.variant().map(|variant| ("variant".to_owned(), json!(variant))));
    Value::Object(entry)
}

fn details(statement: &Statement) -> Map<String, Value> {
    let Statement {
        at: _,
        name,
        url,
        image,
        brand,
        category,
        sku,
        price,
        sale,
        availability,
        reorder_days,
        inventory_item: _,
        is_sold_without_stock: _,
    } = statement;
    let amount = |money: Money| {
        let text = money.to_string();
        text.split_once(' ').map_or(text.clone(), |(amount, _)| amount.to_owned())
    };
    let currency = price.or(sale.as_ref().map(|sale| sale.price)).map(|price| price.currency.code().to_owned());
    let sale_price = sale.as_ref().filter(|sale| Some(sale.price.currency.code()) == currency.as_deref());
    let all = [
        ("name", json!(name)),
        ("url", json!(url)),
        ("image_url", json!(image)),
        ("brand", json!(brand)),
        ("category", json!(category)),
        ("sku", json!(sku)),
        ("price", json!(price.map(amount))),
        ("sale_price", json!(sale_price.map(|sale| amount(sale.price)))),
        ("sale_from", json!(sale_price.and_then(|sale| sale.from))),
        ("sale_until", json!(sale_price.and_then(|sale| sale.until))),
        ("currency", json!(currency)),
        ("availability", json!(availability)),
        ("reorder_days", json!(reorder_days)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
}
