//! What a file does not say by itself.

use super::{TestFile, in_zone, options, read};
use crate::columns::MapOption;
use crate::history::{Options, ReadError, Reader};
use crate::values::{DateOrder, OrderState};
use rekindle_lifecycle::money::Currency;

fn asked(text: &str) -> String {
    let file = TestFile::new("orders.csv", text);
    let error = Reader::with(&file.path(), &options()).err().expect("asked");
    assert!(error.is_wrong_use(), "{error}");
    error.to_string()
}

fn said(text: &str, options: &Options) -> Vec<String> {
    let file = TestFile::new("orders.csv", text);
    read(&file.path(), options).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_amount_that_may_be_a_thousand_times_as_much_is_asked_about() {
    let text = "customer_id;order_id;ordered_at;amount;currency\na;1;2026-02-01;1.500;EUR\n";
    let error = asked(text);
    assert!(
        error.contains("line 2: \"1.500\" may be a thousand times as much") && error.contains("--decimal ."),
        "{error}"
    );
    for (mark, total) in [('.', "1.50"), (',', "1500.00")] {
        let options = Options { decimal: Some(mark), ..options() };
        assert_eq!(said(text, &options), [format!("Order Completed 1 a {total} EUR 2026-02-01T12:00:00Z")]);
    }
    // Another column or currency of the file may show it.
    let shown = "customer_id;order_id;ordered_at;amount;currency;shipping\na;1;2026-02-01;1.500;EUR;4,90\n";
    assert_eq!(said(shown, &options()), ["Order Completed 1 a 1500.00 EUR 2026-02-01T12:00:00Z"]);
}

#[test]
fn day_and_month_are_told_by_other_dates_or_asked_about() {
    let row = |date: &str| format!("customer_id,order_id,ordered_at,amount\na,1,01/02/2026,1\nb,2,{date},1\n");
    assert!(asked(&row("03/04/2026")).contains("--date-format day-first or month-first"));
    assert!(said(&row("31/01/2026"), &options())[0].ends_with("2026-02-01T12:00:00Z"));
    assert!(said(&row("01/31/2026"), &options())[0].ends_with("2026-01-02T12:00:00Z"));
    let contradicting = format!("{}c,3,31/01/2026,1\n", row("01/31/2026"));
    assert!(asked(&contradicting).contains("other dates show both orders"));
    let day_first = Options { date_order: Some(DateOrder::DayFirst), ..options() };
    assert!(said(&row("03/04/2026"), &day_first)[0].ends_with("2026-02-01T12:00:00Z"));
    let pattern = Options { date_pattern: Some("%m/%d/%Y".to_owned()), ..options() };
    assert!(said(&row("03/04/2026"), &pattern)[0].ends_with("2026-01-02T12:00:00Z"));
}

#[test]
fn the_zone_of_times_without_an_offset_is_asked_for() {
    let text = "customer_id,order_id,ordered_at,amount\na,1,2026-07-01 10:00:00,1\n";
    assert!(asked(text).contains("--time-zone"));
    assert!(said(text, &in_zone("Europe/Berlin"))[0].ends_with("2026-07-01T08:00:00Z"));
}

#[test]
fn a_word_for_a_state_that_is_not_known_rejects_its_rows_until_it_is_said() {
    let text = "customer_id,order_id,ordered_at,amount,status\na,1,2026-07-01,1,closed\nb,2,2026-07-01,1,paid\n";
    let found = said(text, &options());
    assert!(found[0].contains("status is \"closed\"") && found[0].contains("--status \"closed=paid\""), "{found:?}");
    assert!(found[1].starts_with("Order Completed 2"));
    let told = Options { statuses: vec![("Closed".to_owned(), OrderState::Refunded)], ..options() };
    assert_eq!(said(text, &told).len(), 3);
}

#[test]
fn columns_and_the_currency_may_be_said() {
    let text = "Kunde,Beleg,Wann,Summe netto\na,1,2026-07-01,12.5\n";
    let map = ["Kunde=customer_id", "beleg=order_id", "WANN=ordered_at", "Summe netto=amount"];
    let options = Options {
        map: map.iter().map(|text| MapOption::parse(text).expect("an option")).collect(),
        currency: Currency::parse("CHF").ok(),
        ..options()
    };
    assert_eq!(said(text, &options), ["Order Completed 1 a 12.50 CHF 2026-07-01T12:00:00Z"]);
}

#[test]
fn ids_that_a_spreadsheet_shortened_are_refused_by_name() {
    let text = "customer_id,order_id,ordered_at,amount\n6.12346E+12,1,2026-07-01,1\nb,5.67891E+12,2026-07-01,1\n";
    let found = said(text, &options());
    assert!(found[0].starts_with("line 2: customer_id is \"6.12346E+12\": a spreadsheet shortened it"), "{found:?}");
    assert!(found[1].starts_with("line 3: order_id is \"5.67891E+12\": a spreadsheet shortened it"), "{found:?}");
}

#[test]
fn a_correction_is_a_later_version_of_the_order_at_the_moment_of_the_import() {
    let text = "customer_id,order_id,ordered_at,amount,currency\na,1,2026-06-01,19.99,EUR\n";
    let file = TestFile::new("orders.csv", text);
    let correction = Options { is_correction: true, ..options() };
    let event = &super::entries(&file.path(), &correction)[0].events[0];
    assert_eq!(event["event"], "Order Updated");
    assert_eq!(
        (&event["timestamp"], &event["properties"]["ordered_at"]),
        (&"2026-11-01T00:00:00Z".into(), &"2026-06-01T12:00:00Z".into())
    );
    let first = &super::entries(&file.path(), &options())[0].events[0];
    assert_ne!(first["messageId"], event["messageId"]);
    assert_eq!(*event, super::entries(&file.path(), &correction)[0].events[0], "the same import posts the same event");
}

#[test]
fn what_an_order_does_not_depend_on_costs_itself_only() {
    let text = "customer_id,order_id,ordered_at,amount,currency,tax\na,1,2026-06-01,19.99,EUR,included\n";
    let file = TestFile::new("orders.csv", text);
    let entry = &super::entries(&file.path(), &options())[0];
    assert_eq!(entry.events[0]["properties"].get("tax"), None);
    assert_eq!(
        entry.warnings[0].to_string(),
        "line 2: tax is \"included\", which is not a decimal amount such as 12.50; it is left out"
    );
    assert!(matches!(
        Reader::with(&TestFile::new("o.csv", "email,email\n").path(), &options()).err(),
        Some(ReadError::Columns { .. } | ReadError::NoColumn { .. })
    ));
}
