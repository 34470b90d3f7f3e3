//! Shopify's web pixels: what visitors look at and put into their carts, posted from the shop's pages by a custom pixel.
//!
//! It comes from browsers, so anybody can send it: the secret part of the address is on every page. So it makes visits and carts, and
//! nothing that is worth money or says who somebody is. Orders, addresses and consents come by the signed webhooks. The visitor is the
//! pixel's `clientId`; a shop that passes it on as an attribute of the cart joins the two (`anonymous_id_fields`).

use crate::amount::{Amount, currency_code, places_of};
use crate::connector::{Call, Connector};
use crate::delivery::Delivery;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::lines::{self, Line, MAX_LINES};
use crate::members::put;
use crate::person::Person;
use crate::reading::Outcome;
use crate::verify::Scheme;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

const SYSTEM: &str = "shopify-pixel";

/// The pixel's row in the table.
pub(crate) const CONNECTOR: Connector = Connector::new(
    (SYSTEM, "Shopify's web pixel"),
    || Scheme::PathToken,
    |_| false,
    |_: &Delivery<'_>, body| Node::root(body?).get("name").word(),
    |_: &Delivery<'_>, topic, body| Some(format!("{topic}:{}", Node::root(body?).get("id").id()?)),
    read,
);

fn read(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let pixel = Node::root(call.body);
    let version = pixel.get("timestamp").time(warnings);
    let Some(visitor) = pixel.get("clientId").id() else {
        return (Outcome::refused("clientId", "is missing; it says whose visit this is"), version);
    };
    let data = pixel.get("data");
    let event = match call.topic {
        "product_viewed" => "Product Viewed",
        "product_added_to_cart" => "Product Added",
        "product_removed_from_cart" => "Product Removed",
        "cart_viewed" => "Cart Viewed",
        "checkout_started" => "Checkout Started",
        "checkout_completed" => {
            return (Outcome::ignored("orders are told by the signed webhooks, never by a browser"), version);
        }
        other => return (Outcome::ignored(format!("nothing is done about {other}")), version),
    };
    let person = Person { anonymous_id: Some(visitor.clone()), ..Person::default() };
    let mut draft = Draft::track(event, version, person);
    // Two events of one page may have the same id.
    let id = pixel.get("id").text().unwrap_or(visitor);
    draft.identity = vec![call.topic.to_owned(), id];
    match event {
        "Product Viewed" => one_product(&mut draft, &variant(&data.get("productVariant"), None, warnings)),
        "Product Added" | "Product Removed" => {
            let line = data.get("cartLine");
            one_product(&mut draft, &variant(&line.get("merchandise"), Some(&line), warnings));
        }
        "Cart Viewed" => {
            let cart = data.get("cart");
            draft.property("cart_id", cart.get("id").id());
            money(&mut draft.properties, "total", &cart.at(&["cost", "totalAmount"]), warnings);
            let lines = cart.get("lines").list();
            let lines =
                lines.iter().take(MAX_LINES).map(|line| variant(&line.get("merchandise"), Some(line), warnings));
            let lines = lines::to_json(lines.map(|(line, _)| line).collect::<Vec<Line>>());
            draft.property("products", Some(lines.unwrap_or_else(|| json!([]))));
        }
        _ => {
            let checkout = data.get("checkout");
            draft.property("checkout_id", checkout.get("token").id());
            money(&mut draft.properties, "total", &checkout.get("totalPrice"), warnings);
            let lines = checkout.get("lineItems").list();
            let lines = lines.iter().take(MAX_LINES).map(|line| {
                let mut named = variant(&line.get("variant"), Some(line), warnings).0;
                named.name = named.name.or_else(|| line.get("title").text());
                named
            });
            draft.property("products", lines::to_json(lines.collect::<Vec<Line>>()));
        }
    }
    let location = pixel.at(&["context", "document", "location"]);
    let mut page = Map::new();
    put(&mut page, "path", location.get("pathname").text());
    put(&mut page, "title", pixel.at(&["context", "document", "title"]).text());
    put(&mut draft.context, "page", (!page.is_empty()).then_some(page));
    (Outcome::Events(vec![draft.build(SYSTEM, warnings)]), version)
}

/// A variant, as a line of a cart, and the currency of its price.
fn variant(variant: &Node<'_>, line: Option<&Node<'_>>, warnings: &mut Warnings) -> (Line, Option<String>) {
    let product = variant.get("product");
    let price = variant.get("price");
    let currency = price.get("currencyCode").text().and_then(|code| currency_code(&code));
    let image = variant.at(&["image", "src"]).text();
    let amount = price.get("amount").positive(warnings);
    let quantity = line.and_then(|line| line.get("quantity").positive(warnings));
    let line = Line {
        product_id: product.get("id").id(),
        variant_id: variant.get("id").id(),
        sku: variant.get("sku").text(),
        name: product.get("title").text(),
        variant: variant.get("title").text().filter(|title| title != "Default Title"),
        category: product.get("type").text(),
        brand: product.get("vendor").text(),
        quantity: quantity.map(Amount::to_shortest),
        price: amount.map(|amount| amount.to_text(places_of(currency.as_deref()))),
        image_url: image.map(|source| if source.starts_with("//") { format!("https:{source}") } else { source }),
        ..Line::default()
    };
    (line, currency)
}

/// The product of an event about one: its members are the event's own.
fn one_product(draft: &mut Draft, (line, currency): &(Line, Option<String>)) {
    if let Some(Value::Object(members)) = line.to_json() {
        draft.properties.extend(members);
    }
    draft.property("currency", currency.clone());
}

fn money(properties: &mut Map<String, Value>, name: &str, money: &Node<'_>, warnings: &mut Warnings) {
    let currency = money.get("currencyCode").text().and_then(|code| currency_code(&code));
    let amount = money.get("amount").positive(warnings);
    put(properties, name, amount.map(|amount| amount.to_text(places_of(currency.as_deref()))));
    put(properties, "currency", currency);
}
