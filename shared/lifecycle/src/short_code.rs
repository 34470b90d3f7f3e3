//! Codes that people type and read aloud: referral codes and coupons.
//!
//! Eight characters of an alphabet of 31 without those that are mistaken for each other (0 and O, 1 and I, U and
//! V). The last is a check character: the weighted sum of all, with weights 8 to 1, is 0 modulo 31. As 31 is a prime
//! greater than every weight, one wrong character and two neighbours that changed places are always noticed.

use crate::typed_code;

/// The alphabet, in the order of its values.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKLMNPQRSTVWXYZ";
/// Characters of a code, the check character included.
pub const LENGTH: usize = 8;

/// The code of a number: of 31⁷ numbers (27.5 thousand million) no two have the same.
#[must_use]
pub fn encode(mut number: u64) -> String {
    let mut values = [0_usize; LENGTH];
    for value in &mut values[..LENGTH - 1] {
        *value = usize::try_from(number % 31).unwrap_or_default();
        number /= 31;
    }
    values[LENGTH - 1] = (31 - weighted_sum(&values) % 31) % 31;
    values.iter().map(|value| char::from(ALPHABET[*value])).collect()
}

/// Returns a code as it is stored, however it was typed (see [`crate::typed_code`]).
#[must_use]
pub fn normalise(text: &str) -> String {
    mend(&typed_code::letters_and_digits(text))
}

/// Replaces characters that the alphabet leaves out by the one that they are mistaken for, if that makes a valid code.
pub(crate) fn mend(code: &str) -> String {
    let meant = |c: char| match c {
        '1' | 'I' => 'L',
        'U' => 'V',
        _ => c,
    };
    let mended: String = code.chars().map(meant).collect();
    if is_valid(&mended) { mended } else { code.to_owned() }
}

/// Whether a normalised text can be a code: its length, its characters and the check character are right.
#[must_use]
pub fn is_valid(code: &str) -> bool {
    let values: Option<Vec<usize>> =
        code.bytes().map(|byte| ALPHABET.iter().position(|known| *known == byte)).collect();
    values.is_some_and(|values| values.len() == LENGTH && weighted_sum(&values).is_multiple_of(31))
}

fn weighted_sum(values: &[usize]) -> usize {
    values.iter().rev().enumerate().map(|(place, value)| (place + 1) * value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> impl Iterator<Item = String> {
        (0..2_000_u64).map(|n| encode(n * 13_756_911))
    }

    #[test]
    fn a_code_is_recognised_however_it_is_written() {
        for code in codes() {
            let (first, second) = code.split_at(4);
            assert!(is_valid(&code), "{code}");
            for between in ["-", " ", "", "\u{2011}", "–", "\u{2009}"] {
                assert_eq!(normalise(&format!(" {}{between}{}.", first.to_lowercase(), second)), code);
            }
            for mistaken in [code.replace('V', "U"), code.replace('L', "1"), code.replace('L', "i")] {
                assert_eq!(normalise(&mistaken), code);
            }
        }
    }

    #[test]
    fn no_two_numbers_have_the_same_code_and_every_number_has_one() {
        let different: std::collections::BTreeSet<String> = codes().collect();
        assert_eq!(different.len(), codes().count());
        // A number that is too large loses its highest digits.
        let numbers = 31_u64.pow(7);
        assert_eq!(encode(numbers + 5), encode(5));
        assert_ne!(encode(numbers - 1), encode(5));
        assert!(is_valid(&encode(u64::MAX)));
    }

    #[test]
    fn one_wrong_character_is_always_noticed() {
        let code = encode(123_456_789);
        for place in 0..LENGTH {
            for other in ALPHABET.iter().map(|byte| char::from(*byte)) {
                let mut wrong: Vec<char> = code.chars().collect();
                let is_same = wrong[place] == other;
                wrong[place] = other;
                assert_eq!(is_valid(&wrong.into_iter().collect::<String>()), is_same);
            }
        }
    }

    #[test]
    fn two_neighbours_that_changed_places_are_always_noticed() {
        for code in codes() {
            for place in 1..LENGTH {
                let mut swapped: Vec<char> = code.chars().collect();
                swapped.swap(place - 1, place);
                let swapped: String = swapped.into_iter().collect();
                assert_eq!(is_valid(&swapped), swapped == code, "{code} {swapped}");
            }
        }
    }

    #[test]
    fn texts_that_are_no_codes_are_refused() {
        for text in ["", "22222", "222222222", "2222222O", "анна2222", "22222 22"] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
