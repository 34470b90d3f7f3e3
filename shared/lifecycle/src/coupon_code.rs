//! Codes of coupons: how they are stored and found, however they were typed.

use crate::short_code;
use crate::typed_code::letters_and_digits;

/// Returns the form under which a coupon is stored and found: the letters and digits, and before the eight characters of a generated
/// code a hyphen, as it is printed. Two codes that differ only in how they are typed have the same.
#[must_use]
pub fn stored_form(text: &str) -> String {
    let text = letters_and_digits(text);
    match generated(&text) {
        Some((prefix, code)) => format!("{prefix}-{code}"),
        None => text,
    }
}

/// Whether a typed code has the form of a generated coupon: a prefix and a code whose check character is right.
#[must_use]
pub fn is_generated(text: &str) -> bool {
    generated(&letters_and_digits(text)).is_some()
}

fn generated(text: &str) -> Option<(&str, String)> {
    let (start, _) = text.char_indices().nth_back(short_code::LENGTH - 1)?;
    let (prefix, code) = text.split_at(start);
    let code = short_code::mend(code);
    (!prefix.is_empty() && short_code::is_valid(&code)).then_some((prefix, code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ways in which one sign is typed, all of them meant as the same.
    fn typed(c: char, way: usize) -> String {
        let cyrillic = |c: char| "ABEKMHOPCTYX".chars().zip("АВЕКМНОРСТУХ".chars()).find(|(latin, _)| *latin == c);
        let cyrillic = cyrillic(c).map_or(c, |(_, foreign)| foreign);
        match way {
            0 => c.to_lowercase().collect(),
            1 => char::from_u32(u32::from(c) + 0xFEE0).into_iter().collect(),
            2 => cyrillic.to_string(),
            3 => cyrillic.to_lowercase().collect(),
            4 => format!("\u{200b}{c}\u{ad}"),
            _ => c.to_string(),
        }
    }

    #[test]
    fn a_generated_coupon_has_the_form_in_which_it_is_printed() {
        let code = short_code::encode(123_456_789);
        let printed = format!("BACK-{code}");
        for typed in [
            printed.clone(),
            printed.to_lowercase(),
            printed.replace('-', ""),
            printed.replace('-', " "),
            printed.replace('-', "\u{2011}"),
            printed.replace('-', "–"),
            printed.replace('-', "\u{2212}"),
            printed.replace('-', "_"),
            format!(" „{}“. ", printed.replace('-', " — ")),
            format!("ВАСК-{code}"),
        ] {
            assert_eq!(stored_form(&typed), printed, "{typed}");
            assert!(is_generated(&typed), "{typed}");
        }
    }

    #[test]
    fn a_code_of_the_shops_own_keeps_its_letters_and_digits_and_nothing_is_guessed() {
        for (typed, form) in [
            ("summer-10", "SUMMER10"),
            ("SUMMER10", "SUMMER10"),
            ("Summer_1.0", "SUMMER10"),
            ("SUMMERIO", "SUMMERIO"),
            ("ÄPFEL5", "ÄPFEL5"),
            ("", ""),
            ("--", ""),
        ] {
            assert_eq!(stored_form(typed), form);
            assert!(!is_generated(typed));
        }
        assert!(!is_generated(&short_code::encode(77)), "a referral code is no coupon");
    }

    proptest! {
        #[test]
        fn a_code_is_the_same_however_each_of_its_signs_is_typed(
            number in any::<u64>(), prefix in "[A-Z0-9]{1,20}", ways in prop::collection::vec(0_usize..6, 40),
            between in "[ \u{2010}-\u{2015}\u{2212}\u{a0}_.-]{0,3}",
        ) {
            let code = short_code::encode(number);
            let write = |text: &str, ways: &[usize]| -> String {
                text.chars().zip(ways).map(|(c, way)| typed(c, *way)).collect()
            };
            let coupon = format!("{}{between}{}", write(&prefix, &ways), write(&code, &ways[20..]));
            prop_assert_eq!(stored_form(&coupon), format!("{prefix}-{code}"));
            prop_assert_eq!(short_code::normalise(&format!("{between}{}", write(&code, &ways))), code);
        }

        #[test]
        fn the_form_of_a_form_is_itself(text in "\\PC{0,40}") {
            let form = stored_form(&text);
            prop_assert_eq!(&stored_form(&form), &form);
        }
    }
}
