//! Uploaded files: each line is accepted or rejected on its own.

use crate::stage::Stage;
use crate::values::{ODD_TEXTS, cases, runtime};
use proptest::collection::vec;
use proptest::prelude::*;
use rekindle_imports::history::Reader;
use rekindle_platform::gateway::Body;
use serde_json::json;
use std::cell::Cell;

/// A line of a table that is wrong in some way; without a quote, which would rightly reach into the next line.
fn odd_line() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        3 => proptest::sample::select(vec!["email", "sms", "a@x.example", "+442071838750", "stop", "2026-03-02T10:00:00Z", "anna", "12.50", "1997-01-01"]).prop_map(str::to_owned),
        2 => proptest::sample::select(ODD_TEXTS.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => Just("x".repeat(5_000)),
    ];
    vec(cell, 0..8).prop_map(|cells| cells.join(",").replace(['"', '\n', '\r'], ""))
}

#[test]
fn every_good_line_of_a_suppression_list_is_accepted_whatever_the_others_are() {
    let runtime = runtime();
    let stage = runtime.block_on(Stage::new());
    let shop = runtime.block_on(stage.shop("quartz", "Quartz"));
    let number = Cell::new(0);
    cases(120)
        .run(&(any::<bool>(), vec(odd_line(), 0..5)), |(is_json, odd)| {
            number.set(number.get() + 1);
            let address = |which: &str| format!("{which}-{}@x.example", number.get());
            let line = |which: &str| match is_json {
                true => json!({ "channel": "email", "address": address(which), "cause": "stop" }).to_string(),
                false => format!("email,{},stop", address(which)),
            };
            let mut lines = if is_json { Vec::new() } else { vec!["channel,address,cause".to_owned()] };
            lines.push(line("first"));
            lines.extend(odd);
            lines.push(line("last"));
            let answer = runtime.block_on(stage.call("POST", "/v1/suppressions", &shop.admin, lines.join("\n")));
            prop_assert_eq!(answer.status, 200, "{:?}", answer);
            for which in ["first", "last"] {
                let path = format!("/v1/suppressions/email/{}", address(which));
                let there = runtime.block_on(stage.call("DELETE", &path, &shop.admin, ""));
                prop_assert_eq!(there.status, 409, "{} of {:?}: {:?}", which, lines, answer);
            }
            Ok(())
        })
        .expect("good lines are taken");
}

#[test]
fn any_bytes_as_a_list_get_an_answer() {
    let runtime = runtime();
    let stage = runtime.block_on(Stage::new());
    let shop = runtime.block_on(stage.shop("quartz", "Quartz"));
    let bytes = prop_oneof![
        vec(any::<u8>(), 0..300),
        vec(odd_line(), 0..6).prop_map(|lines| format!("channel,address\n{}", lines.join("\n\"")).into_bytes()),
        any::<String>().prop_map(String::into_bytes),
    ];
    let path = proptest::sample::select(vec![
        "/v1/suppressions",
        "/v1/coupons/pools/spring",
        "/v1/tasks/aaaaaaaaaaaaaaaaaaaaaaaaaa/notes",
    ]);
    cases(250)
        .run(&(path, bytes), |(path, bytes)| {
            let answer = runtime.block_on(stage.call("POST", path, &shop.admin, Body::Binary(bytes)));
            prop_assert!(answer.status < 500, "{answer:?}");
            Ok(())
        })
        .expect("every list is answered");
}

#[test]
fn every_good_row_of_an_order_history_is_read_whatever_the_others_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orders.csv");
    cases(200)
        .run(&vec(odd_line(), 0..6), |odd| {
            let mut lines = vec![
                "customer_id,order_id,ordered_at,amount,currency".to_owned(),
                "anna,first,1997-01-01,3,EUR".to_owned(),
            ];
            lines.extend(odd);
            lines.push("bela,last,1997-01-02,4.50,EUR".to_owned());
            std::fs::write(&file, lines.join("\n")).expect("written");
            let rows: Vec<_> = Reader::open(&file).expect("a header").filter_map(Result::ok).collect();
            let has = |order: &str| rows.iter().any(|row| format!("{row:?}").contains(order));
            prop_assert!(has("first") && has("last"), "{lines:?}");
            Ok(())
        })
        .expect("good rows are read");
}

#[test]
fn any_bytes_as_an_order_history_are_read_to_their_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orders");
    let bytes = prop_oneof![
        vec(any::<u8>(), 0..400),
        any::<String>().prop_map(String::into_bytes),
        vec(odd_line(), 0..6).prop_map(|lines| format!(
            "customer_id,order_id,ordered_at,amount\n{}",
            lines.join("\"\n")
        )
        .into_bytes()),
        vec(any::<u8>(), 0..100).prop_map(|bytes| [b"{\"customer_id\":1}\n".to_vec(), bytes].concat()),
    ];
    cases(300)
        .run(&bytes, |bytes| {
            std::fs::write(&file, &bytes).expect("written");
            if let Ok(reader) = Reader::open(&file) {
                prop_assert!(reader.count() <= bytes.len() + 1);
            }
            Ok(())
        })
        .expect("every file is read");
}
