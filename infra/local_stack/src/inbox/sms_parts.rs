//! The number of parts in which a text is sent, by 3GPP TS 23.038: 160 GSM-7 characters or 70 UTF-16 units in one part, 153 or 67 in
//! each of several.

/// The GSM-7 default alphabet.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension; each of these characters counts twice.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// The number of parts of a text, and the alphabet that it needs.
pub(super) fn count(text: &str) -> (usize, &'static str) {
    let places = text.chars().try_fold(0, |sum, character| {
        if BASIC.contains(character) { Some(sum + 1) } else { EXTENDED.contains(character).then_some(sum + 2) }
    });
    match places {
        Some(places) => (parts(places, 160, 153), "GSM-7"),
        None => (parts(text.encode_utf16().count(), 70, 67), "Unicode"),
    }
}

fn parts(places: usize, alone: usize, each: usize) -> usize {
    if places <= alone { 1 } else { places.div_ceil(each) }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn parts_follow_the_alphabet_that_the_text_needs() {
        for (text, expected) in [
            ("a".repeat(160), (1, "GSM-7")),
            ("a".repeat(161), (2, "GSM-7")),
            ("a".repeat(307), (3, "GSM-7")),
            ("€".repeat(80), (1, "GSM-7")),
            ("€".repeat(81), (2, "GSM-7")),
            ("я".repeat(70), (1, "Unicode")),
            ("я".repeat(71), (2, "Unicode")),
            ("😀".repeat(36), (2, "Unicode")),
        ] {
            assert_eq!(count(&text), expected, "{} characters", text.chars().count());
        }
    }
}
