//! Text that is nearly JSON in UTF-8: a byte of another encoding, or half of an emoji, costs the character and not the event.

use std::borrow::Cow;

/// Stands for what could not be read.
pub(crate) const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// The text of bytes, without a byte order mark, and whether characters of it were replaced.
pub(crate) fn text(bytes: Vec<u8>) -> (String, bool) {
    let (mut text, is_repaired) = match String::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
    };
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    (text, is_repaired)
}

/// JSON in which the escapes of lone surrogates (`\ud83d` without what follows it) are replaced; borrowed if there are none.
pub(crate) fn surrogates(json: &str) -> Cow<'_, str> {
    let mut repaired = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(found) = json[at..].find('\\') {
        let escape = at + found;
        let unit = unit(json, escape);
        let is_pair = unit.is_some_and(is_leading) && self::unit(json, escape + ESCAPE).is_some_and(is_trailing);
        at = match unit {
            Some(_) if is_pair => escape + 2 * ESCAPE,
            Some(unit) if is_leading(unit) || is_trailing(unit) => {
                repaired.push_str(&json[kept..escape]);
                repaired.push_str("\\ufffd");
                kept = escape + ESCAPE;
                kept
            }
            Some(_) => escape + ESCAPE,
            // The character after a backslash may be a long one.
            None => escape + 1 + json[escape + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    repaired.push_str(&json[kept..]);
    Cow::Owned(repaired)
}

/// Length of an escape such as `\ud83d`.
const ESCAPE: usize = 6;

/// The code unit of an escape that begins here.
fn unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

fn is_leading(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

fn is_trailing(unit: u16) -> bool {
    (0xdc00..0xe000).contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_emojis_are_replaced_and_whole_ones_and_other_escapes_stay() {
        for (json, expected) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\udc4d x \uD83D""#, r#""\ufffd x \ufffd""#),
            (r#""\ud83d\ud83d\udc4d""#, r#""\ufffd\ud83d\udc4d""#),
            (r#""\ud83d\udc4d \u00e9 \n \\ud83d ü\"""#, r#""\ud83d\udc4d \u00e9 \n \\ud83d ü\"""#),
            (r#""\ud8"#, r#""\ud8"#),
            ("\"\\", "\"\\"),
            ("\"\\é", "\"\\é"),
        ] {
            assert_eq!(surrogates(json), expected);
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_character_and_a_byte_of_another_encoding_is_one() {
        assert_eq!(text(b"\xef\xbb\xbf{}".to_vec()), ("{}".to_owned(), false));
        assert_eq!(text(b"{\"Ren\xe9\":1}".to_vec()), ("{\"Ren\u{fffd}\":1}".to_owned(), true));
    }
}
