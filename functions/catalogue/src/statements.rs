//! What a call says of products.

use jiff::Timestamp;
use rekindle_catalogue::{Availability, ProductId, Sale, Source, Statement};
use rekindle_lifecycle::money::{Currency, Money};
use serde::Deserialize;
use serde_json::{Map, Value};

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

/// What can be said of a product and of a variant.
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

/// Why a product is refused: the field, and the predicate of a sentence about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) field: String,
    pub(crate) reason: String,
}

/// What an entry states: of the product first, then of each variant; or of one variant alone, if it names one.
pub(crate) fn parse(
    entry: &Value,
    currency: Option<Currency>,
    now: Timestamp,
) -> Result<Vec<(ProductId, Statement)>, Refused> {
    let fields = Fields::new(entry, String::new())?;
    let at = match fields.text("updated_at")? {
        // A statement from the future would outrank every later one.
        Some(text) => instant("updated_at", text)?.min(now),
        None => now,
    };
    let variants = match entry.get("variants") {
        None | Some(Value::Null) => [].as_slice(),
        Some(Value::Array(variants)) if variants.len() <= MAX_VARIANTS => variants,
        Some(_) => {
            let reason = format!("must be a list of at most {MAX_VARIANTS} variants");
            return Err(Refused { field: "variants".to_owned(), reason });
        }
    };
    let product = fields.id()?;
    if fields.get("variant").is_some() {
        let variant = fields.id_of("variant")?;
        let reason = "must not be there beside variant".to_owned();
        if !variants.is_empty() {
            return Err(Refused { field: "variants".to_owned(), reason });
        }
        let id = ProductId::new(&product, Some(&variant)).ok_or_else(|| fields.no_id("variant"))?;
        return Ok(vec![(id, fields.statement(fields.currency(currency)?, at)?)]);
    }
    let id = |fields: &Fields<'_>, variant: Option<&str>| {
        ProductId::new(&product, variant).ok_or_else(|| fields.no_id("id"))
    };
    let currency = fields.currency(currency)?;
    let mut statements = vec![(id(&fields, None)?, fields.statement(currency, at)?)];
    for (place, variant) in variants.iter().enumerate() {
        let fields = Fields::new(variant, format!("variants[{place}]"))?;
        let id = id(&fields, Some(&fields.id()?))?;
        let statement = fields.statement(fields.currency(currency)?, at)?;
        // A variant with the product's own id adds to the product what it says itself.
        match statements.iter_mut().find(|(known, _)| *known == id) {
            Some((_, product)) => *product = completed(product, statement),
            None => statements.push((id, statement)),
        }
    }
    Ok(statements)
}

/// The fields of an entry that mean nothing here. A variant's are named behind `variants.`.
pub(crate) fn ignored_fields(entry: &Value) -> Vec<String> {
    const OF_PRODUCT: [&str; 4] = ["id", "variant", "variants", "updated_at"];
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

/// The fields of a product or a variant, and where it stands in the product.
struct Fields<'f> {
    fields: &'f Map<String, Value>,
    place: String,
}

impl<'f> Fields<'f> {
    fn new(entry: &'f Value, place: String) -> Result<Self, Refused> {
        match entry.as_object() {
            Some(fields) => Ok(Self { fields, place }),
            None => Err(Refused { field: place, reason: "must be an object".to_owned() }),
        }
    }

    /// The path of a field, as answers name it.
    fn path(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    fn get(&self, name: &str) -> Option<&'f Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// The text of a field, without spaces around it; nothing if it is empty.
    fn text(&self, name: &str) -> Result<Option<&'f str>, Refused> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(Refused { field: self.path(name), reason: "must be a text".to_owned() }),
        }
    }

    /// The id, which many systems send as a number.
    fn id(&self) -> Result<String, Refused> {
        self.id_of("id")
    }

    fn id_of(&self, name: &str) -> Result<String, Refused> {
        match self.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
            Some(_) => Err(Refused { field: self.path(name), reason: "must be a text or a whole number".to_owned() }),
            None => Err(Refused { field: self.path(name), reason: "is missing".to_owned() }),
        }
    }

    fn no_id(&self, name: &str) -> Refused {
        let reason = format!("is no id of 1 to {} bytes without control characters", ProductId::MAX_LEN);
        Refused { field: self.path(name), reason }
    }

    fn currency(&self, default: Option<Currency>) -> Result<Option<Currency>, Refused> {
        match self.text("currency")? {
            Some(code) => currency(&self.path("currency"), code).map(Some),
            None => Ok(default),
        }
    }

    fn statement(&self, currency: Option<Currency>, at: Timestamp) -> Result<Statement, Refused> {
        let shown = |name: &str| short_text(&self.path(name), self.text(name)?);
        let web = |name: &str| address(&self.path(name), self.text(name)?);
        let money = |name: &str| amount(&self.path(name), self.get(name), currency);
        let bound = |name: &str| self.text(name)?.map(|text| instant(&self.path(name), text)).transpose();
        let (price, sale_price) = (money("price")?, money("sale_price")?);
        let (from, until) = (bound("sale_from")?, bound("sale_until")?);
        if from.is_some() && until.is_some() && from >= until {
            return Err(Refused { field: self.path("sale_until"), reason: "is not after sale_from".to_owned() });
        }
        let availability = match self.text("availability")? {
            Some(text) => Some(Availability::parse(text).ok_or_else(|| Refused {
                field: self.path("availability"),
                reason: format!("must be one of {}", Availability::CODES.join(", ")),
            })?),
            None => None,
        };
        Ok(Statement {
            name: shown("name")?,
            url: web("url")?,
            image: web("image_url")?,
            brand: shown("brand")?,
            category: shown("category")?,
            sku: shown("sku")?,
            price,
            sale: sale_price.map(|price| Sale { price, from, until }),
            availability,
            reorder_days: reorder_days(&self.path("reorder_days"), self.get("reorder_days"))?,
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
        inventory_item: own.inventory_item.or(variant.inventory_item),
        is_sold_without_stock: own.is_sold_without_stock || variant.is_sold_without_stock,
    }
}

/// The currency of a code.
pub(crate) fn currency(field: &str, code: &str) -> Result<Currency, Refused> {
    Currency::parse(code).map_err(|error| Refused { field: field.to_owned(), reason: error.to_string() })
}

fn short_text(field: &str, text: Option<&str>) -> Result<Option<String>, Refused> {
    let Some(text) = text else { return Ok(None) };
    if text.chars().count() > MAX_TEXT_LEN || text.chars().any(char::is_control) {
        let reason = format!("is longer than {MAX_TEXT_LEN} characters or has control characters");
        return Err(Refused { field: field.to_owned(), reason });
    }
    Ok(Some(text.to_owned()))
}

/// An address that a mail may lead to or show: of the web, complete.
fn address(field: &str, text: Option<&str>) -> Result<Option<String>, Refused> {
    let Some(text) = text else { return Ok(None) };
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
