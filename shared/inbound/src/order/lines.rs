//! The products that an event names.

use super::amount;
use crate::fields::{Field, Fields, clean};
use crate::lenient::LenientReader;
use rekindle_lifecycle::facts::{LeftOutReason, Line, Lines, Quantity};
use rekindle_lifecycle::money::Currency;
use serde_json::Value;

/// Longest id of a product, in characters; a longer one is left out, since a part of it would be that of another product.
const MAX_ID_LEN: usize = 64;
/// Longest name that is kept, in characters; a longer one is cut.
const MAX_NAME_LEN: usize = 80;

/// Where an event lists its products.
const LISTS: &[&str] = &["products", "lineitems", "items", "orderitems", "cartitems", "contents"];

/// The products of an event.
#[derive(Debug, Default)]
pub(crate) struct Products {
    /// Those that are kept.
    pub(crate) lines: Lines,
    /// What all of them cost, also those that are not kept, where every one has a price.
    pub(crate) cost: Option<i64>,
    /// The discounts on them in all.
    pub(crate) discounts: i64,
    /// Whether any were named.
    pub(crate) are_named: bool,
}

/// The list of products; it may have been written as a text of JSON.
pub(crate) fn list<'v>(find: impl Fn(&[&str]) -> Option<Field<'v>>) -> Option<Field<'v>> {
    LISTS.iter().find_map(|name| find(&[name]).filter(|field| field.value.is_array()))
}

/// Reads a list of products. What is wrong with one of them costs no other.
pub(crate) fn read(list: Option<&Field<'_>>, currency: Currency, reader: &mut LenientReader) -> Products {
    let Some(list) = list else { return Products::default() };
    let empty = Vec::new();
    let values = list.value.as_array().unwrap_or(&empty);
    let mut remarks = Remarks::default();
    let lines: Vec<Line> = values
        .iter()
        .filter_map(|value| Fields::from_value(value, "").ok())
        .map(|fields| line(&fields, currency, &mut remarks))
        .filter(|line| !line.is_empty())
        .collect();
    remarks.write(&list.path, reader);
    let costs: Option<Vec<i64>> = lines.iter().map(Line::cost).collect();
    let cost = costs.filter(|costs| !costs.is_empty()).map(|costs| costs.into_iter().fold(0, i64::saturating_add));
    let discounts = lines.iter().filter_map(|line| line.discount).fold(0, i64::saturating_add);
    let are_named = !values.is_empty();
    let lines = Lines::new(lines);
    if lines.left_out > 0 {
        let (all, kept) = (u64::from(lines.left_out) + lines.kept.len() as u64, lines.kept.len());
        reader.warn(
            &list.path,
            format!("has {all} products; the first {kept} are kept, with the number and the total of all"),
        );
        reader.note(&list.path, LeftOutReason::TooLong, list.value);
    }
    Products { lines, cost, discounts, are_named }
}

/// What is wrong with some of the lines, for one remark about all of them.
#[derive(Default)]
struct Remarks {
    unreadable: Vec<String>,
    rounded: bool,
    cut: bool,
}

impl Remarks {
    fn write(mut self, path: &str, reader: &mut LenientReader) {
        self.unreadable.sort_unstable();
        self.unreadable.dedup();
        for name in self.unreadable {
            reader.warn(path, format!("has products whose {name} cannot be read; it is left out"));
        }
        if self.rounded {
            reader.warn(path, "has prices with more decimal places than the currency; they were rounded");
        }
        if self.cut {
            reader.warn(path, format!("has names longer than {MAX_NAME_LEN} characters; they were cut"));
            reader.note(path, LeftOutReason::TooLong, &Value::Null);
        }
    }
}

/// Reads what an object says of one product.
pub(crate) fn single(fields: &Fields<'_>, currency: Currency, reader: &mut LenientReader) -> Line {
    let mut remarks = Remarks::default();
    let line = line(fields, currency, &mut remarks);
    remarks.write("properties", reader);
    line
}

fn line(fields: &Fields<'_>, currency: Currency, remarks: &mut Remarks) -> Line {
    let mut id = |names: &[&str]| {
        let field = fields.find(names)?;
        let id = field.identity().ok().and_then(|id| clean(&id, MAX_ID_LEN + 1));
        let id = id.filter(|id| id.chars().count() <= MAX_ID_LEN);
        if id.is_none() {
            remarks.unreadable.push(names[0].to_owned());
        }
        id
    };
    let sku = id(&["sku", "itemsku"]);
    let product = id(&["productid", "itemid", "id"]).or_else(|| sku.clone());
    // WooCommerce writes 0 for none.
    let variant = id(&["variantid", "variationid"]).filter(|id| id != "0");
    let variant = variant.or_else(|| text(fields, &["variant", "varianttitle", "itemvariant"], remarks));
    Line {
        sku: sku.filter(|sku| Some(sku) != product.as_ref()),
        product,
        variant: variant.filter(|variant| !variant.is_empty()),
        name: text(fields, &["name", "title", "productname", "itemname"], remarks),
        quantity: quantity(fields, remarks),
        unit_price: money(fields, &["price", "unitprice", "itemprice"], currency, remarks),
        discount: money(fields, &["discount", "discountamount", "totaldiscount"], currency, remarks),
    }
}

fn text(fields: &Fields<'_>, names: &[&str], remarks: &mut Remarks) -> Option<String> {
    let field = fields.find(names)?;
    let text = field.value.as_str().and_then(|text| clean(text, usize::MAX))?;
    if text.chars().count() <= MAX_NAME_LEN {
        return Some(text);
    }
    remarks.cut = true;
    clean(&text, MAX_NAME_LEN)
}

fn quantity(fields: &Fields<'_>, remarks: &mut Remarks) -> Option<Quantity> {
    /// More of one product is a mistake.
    const MAX: f64 = 1e9;
    let field = fields.find(&["quantity", "qty"])?;
    let number = match field.value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().replace(',', ".").parse().ok(),
        _ => None,
    };
    let Some(number) = number.filter(|number: &f64| number.is_finite() && (0.0..MAX).contains(&number.abs())) else {
        remarks.unreadable.push("quantity".to_owned());
        return None;
    };
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    // What goes back is counted below zero by some systems.
    let thousandths = (number.abs() * 1_000.0).round() as i64;
    Some(Quantity { thousandths })
}

fn money(fields: &Fields<'_>, names: &[&str], currency: Currency, remarks: &mut Remarks) -> Option<i64> {
    let field = fields.find(names)?;
    match amount::read(field.value, currency) {
        Ok(amount) => {
            remarks.rounded |= amount.is_rounded;
            Some(amount.minor)
        }
        Err(_) => {
            remarks.unreadable.push(names[0].to_owned());
            None
        }
    }
}
