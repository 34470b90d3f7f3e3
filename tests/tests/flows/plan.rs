//! What `rekindle plan` says of a history is what the engine then does on it, customer by customer and message by message.

use crate::cdnow;
use crate::stage::{EVERYBODY, Stage, instant, order_at};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_inbound::Received;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::money::Currency;
use rekindle_lifecycle::policy::Policy;
use rekindle_local_stack::SHOP;
use rekindle_planning::{History, Outcome, PartsOfText, Planned, Span, Terms, plan};
use serde_json::{Value, json};

struct OnePart;

impl PartsOfText for OnePart {
    fn count(&self, _: &Policy, _: &Customer, _: &Message) -> u32 {
        1
    }
}

/// What a plan says of some events.
fn planned(events: &[Value], policy: &str, from: &str, until: &str) -> (Planned, Vec<Outcome>) {
    let policy = Policy::parse(policy).expect("a policy");
    let received = Received::history(TimeZone::UTC, Currency::parse("USD").expect("a currency"), Timestamp::now());
    let mut history = History::new(received).expect("room");
    events.iter().for_each(|event| history.add(event).expect("a good event"));
    let span = Span { from: instant(from), until: instant(until) };
    let terms = Terms { policy: &policy, shop: ShopId::parse(SHOP).expect("an id"), span, text_parts: &OnePart };
    let mut outcomes = Vec::new();
    let [planned] = plan(&history, [&terms], |[found]| outcomes.extend(found)).expect("played");
    (planned, outcomes)
}

/// Asserts that the stack holds what the plan said: the same customers in the same stages, the same messages at the same instants,
/// and the same reasons why others were not sent.
async fn assert_agree(stage: &Stage, (planned, outcomes): (Planned, Vec<Outcome>)) {
    for outcome in outcomes.iter().filter(|outcome| !outcome.id.as_str().starts_with("guest:")) {
        let id = outcome.id.as_str();
        let said: Vec<_> = outcome.messages.iter().map(|sent| (sent.at, &*sent.journey, &*sent.step)).collect();
        let messages = stage.messages(id).await;
        let went_out = messages.iter().filter(|message| message.state.was_accepted());
        let mut done: Vec<_> = went_out
            .map(|message| (message.accepted_at.expect("accepted"), &*message.journey, &*message.step))
            .collect();
        done.sort_unstable();
        assert_eq!(said, done, "left is what was planned for {id}, right what the engine did");
        assert_eq!(outcome.stage, stage.customer(id).await.stage, "{id}");
    }
    let overview = stage.overview().await;
    assert_eq!((planned.customers, planned.orders), (overview.customers, overview.orders));
    assert_eq!(planned.stages, overview.stages);
    assert_eq!(planned.messages, overview.messages);
    assert_eq!(planned.held_back, overview.suppressed);
    assert_eq!(planned.waiting, overview.unsettled.values().sum::<u64>(), "{:?}", overview.unsettled);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_for_real_orders_is_what_the_engine_does_on_them() {
    let (customers, until) = (cdnow::customers(24), "1998-07-01T00:00:00Z");
    let mut stage = Stage::at(cdnow::BEGINNING, |_| {}).await;
    stage.stack.store.put_policy(&stage.stack.shop.id, "").await.expect("the default policy");
    cdnow::play(&mut stage, &customers, until).await;
    let found = planned(&cdnow::events(&customers), "", cdnow::BEGINNING, until);
    assert!(found.0.sent() > 600 && found.0.held_back["holdout"] > 10, "{:?}", found.0.held_back);
    assert_agree(&stage, found).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_switched_on_later_does_what_the_plan_says_of_the_backlog() {
    let policy = format!("{EVERYBODY}[frequency_cap]\nwindow = \"14d\"\ntotal = 1\n");
    let (customers, from, until) = (cdnow::customers(40), "1997-05-01T00:00:00Z", "1997-12-01T00:00:00Z");
    let mut stage = Stage::at(from, |_| {}).await;
    stage.stack.store.put_policy(&stage.stack.shop.id, &policy).await.expect("valid");
    let events = cdnow::events(&customers);
    let happened: Vec<Value> = events.iter().filter(|event| at(event) < instant(from)).cloned().collect();
    stage.take(&happened).await;
    cdnow::play(&mut stage, &customers, until).await;
    let found = planned(&events, &policy, from, until);
    assert!(found.0.sent() > 100, "{:?}", found.0.messages);
    let waited =
        [&found.0.delayed, &found.0.held_back].into_iter().filter_map(|of| of.get("frequency_cap")).sum::<u64>();
    assert!(waited > 10, "{:?} {:?}", found.0.delayed, found.0.held_back);
    assert_agree(&stage, found).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn families_guests_refusals_and_refunds_are_planned_as_they_come() {
    let (from, until) = (crate::stage::BEGINNING, "2026-12-01T10:00:00Z");
    let mut stage = Stage::new().await;
    let mut events = Vec::new();
    for (number, (customer, day, hour, more)) in [
        ("anna", 3, 10, json!({ "email": "family@example.com", "phone": "+442071838750" })),
        (
            "ben",
            4,
            22,
            json!({ "email": "Family@example.com", "sms_marketing_consent": true, "phone": "+442071838750" }),
        ),
        ("cleo", 5, 11, json!({ "email": "cleo@example.com", "email_marketing_consent": false })),
        ("dan", 6, 12, json!({ "email": "dan@example.com" })),
        ("eve", 7, 19, json!({ "email": "eve@example.com", "timezone": "America/New_York" })),
        ("anna", 20, 10, json!({ "email": "family@example.com" })),
        ("ben", 25, 8, json!({ "email": "family@example.com", "email_marketing_consent": false })),
        ("eve", 28, 9, json!({ "email": "eve@example.com", "email_marketing_consent": true })),
    ]
    .into_iter()
    .enumerate()
    {
        let mut order =
            order_at(customer, &format!("o{number}"), instant(&format!("2026-03-{day:02}T{hour:02}:30:00Z")));
        order["context"]["traits"] = more;
        events.push(order);
    }
    // A guest who orders again with an id, one who never does, and an order that is taken back within the hour.
    for (number, (email, day)) in [("cleo@example.com", 9), ("fay@example.com", 10)].into_iter().enumerate() {
        let mut guest = order_at("fay", &format!("g{number}"), instant(&format!("2026-03-{day:02}T10:30:00Z")));
        guest["userId"] = Value::Null;
        guest["context"]["traits"] = json!({ "email": email });
        events.push(guest);
    }
    let mut refund = events[3].clone();
    refund["event"] = json!("Order Refunded");
    refund["messageId"] = json!("refund");
    refund["timestamp"] = json!("2026-03-06T12:50:00Z");
    events.push(refund);
    events.sort_by_key(at);
    for event in &events {
        stage.pass_to(at(event)).await;
        stage.take(std::slice::from_ref(event)).await;
    }
    stage.pass_to(instant(until)).await;
    let found = planned(&events, EVERYBODY, from, until);
    assert!(found.0.held_back.contains_key("same_mailbox") && found.0.held_back.contains_key("no_consent"));
    assert_agree(&stage, found).await;
}

fn at(event: &Value) -> Timestamp {
    instant(event["timestamp"].as_str().expect("a timestamp"))
}
