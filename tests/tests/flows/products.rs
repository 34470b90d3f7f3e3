//! What a shop sells is learned from its events, beside everything else and at no cost to it.

use crate::stage::Stage;
use rekindle_lifecycle::facts::Fact;
use rekindle_store::{Store, Tables, keys};
use serde_json::{Value, json};

fn viewed(stage: &Stage, customer: &str, price: &str) -> Value {
    json!({
        "type": "track", "event": "Product Viewed", "userId": customer, "timestamp": stage.now().to_string(),
        "messageId": format!("view-{customer}-{price}"),
        "properties": {
            "product_id": "T-100", "name": "Green tea", "price": price, "currency": "EUR", "brand": "Leaf",
            "url": "https://tea.example/p/green", "image_url": "https://tea.example/i/green.jpg",
        },
    })
}

fn ordered(stage: &Stage, customer: &str, order: &str) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "userId": customer, "timestamp": stage.now().to_string(),
        "messageId": order, "context": { "traits": { "email": format!("{customer}@example.com") } },
        "properties": {
            "order_id": order, "total": "25.00", "currency": "EUR",
            "products": [
                { "product_id": "T-100", "name": "Green tea", "price": "12.50", "quantity": 1 },
                { "product_id": "C-1", "variant": "blue", "name": "Cup", "price": "12.50", "quantity": 1 },
            ],
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn products_are_learned_from_visits_and_orders() {
    let mut stage = Stage::new().await;
    stage.take(&[viewed(&stage, "anna", "12.90"), ordered(&stage, "bela", "b1")]).await;
    stage.settle().await;
    let tea = stage.administer("GET", "/v1/products/T-100", "").await;
    assert_eq!(tea["name"], "Green tea");
    assert_eq!(tea["image_url"], "https://tea.example/i/green.jpg");
    assert_eq!(tea["said_by"], json!([]));
    let cup = stage.administer("GET", "/v1/products/C-1", "").await;
    assert_eq!(cup["variants"][0]["variant"], "blue");
    assert_eq!(cup["variants"][0]["price"], "12.50");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_costs_a_repeat_order_nothing_and_what_is_new_one_write_unit() {
    let mut stage = Stage::new().await;
    stage.take(&[ordered(&stage, "anna", "a1")]).await;
    stage.settle().await;
    let collect = &stage.stack.handlers.collect.store;
    stage.take(&[ordered(&stage, "bela", "b1"), ordered(&stage, "cleo", "c1")]).await;
    let batch = records(&stage).await;
    let ingested = collect.capacity().used();
    assert_eq!(collect::handle(&stage.stack.handlers.collect, batch.clone()).await.expect("handled"), done());
    let after = collect.capacity().used();
    assert_eq!((after.write, after.read), (ingested.write, ingested.read), "both products are known to this process");
    let fresh = collect::Collect { learned: collect::Learned::default(), ..stage.stack.handlers.collect.clone() };
    assert_eq!(collect::handle(&fresh, batch).await.expect("handled"), done());
    let reread = collect.capacity().used();
    assert_eq!((reread.write - after.write, reread.read - after.read), (0.0, 1.0), "a new process reads them once");
    let mut dearer = ordered(&stage, "dora", "d1");
    dearer["properties"]["products"][0]["price"] = json!("13.00");
    stage.take(&[dearer]).await;
    let before = collect.capacity().used();
    let record = records_of("dora", &stage).await;
    assert_eq!(collect::handle(&fresh, json!({ "Records": record })).await.expect("handled"), done());
    assert_eq!(collect.capacity().used().write - before.write, 1.0);
}

fn done() -> Value {
    json!({ "batchItemFailures": [] })
}

/// The records of the stream with the orders of bela and cleo.
async fn records(stage: &Stage) -> Value {
    let mut records = records_of("bela", stage).await;
    records.extend(records_of("cleo", stage).await);
    json!({ "Records": records })
}

/// The records of the stream with a customer's facts.
async fn records_of(customer: &str, stage: &Stage) -> Vec<Value> {
    let key = crate::stage::key(customer);
    let facts = stage.stack.store.facts_of(&key).all().await.expect("facts");
    let record = |fact: &Fact| {
        let (pk, sk) = (key.pk(), keys::fact_sk(fact));
        json!({
            "awsRegion": "eu-central-1", "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb",
            "dynamodb": {
                "ApproximateCreationDateTime": 1, "SequenceNumber": "1", "SizeBytes": 1,
                "Keys": { "pk": { "S": pk }, "sk": { "S": sk } },
                "NewImage": { "pk": { "S": pk }, "sk": { "S": sk }, "fact": { "S": fact.to_json() } },
            },
        })
    };
    facts.iter().map(record).collect()
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn the_shops_own_word_holds_over_what_events_show() {
    let mut stage = Stage::new().await;
    let tea = json!({ "products": [{ "id": "T-100", "name": "Sencha", "price": "14.00", "currency": "EUR" }] });
    stage.administer("PUT", "/v1/products", &tea.to_string()).await;
    stage.skip("1h");
    stage.take(&[viewed(&stage, "anna", "12.90")]).await;
    stage.settle().await;
    let shown = stage.administer("GET", "/v1/products/T-100", "").await;
    assert_eq!((&shown["name"], &shown["price"]), (&json!("Sencha"), &json!("14.00")));
    assert_eq!(shown["image_url"], "https://tea.example/i/green.jpg", "what no source says is learned");
    stage.administer("GET", "/v1/products", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn products_that_cannot_be_learned_hold_up_no_message() {
    let mut stage = Stage::with(|stack| {
        // Its tables are not there.
        let tables = stack.store.tables().clone();
        let gone = Tables { shops: "no-such-table".to_owned(), ..tables };
        stack.handlers.collect.store = Store::new(stack.dynamodb().clone(), gone);
    })
    .await;
    stage.take(&[ordered(&stage, "anna", "a1")]).await;
    stage.pass("2h").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}
