//! E-mail addresses and phone numbers in the notations in which shops have them.

use crate::traits_of;
use rekindle_inbound::{parse_email, parse_phone};
use rekindle_lifecycle::country::Country;
use serde_json::json;

fn address(text: &str) -> Option<String> {
    parse_email(text).ok().map(String::from)
}

#[test]
fn an_address_is_found_in_what_is_plainly_meant() {
    for text in [
        "anna@example.com",
        "\"Anna Berger\" <anna@example.com>",
        "Berger, Anna <anna@example.com>",
        "<anna@Example.COM>",
        "mailto:anna@example.com?subject=Hello",
        "MAILTO:anna%40example.com",
        " anna@example.com. ",
        "anna@example.com,",
        "'anna@example.com'",
        "\u{feff}anna\u{200b}@example\u{ad}.com\u{200e}",
        "anna＠example．com",
        "<mailto:anna@example.com>",
        "anna@example.com\r\n",
        "anna@example.com (Anna Berger)",
        "Anna <anna@example.com> (work)",
        "&lt;anna@example.com&gt;",
        "anna&#64;example.com",
        "anna%40example.com",
        "anna@example.com, anna@example.com",
        "anna@example.com; ANNA@example.com",
    ] {
        assert_eq!(address(text).as_deref(), Some("anna@example.com"), "{text:?}");
    }
}

#[test]
fn a_domain_is_the_same_in_punycode_and_in_its_own_letters() {
    for text in ["info@xn--e1afmkfd.xn--p1ai", "info@ПРИМЕР.рф", "info@пример.рф."] {
        assert_eq!(address(text).as_deref(), Some("info@пример.рф"), "{text}");
    }
    assert_eq!(address("a@xn--a.com"), None, "no valid Punycode");
}

#[test]
fn what_is_no_address_or_several_is_none() {
    for text in [
        "",
        "anna",
        "anna@",
        "@example.com",
        "anna@example..com",
        "a@example.com, b@example.com",
        "a@example.com b@example.com",
        "<a@example.com> <b@example.com>",
        "Anna <anna>",
        "a@example.com; b@example.com",
        "null",
        "anna at example.com",
        "x@example.com Bcc: y@example.com",
        "a@example.com (b@example.com)",
        "(anna@example.com) (Anna) x",
    ] {
        assert_eq!(address(text), None, "{text:?}");
    }
}

fn number(text: &str, country: &str) -> Option<String> {
    parse_phone(text, Country::parse(country).ok()).ok().map(String::from)
}

#[test]
fn a_number_is_read_in_every_notation_that_is_plainly_meant() {
    for text in [
        "+442071838750",
        "+44 (0)20 7183 8750",
        "+44 (0) 20-7183.8750",
        "0044 20 7183 8750",
        "00 44 20 7183 8750",
        "0044 (0)20 7183 8750",
        "tel:+44-20-7183-8750",
        "TEL:+442071838750;ext=12",
        "+44 20 7183 8750 ext. 12",
        "'+442071838750",
        "\u{202d}+44 20 7183 8750\u{202c}",
        "\u{200e}+44\u{a0}20\u{2011}7183\u{2011}8750",
        "＋４４ ２０ ７１８３ ８７５０",
        "+44/20/71838750",
        "+٤٤٢٠٧١٨٣٨٧٥٠",
        "+44 20 7183 8750 (mobile)",
    ] {
        assert_eq!(number(text, "").as_deref(), Some("+442071838750"), "{text:?}");
    }
    assert_eq!(number("+1 (0)604 555 0182", "").as_deref(), Some("+16045550182"));
}

#[test]
fn a_number_without_a_country_code_is_of_the_shops_country() {
    for (text, country, expected) in [
        ("020 7183 8750", "GB", "+442071838750"),
        ("0170 12345678", "DE", "+4917012345678"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("(604) 555-0182", "CA", "+16045550182"),
        ("011 44 20 7183 8750", "US", "+442071838750"),
        ("0044 20 7183 8750", "US", "+442071838750"),
        ("06 698 12345", "IT", "+390669812345"),
        ("+390669812345", "DE", "+390669812345"),
        ("442071838750.0", "GB", "+442071838750"),
    ] {
        assert_eq!(number(text, country).as_deref(), Some(expected), "{text} in {country}");
    }
    assert_eq!(number("020 7183 8750", ""), None);
    assert_eq!(number("020 7183 8750", "XX"), None, "a country without numbers");
}

#[test]
fn what_is_no_number_is_none() {
    for text in
        ["", "+", "hello", "+44", "12345", "0000000000", "+0123456789", "+99912345678", "1234567890123456789", "n/a"]
    {
        assert_eq!(number(text, "DE"), None, "{text:?}");
    }
    assert_eq!(number(&format!("+44{}", "1".repeat(200)), "DE"), None);
}

#[test]
fn what_was_left_out_is_kept_beside_the_fact_with_its_reason() {
    let (traits, warnings) = traits_of(&json!({"email": "anna at example", "phone": "020 7183 8750", "timezone": 3}));
    assert_eq!((&traits.email, &traits.phone, &traits.time_zone), (&None, &None, &None));
    assert_eq!(
        json!(traits.left_out),
        json!([
            {"field": "traits.email", "reason": "not_an_address", "value": "anna at example"},
            {"field": "traits.phone", "reason": "not_a_phone_number", "value": "020 7183 8750"},
            {"field": "traits.timezone", "reason": "wrong_type", "value": "3"},
        ])
    );
    assert_eq!(warnings, ["traits.email", "traits.phone", "traits.timezone"]);
    assert!(!format!("{traits:?}").contains("7183"), "no log may hold it");
}
