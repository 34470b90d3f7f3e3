//! The words of the pages: one file a language, in sections.

use crate::language::Language;
use minijinja::Value;
use minijinja::value::Serde;
use std::sync::LazyLock;

pub(crate) const ENGLISH: &str = include_str!("../pages/en.toml");
pub(crate) const RUSSIAN: &str = include_str!("../pages/ru.toml");

/// All words of a language, as a map of sections.
pub(crate) fn texts(language: Language) -> Value {
    static TEXTS: LazyLock<[Value; 2]> = LazyLock::new(|| {
        [ENGLISH, RUSSIAN].map(|text| {
            let table: toml::Table = text.parse().expect("the texts are valid; a test reads them");
            Value::from(Serde(table))
        })
    });
    TEXTS[usize::from(language == Language::Russian)].clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let table: toml::Table = text.parse().expect("valid");
        let of = |(section, texts): (&String, &toml::Value)| {
            let texts = texts.as_table().expect("a section");
            texts.keys().map(|name| format!("{section}.{name}")).collect::<Vec<_>>()
        };
        table.iter().flat_map(of).collect()
    }

    #[test]
    fn both_languages_have_the_same_words_in_the_same_order() {
        assert_eq!(names(ENGLISH), names(RUSSIAN));
    }

    #[test]
    fn what_is_counted_has_two_forms_in_english_and_three_in_russian() {
        for (text, forms) in [(ENGLISH, 2), (RUSSIAN, 3)] {
            let table: toml::Table = text.parse().expect("valid");
            for (name, list) in table["forms"].as_table().expect("a section") {
                assert_eq!(list.as_array().map(Vec::len), Some(forms), "{name}");
            }
        }
    }
}
