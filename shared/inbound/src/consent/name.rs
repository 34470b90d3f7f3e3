//! Names of fields, taken apart into words.

use super::vocabulary::{self, Word};

/// The words of a name that are in the vocabulary: of `emailOptOut`, `email_opt_out`, `Email opt-out` and `emailoptout` the same.
pub(super) fn words(name: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before: Option<char> = None;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if ('\u{300}'..='\u{36f}').contains(&letter) {
            // An accent that is a character of its own.
            continue;
        }
        let ends_capitals = letter.is_uppercase() && letters.peek().is_some_and(|next| next.is_lowercase());
        let begins = before.is_some_and(|before| {
            letter.is_uppercase() && (before.is_lowercase() || before.is_numeric())
                || before.is_uppercase() && ends_capitals
        });
        if !letter.is_alphanumeric() || begins {
            finish(&mut word, &mut words);
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase().map(without_accent));
        }
        before = Some(letter);
    }
    finish(&mut word, &mut words);
    settle_texts(&mut words);
    words
}

/// Decides by the next word what *text* is in a name: of `text_opt_in` a channel, of `opt_in_text` the wording.
fn settle_texts(words: &mut [Word]) {
    for place in 0..words.len() {
        if words[place] == Word::Text {
            let before_permission = matches!(
                words.get(place + 1),
                Some(
                    Word::Opt
                        | Word::Marketing
                        | Word::Permission
                        | Word::Consent
                        | Word::Subscribed
                        | Word::Subscription
                )
            );
            words[place] = if before_permission { Word::Sms } else { Word::Detail };
        }
    }
}

fn finish(word: &mut String, words: &mut Vec<Word>) {
    if !word.is_empty() {
        words.extend(vocabulary::meanings(word));
        word.clear();
    }
}

/// The letter that people write who leave accents out. Only letters of names and answers that the vocabularies have.
pub(super) fn without_accent(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        'ł' => 'l',
        'ё' => 'е',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_write_a_name_have_the_same_words() {
        for name in ["emailOptOut", "email_opt_out", "Email opt-out", "emailoptout", "EMAIL_OPT_OUT", "EmailOptOut"] {
            assert_eq!(words(name), [Word::Email, Word::Opt, Word::Out], "{name}");
        }
        assert_eq!(words("SMSConsent"), [Word::Sms, Word::Consent]);
    }
}
