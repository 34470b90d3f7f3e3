//! The languages of messages, and how each writes dates and percentages.

use crate::months::{ENGLISH_MONTHS, RUSSIAN_MONTHS};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The text is not a language tag such as `en` or `pt-BR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a language tag such as en or pt-BR")]
pub struct LanguageError;

/// A language tag (the common part of BCP 47): a language of two or three letters, then subtags. Kept in
/// lower case, so that `ru-RU` and `ru-ru` are one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// Accepts `en`, `ru-RU`, `zh_Hant_TW`; at most 35 characters.
    ///
    /// # Errors
    /// The text is not a tag.
    pub fn parse(text: &str) -> Result<Self, LanguageError> {
        let tag = text.trim().replace('_', "-").to_ascii_lowercase();
        let mut parts = tag.split('-');
        let base = parts.next().unwrap_or_default();
        let base_ok = (2..=3).contains(&base.len()) && base.bytes().all(|b| b.is_ascii_lowercase());
        let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        if base_ok && tag.len() <= 35 && parts.all(subtag) { Ok(Self(tag)) } else { Err(LanguageError) }
    }

    /// English, in which every built-in template exists.
    #[must_use]
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The tag, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag without its subtags: `ru` for `ru-ru`.
    #[must_use]
    pub fn base(&self) -> Self {
        Self(self.base_str().to_owned())
    }

    fn base_str(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    /// A day of the year as this language writes it: "5 December", "5 декабря". A language without rules
    /// here gets the ISO date.
    pub fn day(&self, date: Date) -> String {
        let months = match self.base_str() {
            "en" => &ENGLISH_MONTHS,
            "ru" => &RUSSIAN_MONTHS,
            _ => return date.to_string(),
        };
        let month = usize::from(date.month().unsigned_abs()) - 1;
        format!("{}\u{a0}{}", date.day(), months[month])
    }

    /// A percentage: "15%" in English, with a no-break space in Russian and most other languages.
    pub fn percent(&self, percent: u8) -> String {
        if self.base_str() == "en" { format!("{percent}%") } else { format!("{percent}\u{a0}%") }
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;
    fn try_from(text: String) -> Result<Self, LanguageError> {
        Self::parse(&text)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> String {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(tag: &str) -> Language {
        Language::parse(tag).expect("a valid tag")
    }

    #[test]
    fn tags_are_read_in_every_common_spelling_and_nothing_else_is() {
        for (text, kept) in [("EN", "en"), ("ru_RU", "ru-ru"), (" pt-BR ", "pt-br"), ("zh-Hant-TW", "zh-hant-tw")] {
            assert_eq!(language(text).as_str(), kept);
        }
        for text in ["", "e", "english", "en-", "en--us", "../en", "en\nru", "e1", "ру"] {
            assert_eq!(Language::parse(text), Err(LanguageError), "{text:?}");
        }
    }

    #[test]
    fn dates_and_percentages_follow_the_language() {
        let date = jiff::civil::date(2026, 12, 5);
        let written = |tag| (language(tag).day(date), language(tag).percent(15));
        assert_eq!(written("en-GB"), ("5\u{a0}December".to_owned(), "15%".to_owned()));
        assert_eq!(written("ru"), ("5\u{a0}декабря".to_owned(), "15\u{a0}%".to_owned()));
        assert_eq!(written("de"), ("2026-12-05".to_owned(), "15\u{a0}%".to_owned()));
    }
}
