//! Mappings and bodies that mean harm or nothing at all: no reading panics, ends late or makes too much.

use crate::mappings::{apply, events, of_fields};
use proptest::prelude::*;
use rekindle_connectors::mapping::Mapping;
use serde_json::{Value, json};

#[test]
fn much_work_on_a_large_body_ends_and_says_so() {
    let list: Vec<Value> = (0..9_000).map(|number| json!({ "a": [number, number], "b": "text text text" })).collect();
    let body = json!({ "x": list, "y": list }).to_string();
    let compare = vec!["body.x == body.y"; 40].join(" and ");
    let fields: Vec<(String, String)> =
        (0..70).map(|number| (format!("properties.f{number}"), compare.clone())).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(path, source)| (path.as_str(), source.as_str())).collect();
    let mut mapping = of_fields(&fields);
    mapping.rules[0].each = Some("body.x".into());
    let reading = apply(&mapping, &[], body.as_bytes(), Mapping::read);
    let said: Vec<&str> = reading.warnings.iter().map(|warning| warning.reason.as_str()).collect();
    assert!(said.iter().any(|reason| reason.contains("too much work")), "{:?}", said.first());
}

#[test]
fn an_event_for_each_of_very_many_elements_is_not_made() {
    let mut mapping = of_fields(&[("properties.order_id", "index")]);
    mapping.rules[0].each = Some("body".into());
    let body = json!(vec![1; 100_000]).to_string();
    let reading = apply(&mapping, &[], body.as_bytes(), Mapping::read);
    assert_eq!(events(&reading).len(), 100);
    assert!(reading.warnings.iter().any(|warning| warning.reason.contains("at most 100")), "{:?}", reading.warnings);
}

/// Expressions of the engine's own words in any order: mostly nonsense, often of the right form.
fn expressions() -> impl Strategy<Value = String> {
    let words = vec![
        "body",
        "item",
        "index",
        "headers",
        "line",
        ".a",
        ".b",
        "['a']",
        "[0]",
        "[-1]",
        "[1:]",
        "[::-1]",
        "|id",
        "|text",
        "|lower",
        "|digits",
        "|money('EUR')",
        "|money(body)",
        "|minor('JPY')",
        "|minor(body)",
        "|amount(',')",
        "|time",
        "|time('seconds')",
        "|time('%Y', 'X')",
        "|time('%Q%%%z%9999d')",
        "|default(1)",
        "|join('x')",
        "|split('')",
        "|split('a')",
        "|replace('', body.a)",
        "|replace('a', 'aaaa')",
        "|entry('a', 'b', 'c')",
        "|where('a', 1)",
        "|pluck('a')",
        "|sum('a')",
        "|sum",
        "|per(0)",
        "|plus(body)",
        "|length",
        "|query('a')",
        "|last",
        "|first",
        " + ",
        " - ",
        " / ",
        " // ",
        " == ",
        " < ",
        " in ",
        " not in ",
        " and ",
        " or ",
        "not ",
        " if ",
        " else ",
        "(",
        ")",
        "[",
        "]",
        ",",
        "'a'",
        "\"",
        "'",
        "\\",
        "1",
        "0",
        "-9223372036854775808",
        "1e308",
        "99999999999999999999999999",
        "none",
        "true",
        "is defined",
        " is none",
        "é",
        "\u{0}",
        "{",
        "}",
        "~",
        "*",
        "%",
        ":",
        ".",
        " ",
    ];
    proptest::collection::vec(proptest::sample::select(words), 1..25).prop_map(|words| words.concat())
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9.,-]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map("[abc]", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn no_expression_and_no_body_make_it_panic(source in expressions(), other in expressions(), body in values()) {
        let mut mapping = of_fields(&[("userId", "body.a|id")]);
        mapping.rules[0].fields.insert("properties.total".into(), source);
        mapping.rules[0].drop_if = serde_json::from_value(json!([{ "expression": other, "because": "so" }])).unwrap();
        let _ = mapping.faults();
        let body = body.to_string();
        let _ = apply(&mapping, &[("a", "b")], body.as_bytes(), Mapping::read);
        mapping.rules[0].drop_if.clear();
        mapping.rules[0].each = Some(other);
        let reading = apply(&mapping, &[("a", "b")], body.as_bytes(), Mapping::read);
        for event in events(&reading) {
            prop_assert!(event.to_string().len() <= 40_000);
        }
    }

    #[test]
    fn any_text_is_a_mapping_or_refused(text in ".{0,200}", source in ".{0,100}") {
        let _ = Mapping::parse(&text);
        let _ = of_fields(&[("properties.total", &source)]).faults();
    }

    #[test]
    fn what_a_mapping_says_of_an_amount_is_what_the_number_is(minor in 0_i64..10_000_000_000) {
        let mapping = of_fields(&[("properties.total", "body.minor|minor('EUR')"), ("properties.text", "body.text|amount(',')|money('EUR')")]);
        let written = format!("{},{:02}", grouped(minor / 100), minor % 100);
        let body = json!({ "minor": minor, "text": written }).to_string();
        let reading = apply(&mapping, &[], body.as_bytes(), Mapping::read);
        let wanted = format!("{}.{:02}", minor / 100, minor % 100);
        prop_assert_eq!(&events(&reading)[0]["properties"], &json!({ "total": &wanted, "text": &wanted }));
    }
}

fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = Vec::new();
    if first > 0 {
        groups.push(&digits[..first]);
    }
    groups.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join(".")
}
