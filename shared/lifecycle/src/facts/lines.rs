//! What was bought or looked at, line by line.
//!
//! Lines are most of an order's bytes, and an order of five lines has to fit into one kilobyte. So a line is stored as a list of
//! its values in a fixed order, without names: product, variant, name, quantity, price, discount, stock-keeping unit. What was not
//! said is null, and left out at the end; an id of digits only is a number: `[8123456789012,"100 g","Green tea",2,1250,250]`.

use serde::de::Deserializer;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// One product of an order, a refund, a cart or a visit. What was not said is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The product, as the shop names it.
    pub product: Option<String>,
    /// Its variant: the shop's id of it, else its name.
    pub variant: Option<String>,
    /// What customers know it as.
    pub name: Option<String>,
    /// How much of it.
    pub quantity: Option<Quantity>,
    /// The price of one, in minor units of the currency of the whole.
    pub unit_price: Option<i64>,
    /// The discount on the whole line, in minor units.
    pub discount: Option<i64>,
    /// The stock-keeping unit, where it says more than the product's id.
    pub sku: Option<String>,
}

/// How much of a product, exactly to a thousandth: 2 pieces, 1.5 metres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    /// In thousandths.
    pub thousandths: i64,
}

/// The products of an event: the first of them, and how many there were in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// The lines that are kept, in the order in which the event had them; at most [`Lines::MAX_KEPT`].
    pub kept: Vec<Line>,
    /// How many more there were.
    pub left_out: u32,
    /// The quantity of all lines, of those that are left out too, where some are.
    pub units: Option<Quantity>,
}

/// The version of the stored form, which is written with every other one. A form of another version is read as no lines.
const VERSION: u64 = 1;

/// Most digits of an id that is stored as a number: a number of JSON is exact up to there for every reader.
const MAX_ID_DIGITS: usize = 15;

impl Line {
    /// Whether nothing is known of the product.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What the line cost, in minor units: price times quantity (of one piece if none is named) less the discount, never below zero.
    #[must_use]
    pub fn cost(&self) -> Option<i64> {
        let quantity = self.quantity.unwrap_or(Quantity::ONE).thousandths;
        let cost = i128::from(self.unit_price?) * i128::from(quantity);
        // Half a minor unit is rounded up.
        let rounded = i64::try_from((cost + 500).div_euclid(1_000)).ok()?;
        Some(rounded.saturating_sub(self.discount.unwrap_or(0)).max(0))
    }
}

impl Quantity {
    /// One piece.
    pub const ONE: Self = Self { thousandths: 1_000 };

    fn from_stored(stored: &Value) -> Option<Self> {
        let thousandths = match stored.as_i64() {
            Some(whole) => whole.checked_mul(1_000)?,
            #[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 becomes its limit")]
            None => (stored.as_f64()? * 1_000.0).round() as i64,
        };
        Some(Self { thousandths })
    }
}

impl Lines {
    /// How many lines are kept: those of nearly every order. An order with more keeps its first lines, so that it stays
    /// within three write units.
    pub const MAX_KEPT: usize = 20;

    /// Keeps the first lines.
    #[must_use]
    pub fn new(mut lines: Vec<Line>) -> Self {
        let left_out = u32::try_from(lines.len().saturating_sub(Self::MAX_KEPT)).unwrap_or(u32::MAX);
        let units = (left_out > 0).then(|| Quantity {
            thousandths: lines
                .iter()
                .fold(0, |sum: i64, line| sum.saturating_add(line.quantity.unwrap_or(Quantity::ONE).thousandths)),
        });
        lines.truncate(Self::MAX_KEPT);
        Self { kept: lines, left_out, units }
    }

    /// How many lines there were in all.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.kept.len()).unwrap_or(u32::MAX).saturating_add(self.left_out)
    }

    /// Whether no product was named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.left_out == 0
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.thousandths % 1_000 == 0 {
            return serializer.serialize_i64(self.thousandths / 1_000);
        }
        #[expect(clippy::cast_precision_loss, reason = "quantities are far below 2^53 thousandths")]
        serializer.serialize_f64(self.thousandths as f64 / 1_000.0)
    }
}

/// One value of a line, as it is stored.
#[derive(Serialize)]
#[serde(untagged)]
enum StoredValue<'l> {
    None,
    Number(i64),
    Text(&'l str),
    Quantity(Quantity),
}

impl<'l> StoredValue<'l> {
    fn of_id(id: Option<&'l str>) -> Self {
        let Some(id) = id else { return Self::None };
        let is_number = id.len() <= MAX_ID_DIGITS && id.bytes().all(|byte| byte.is_ascii_digit());
        // With leading zeros it would be another id.
        match id.parse() {
            Ok(number) if is_number && (id == "0" || !id.starts_with('0')) => Self::Number(number),
            _ => Self::Text(id),
        }
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { product, variant, name, quantity, unit_price, discount, sku } = self;
        let values = [
            StoredValue::of_id(product.as_deref()),
            StoredValue::of_id(variant.as_deref()),
            name.as_deref().map_or(StoredValue::None, StoredValue::Text),
            quantity.map_or(StoredValue::None, StoredValue::Quantity),
            unit_price.map_or(StoredValue::None, StoredValue::Number),
            discount.map_or(StoredValue::None, StoredValue::Number),
            StoredValue::of_id(sku.as_deref()),
        ];
        let said = values.iter().rposition(|value| !matches!(value, StoredValue::None)).map_or(0, |last| last + 1);
        serializer.collect_seq(&values[..said])
    }
}

impl Line {
    /// Reads the stored form. A value of a type that this version does not know counts as not said.
    fn from_stored(stored: &Value) -> Self {
        let text = |place: usize| stored.get(place).and_then(Value::as_str).map(str::to_owned);
        let number = |place: usize| stored.get(place).and_then(Value::as_i64);
        let id = |place: usize| text(place).or_else(|| number(place).map(|id| id.to_string()));
        Self {
            product: id(0),
            variant: id(1),
            name: text(2),
            quantity: stored.get(3).and_then(Quantity::from_stored),
            unit_price: number(4),
            discount: number(5),
            sku: id(6),
        }
    }
}

#[derive(Serialize)]
struct Stored<'l> {
    l: &'l [Line],
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<Quantity>,
}

impl Serialize for Lines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let n = (self.left_out > 0).then_some(self.left_out);
        Stored { l: &self.kept, n, q: self.units }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Lines {
    /// An order counts whatever its lines look like, so nothing about them is an error.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Value::deserialize(deserializer)?;
        if stored.get("v").is_some_and(|version| version.as_u64() != Some(VERSION)) {
            return Ok(Self::default());
        }
        let kept = stored.get("l").and_then(Value::as_array).map(|lines| lines.iter().map(Line::from_stored).collect());
        let left_out = stored.get("n").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        let units = stored.get("q").and_then(Quantity::from_stored);
        Ok(Self { kept: kept.unwrap_or_default(), left_out: left_out.unwrap_or(0), units })
    }
}
