//! Files that are not part of the repository: failing inputs of real shops and real exports.

use super::{case, in_zone, options, paid, preview, read};
use crate::history::{Options, Reader, RepeatedAmounts};
use crate::values::OrderState;

/// The events of a file of cases; `None` without them.
fn orders(name: &str, options: &Options) -> Option<Vec<String>> {
    let path = case(&format!("cases/orders/{name}"))?;
    Some(read(&path, options).unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// The error of a file of cases that is not read; `None` without them.
fn refused(name: &str, options: &Options) -> Option<String> {
    let path = case(&format!("cases/orders/{name}"))?;
    let error = Reader::with(&path, options).err();
    Some(error.unwrap_or_else(|| panic!("{name} was read")).to_string())
}

#[test]
fn every_encoding_and_line_break_is_read_whole() {
    for (name, who, first_name) in [
        ("cp1251_semicolon.csv", "k2", "Пётр"),
        ("utf16le_bom_tab.csv", "k2", "Пётр"),
        ("excel_sep_line.csv", "k2", "Пётр"),
        ("mac_cr_only.csv", "k2", "Пётр"),
        ("cp1252_comma.csv", "f1", "André"),
    ] {
        let Some(path) = case(&format!("cases/orders/{name}")) else { return };
        let found = super::entries(&path, &options());
        assert_eq!(found.len(), 2, "{name}");
        let entry = found.iter().find(|entry| entry.who == who).unwrap_or_else(|| panic!("{name}: {found:?}"));
        assert_eq!(entry.events[0]["context"]["traits"]["first_name"], first_name, "{name}");
    }
    for (name, count) in [
        ("cr_inside_lf.csv", 4),
        ("orders.csv.gz", 1),
        ("orders_array.json", 1),
        ("orders_pretty.json", 1),
        ("woo_backslash_quote.csv", 2),
        ("header_variants.csv", 1),
        ("warnings.csv", 1),
        ("consent_values.csv", 10),
        ("cents_wrong.csv", 1),
        ("cents_fixed.csv", 1),
    ] {
        let Some(found) = orders(name, &options()) else { return };
        assert_eq!(found.len(), count, "{name}: {found:?}");
        assert!(found.iter().all(|row| row.starts_with("Order Completed")), "{name}: {found:?}");
    }
    let mixed = orders("mixed_cr.csv", &options()).expect("there");
    assert_eq!(mixed, ["line 2: customer_id contains a control character"], "its id has a line break");
}

#[test]
fn a_workbook_and_a_column_that_is_there_twice_are_refused_by_name() {
    let Some(workbook) = refused("orders.xlsx", &options()) else { return };
    assert!(workbook.contains("Excel workbook"), "{workbook}");
    let twice = refused("duplicate_columns.csv", &options()).expect("there");
    assert!(twice.contains("2 columns \"email\""), "{twice}");
}

#[test]
fn lines_of_orders_are_summed() {
    let Some(path) = case("cases/orders/uci_lines_small.csv") else { return };
    // 21 lines of 3 invoices.
    let found = preview(&path, &options());
    assert_eq!((found.rows, found.totals.orders(), paid(&found)), (21, 3, vec!["440.05 GBP".to_owned()]));
    assert_eq!(
        orders("uci_online_retail_head.csv", &options()).expect("there"),
        [
            "Order Completed 536365 17850 139.12 GBP 2010-12-01T08:26:00Z",
            "Order Completed 536366 17850 22.20 GBP 2010-12-01T08:28:00Z",
            "Order Completed 536367 13047 66.68 GBP 2010-12-01T08:34:00Z",
        ]
    );
    assert_eq!(
        orders("line_items_float_ids.csv", &options()).expect("there"),
        [
            "Order Completed 536365 17850 57.64 GBP 2010-12-01T08:26:00Z",
            "Order Completed 536367 13047 66.68 GBP 2010-12-01T08:34:00Z",
            "Order Refunded C536379 14527 27.50 GBP 2010-12-01T09:41:00Z",
            "Order Completed 536414 c@example.com 0.00 GBP 2010-12-01T11:52:00Z",
        ]
    );
}

#[test]
fn amounts_are_read_as_the_file_shows_or_asked_about() {
    let Some(asked) = refused("thousands.csv", &options()) else { return };
    for code in ["EUR", "IDR", "COP", "KWD"] {
        assert!(asked.contains(&format!("amount in {code}")), "{asked}");
    }
    let comma = Options { decimal: Some(','), ..options() };
    let amounts = |found: Vec<String>| {
        found.iter().map(|row| row.split(' ').skip(4).take(2).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(
        amounts(orders("thousands.csv", &comma).expect("there")),
        ["1500.00 EUR", "150000.00 IDR", "250000 VND", "69990.00 COP", "12500.000 KWD"]
    );
    let asked = refused("locale_numbers.csv", &options()).expect("there");
    assert!(asked.contains("1.234") && asked.contains("69.990") && !asked.contains("1.250"), "{asked}");
    let found = orders("locale_numbers.csv", &comma).expect("there");
    assert_eq!(found.len(), 11);
    assert_eq!(found[0], "Order Completed L-1 L1 1234.56 EUR 2026-02-01T12:00:00Z");
    assert_eq!(found[3], "line 5: amount is \"1,234.50\", which is not a decimal amount such as 12.50");
}

#[test]
fn dates_of_all_forms_are_read_once_the_zone_is_known() {
    let Some(asked) = refused("dates.csv", &options()) else { return };
    assert!(asked.contains("--time-zone"), "{asked}");
    let found = orders("dates.csv", &in_zone("Europe/Berlin")).expect("there");
    let times: Vec<&str> = found.iter().map(|row| row.rsplit(' ').next().unwrap_or_default()).collect();
    assert_eq!(
        times,
        [
            "2026-01-31T11:00:00Z",
            "2026-01-31T11:00:00Z",
            "2026-02-01T09:00:00Z",
            "2026-02-01T08:00:00Z",
            "2026-02-01T07:00:00Z",
            "2026-02-01T10:00:00Z",
            "2026-02-01T09:00:00Z",
            "2026-02-01T11:00:00Z",
            "2026-02-01T09:00:00Z",
            "2024-02-01T11:00:00Z",
            "2026-02-01T10:00:00Z",
            "2026-02-01T09:00:00.123456Z",
            "2026-02-01T10:00:00Z",
            "2026-02-01T11:00:00Z",
            "2026-02-01T09:00:00Z",
            "2027-02-01T11:00:00Z",
        ]
    );
}

#[test]
fn states_of_many_systems_are_read_and_two_words_are_asked_about() {
    let Some(found) = orders("status.csv", &options()) else { return };
    let named: Vec<&String> = found.iter().filter(|row| row.contains("--status")).collect();
    assert_eq!(named.len(), 2, "{named:?}");
    let statuses = [("closed", OrderState::Refunded), ("open", OrderState::Pending)];
    let told = Options { statuses: statuses.map(|(word, state)| (word.to_owned(), state)).to_vec(), ..options() };
    let found = orders("status.csv", &told).expect("there");
    let count = |name: &str| found.iter().filter(|row| row.starts_with(name)).count();
    assert_eq!(
        (count("Order Completed"), count("Order Placed"), count("Order Cancelled"), count("Order Refunded")),
        (12, 7, 4, 3),
        "{found:?}"
    );
}

#[test]
fn damaged_ids_are_refused_and_fractions_of_ids_are_left_out() {
    let Some(found) = orders("excel_scientific.csv", &options()) else { return };
    assert!(found.len() == 3 && found.iter().all(|row| row.contains("a spreadsheet shortened it")), "{found:?}");
    assert_eq!(
        orders("pandas.ndjson", &in_zone("UTC")).expect("there"),
        [
            "Order Completed 536365 17850 15.30 GBP 2010-12-01T08:26:00Z",
            "Order Completed 536366 17850 15.30 GBP 2010-12-01T08:26:00Z",
            "Order Completed 536367 17851 15.30 GBP 2010-12-01T08:26:00Z",
        ]
    );
}

#[test]
fn exports_of_shop_systems_are_read_whether_their_columns_were_renamed_or_not() {
    for name in ["shopify_orders_export.csv", "shopify_renamed.csv", "shopify_renamed_iso.csv"] {
        let Some(path) = case(&format!("cases/orders/{name}")) else { return };
        let found = preview(&path, &options());
        assert_eq!(
            (found.rows, found.rejected, found.totals.orders()),
            (9, 0, 7),
            "{name}: {:?}",
            found.first_rejected
        );
        assert_eq!(paid(&found), ["97.91 EUR"], "{name}");
        let refunded: Vec<_> = found.totals.refunded().map(|(code, sum)| format!("{sum} {code}")).collect();
        assert_eq!(refunded, ["20.00 EUR"], "{name}");
        let counts =
            ["Order Completed", "Order Placed", "Order Cancelled"].map(|event| found.totals.events.get(event).copied());
        assert_eq!(counts, [Some(4), Some(2), Some(1)], "{name}");
    }
    let zone = in_zone("Europe/Berlin");
    for name in ["woo_orders.csv", "woo_renamed_iso.csv"] {
        let path = case(&format!("cases/orders/{name}")).expect("there");
        let found = preview(&path, &zone);
        assert_eq!((found.rows, found.rejected, found.customers()), (5, 0, 5), "{name}: {:?}", found.first_rejected);
        assert_eq!(paid(&found), ["154.80 EUR"], "{name}");
    }
    let path = case("cases/orders/stripe_payments.csv").expect("there");
    assert_eq!(paid(&preview(&path, &options())), ["1329.00 EUR"]);
    let olist = refused("olist_orders_dataset.csv", &options()).expect("there");
    assert!(olist.contains("olist_customers_dataset.csv"), "{olist}");
}

#[test]
fn kept_exports_of_connectors_are_read() {
    let Some(path) = case("connectors/shopify/orders-export.csv") else { return };
    assert_eq!(
        read(&path, &options()).expect("read"),
        [
            "Order Completed 5550000000001 anna@example.com 100.90 EUR 2026-05-01T07:59:00Z",
            "Order Completed 5550000000002 bo@example.com 44.95 EUR 2026-05-03T09:58:02Z",
            "Order Refunded 5550000000002 bo@example.com 20.00 EUR 2026-05-03T09:58:02Z",
        ]
    );
    let lines = &super::entries(&path, &options())[0].events[0]["properties"]["products"];
    assert_eq!((&lines[0]["price"], &lines[1]["name"]), (&"62.95".into(), &"Matcha Essence - 50 gram".into()));
    let woo = case("connectors/woocommerce/csv-export-webtoffee-style.csv").expect("there");
    assert_eq!(
        read(&woo, &in_zone("UTC")).expect("read"),
        [
            "Order Completed 1841 26 39.00 EUR 2025-03-02T09:00:00Z",
            "Order Completed 1842 bo@example.com 19.90 EUR 2025-03-02T09:05:31Z",
        ]
    );
    let customers = case("connectors/shopify/customers-export-header-2023.csv").expect("there");
    assert_eq!(read(&customers, &options()).expect("a header alone"), [""; 0]);
    let products = case("connectors/shopify/products-export-header-2023.csv").expect("there");
    assert!(Reader::open(&products).is_err(), "a catalogue is no history");
}

#[test]
fn rows_that_repeat_the_amount_of_their_order_may_be_said_to_do_so() {
    let Some(path) = case("cases/orders/uci_lines_small.csv") else { return };
    let once = Options { repeated_amounts: Some(RepeatedAmounts::Orders), ..options() };
    assert_eq!(paid(&preview(&path, &once)), ["80.48 GBP"]);
}
