//! `Name <address>` as a mail program shows it: without quotes (RFC 5322), with encoded words decoded (RFC 2047).

use base64ct::{Base64, Encoding};

/// The form that people read. Parts that cannot be decoded stay as they are.
pub(super) fn readable(given: &str) -> String {
    match given.rsplit_once('<') {
        Some((name, address)) if !name.trim().is_empty() => format!("{} <{address}", readable_name(name.trim())),
        _ => given.to_owned(),
    }
}

fn readable_name(name: &str) -> String {
    match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => unescaped(quoted),
        None => decoded(name),
    }
}

/// Removes the backslashes before quotes and backslashes.
fn unescaped(quoted: &str) -> String {
    let mut name = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        name.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    name
}

/// Decodes encoded words. The space between two of them is not part of the name.
fn decoded(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    let mut was_encoded = false;
    for (at, word) in name.split(' ').enumerate() {
        let decoded = encoded_word(word);
        let joins = was_encoded && decoded.is_some();
        if at > 0 && !joins {
            shown.push(' ');
        }
        was_encoded = decoded.is_some();
        shown.push_str(decoded.as_deref().unwrap_or(word));
    }
    shown
}

/// Decodes `=?UTF-8?B?…?=` or `=?UTF-8?Q?…?=`.
fn encoded_word(word: &str) -> Option<String> {
    let mut parts = word.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => Base64::decode_vec(text).ok()?,
        "Q" | "q" => quoted_printable(text.as_bytes())?,
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

fn quoted_printable(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'_' => b' ',
            b'=' => {
                let digits = [*rest.next()?, *rest.next()?];
                *base16ct::mixed::decode_vec(digits).ok()?.first()?
            }
            other => other,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn names_are_shown_as_a_mail_program_shows_them() {
        for (given, shown) in [
            ("a@shop.example", "a@shop.example"),
            ("<a@shop.example>", "<a@shop.example>"),
            ("Kettle & Co <a@shop.example>", "Kettle & Co <a@shop.example>"),
            ("\"Kettle, \\\"Co\\\"\" <a@shop.example>", "Kettle, \"Co\" <a@shop.example>"),
            ("=?UTF-8?B?0JDQvdC90LA=?= <a@shop.example>", "Анна <a@shop.example>"),
            ("=?utf-8?b?0JDQvQ==?= =?UTF-8?B?0L3QsA==?= & Co <a@shop.example>", "Анна & Co <a@shop.example>"),
            ("The =?UTF-8?Q?Caf=C3=A9_Noir?= <a@shop.example>", "The Café Noir <a@shop.example>"),
            ("=?KOI8-R?B?4Q==?= <a@shop.example>", "=?KOI8-R?B?4Q==?= <a@shop.example>"),
            ("=?UTF-8?B?!?= <a@shop.example>", "=?UTF-8?B?!?= <a@shop.example>"),
        ] {
            assert_eq!(readable(given), shown);
        }
    }
}
