//! Codes as people type them: in small letters, with spaces or any kind of hyphen between the groups, with the full-width signs of an
//! East Asian keyboard, with Cyrillic or Greek letters that look like Latin ones.
//!
//! Every code that the engine issues has Latin letters and digits only, so a letter that looks like one of them can only be meant as
//! it. Digits and letters that look like each other (0 and O) are both possible in codes of a shop's own and stay as they are.

/// Letters of other scripts, in capitals, that look like a Latin letter or a digit, and what they look like.
const LOOK_ALIKES: [(&str, &str); 2] = [("АВЕЅІЈКМНОРСТУХЗ", "ABESIJKMHOPCTYX3"), ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")];

/// Returns the letters and digits of a typed code in capitals. Spaces, hyphens, other punctuation and invisible signs are left out;
/// letters that look like Latin ones are replaced by them, and other letters stay.
#[must_use]
pub fn letters_and_digits(text: &str) -> String {
    text.chars().map(narrow).flat_map(char::to_uppercase).filter(|c| c.is_alphanumeric()).map(latin).collect()
}

/// The ASCII form of a full-width sign (Unicode's block "Halfwidth and Fullwidth Forms"), every other character as it is.
fn narrow(c: char) -> char {
    match u32::from(c) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn latin(c: char) -> char {
    let meant = |(foreign, latin): &(&str, &str)| {
        let place = foreign.chars().position(|known| known == c)?;
        latin.chars().nth(place)
    };
    if c.is_ascii() { c } else { LOOK_ALIKES.iter().find_map(meant).unwrap_or(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_stand_beside_what_they_look_like() {
        for (foreign, latin) in LOOK_ALIKES {
            assert_eq!(foreign.chars().count(), latin.len());
        }
    }

    #[test]
    fn the_letters_and_digits_of_a_code_are_found_in_every_notation() {
        for (typed, found) in [
            ("summer-10", "SUMMER10"),
            (" Summer_1.0\u{200b}", "SUMMER10"),
            ("ＳＵＭＭＥＲ１０", "SUMMER10"),
            ("ѕuммer–10", "SUMMER10"),
            ("SUMMERIO", "SUMMERIO"),
            ("Äpfel5", "ÄPFEL5"),
            ("--", ""),
        ] {
            assert_eq!(letters_and_digits(typed), found, "{typed}");
        }
    }
}
