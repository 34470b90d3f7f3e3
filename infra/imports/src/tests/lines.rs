//! Orders with one row for each line.

use super::{TestFile, entries, options, read, rows};
use crate::history::{Options, RepeatedAmounts};
use crate::orders::Plan;
use proptest::prelude::*;

const HEAD: &str = "customer_id,order_id,ordered_at,amount,currency,sku,quantity\n";

#[test]
fn rows_of_one_order_are_summed_with_their_products() {
    let file = TestFile::new(
        "orders.csv",
        format!("{HEAD}a,1,2026-03-01,15.30,GBP,X,6\na,1,2026-03-01,20.34,GBP,Y,6\nb,2,2026-03-02,3,GBP,X,1\n"),
    );
    let found = entries(&file.path(), &options());
    assert_eq!((found.len(), found[0].line, found[0].rows, found[1].line), (2, 2, 2, 4));
    let properties = &found[0].events[0]["properties"];
    assert_eq!(properties["total"], "35.64");
    let products = serde_json::json!([
        { "sku": "X", "quantity": 6, "price": null },
        { "sku": "Y", "quantity": 6, "price": null },
    ]);
    assert_eq!(properties["products"][0]["sku"], products[0]["sku"]);
    assert_eq!(properties["products"][1]["quantity"], products[1]["quantity"]);
}

#[test]
fn price_times_quantity_less_the_discount_is_the_amount_where_there_is_none() {
    let text = "Invoice,Date,Customer ID,Currency,Item name,Qty,Unit price,Line discount\n\
                1,2026-03-01,a,GBP,Lamp,3,0.333,0\n1,2026-03-01,a,GBP,Shade,2,5,1.50\n";
    let file = TestFile::new("orders.csv", text);
    let found = entries(&file.path(), &options());
    assert_eq!(found[0].events[0]["properties"]["total"], "9.50");
    assert!(found[0].warnings[0].reason.contains("9.499, which is rounded to 9.50"), "{:?}", found[0].warnings);
}

#[test]
fn a_bad_row_rejects_its_order_and_names_the_other_rows() {
    let found =
        rows(format!("{HEAD}a,1,2026-03-01,15.30,GBP,X,6\na,1,2026-03-01,oops,GBP,Y,6\nb,2,2026-03-02,3,GBP,X,1\n"));
    assert_eq!(
        found,
        [
            "line 3: amount is \"oops\", which is not a decimal amount such as 12.50; so none of the 2 rows of this order (lines 2 to 3) is taken",
            "Order Completed 2 b 3.00 GBP 2026-03-02T12:00:00Z",
        ]
    );
    // A row of which the order is not known, among the rows of one.
    let found = rows(format!(
        "{HEAD}a,1,2026-03-01,15.30,GBP,X,6\na,1,2026-03-01,1,2,3,GBP,Y,6,7,8\na,1,2026-03-01,2.00,GBP,Y,6\n"
    ));
    assert!(
        found[0].starts_with("line 3: the line has 11 values") && found[0].ends_with("(lines 2 to 4) is taken"),
        "{found:?}"
    );
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn states_of_lines_are_a_refund_of_the_order_and_states_of_orders_are_reports() {
    let lines = "customer_id,order_id,ordered_at,amount,currency,sku,status\n\
                 a,1,2026-03-01,10,EUR,X,paid\na,1,2026-03-01,5,EUR,Y,refunded\na,1,2026-03-01,2,EUR,Z,cancelled\n";
    assert_eq!(
        rows(lines),
        ["Order Completed 1 a 15.00 EUR 2026-03-01T12:00:00Z", "Order Refunded 1 a 5.00 EUR 2026-03-01T12:00:00Z"]
    );
    let reports = "customer_id,order_id,ordered_at,amount,currency,status\n\
                   a,1,2026-03-01,10,EUR,pending\na,1,2026-03-02,10,EUR,paid\n";
    assert_eq!(
        rows(reports),
        ["Order Placed 1 a 10.00 EUR 2026-03-01T12:00:00Z", "Order Completed 1 a 10.00 EUR 2026-03-02T12:00:00Z"]
    );
}

#[test]
fn the_same_amount_on_every_row_of_an_order_is_asked_about() {
    let text = "customer_id,order_id,ordered_at,amount,currency\na,1,2026-03-01,11.10,EUR\na,1,2026-03-01,11.10,EUR\n\
                b,2,2026-03-01,5,EUR\n";
    let file = TestFile::new("orders.csv", text);
    let error = read(&file.path(), &options()).expect_err("asked").to_string();
    assert!(error.contains("--rows items") && error.contains("--rows orders"), "{error}");
    for (what, total) in [(RepeatedAmounts::Items, "22.20"), (RepeatedAmounts::Orders, "11.10")] {
        let options = Options { repeated_amounts: Some(what), ..options() };
        let found = read(&file.path(), &options).expect("said");
        assert_eq!(found[0], format!("Order Completed 1 a {total} EUR 2026-03-01T12:00:00Z"));
    }
}

#[test]
fn an_order_of_many_lines_is_posted_with_its_first_lines_and_the_sum_of_all() {
    let lines: String =
        (0..2_000).map(|n| format!("a,1,2026-03-01,1.{:02},EUR,article number {n},1\n", n % 100)).collect();
    let file = TestFile::new("orders.csv", format!("{HEAD}{lines}"));
    let found = entries(&file.path(), &options());
    let event = &found[0].events[0];
    assert_eq!(event["properties"]["total"], "2990.00");
    assert!(
        event.to_string().len() < 24 * 1024 && found[0].warnings[0].reason.contains("on 2000 lines"),
        "{:?}",
        found[0].warnings
    );
}

#[test]
fn memory_does_not_grow_with_a_file_whose_orders_are_scattered() {
    let row = |n: u32| format!("c{},{},2026-03-01,1.{:02},EUR,X,1\n", n % 10_000, n % 10_000, n / 10_000);
    let file = TestFile::new("orders.csv", format!("{HEAD}{}", (0..30_000).map(row).collect::<String>()));
    let found = entries(&file.path(), &options());
    assert_eq!(found.len(), 10_000);
    assert!(found.iter().all(|entry| entry.rows == 3 && entry.events[0]["properties"]["total"] == "3.03"));
    assert!(found.is_sorted_by_key(|entry| entry.line));
    assert!(size_of::<Plan>() > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn any_order_of_rows_makes_the_same_orders(
        rows in proptest::collection::vec((0_u32..6, 1_u32..100_000), 2..40).prop_shuffle(),
        seed in any::<u64>(),
    ) {
        let text = |rows: &[(u32, u32)]| {
            let row = |(order, cents): &(u32, u32)| format!("c{order},o{order},2026-03-01,{}.{:02},EUR,X{cents},1\n", cents / 100, cents % 100);
            format!("{HEAD}{}", rows.iter().map(row).collect::<String>())
        };
        let mut other = rows.clone();
        other.sort_by_key(|row| row.0.wrapping_mul(7919).wrapping_add(u32::try_from(seed % 97).unwrap_or(0)) % 13);
        let sums = |rows: &[(u32, u32)]| {
            let file = TestFile::new("orders.csv", text(rows));
            let options = Options { repeated_amounts: Some(RepeatedAmounts::Items), ..options() };
            let mut sums: Vec<(String, String)> = entries(&file.path(), &options).iter().map(|entry| {
                let properties = &entry.events[0]["properties"];
                (properties["order_id"].to_string(), properties["total"].to_string())
            }).collect();
            sums.sort();
            sums
        };
        let found = sums(&rows);
        prop_assert_eq!(&found, &sums(&other));
        for order in 0..6 {
            let cents: u32 = rows.iter().filter(|row| row.0 == order).map(|row| row.1).sum();
            let expected = format!("\"{}.{:02}\"", cents / 100, cents % 100);
            let own = found.iter().find(|(id, _)| *id == format!("\"o{order}\""));
            prop_assert_eq!(own.map(|(_, sum)| sum.clone()), (cents > 0).then_some(expected));
        }
    }
}
