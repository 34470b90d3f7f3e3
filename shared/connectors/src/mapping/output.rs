//! The event that a rule fills.

use super::values::{MAX_TEXT_LEN, elements};
use crate::reading::FieldError;
use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::{Value as Json, json};

/// Longest event, in bytes of JSON.
const MAX_EVENT_BYTES: usize = 30_000;
/// Longest list of texts in one field.
const MAX_LIST_LEN: usize = 100;

/// The value of a field: a text, a number, yes or no, or a list of them. Nothing if it says nothing.
pub(super) fn field(path: &str, value: &Value) -> Result<Option<Json>, FieldError> {
    let refused = |reason: &str| FieldError::new(path, reason);
    Ok(match value.kind() {
        ValueKind::Undefined | ValueKind::None => None,
        ValueKind::Bool => Some(json!(value.is_true())),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            if text.len() > MAX_TEXT_LEN {
                return Err(refused("is too long"));
            }
            Some(text.trim()).filter(|text| !text.is_empty()).map(|text| json!(text))
        }
        ValueKind::Number => Some(number(value).ok_or_else(|| refused("is a number that cannot be written"))?),
        ValueKind::Seq => {
            let mut list = Vec::new();
            for element in elements(value).take(MAX_LIST_LEN) {
                if element.kind() == ValueKind::Seq {
                    return Err(refused("is a list of lists"));
                }
                list.extend(field(path, &element)?);
            }
            (!list.is_empty()).then(|| list.into())
        }
        _ => return Err(refused("is an object; name one of its members")),
    })
}

fn number(value: &Value) -> Option<Json> {
    if value.is_integer() {
        let integer = i128::try_from(value.clone()).ok()?;
        let json = i64::try_from(integer).map(Json::from).or_else(|_| u64::try_from(integer).map(Json::from));
        // Of more digits than a number of JSON keeps.
        return Some(json.unwrap_or_else(|_| Json::from(integer.to_string())));
    }
    serde_json::Number::from_f64(f64::try_from(value.clone()).ok()?).map(Json::Number)
}

/// Puts a value at a path. What stands there already and is no object stays.
pub(super) fn put(event: &mut Json, path: &str, value: Json) {
    let mut place = event;
    let mut parts = path.split('.').peekable();
    while let Some(part) = parts.next() {
        let Some(object) = place.as_object_mut() else { return };
        if parts.peek().is_none() {
            object.insert(part.to_owned(), value);
            return;
        }
        place = object.entry(part).or_insert_with(|| json!({}));
    }
}

pub(super) fn at<'j>(event: &'j Json, path: &str) -> Option<&'j Json> {
    path.split('.').try_fold(event, |place, part| place.get(part))
}

/// Drops elements of lists from the end until the event is short enough to be taken.
pub(super) fn shorten<'p>(
    event: &mut Json,
    lists: impl Iterator<Item = &'p String>,
    warnings: &mut Vec<FieldError>,
) -> Result<(), FieldError> {
    for path in lists {
        let pointer = format!("/{}", path.replace('.', "/"));
        let all = event.pointer(&pointer).and_then(Json::as_array).map_or(0, Vec::len);
        let mut kept = all;
        while kept > 0 && event.to_string().len() > MAX_EVENT_BYTES {
            kept = (kept * 3 / 4).min(kept - 1);
            if let Some(list) = event.pointer_mut(&pointer).and_then(Json::as_array_mut) {
                list.truncate(kept);
            }
        }
        if kept < all {
            warnings.push(FieldError::new(path, format!("has {all} elements, of which the first {kept} are kept")));
        }
    }
    if event.to_string().len() > MAX_EVENT_BYTES {
        return Err(FieldError::new("", format!("becomes an event of more than {MAX_EVENT_BYTES} bytes")));
    }
    Ok(())
}
