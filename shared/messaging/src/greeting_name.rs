//! The name to greet a customer with, and text on one line.

/// Most characters of a name.
const MAX_NAME_CHARS: usize = 40;

/// Signs that look like a full stop, which the mapping of domain names makes none of: of typography, and of Arabic, Syriac, Lisu,
/// Vai and other scripts.
const DOT_LIKE: [char; 16] = [
    '\u{0589}',
    '\u{0660}',
    '\u{06d4}',
    '\u{06f0}',
    '\u{0701}',
    '\u{0702}',
    '\u{1362}',
    '\u{2024}',
    '\u{2027}',
    '\u{fe12}',
    '\u{fe52}',
    '\u{ff0e}',
    '\u{a4f8}',
    '\u{a60e}',
    '\u{10a50}',
    '\u{1d16d}',
];

/// The name to greet with, if the text can be one. Sign-up forms are abused to put advertisements into
/// other people's mail by way of the name, and mail programs turn `evil.com` into a link by themselves: a
/// text with a web or mail address in it, however its signs are written, or longer than 40 characters, is not a name.
#[must_use]
pub fn greeting_name(text: &str) -> Option<String> {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let name = printable(&seen, MAX_NAME_CHARS + 1);
    let is_short = name.chars().count() <= MAX_NAME_CHARS;
    let has_letters = name.chars().any(char::is_alphanumeric);
    (has_letters && is_short && !looks_like_a_link(&name)).then_some(name)
}

/// Whether a program, or a person, could take a part of the text for a web or mail address.
fn looks_like_a_link(text: &str) -> bool {
    text.split_whitespace().any(|word| is_linked(word) || is_linked(&plainly_written(word)))
}

fn is_linked(word: &str) -> bool {
    let is_address = word.contains("://") || word.contains('@') || word.to_lowercase().contains("www.");
    // "J.R. Smith" is a name and "evil.com" is not: two letters or more on both sides of the dot.
    let labels: Vec<&str> = word.split('.').collect();
    let is_domain = labels
        .windows(2)
        .any(|pair| pair[0].chars().count() > 1 && pair[1].chars().take_while(|c| c.is_alphanumeric()).count() > 1);
    is_address || is_domain
}

/// A word as it looks: without what cannot be seen, and with one sign for all that look alike. What browsers do with the name of
/// a host (UTS 46) makes plain letters and signs of full-width, small, mathematical and circled ones.
fn plainly_written(word: &str) -> String {
    let seen = word.chars().filter(|c| !is_invisible(*c) && !joins(*c));
    let plain: String = seen
        .map(|c| match c {
            c if DOT_LIKE.contains(&c) => '.',
            '\u{2044}' | '\u{2215}' | '\u{2571}' | '\u{29f8}' | '\u{ff0f}' => '/',
            '\u{02d0}' | '\u{2236}' | '\u{a789}' | '\u{fe13}' | '\u{fe55}' | '\u{ff1a}' => ':',
            '\u{fe6b}' | '\u{ff20}' => '@',
            c => c,
        })
        .collect();
    idna::domain_to_unicode(&plain).0
}

/// The text on one line: white space becomes single spaces; control characters and the invisible ones
/// that turn the direction of writing around are dropped.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word: String = word.chars().filter(|c| !turns_direction(*c)).take(limit).collect();
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
            if line.chars().count() > limit {
                break;
            }
        }
    }
    line.chars().take(limit).collect()
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
}

/// Characters that are not seen and that no name needs.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Characters that are not seen, and that some scripts and emoji need inside a word.
fn joins(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_and_other_texts_are_left_out() {
        for (text, kept) in [
            ("Anna", "Anna"),
            ("  Мария\tЛуиза ", "Мария Луиза"),
            ("J.R. Smith", "J.R. Smith"),
            ("Zoë 🎷", "Zoë 🎷"),
            ("An\u{0}na\r\nBcc: x", "An na Bcc: x"),
            ("\u{202e}annA", "annA"),
            ("<b>Anna</b>", "<b>Anna</b>"),
            ("{{ 7 * 7 }}", "{{ 7 * 7 }}"),
            ("Ａｎｎａ", "Ａｎｎａ"),
            ("Gal·la", "Gal·la"),
            ("山田・太郎", "山田・太郎"),
            ("علی\u{200c}رضا", "علی\u{200c}رضا"),
            ("👩\u{200d}👧 Anna", "👩\u{200d}👧 Anna"),
            ("An\u{200b}na\u{e0041}", "Anna"),
            ("Anne-Marie", "Anne-Marie"),
            ("O’Neil", "O’Neil"),
        ] {
            assert_eq!(greeting_name(text).as_deref(), Some(kept), "{text:?}");
        }
        for text in
            ["", " ", "\u{0}", "🎷", "-", "WIN now at evil.com", "https://evil", "a@b", "WWW.x", &"x".repeat(41)]
        {
            assert_eq!(greeting_name(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_address_is_known_however_its_signs_are_written() {
        for text in [
            "evil․com",
            "evil。com",
            "evil．com",
            "evil｡com",
            "evil﹒com",
            "evil\u{a4f8}com",
            "evil\u{6d4}com",
            "ｅｖｉｌ．ｃｏｍ",
            "ⓔⓥⓘⓛ.ⓒⓞⓜ",
            "𝐞𝐯𝐢𝐥.𝐜𝐨𝐦",
            "evil.\u{200b}com",
            "evil.\u{200d}com",
            "evil.\u{ad}com",
            "evil.\u{2060}c\u{fe0f}om",
            "evil.\u{202e}com",
            "evil\u{e0041}.\u{34f}com",
            "evil.c\u{301}om",
            "ｗｗｗ．x",
            "w\u{200b}ww.x",
            "a＠b",
            "a﹫b",
            "https：／／evil",
            "https:\u{2044}\u{2044}evil",
            "Anna evil․com",
        ] {
            assert_eq!(greeting_name(text), None, "{text:?}");
        }
    }
}
