//! Events posted by shops: every body gets an answer that is no server error, and a good event is never lost to a bad
//! neighbour.

use crate::stage::{Stage, key, order};
use crate::values::{any_json, cases, near_miss, runtime};
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use rekindle_platform::gateway::Body;
use serde_json::{Value, json};
use std::cell::Cell;

/// What is not JSON, though its quotes and brackets match.
const BROKEN: [&str; 10] = [
    "NaN",
    "{\"a\":1e999}",
    "\"\\ud83c\"",
    "{\"a\":01}",
    "{\"a\" 1}",
    "{'a':1}",
    "[1,]",
    "{\"a\":tru}",
    "\"\\x\"",
    "-",
];

#[test]
fn any_bytes_at_any_path_get_an_answer_that_says_what_is_wrong() {
    let runtime = runtime();
    let stage = runtime.block_on(Stage::new());
    let shop = runtime.block_on(stage.shop("quartz", "Quartz"));
    let body = prop_oneof![
        vec(any::<u8>(), 0..300),
        any::<String>().prop_map(String::into_bytes),
        any_json().prop_map(|value| value.to_string().into_bytes()),
        (any_json(), any::<prop::sample::Index>()).prop_map(|(value, at)| {
            let mut text = value.to_string().into_bytes();
            text.truncate(at.index(text.len() + 1));
            text
        }),
    ];
    let path = proptest::sample::select(ingest::ROUTES.iter().map(|route| route.path).collect::<Vec<_>>());
    let encoding = proptest::sample::select(vec!["", "gzip", "identity", "br", "gzip, gzip"]);
    cases(400)
        .run(&(path, encoding, any::<bool>(), body), |(path, encoding, with_key, body)| {
            let request = Request::post(path).header("content-encoding", encoding);
            let key = if with_key { shop.write.as_str() } else { "rk_write_nobody" };
            let request = request.header("authorization", format!("Bearer {key}"));
            let request = request.body(Body::Binary(body)).expect("a request");
            let answer = runtime.block_on(stage.send(request));
            prop_assert!(answer.status < 500, "{answer:?}");
            let told = answer.json();
            if answer.status == 200 {
                prop_assert!(told["accepted"].is_u64(), "{told}");
            } else {
                prop_assert_eq!(answer.kind.as_str(), "application/problem+json");
                prop_assert!(told["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
            }
            Ok(())
        })
        .expect("every body is answered");
}

#[test]
fn no_event_makes_its_neighbours_fail_whatever_it_is() {
    let runtime = runtime();
    let mut stage = runtime.block_on(Stage::new());
    let shop = runtime.block_on(stage.shop("quartz", "Quartz"));
    let now = stage.now();
    let mut rich = order("hostile", "h", now);
    rich["context"] = json!({ "traits": { "email": "h@x.example", "phone": "+442071838750", "timezone": "Europe/Berlin" }, "locale": "de-DE", "page": { "url": "https://x/?referral_code=A" } });
    rich["properties"]["coupon"] = json!("SPRING");
    rich["properties"]["referral_code"] = json!("7KQ2MX4H");
    rich["properties"]["shipping_address"] = json!({ "name": "Anna", "postal_code": "1" });
    let hostile = prop_oneof![
        5 => near_miss(rich).prop_map(|value| value.to_string()),
        1 => any_json().prop_map(|value| value.to_string()),
        1 => proptest::sample::select(BROKEN.to_vec()).prop_map(str::to_owned),
    ];
    let frame = proptest::option::weighted(
        0.5,
        (proptest::sample::select(vec!["sentAt", "context", "writeKey", "shop", "x"]), any_json()),
    );
    let number = Cell::new(0);
    cases(250)
        .run(&(vec(hostile, 1..4), frame), |(hostile, frame)| {
            number.set(number.get() + 1);
            let good = |which: &str| {
                order(&format!("good-{which}-{}", number.get()), &format!("{which}-{}", number.get()), now)
            };
            let mut elements = vec![good("first").to_string()];
            elements.extend(hostile);
            elements.push(good("last").to_string());
            let frame = frame
                .filter(|(_, value)| value.to_string().len() < 100_000)
                .map(|(name, value)| format!(",{}:{value}", json!(name)))
                .unwrap_or_default();
            let body = format!("{{\"batch\":[{}]{frame}}}", elements.join(","));
            let answer = runtime.block_on(stage.call("POST", "/v1/batch", &shop.write, body));
            prop_assert_eq!(answer.status, 200, "{:?}", answer);
            let told = answer.json();
            let indexes: Vec<usize> = told["rejected"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|one| usize::try_from(one["index"].as_u64()?).ok())
                .collect();
            prop_assert!(!indexes.contains(&0) && !indexes.contains(&(elements.len() - 1)), "{told}");
            prop_assert_eq!(told["accepted"].as_u64().expect("a number"), (elements.len() - indexes.len()) as u64);
            for remark in
                told["rejected"].as_array().expect("a list").iter().chain(told["warnings"].as_array().expect("a list"))
            {
                prop_assert!(remark["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{remark}");
            }
            Ok(())
        })
        .expect("every good event is taken");
    // What was stored can be folded and decided about, and every good event has its customer.
    runtime.block_on(async {
        stage.pump.settle().await.expect("nothing that was stored stops the stream");
        for which in ["first", "last"] {
            for number in 1..=number.get() {
                let customer = format!("good-{which}-{number}");
                let stored = stage.stack.store.customer(&key(&shop.id, &customer)).await.expect("read");
                assert_eq!(stored.folded.orders.recent().len(), 1, "{customer}");
            }
        }
        stage.pass(24 * 3).await;
    });
}

#[test]
fn a_single_event_that_is_almost_right_is_accepted_or_refused_with_its_field() {
    let runtime = runtime();
    let stage = runtime.block_on(Stage::new());
    let shop = runtime.block_on(stage.shop("quartz", "Quartz"));
    let now = stage.now();
    let kinds = ["track", "identify", "page", "screen", "group", "alias"];
    let event = json!({
        "userId": "anna", "previousId": "a", "groupId": "g", "messageId": "m", "event": "Order Refunded", "timestamp": now.to_string(),
        "traits": { "email": "a@x.example", "language": "de" }, "properties": { "order_id": "o", "refund_id": "r", "total": 3 },
    });
    let strategy = (proptest::sample::select(kinds.to_vec()), any::<bool>(), near_miss(event));
    cases(400)
        .run(&strategy, |(kind, is_import, event): (_, _, Value)| {
            let path = format!("/v1/{}{kind}", if is_import { "import/" } else { "" });
            let answer = runtime.block_on(stage.call("POST", &path, &shop.write, event.to_string()));
            prop_assert!(matches!(answer.status, 200 | 400 | 413), "{answer:?}");
            prop_assert!(answer.status != 400 || answer.json()["detail"].is_string());
            Ok(())
        })
        .expect("every event is answered");
}
