//! The answer to the question for help: who writes, and how to stop it. The law of several countries asks for both.

use rekindle_messaging::{BrandSettings, Language};

/// The answer, in the customer's language if it is one of ours, otherwise in English.
pub(crate) fn text(brand: &BrandSettings, language: &Language) -> String {
    let (name, url) = (&brand.name, &brand.shop_url);
    match language.base().as_str() {
        "ru" => format!("{name}: {url} Отписаться: СТОП"),
        _ => format!("{name}: news and offers for our customers. {url} Reply STOP to opt out."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_messaging::sms_parts;
    use serde_json::json;

    #[test]
    fn the_answer_names_the_shop_and_how_to_stop_in_one_part() {
        let brand: BrandSettings = serde_json::from_value(json!({
            "name": "Harbour Records", "sender_address": "hello@harbour-records.example", "sender_name": "Marta",
            "postal_address": "12 Harbour Lane, Bristol", "shop_url": "https://harbour-records.example",
        }))
        .expect("a brand");
        let answer = |language: &str| text(&brand, &Language::parse(language).expect("a tag"));
        assert_eq!(
            answer("en-GB"),
            "Harbour Records: news and offers for our customers. https://harbour-records.example Reply STOP to opt out."
        );
        assert_eq!(answer("ru-RU"), "Harbour Records: https://harbour-records.example Отписаться: СТОП");
        assert_eq!(answer("de"), answer("en"));
        assert!(["en", "ru"].iter().all(|language| sms_parts(&answer(language)).1 == 1));
    }
}
