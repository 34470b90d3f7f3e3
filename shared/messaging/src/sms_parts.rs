//! How many parts a text message is sent, and paid, in.

use serde::{Deserialize, Serialize};

/// The alphabet that a text message travels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsEncoding {
    /// The GSM 7-bit default alphabet with its extension table (3GPP TS 23.038, 6.2.1).
    Gsm7,
    /// UTF-16: as soon as one character is not in the GSM alphabet.
    Ucs2,
}

/// A text's alphabet and its parts. One part holds 160 (GSM) or 70 (UCS-2) characters, each of several
/// parts 153 or 67: the rest says how the parts belong together. A character of the extension table
/// counts twice, one outside of the basic plane (an emoji) too; neither is cut in half at the end of a
/// part.
#[must_use]
pub fn sms_parts(text: &str) -> (SmsEncoding, u32) {
    let gsm: Option<Vec<usize>> = text.chars().map(gsm_septets).collect();
    match gsm {
        Some(widths) => (SmsEncoding::Gsm7, parts(&widths, 160, 153)),
        None => {
            let widths: Vec<usize> = text.chars().map(char::len_utf16).collect();
            (SmsEncoding::Ucs2, parts(&widths, 70, 67))
        }
    }
}

fn parts(widths: &[usize], alone: usize, joined: usize) -> u32 {
    if widths.iter().sum::<usize>() <= alone {
        return 1;
    }
    let (mut parts, mut used) = (1, 0);
    for width in widths {
        if used + width > joined {
            parts += 1;
            used = 0;
        }
        used += width;
    }
    parts
}

fn gsm_septets(c: char) -> Option<usize> {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
        ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENSION: &str = "\u{c}^{}\\[~]|€";
    if BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SmsEncoding::{Gsm7, Ucs2};

    #[test]
    fn the_alphabet_has_127_characters_and_an_extension_of_10() {
        // 128 code points, of which one is the escape to the extension.
        let count = |width| (0..=0xffff).filter_map(char::from_u32).filter(|c| gsm_septets(*c) == Some(width)).count();
        assert_eq!((count(1), count(2)), (127, 10));
    }

    #[test]
    fn parts_change_at_the_documented_lengths() {
        for (text, expected) in [
            (String::new(), (Gsm7, 1)),
            ("a".repeat(160), (Gsm7, 1)),
            ("a".repeat(161), (Gsm7, 2)),
            ("a".repeat(306), (Gsm7, 2)),
            ("a".repeat(307), (Gsm7, 3)),
            ("€".repeat(80), (Gsm7, 1)),
            ("€".repeat(81), (Gsm7, 2)),
            ("ж".repeat(70), (Ucs2, 1)),
            ("ж".repeat(71), (Ucs2, 2)),
            ("ж".repeat(134), (Ucs2, 2)),
            ("ж".repeat(135), (Ucs2, 3)),
            ("🎷".repeat(35), (Ucs2, 1)),
            ("🎷".repeat(36), (Ucs2, 2)),
            // 33 of 67 units hold a pair each; the last unit of a part cannot hold half of one.
            ("🎷".repeat(66), (Ucs2, 2)),
            ("🎷".repeat(67), (Ucs2, 3)),
            // 152 septets and an extension character of two: the second part begins early.
            (format!("{}€{}", "a".repeat(152), "a".repeat(151)), (Gsm7, 2)),
            (format!("{}€{}", "a".repeat(152), "a".repeat(152)), (Gsm7, 3)),
            ("don’t".to_owned(), (Ucs2, 1)),
        ] {
            assert_eq!(sms_parts(&text), expected, "{} characters of {:?}", text.chars().count(), text.chars().next());
        }
    }
}
