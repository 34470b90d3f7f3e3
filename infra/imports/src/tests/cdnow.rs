//! The sample that comes with the program.

use super::{entries, options};
use serde_json::json;
use std::path::Path;

#[test]
fn the_events_of_the_sample_are_byte_for_byte_those_of_its_rows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/cdnow-sample.csv");
    let text = std::fs::read_to_string(&path).expect("the sample");
    let mut lines = text.lines();
    let header =
        "customer_id,order_id,ordered_at,amount,currency,email,phone,first_name,language,sms_marketing_consent,cds";
    assert_eq!(lines.next(), Some(header));
    let found = entries(&path, &options());
    assert_eq!(found.len(), text.lines().count() - 1);
    for (line, entry) in lines.zip(&found) {
        let cells: Vec<&str> = line.split(',').collect();
        let [customer, order, day, amount, currency, email, phone, first_name, language, consent, cds] = cells[..]
        else {
            panic!("{line}")
        };
        let mut traits = serde_json::Map::new();
        for (name, value) in [
            ("email", email),
            ("phone", phone),
            ("first_name", first_name),
            ("language", language),
            ("sms_marketing_consent", consent),
        ] {
            if !value.is_empty() {
                traits.insert(name.to_owned(), json!(value));
            }
        }
        let digest = rekindle_lifecycle::id::short_digest(&["history", order, "Completed"], 20);
        let amount = amount.parse::<f64>().expect("an amount");
        let expected = json!({
            "type": "track",
            "event": "Order Completed",
            "messageId": format!("history-{digest}"),
            "timestamp": format!("{day}T12:00:00Z"),
            "properties": { "order_id": order, "total": format!("{amount:.2}"), "currency": currency, "cds": cds },
            "userId": customer,
            "context": { "traits": traits },
        });
        assert_eq!(entry.events.len(), 1);
        assert_eq!(entry.events[0].to_string(), expected.to_string());
        assert_eq!((entry.who.as_str(), entry.warnings.len()), (customer, 0));
    }
}

#[test]
fn rows_that_are_there_twice_in_any_order_are_the_same_orders() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/cdnow-sample.csv");
    let text = std::fs::read_to_string(&path).expect("the sample");
    let (header, rows) = text.split_once('\n').expect("a header");
    let mut twice: Vec<&str> = rows.lines().take(500).chain(rows.lines().take(500)).collect();
    twice.sort_by_key(|row| rekindle_lifecycle::id::short_digest(&["shuffle", row], 8));
    twice.swap(0, 500);
    let file = super::TestFile::new("orders.csv", format!("{header}\n{}\n", twice.join("\n")));
    let sorted = |entries: Vec<crate::history::Entry>| {
        let mut events: Vec<String> =
            entries.iter().flat_map(|entry| entry.events.iter().map(ToString::to_string)).collect();
        events.sort();
        events
    };
    let mut once = entries(&path, &options());
    once.truncate(500);
    assert_eq!(sorted(entries(&file.path(), &options())), sorted(once));
}

#[test]
fn both_forms_of_the_data_set_are_read_and_rows_that_are_alike_are_two_orders() {
    let master = " 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n 00002 19970112  1   12.00\n";
    assert_eq!(
        super::rows(master),
        [
            "Order Completed 00001-19970101-1-11.77 00001 11.77 USD 1997-01-01T12:00:00Z",
            "Order Completed 00002-19970112-1-12.00 00002 12.00 USD 1997-01-12T12:00:00Z",
            "Order Completed 00002-19970112-1-12.00-2 00002 12.00 USD 1997-01-12T12:00:00Z",
        ]
    );
    let found = super::rows("customer_id date number_of_cds dollar_value\n00004 1 19970101 2 29.33\n1 2 3\n");
    assert_eq!(found[0], "Order Completed 00004-19970101-2-29.33 00004 29.33 USD 1997-01-01T12:00:00Z");
    assert_eq!(found[1], "line 3: the line does not have four or five columns");
}
