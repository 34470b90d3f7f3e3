//! How to address a customer.

use crate::traits_of;
use serde_json::json;

fn first_name(text: &str) -> Option<String> {
    traits_of(&json!({"firstName": text})).0.first_name
}

fn from_name(text: &str) -> Option<String> {
    traits_of(&json!({"name": text})).0.first_name
}

#[test]
fn what_other_software_leaves_behind_is_no_name() {
    for text in [
        "null",
        "NULL",
        "undefined",
        "N/A",
        "n.a.",
        "None",
        "NaN",
        "[object Object]",
        "*|FNAME|*",
        "{{ first_name }}",
        "%FIRSTNAME%",
        "%%first_name%%",
        "${firstName}",
        "<%= name %>",
        "[First Name]",
        "[[name]]",
        "{first_name}",
        "Guest",
        "GUEST",
        "Guest User",
        "test",
        "Test1",
        "-",
        "--",
        ".",
        "?",
        "",
        "  ",
        "0",
        "12345",
        "anna@example.com",
        "(null)",
        "\"null\"",
        "Unknown",
        "Gast",
        "гость",
        "first_name",
        "Dr.",
        "Mr.",
        "&nbsp;",
        "&quot;&quot;",
        "https://example.com",
        "Customer",
        "not provided",
        "NULL NULL",
        "null undefined",
        "n/a n/a",
        "Valued Customer",
        "Dear Customer",
        "guest-checkout",
        "Gast-Bestellung",
        "Website Visitor",
        "sin nombre",
        "ohne Namen",
        "без имени",
        "Аноним",
        "Invité",
        "N.N.",
        "k.A.",
        "#REF!",
        "=A1",
    ] {
        assert_eq!(first_name(text), None, "{text:?}");
        assert_eq!(from_name(text), None, "{text:?}");
    }
}

#[test]
fn names_that_look_odd_are_names() {
    for name in [
        "Anna",
        "Null Berger",
        "Bo",
        "Ng",
        "O'Neil",
        "Jean-Luc",
        "J.R.",
        "Anna 🎁",
        "An",
        "李",
        "Ян",
        "Tester Berger",
        "X Æ A-12",
        "Don",
        "Dear",
        "Ka",
        "Web Berger",
    ] {
        assert_eq!(first_name(name).as_deref(), Some(name));
    }
}

#[test]
fn entities_are_decoded_once() {
    assert_eq!(first_name("Smith &amp; Sons").as_deref(), Some("Smith & Sons"));
    assert_eq!(first_name("Smith &amp;amp; Sons").as_deref(), Some("Smith &amp; Sons"));
    assert_eq!(first_name("Andr&eacute;").as_deref(), Some("André"));
    assert_eq!(first_name("O&#39;Neil").as_deref(), Some("O'Neil"));
}

#[test]
fn the_first_name_of_a_full_name_is_neither_title_nor_surname() {
    for (full, first) in [
        ("Anna Müller", "Anna"),
        ("Müller, Anna", "Anna"),
        ("Müller, Anna Maria", "Anna"),
        ("Müller, Dr. Anna", "Anna"),
        ("Dr. Anna Müller", "Anna"),
        ("Herr Prof. Dr. Jan Berger", "Jan"),
        ("MRS ANNA BERGER", "ANNA"),
        ("Frau Berger, Anna", "Anna"),
        ("Anna Müller, MBA", "Anna"),
        ("Anna", "Anna"),
        ("J. R. Ewing", "J."),
        ("Don Draper", "Don"),
        ("&Eacute;mile Zola", "Émile"),
        ("MÜLLER, ANNA", "ANNA"),
        ("Anna Müller, PhD", "Anna"),
        ("Mgr. Eva Nová, Ph.D.", "Eva"),
        ("Anna Müller, MBA, PhD", "Anna"),
        ("Dr.Anna Müller", "Anna"),
        ("Herrn Jan Berger", "Jan"),
        ("Univ.-Prof. Anna Müller", "Anna"),
        ("Dr. h.c. mult. Anna Müller", "Anna"),
        ("Capt. Jan Berger", "Jan"),
        ("\"Anna\" Berger", "Anna"),
        ("(Anna) Berger", "Anna"),
    ] {
        assert_eq!(from_name(full).as_deref(), Some(first), "{full}");
    }
    for none in ["Müller,", "Müller, Dr.", "Dr.", ", ", "Herr Müller", "Mrs. Smith", "Dr. Müller", "Familie Müller"]
    {
        assert_eq!(from_name(none), None, "{none}");
    }
    assert_eq!(first_name("Müller, Anna").as_deref(), Some("Anna"), "a full name in the wrong field");
    assert_eq!(first_name("Dr. Anna").as_deref(), Some("Anna"));
}
