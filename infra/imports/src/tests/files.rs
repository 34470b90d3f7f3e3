//! Forms of files: CSV of all kinds, JSON, line breaks; and any bytes.

use super::{TestFile, options, read, rows};
use crate::history::{ReadError, Reader};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

fn refused(content: impl AsRef<[u8]>) -> ReadError {
    let file = TestFile::new("orders", content);
    Reader::open(&file.path()).err().expect("refused")
}

#[test]
fn csv_is_read_with_a_byte_order_mark_windows_lines_quotes_and_empty_lines() {
    let text = "\u{feff}Order_ID,customer_id , ordered_at,amount,city\r\n\r\n\
                o1,anna,2026-03-01,12.50,\"Bad \"\"Ischl\"\", Upper\r\nAustria\"\r\n\
                o2, bo ,2026-03-02T10:00:00Z,7,\r\n";
    let file = TestFile::new("orders.csv", text);
    let found = super::entries(&file.path(), &options());
    assert_eq!((found[0].line, found[0].who.as_str(), found[1].line, found[1].who.as_str()), (3, "anna", 5, "bo"));
    assert_eq!(found[0].events[0]["properties"]["city"], "Bad \"Ischl\", Upper\nAustria");
    assert_eq!(found[1].events[0]["properties"].get("city"), None);
    assert_eq!(found.len(), 2);
}

#[test]
fn one_bad_row_does_not_affect_the_others() {
    let head = "customer_id,order_id,ordered_at,amount\n";
    let good = "anna,o1,2026-03-01,1\n";
    for (bad, complaint) in [
        ("anna,o9\n", "line 3: ordered_at is missing"),
        ("anna,o9,2026-03-01,\n", "line 3: amount is missing"),
        (",o9,2026-03-01,1\n", "line 3: customer_id is missing, and neither email nor phone says who ordered"),
        ("anna,,2026-03-01,1\n", "line 3: order_id is missing"),
        ("anna,o9,2026-03-01,1,234.50\n", "line 3: the line has 5 values, but the header names 4 columns"),
        ("anna,o9,2026-03-01,abc\n", "line 3: amount is \"abc\", which is not a decimal amount such as 12.50"),
        ("anna,o9,2026-02-30,1\n", "line 3: ordered_at is \"2026-02-30\"; write an instant such as"),
        ("anna,o9,yesterday,1\n", "line 3: ordered_at is \"yesterday\"; write an instant"),
        ("a\u{0}b,o9,2026-03-01,1\n", "line 3: customer_id contains a control character"),
        ("\"anna,o9,2026-03-01,1\n", "line 3: the line has a quote that is never closed"),
        ("anna,\"o9\nx,2026-03-01,1\n", "line 3: the line has a quote that is never closed"),
    ] {
        let found = rows(format!("{head}{good}{bad}bo,o2,2026-03-02,2\n"));
        assert!(found[1].starts_with(complaint), "{found:?}");
        assert_eq!(found[0], "Order Completed o1 anna 1 2026-03-01T12:00:00Z");
        assert_eq!(found.last().expect("rows"), "Order Completed o2 bo 2 2026-03-02T12:00:00Z");
    }
    let mut bytes = format!("{head}anné,o1,2026-03-01,1\n").into_bytes();
    bytes.extend_from_slice(b"anna,o\xff,2026-03-01,1\nbo,o2,2026-03-02,2\n");
    let found = rows(bytes);
    assert_eq!(found[1], "line 3: the line is not text in UTF-8; --encoding names another encoding");
    assert!(found[2].starts_with("Order Completed o2"));
}

#[test]
fn every_line_break_ends_a_row_and_no_row_is_lost() {
    let lines = ["customer_id,order_id,ordered_at,amount", "a,A,2026-03-01,1", "b,B,2026-03-01,2", "c,C,2026-03-01,3"];
    for breaks in [["\r", "\r", "\r"], ["\n", "\r", "\n"], ["\r\n", "\n", "\r"], ["\r\r\n", "\n\r", "\n\n"]] {
        let text: String =
            lines.iter().zip(breaks.iter().chain(&[""])).map(|(line, end)| format!("{line}{end}")).collect();
        assert_eq!(rows(&text).len(), 3, "{breaks:?}");
    }
    let quoted = "customer_id,order_id,ordered_at,amount,note\na,A,2026-03-01,1,\"two\rlines\"\rb,B,2026-03-01,2,\r";
    assert_eq!(rows(quoted).len(), 2);
}

#[test]
fn separators_and_the_line_that_names_one_are_read() {
    for separator in [",", ";", "\t", "|"] {
        let text = "customer_id,order_id,ordered_at,amount\nanna,o1,2026-03-01,1.50\n".replace(',', separator);
        assert_eq!(rows(&text), ["Order Completed o1 anna 1.50 2026-03-01T12:00:00Z"], "{separator:?}");
        assert_eq!(rows(format!("sep={separator}\r\n{text}")).len(), 1, "{separator:?}");
    }
}

#[test]
fn json_is_read_as_lines_as_a_list_and_over_several_lines() {
    let one = json!({ "customer_id": 42, "order_id": "o1", "ordered_at": "2026-03-01", "amount": 0.30000000000000004, "currency": "EUR" });
    let expected = "Order Completed o1 42 0.30 EUR 2026-03-01T12:00:00Z";
    let pretty = serde_json::to_string_pretty(&one).expect("JSON");
    for text in [format!("{one}\n"), format!("[{one}]"), format!("[\n{pretty}\n]\n"), pretty] {
        assert_eq!(rows(&text), [expected], "{text}");
    }
    let found = rows(format!(
        "{one}\n\n{{broken}}\n[1]\n{{\"order_id\":7,\"customer_id\":\"bo\",\"ordered_at\":\"2026-03-01\",\"amount\":null}}\n"
    ));
    assert_eq!(
        found[1..],
        [
            "line 3: the line is not a JSON object (column 2)",
            "line 4: the line is not a JSON object (column 0)",
            "line 5: amount is missing",
        ]
    );
    // A list on one line that is longer than any line of a table.
    let long = format!(
        "[{}]",
        vec![json!({ "customer_id": "a", "order_id": "x", "ordered_at": "2026-03-01", "amount": 1 }).to_string(); 900]
            .join(",")
    );
    let numbered: String = long
        .split("\"x\"")
        .enumerate()
        .map(|(n, part)| if n == 0 { part.to_owned() } else { format!("\"o{n}\"{part}") })
        .collect();
    assert_eq!(rows(numbered).len(), 900);
}

#[test]
fn a_file_that_is_no_history_is_refused_with_what_is_missing() {
    for text in ["", "\n\n", "customer_id,order_id,amount\n", "hello"] {
        assert!(matches!(refused(text), ReadError::NoColumn { .. }), "{text:?}");
    }
    let error = refused("customer_id,order_id,amount,moment\n").to_string();
    assert!(error.contains("has no column ordered_at") && error.contains("--map \"column=ordered_at\""), "{error}");
    let error = refused("order_id,ordered_at,amount,city\n").to_string();
    assert!(error.contains("customer_id, email or phone"), "{error}");
    let workbook = refused("PK\x03\x04 [Content_Types].xml").to_string();
    assert!(workbook.contains("Excel workbook") && workbook.contains("CSV UTF-8"), "{workbook}");
    assert!(matches!(Reader::open(&std::env::temp_dir()).err(), Some(ReadError::Io { .. })));
    let missing = Reader::open(std::path::Path::new("/nowhere/orders.csv")).err().expect("refused");
    assert!(missing.to_string().contains("/nowhere/orders.csv"), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_bytes_are_read_to_their_end_or_refused(
        start in proptest::sample::select(vec![
            "", "customer_id,order_id,ordered_at,amount\n", "{\"customer_id\":1}\n", "[", "{\n", "sep=;\n", "\u{feff}", "1 2 3 4\n",
            "Name,Financial Status,Lineitem quantity,Lineitem name,Created at,Email,Total,Id\n",
            "Email,Klaviyo ID,Email Marketing Consent\n", "Metric,Timestamp,Email\n",
            "order_id,ordered_at,email,line_item_1,amount\n",
        ]),
        bytes in prop_oneof![
            vec(any::<u8>(), 0..400),
            any::<String>().prop_map(String::into_bytes),
            vec(proptest::sample::select(vec![
                ",", ";", "\"", "\\\"", "\n", "\r", "1.500", "1,500", "12.50", "a@x.example", "01/02/2026", "2026-01-01", "paid",
                "refunded", "name:x|total:3", "{", "}", "[", "1E+12", "EUR", "'+1", "-3",
            ]), 0..60).prop_map(|parts| parts.concat().into_bytes()),
        ],
    ) {
        let content = [start.as_bytes(), &bytes].concat();
        let file = TestFile::new("orders", &content);
        let zoned = super::in_zone("UTC");
        for options in [options(), zoned] {
            if let Ok(mut reader) = Reader::with(&file.path(), &options) {
                let count = reader.by_ref().count();
                prop_assert!(count <= content.len() + 1);
            }
        }
    }
}

#[test]
fn a_compressed_file_that_was_cut_off_is_an_error_at_its_end() {
    use std::io::Write;
    let rows: String = (0..3_000)
        .map(|n| format!("c{n},{},2026-03-01,1\n", rekindle_lifecycle::id::short_digest(&[&n.to_string()], 20)))
        .collect();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(format!("customer_id,order_id,ordered_at,amount\n{rows}").as_bytes()).expect("packed");
    let packed = packer.finish().expect("packed");
    let file = TestFile::new("orders.csv.gz", &packed);
    assert_eq!(read(&file.path(), &options()).expect("read").len(), 3_000);
    let file = TestFile::new("orders.csv.gz", &packed[..packed.len() / 2]);
    assert!(matches!(read(&file.path(), &options()), Err(ReadError::Io { .. })));
}
