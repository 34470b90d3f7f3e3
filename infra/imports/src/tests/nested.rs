//! JSON whose objects have objects and lists in them, as APIs of shop systems give them.

use super::{TestFile, entries, options};
use crate::columns::MapOption;
use crate::history::Options;
use serde_json::json;

fn mapped(maps: &[&str]) -> Options {
    Options { map: maps.iter().map(|map| MapOption::parse(map).expect("an option")).collect(), ..options() }
}

#[test]
fn nested_objects_are_columns_by_their_paths_and_lists_are_lines() {
    let orders = json!([
        {
            "order": { "number": "1001", "placed": "2026-03-01T10:00:00Z" },
            "buyer": { "ref": "c-1", "contact": { "email": "anna@example.com" } },
            "totals": { "paid": 25.5, "currency": "EUR" },
            "line_items": [
                { "sku": "X", "title": "Lamp", "quantity": 2, "price": 10.25 },
                { "sku": "Y", "title": "Shade", "quantity": 1, "price": 5 },
            ],
        },
        {
            "order": { "number": "1002", "placed": "2026-03-02T10:00:00Z" },
            "buyer": { "ref": "c-2" }, "totals": { "paid": 3, "currency": "EUR" }, "line_items": [],
        },
    ]);
    let maps = [
        "order.number=order_id",
        "order.placed=ordered_at",
        "buyer.ref=customer_id",
        "buyer.contact.email=email",
        "totals.paid=amount",
        "totals.currency=currency",
    ];
    let lines = orders
        .as_array()
        .expect("a list")
        .iter()
        .map(|order| {
            format!(
                "{order}
"
            )
        })
        .collect::<String>();
    for (name, text) in [("orders.json", orders.to_string()), ("orders.ndjson", lines)] {
        let found = entries(&TestFile::new(name, text).path(), &mapped(&maps));
        assert_eq!(found.iter().map(|order| order.who.as_str()).collect::<Vec<_>>(), ["c-1", "c-2"], "{name}");
        let event = &found[0].events[0];
        assert_eq!(event["context"]["traits"]["email"], "anna@example.com");
        let properties = &event["properties"];
        assert_eq!(
            (&properties["order_id"], &properties["total"], &properties["currency"]),
            (&json!("1001"), &json!("25.50"), &json!("EUR"))
        );
        let products = properties["products"].as_array().expect("lines");
        let shown: Vec<_> =
            products.iter().map(|one| (one["sku"].clone(), one["name"].clone(), one["quantity"].clone())).collect();
        assert_eq!(shown, [(json!("X"), json!("Lamp"), json!(2)), (json!("Y"), json!("Shade"), json!(1))]);
    }
}

#[test]
fn what_the_elements_of_a_list_are_called_is_said_once_for_all_of_them() {
    let text = r#"{"customer_id":"a","order_id":"1","ordered_at":"2026-03-01","currency":"EUR",
        "basket":{"rows":[{"article":{"no":"X"},"count":2,"each":"4.50","rebate":"1.00"},{"article":{"no":"Y"},"count":1,"each":"3.00"}]}}"#;
    let maps = [
        "basket.rows.article.no=sku",
        "basket.rows[].count=quantity",
        "basket.rows.each=unit_price",
        "basket.rows.rebate=line_discount",
    ];
    let found = entries(&TestFile::new("orders.json", text).path(), &mapped(&maps));
    let properties = &found[0].events[0]["properties"];
    assert_eq!(properties["total"], "11.00");
    assert_eq!(properties["products"][0]["sku"], "X");
    assert_eq!(properties["products"][1]["quantity"], 1);
}

#[test]
fn an_order_with_more_lines_than_columns_can_be_named_is_read_whole() {
    let lines: Vec<_> = (0..900)
        .map(|number| json!({ "sku": format!("S{number}"), "quantity": 1, "price": 1, "name": "Bead" }))
        .collect();
    let order =
        json!({ "customer_id": "a", "order_id": "1", "ordered_at": "2026-03-01", "currency": "EUR", "items": lines });
    let found = entries(&TestFile::new("orders.json", order.to_string()).path(), &options());
    // An event has its first hundred lines; what was paid is that of all.
    let properties = &found[0].events[0]["properties"];
    assert_eq!(properties["total"], "900.00");
    assert_eq!(properties["products"][99]["sku"], "S99");
}
