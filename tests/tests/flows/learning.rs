//! What a stack learns by itself, at night, from what its shops' customers did.

use crate::cdnow;
use crate::stage::{Stage, key, order_at};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use rekindle_insight::learned::{Learned, LearningTerms};
use rekindle_insight::{Day, History};
use rekindle_learning::OrderHistory;
use rekindle_lifecycle::customer::Arm;
use rekindle_lifecycle::money::Currency;
use rekindle_lifecycle::stage::Stage as LifeStage;
use rekindle_local_stack::SHOP;
use serde_json::{Value, json};

/// What the same events tell when they are at hand, as of the day before the stage's present.
fn learned_at_hand(stage: &Stage, events: &[Value], currency: &str) -> Value {
    let currency = Currency::parse(currency).expect("a currency");
    let mut history = OrderHistory::new(TimeZone::UTC, currency, stage.now());
    events.iter().for_each(|event| history.add(event).expect("a good event"));
    let through = stage.now().to_zoned(TimeZone::UTC).date().checked_sub(1.day()).expect("a day");
    let through = History::from_the_beginning(Day::from_date(through)).with_decimal_places(2);
    json!(Learned::from_buyers(through, &history.buyers(SHOP, currency), &LearningTerms::default()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stack_learns_is_to_the_byte_what_the_same_history_tells_at_hand() {
    let mut stage = Stage::at("1998-07-01T10:00:00Z", |_| {}).await;
    let events = cdnow::events(&cdnow::customers(8));
    for batch in events.chunks(200) {
        stage.take(batch).await;
    }
    stage.settle().await;
    stage.pump.learn().await.expect("learned");
    let answer = stage.administer("GET", "/v1/reports/learned", "").await;
    let expected = learned_at_hand(&stage, &events, "USD");
    assert!(expected["data"]["customers"].as_u64() > Some(200), "{}", expected["data"]);
    assert_eq!(answer["report"].to_string(), expected.to_string());
    assert_eq!((&answer["through"], &answer["currency"]), (&json!("1998-06-30"), &json!("USD")));
    let subject = stage.administer("GET", "/v1/reports/second_order", "").await;
    assert_eq!(subject["report"], expected["second_order"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_refunds_guests_and_repeats_are_learned_as_they_are_counted() {
    let mut stage = Stage::new().await;
    let day = |days_ago: i64| stage.now() - SignedDuration::from_hours(24 * days_ago);
    let track = |customer: &str, event: &str, order: &str, days_ago: i64, total: &str, lines: usize| {
        json!({
            "type": "track", "event": event, "userId": customer, "messageId": format!("{order}-{event}"),
            "timestamp": day(days_ago).to_string(),
            "properties": {
                "order_id": order, "total": total, "currency": "EUR",
                "products": (0..lines).map(|n| json!({ "product_id": format!("p{n}"), "quantity": 1 })).collect::<Vec<_>>(),
            },
        })
    };
    let mut events = vec![
        track("anna", "Order Completed", "a1", 40, "30.00", 3),
        track("anna", "Order Updated", "a1", 39, "25.00", 25),
        track("anna", "Order Completed", "a2", 12, "9.00", 0),
        track("bela", "Order Completed", "b1", 30, "50.00", 1),
        track("bela", "Order Refunded", "b1", 28, "20.00", 0),
        track("cleo", "Order Completed", "c1", 30, "50.00", 1),
        track("cleo", "Order Cancelled", "c1", 29, "50.00", 0),
    ];
    // More than are kept in full, and one of the old ones is refunded.
    events.extend((0..12).map(|n| track("dora", "Order Completed", &format!("d{n}"), 300 - 20 * n, "12.34", 2)));
    events.push(track("dora", "Order Refunded", "d1", 3, "2.00", 0));
    stage.take(&events).await;
    stage.take(&events).await;
    stage.settle().await;
    stage.pump.learn().await.expect("learned");
    let answer = stage.administer("GET", "/v1/reports/learned", "").await;
    assert_eq!(answer["report"], learned_at_hand(&stage, &events, "EUR"));
    assert_eq!(answer["report"]["data"]["customers"], 3, "cleo's order was called off");
}

/// Customers of whom every second one came back after some forty days, the others not in a hundred days and more; and of one who ordered
/// sixty days ago.
pub(crate) async fn who_return_early(stage: &mut Stage) {
    let mut events = Vec::new();
    for number in 0..120 {
        let first = stage.now() - SignedDuration::from_hours(24 * (100 + number));
        let customer = format!("c{number}");
        events.push(order_at(&customer, &format!("{number}-1"), first));
        if number % 2 == 0 {
            let later = first + SignedDuration::from_hours(24 * (40 + number % 3));
            events.push(order_at(&customer, &format!("{number}-2"), later));
        }
    }
    let lately = stage.now() - SignedDuration::from_hours(24 * 60);
    events.push(order_at("between", "between-1", lately));
    stage.take(&events).await;
    stage.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_proposal_that_people_accept_is_in_the_policy_and_one_that_they_reject_is_not() {
    let mut stage = Stage::new().await;
    who_return_early(&mut stage).await;
    assert_eq!(stage.administer("GET", "/v1/proposals", "").await, json!({ "proposals": [] }));
    stage.pump.learn().await.expect("learned");
    let latest = stage.administer("GET", "/v1/reports/thresholds", "").await;
    let of_that_day = stage.administer("GET", "/v1/reports/thresholds?day=2026-03-01", "").await;
    assert_eq!(latest, of_that_day);
    let listed = stage.administer("GET", "/v1/proposals?standing=open", "").await;
    let subjects: Vec<&str> =
        listed["proposals"].as_array().expect("a list").iter().filter_map(|of| of["subject"].as_str()).collect();
    assert!(subjects.contains(&"inactive-first") && subjects.contains(&"lapsed-first"), "{subjects:?}");

    let shown = stage.administer("GET", "/v1/proposals/inactive-first", "").await;
    let new = shown["new"].as_u64().expect("days");
    assert!(shown["old"] == 90 && (38..60).contains(&new), "{shown}");
    let would = &shown["would_do_today"]["stages"];
    assert_eq!(
        would["moves"],
        json!([{ "from": "active", "to": "inactive", "customers": 1 }]),
        "who is silent for 60 days"
    );
    let accepted = stage.administer("POST", "/v1/proposals/inactive-first/accept", "").await;
    assert_eq!(accepted["version"], 2, "{accepted}");
    let policy = stage.administer("GET", "/v1/policy", "").await;
    let policy = policy.as_str().expect("a text");
    assert!(policy.contains(&format!("[stages.silence.first]\ninactive = \"{new}d\"\nlapsed = \"180d\"")), "{policy}");
    assert!(policy.contains("holdout = 0.0"), "the rest stays: {policy}");
    let (status, again) = stage.try_to_administer("POST", "/v1/proposals/inactive-first/accept", "").await;
    assert_eq!(status, 404, "{again}");
    assert_eq!(stage.customer("between").await.stage, LifeStage::Active);
    stage.pass("2m").await;
    stage.stack.handlers.advance.advance_customer(&key("between"), &[], false).await.expect("advanced");
    assert_eq!(stage.customer("between").await.stage, LifeStage::Inactive);

    stage.administer("POST", "/v1/proposals/lapsed-first/reject", "").await;
    let after = stage.administer("GET", "/v1/policy", "").await;
    assert_eq!(after, policy);
    let listed = stage.administer("GET", "/v1/proposals", "").await;
    let standing = |subject: &str| {
        let found = listed["proposals"].as_array().expect("a list").iter().find(|of| of["subject"] == subject);
        found.map(|of| (of["standing"].clone(), of["decided"]["by"].is_string()))
    };
    assert_eq!(standing("inactive-first"), Some((json!("accepted"), true)));
    assert_eq!(standing("lapsed-first"), Some((json!("rejected"), true)));
    let (status, unknown) = stage.try_to_administer("GET", "/v1/proposals/holdout", "").await;
    assert_eq!(status, 404);
    assert!(unknown["detail"].as_str().is_some_and(|detail| detail.contains("honeymoon")), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn who_should_have_been_looked_at_is_and_who_an_earlier_version_counted_is_counted_again() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    let old: Vec<Value> = (0..9)
        .map(|n| order_at("bela", &format!("b{n}"), stage.now() - SignedDuration::from_hours(24 * (200 - 9 * n))))
        .collect();
    stage.take(&old).await;
    stage.pass("2h").await;
    // Anna sleeps: what is due for her is in no index. Bela's days were not kept.
    let table = &stage.stack.store.tables().customers;
    let (anna, bela) = (key("anna").pk(), key("bela").pk());
    let client = stage.stack.dynamodb();
    let asleep = client.update_item().table_name(table).key("pk", AttributeValue::S(anna));
    asleep.update_expression("REMOVE due_shard, due_at").send().await.expect("written");
    let item = client.get_item().table_name(table).key("pk", AttributeValue::S(bela.clone())).send().await;
    let folded = item.expect("read").item.expect("a customer")["folded"].as_s().expect("JSON").clone();
    let mut folded: Value = serde_json::from_str(&folded).expect("JSON");
    let rolled = folded.as_object_mut().expect("folded").values_mut().find_map(|part| part.get_mut("r"));
    rolled.and_then(Value::as_object_mut).expect("totals").remove("d").expect("days");
    let without = client.update_item().table_name(table).key("pk", AttributeValue::S(bela));
    let without = without.update_expression("SET folded = :folded");
    without
        .expression_attribute_values(":folded", AttributeValue::S(folded.to_string()))
        .send()
        .await
        .expect("written");

    stage.pass("3d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"], "the guide is overdue, and nobody looks");
    stage.pump.learn().await.expect("learned");
    let (status, none) = stage.try_to_administer("GET", "/v1/reports/data", "").await;
    assert_eq!(status, 404, "as long as so large a part of the customers is missing there is no report: {none}");
    stage.pass("1h").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks", "welcome/guide"]);
    let bela = stage.customer("bela").await;
    let calendar = &rekindle_lifecycle::policy::Policy::built_in().calendar;
    assert_eq!(bela.folded.orders.days(calendar).expect("known now").kept().len(), 9);
    stage.pass("1d").await;
    stage.pump.learn().await.expect("learned");
    assert_eq!(stage.administer("GET", "/v1/reports/data", "").await["report"]["customers"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn which_arm_was_drawn_is_kept_and_told_with_what_it_changed() {
    let mut stage = Stage::new().await;
    let policy = "[experiment]\nholdout = 0.5\ncontrol_group = 0.25\n";
    stage.stack.store.put_policy(&stage.stack.shop.id, policy).await.expect("a policy");
    stage.pass("2m").await;
    for number in 0..40 {
        stage.order(&format!("c{number}"), &format!("o{number}")).await;
    }
    stage.pass("2d").await;
    let (mut treated, mut held_out, mut control) = (0, 0, 0);
    for number in 0..40 {
        let name = format!("c{number}");
        let draws = stage.customer(&name).await.decided.draws;
        let arm =
            |journey: Option<&str>| draws.iter().find(|draw| draw.journey.as_deref() == journey).map(|draw| draw.arm);
        let got = !stage.sent(&name).is_empty();
        match (arm(None), arm(Some("welcome"))) {
            (Some(Arm::Holdout), None) => control += 1,
            (Some(Arm::Treated), Some(Arm::Holdout)) => held_out += 1,
            (Some(Arm::Treated), Some(Arm::Treated)) => treated += 1,
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(got, arm(Some("welcome")) == Some(Arm::Treated), "{name}: {draws:?}");
    }
    assert!(treated > 4 && held_out > 4 && control > 2, "{treated} {held_out} {control}");
    stage.pass("40d").await;
    stage.pump.learn().await.expect("learned");
    let lift = stage.administer("GET", "/v1/reports/lift", "").await;
    let trial = |journey: Value| {
        let trials = lift["report"].as_array().expect("trials");
        let found = trials.iter().find(|trial| trial["journey"] == journey).expect("the trial");
        let month = &found["by_window"]["30"];
        (found["holdout_millionths"].clone(), month["n_treated"].clone(), month["n_holdout"].clone())
    };
    assert_eq!(trial(json!("welcome")), (json!(500_000), json!(treated), json!(held_out)));
    assert_eq!(trial(Value::Null), (json!(250_000), json!(treated + held_out), json!(control)));
}
