//! What a call says of products.

use jiff::Timestamp;
use rekindle_catalogue::{Availability, ProductId, Sale, Source, Statement};
use rekindle_lifecycle::money::{Currency, Money};
use serde::Deserialize;
use serde_json::Value;

/// Most products of a call.
pub(crate) const MAX_PRODUCTS: usize = 500;
/// Most variants of a product.
pub(crate) const MAX_VARIANTS: usize = 200;
/// Most products and variants of a call together.
pub(crate) const MAX_ITEMS: usize = 2_000;
/// Longest text, in characters.
const MAX_TEXT_LEN: usize = 300;
/// Longest address, in bytes.
const MAX_URL_LEN: usize = 1_000;
/// The longest time that one piece can be said to last.
const MAX_REORDER_DAYS: u16 = 1_000;

/// The body of a call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Products {
    /// The products, each read by itself.
    pub(crate) products: Vec<Value>,
    /// Who says it; the API, if it is not said.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// The currency of prices that name none.
    #[serde(default)]
    pub(crate) currency: Option<String>,
}

/// What a product's entry says, before it is checked.
#[derive(Deserialize)]
struct Entry {
    id: Value,
    #[serde(flatten)]
    details: Details,
    #[serde(default)]
    variants: Vec<VariantEntry>,
    /// When it was so, as RFC 3339.
    #[serde(default)]
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct VariantEntry {
    id: Value,
    #[serde(flatten)]
    details: Details,
}

/// The fields of [`Details`].
const DETAILS: [&str; 13] = [
    "name",
    "url",
    "image_url",
    "brand",
    "category",
    "sku",
    "price",
    "sale_price",
    "sale_from",
    "sale_until",
    "currency",
    "availability",
    "reorder_days",
];

/// What can be said of a product and of a variant.
#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    image_url: Option<String>,
    #[serde(default)]
    brand: Option<String>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    sku: Option<String>,
    #[serde(default)]
    price: Option<Value>,
    #[serde(default)]
    sale_price: Option<Value>,
    #[serde(default)]
    sale_from: Option<String>,
    #[serde(default)]
    sale_until: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    availability: Option<String>,
    #[serde(default)]
    reorder_days: Option<Value>,
}

/// Why a product is refused: the field, and the predicate of a sentence about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) field: String,
    pub(crate) reason: String,
}

/// What an entry states: of the product first, then of each variant.
pub(crate) fn parse(
    entry: &Value,
    currency: Option<Currency>,
    now: Timestamp,
) -> Result<Vec<(ProductId, Statement)>, Refused> {
    let refused = |field: &str, reason: String| Refused { field: field.to_owned(), reason };
    let entry = Entry::deserialize(entry).map_err(|error| refused("", format!("cannot be read: {error}")))?;
    let at = match &entry.updated_at {
        // A statement from the future would outrank every later one.
        Some(text) => instant("updated_at", text)?.min(now),
        None => now,
    };
    if entry.variants.len() > MAX_VARIANTS {
        let reason = format!("has {} entries; {MAX_VARIANTS} are the most", entry.variants.len());
        return Err(refused("variants", reason));
    }
    let product = id_text("id", &entry.id)?;
    let id = |field: String, variant: Option<&str>| {
        let reason = format!("is no id of 1 to {} bytes without control characters", ProductId::MAX_LEN);
        ProductId::new(&product, variant).ok_or(Refused { field, reason })
    };
    let currency = entry.details.currency("", currency)?;
    let mut statements = vec![(id("id".to_owned(), None)?, entry.details.statement("", currency, at)?)];
    for (place, variant) in entry.variants.iter().enumerate() {
        let path = format!("variants[{place}].");
        let field = format!("{path}id");
        let variant_id = id(field.clone(), Some(&id_text(&field, &variant.id)?))?;
        let currency = variant.details.currency(&path, currency)?;
        let statement = variant.details.statement(&path, currency, at)?;
        // A variant with the product's own id adds to the product what it says itself.
        match statements.iter_mut().find(|(known, _)| *known == variant_id) {
            Some((_, product)) => *product = completed(product, statement),
            None => statements.push((variant_id, statement)),
        }
    }
    Ok(statements)
}

/// The fields of an entry that mean nothing here. A variant's are named behind `variants.`.
pub(crate) fn ignored_fields(entry: &Value) -> Vec<String> {
    const OF_PRODUCT: [&str; 3] = ["id", "variants", "updated_at"];
    let names = |entry: &Value| entry.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default();
    let unknown = |names: Vec<String>, own: &'static [&'static str]| {
        names.into_iter().filter(move |name| !own.contains(&name.as_str()) && !DETAILS.contains(&name.as_str()))
    };
    let variants = entry.get("variants").and_then(Value::as_array).into_iter().flatten();
    let of_variants = variants.flat_map(|variant| unknown(names(variant), &["id"]));
    unknown(names(entry), &OF_PRODUCT).chain(of_variants.map(|name| format!("variants.{name}"))).collect()
}

/// Who says it.
pub(crate) fn source(name: Option<&str>) -> Result<Source, Refused> {
    let Some(name) = name else { return Ok(Source::Api) };
    Source::from_known_code(name).ok_or_else(|| Refused {
        field: "source".to_owned(),
        reason: format!("must be one of {}", Source::CODES.join(", ")),
    })
}

impl Details {
    fn currency(&self, path: &str, default: Option<Currency>) -> Result<Option<Currency>, Refused> {
        match &self.currency {
            Some(code) => currency(&format!("{path}currency"), code).map(Some),
            None => Ok(default),
        }
    }

    fn statement(&self, path: &str, currency: Option<Currency>, at: Timestamp) -> Result<Statement, Refused> {
        let field = |name: &str| format!("{path}{name}");
        let price = amount(&field("price"), self.price.as_ref(), currency)?;
        let sale_price = amount(&field("sale_price"), self.sale_price.as_ref(), currency)?;
        let bound =
            |name: &str, text: &Option<String>| text.as_deref().map(|text| instant(&field(name), text)).transpose();
        let (from, until) = (bound("sale_from", &self.sale_from)?, bound("sale_until", &self.sale_until)?);
        if from.is_some() && until.is_some() && from >= until {
            return Err(Refused { field: field("sale_until"), reason: "is not after sale_from".to_owned() });
        }
        let availability = match &self.availability {
            Some(text) => Some(Availability::parse(text).ok_or_else(|| Refused {
                field: field("availability"),
                reason: format!("must be one of {}", Availability::CODES.join(", ")),
            })?),
            None => None,
        };
        Ok(Statement {
            name: text(&field("name"), self.name.as_deref())?,
            url: address(&field("url"), self.url.as_deref())?,
            image: address(&field("image_url"), self.image_url.as_deref())?,
            brand: text(&field("brand"), self.brand.as_deref())?,
            category: text(&field("category"), self.category.as_deref())?,
            sku: text(&field("sku"), self.sku.as_deref())?,
            price,
            sale: sale_price.map(|price| Sale { price, from, until }),
            availability,
            reorder_days: reorder_days(&field("reorder_days"), self.reorder_days.as_ref())?,
            ..Statement::new(at)
        })
    }
}

/// What a product says, and in its gaps what its only variant says.
fn completed(product: &Statement, variant: Statement) -> Statement {
    let own = product.clone();
    let has_price = own.price.is_some() || own.sale.is_some();
    Statement {
        at: own.at,
        name: own.name.or(variant.name),
        url: own.url.or(variant.url),
        image: own.image.or(variant.image),
        brand: own.brand.or(variant.brand),
        category: own.category.or(variant.category),
        sku: own.sku.or(variant.sku),
        price: if has_price { own.price } else { variant.price },
        sale: if has_price { own.sale } else { variant.sale },
        availability: own.availability.or(variant.availability),
        reorder_days: own.reorder_days.or(variant.reorder_days),
    }
}

/// The currency of a code.
pub(crate) fn currency(field: &str, code: &str) -> Result<Currency, Refused> {
    Currency::parse(code).map_err(|error| Refused { field: field.to_owned(), reason: error.to_string() })
}

/// An id, which many systems send as a number.
fn id_text(field: &str, id: &Value) -> Result<String, Refused> {
    match id {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        _ => Err(Refused { field: field.to_owned(), reason: "must be a text or a whole number".to_owned() }),
    }
}

fn text(field: &str, text: Option<&str>) -> Result<Option<String>, Refused> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > MAX_TEXT_LEN || text.chars().any(char::is_control) {
        let reason = format!("is longer than {MAX_TEXT_LEN} characters or has control characters");
        return Err(Refused { field: field.to_owned(), reason });
    }
    Ok(Some(text.to_owned()))
}

/// An address that a mail may lead to or show: of the web, complete.
fn address(field: &str, text: Option<&str>) -> Result<Option<String>, Refused> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if !is_web || text.len() > MAX_URL_LEN || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let reason = format!("must be an address that begins with https://, of at most {MAX_URL_LEN} bytes");
        return Err(Refused { field: field.to_owned(), reason });
    }
    Ok(Some(text.to_owned()))
}

fn amount(field: &str, value: Option<&Value>, currency: Option<Currency>) -> Result<Option<Money>, Refused> {
    let refused = |reason: String| Refused { field: field.to_owned(), reason };
    let value = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(value) => value,
    };
    let currency = currency.ok_or_else(|| refused("has no currency: name it in currency".to_owned()))?;
    let money = match value {
        Value::String(text) => Money::parse(text, currency),
        Value::Number(number) => Money::from_json_number(number, currency),
        _ => return Err(refused("must be a decimal amount such as \"12.50\"".to_owned())),
    };
    money.map(Some).map_err(|error| refused(error.to_string()))
}

fn instant(field: &str, text: &str) -> Result<Timestamp, Refused> {
    text.parse().map_err(|_| Refused {
        field: field.to_owned(),
        reason: "is no instant with a zone, such as 2026-11-27T10:00:00Z".to_owned(),
    })
}

fn reorder_days(field: &str, value: Option<&Value>) -> Result<Option<u16>, Refused> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let days = value.as_u64().and_then(|days| u16::try_from(days).ok());
            let days = days.filter(|days| (1..=MAX_REORDER_DAYS).contains(days));
            let reason = format!("must be a whole number from 1 to {MAX_REORDER_DAYS}");
            days.map(Some).ok_or(Refused { field: field.to_owned(), reason })
        }
    }
}
