//! Bad input: the mistake is named, and nothing else is lost.

use super::Shop;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write;

fn order(changes: Value) -> Value {
    let mut order = json!({
        "type": "track", "userId": "c1", "messageId": "m1", "event": "Order Completed",
        "timestamp": "2026-11-22T11:00:00Z", "properties": {"order_id": "o1", "total": 10, "currency": "EUR"},
    });
    merge(&mut order, changes);
    order
}

fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(into.entry(name).or_insert(Value::Null), change);
            }
        }
        (into, change) => *into = change,
    }
}

#[tokio::test]
async fn a_single_event_that_is_refused_and_a_body_that_cannot_be_read_are_problems() {
    let shop = Shop::new().await;
    let mut seen = String::new();
    for (path, body) in [
        ("track", order(json!({"userId": null})).to_string()),
        ("track", "[]".to_owned()),
        ("track", String::new()),
        ("track", "{\"event\":\n \"Order Completed\",}".to_owned()),
        ("batch", "{\"batch\":[{\"type\":\"page\"}".to_owned()),
        ("batch", "{}".to_owned()),
        ("batch", "{\"batch\":{}}".to_owned()),
        ("batch", "7".to_owned()),
    ] {
        let answered = shop.post(&format!("/v1/{path}"), body.clone()).await;
        writeln!(seen, "{path} {body:?}\n  {} {}", answered.status, answered.body).expect("written to memory");
    }
    let answered = shop.post("/v1/track", vec![b'"', 0xff, b'"']).await;
    writeln!(seen, "bytes\n  {} {}", answered.status, answered.body).expect("written to memory");
    insta::assert_snapshot!(seen);
}

#[tokio::test]
async fn one_element_that_is_not_json_does_not_affect_the_others() {
    let shop = Shop::new().await;
    let good = order(json!({})).to_string();
    // Python writes NaN for a missing number, JavaScript half an emoji; neither is valid JSON.
    let not_a_number = good.replace("10", "NaN").replace("o1", "o2");
    let half_an_emoji = good.replace("c1", "\\ud83c").replace("o1", "o3");
    let beyond = good.replace("10", "1e999").replace("o1", "o4");
    let deep = good.replace("10", &format!("{}{}", "[".repeat(500), "]".repeat(500))).replace("o1", "o5");
    let body =
        format!(r#"{{"batch":[{not_a_number},{good},{half_an_emoji},{beyond},{deep}],"writeKey":"{}"}}"#, shop.rig.key);
    let answered = shop.post("/v1/batch", body).await;
    let answer = answered.json();
    assert_eq!((answered.status, &answer["accepted"]), (200, &json!(1)));
    let indexes: Vec<_> =
        answer["rejected"].as_array().expect("a list").iter().map(|one| one["index"].clone()).collect();
    assert_eq!(indexes, [0, 2, 3, 4]);
    assert_eq!(shop.facts().await[0].1.id, "o1");
    assert!(shop.refused().await.iter().any(|refused| refused.body.contains("\"total\":NaN")));
}

#[tokio::test]
async fn a_byte_order_mark_a_byte_of_another_encoding_and_half_of_an_emoji_cost_at_most_their_own_text() {
    let shop = Shop::new().await;
    let named = |id: &str, name: &str| {
        let changes = json!({"userId": id, "properties": {"order_id": id}, "context": {"traits": {"firstName": name}}});
        order(changes).to_string()
    };
    let batch = format!(
        r#"{{"batch":[{},{},{},{}]}}"#,
        named("a", "Anna"),
        named("b", "René"),
        named("c", "Zoe half").replace("half", "\\ud83d"),
        named("é", "Ida"),
    );
    let mut body = b"\xef\xbb\xbf".to_vec();
    // As a program writes it that knows of no encoding but Latin-1.
    body.extend(batch.chars().map(|c| u8::try_from(u32::from(c)).expect("a character of Latin-1")));
    let answer = shop.post("/v1/batch", body).await.json();
    assert_eq!((&answer["accepted"], &answer["rejected"][0]["index"]), (&json!(3), &json!(3)), "{answer}");
    assert!(answer["rejected"][0]["reason"].as_str().is_some_and(|reason| reason.contains("in an id")));
    let names: Vec<_> = shop.facts().await.into_iter().map(|(_, fact)| (fact.id, fact.traits.first_name)).collect();
    let expected = [("a", Some("Anna")), ("b", None), ("c", None)];
    assert_eq!(names, expected.map(|(id, name)| (id.to_owned(), name.map(str::to_owned))));
    for body in [named("d", "Dé"), named("e", "Eve").replace("Eve", "\\udc4d")] {
        let bytes: Vec<u8> = body.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
        assert_eq!(shop.post("/v1/track", bytes).await.status, 200, "{body}");
    }
}

#[tokio::test]
async fn the_record_of_a_refused_call_does_not_contain_the_key() {
    let shop = Shop::new().await;
    let bad = order(json!({"userId": null, "writeKey": shop.rig.key})).to_string();
    shop.post("/v1/track", bad.clone()).await;
    shop.post("/v1/track", format!("{bad}}}")).await;
    let refused = shop.refused().await;
    assert_eq!(refused.len(), 2);
    assert!(refused.iter().all(|refused| !refused.body.contains(&shop.rig.key) && refused.body.contains("(the key)")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn of_a_batch_exactly_the_good_elements_are_stored(bad in proptest::collection::vec(0_usize..6, 0..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let shop = Shop::new().await;
            let element = |(number, kind): (usize, &usize)| {
                let changes = match kind {
                    0 => json!({"userId": null}),
                    1 => json!({"type": "buy"}),
                    2 => json!({"userId": "x".repeat(300)}),
                    _ => json!({}),
                };
                let mut event = order(json!({"messageId": format!("m{number}"), "properties": {"order_id": format!("o{number}")}}));
                merge(&mut event, changes);
                event
            };
            let batch: Vec<Value> = bad.iter().enumerate().map(element).collect();
            let answered = shop.post("/v1/batch", json!({"batch": batch}).to_string()).await;
            let good: Vec<usize> = (0..bad.len()).filter(|index| bad[*index] > 2).collect();
            let mut stored: Vec<String> = shop.facts().await.into_iter().map(|(_, fact)| fact.id).collect();
            let mut expected: Vec<String> = good.iter().map(|number| format!("o{number}")).collect();
            stored.sort();
            expected.sort();
            prop_assert_eq!(stored, expected);
            let answer = answered.json();
            prop_assert_eq!(&answer["accepted"], &json!(good.len()));
            let rejected: Vec<_> = answer["rejected"].as_array().expect("a list").iter().map(|one| one["index"].clone()).collect();
            let expected: Vec<Value> = (0..bad.len()).filter(|index| bad[*index] <= 2).map(|index| json!(index)).collect();
            prop_assert_eq!(rejected, expected);
            prop_assert_eq!(shop.refused().await.len(), bad.len() - good.len());
            Ok(())
        })?;
    }
}
