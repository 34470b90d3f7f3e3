//! A name and an address as a mail header writes them.

use base64ct::{Base64, Encoding};
use rekindle_lifecycle::contact::EmailAddress;

/// `Name <address>`: the name quoted (RFC 5322 3.2.4), or encoded when it is not ASCII (RFC 2047). The
/// caller has checked that it has no control characters; they would be encoded, never written.
pub(super) fn mailbox(name: &str, address: &EmailAddress) -> String {
    let plain = name.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    // "=?" at the start of a word would be taken for an encoded word.
    let name = if plain && !name.contains("=?") { quoted(name) } else { encoded_words(name) };
    format!("{name} <{}>", address.as_str())
}

fn quoted(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('"');
    for c in name.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// Each word has at most 75 characters, of which 12 are brackets and the charset: 45 bytes before base 64.
/// No character is split between two words.
fn encoded_words(name: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut chunk = String::new();
    for c in name.chars() {
        if chunk.len() + c.len_utf8() > 45 {
            words.push(encoded_word(&chunk));
            chunk.clear();
        }
        chunk.push(c);
    }
    words.push(encoded_word(&chunk));
    words.join(" ")
}

fn encoded_word(chunk: &str) -> String {
    format!("=?UTF-8?B?{}?=", Base64::encode_string(chunk.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> String {
        mailbox(name, &EmailAddress::parse("a@example.com").expect("an address"))
    }

    #[test]
    fn names_are_quoted_or_encoded() {
        assert_eq!(shown("Anna"), r#""Anna" <a@example.com>"#);
        assert_eq!(shown(r#"Vinyl, "Co" \ <x@y.z>"#), r#""Vinyl, \"Co\" \\ <x@y.z>" <a@example.com>"#);
        assert_eq!(shown("Анна"), "=?UTF-8?B?0JDQvdC90LA=?= <a@example.com>");
        assert_eq!(shown("=?UTF-8?B?eA==?="), "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?= <a@example.com>");
        assert!(!shown("a\r\nBcc: b").contains(['\r', '\n']));
    }

    #[test]
    fn long_names_become_words_of_at_most_75_characters_that_decode_to_the_name() {
        let name = "Мастерская «Ёлка» 🎄 и друзья из Нижнего Новгорода";
        let header = shown(name);
        let words: Vec<&str> = header.split(' ').filter(|w| w.starts_with("=?")).collect();
        assert!(words.len() > 1 && words.iter().all(|w| w.len() <= 75), "{words:?}");
        let decoded: String = words
            .iter()
            .map(|w| w.trim_start_matches("=?UTF-8?B?").trim_end_matches("?="))
            .map(|w| String::from_utf8(Base64::decode_vec(w).expect("base 64")).expect("whole characters"))
            .collect();
        assert_eq!(decoded, name);
    }
}
