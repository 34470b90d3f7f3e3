//! What comes in: calls of 100 beside what the engine itself gives, how soon a webhook is answered, and files of two sizes.

use crate::report::{Report, peak_memory};
use crate::stack::{Bench, orders};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use rekindle_imports::history::{Options, Reader};
use rekindle_imports::import::{Checkpoint, Import, Rejects, Target, WriteKey};
use rekindle_local_stack::SHOP;
use rekindle_store::CustomerKey;
use rekindle_store::shop::api_keys::Role;
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const CALLS: &str = "intake: events in calls of 100, one client";
const ENGINE: &str = "intake: the same items by BatchWriteItem alone, as events";
const WEBHOOKS: &str = "intake: webhooks of an order, one client";
const IMPORTED: [(&str, usize); 2] =
    [("intake: rows of a file of 10,000", 10_000), ("intake: rows of a file of 100,000", 100_000)];
/// What is measured here.
pub(crate) const MEASUREMENTS: [&str; 5] = [CALLS, ENGINE, WEBHOOKS, IMPORTED[0].0, IMPORTED[1].0];

/// Calls of a round.
const BATCHES: usize = 10;
/// Most items of a BatchWriteItem, by DynamoDB's limit.
const MAX_BATCH_LEN: usize = 25;
const DELIVERIES: usize = 200;
const SECRET: &str = "shopify-key-0123456789";
/// The argument with which the benchmark starts itself to import a file, so that the importer's memory is its own.
const IMPORT: &str = "import-for-benchmark";

/// A round of calls, each followed by its own items written once more without anything around them: both meet the same moments of the
/// machine.
pub(crate) async fn round(bench: &Bench, report: &mut Report, round: usize) {
    if !report.wants_any(&[CALLS, ENGINE]) {
        return;
    }
    let (mut calls, mut alone, mut items) = (Duration::ZERO, Duration::ZERO, 0);
    for batch in 0..BATCHES {
        let buyers: Vec<String> = (0..100).map(|number| format!("buyer-{round}-{batch}-{number}")).collect();
        let events = orders(&buyers, 0, bench.now());
        let started = Instant::now();
        bench.post(events).await;
        calls += started.elapsed();
        let stored = stored_again(bench, &buyers).await;
        items += stored.len();
        let started = Instant::now();
        write(bench, stored).await;
        alone += started.elapsed();
    }
    report.round(CALLS, BATCHES * 100, calls);
    report.round(ENGINE, BATCHES * 100, alone);
    report.note(format!("intake: {items} items are stored of {} events", BATCHES * 100));
    report.share(CALLS, ENGINE);
}

/// The items that the customers have, under keys of others.
async fn stored_again(bench: &Bench, buyers: &[String]) -> Vec<HashMap<String, AttributeValue>> {
    let (client, table) = (bench.stack.dynamodb(), bench.stack.store.tables().activity.clone());
    let mut items = Vec::new();
    for buyer in buyers {
        let key = CustomerKey::parse(&format!("{SHOP}#{buyer}")).expect("a customer");
        let query = client.query().table_name(&table).key_condition_expression("pk = :pk");
        let found = query.expression_attribute_values(":pk", AttributeValue::S(key.pk())).send().await.expect("items");
        for mut item in found.items.unwrap_or_default() {
            item.insert("pk".to_owned(), AttributeValue::S(format!("{}-again", key.pk())));
            items.push(item);
        }
    }
    items
}

/// Writes items as the store does: 25 a call, four calls at a time.
async fn write(bench: &Bench, items: Vec<HashMap<String, AttributeValue>>) {
    use futures::{StreamExt, stream};
    let (client, table) = (bench.stack.dynamodb(), &bench.stack.store.tables().activity);
    let put = |item| {
        let put = PutRequest::builder().set_item(Some(item)).build().expect("a put");
        WriteRequest::builder().put_request(put).build()
    };
    let requests: Vec<WriteRequest> = items.into_iter().map(put).collect();
    let calls = stream::iter(requests.chunks(MAX_BATCH_LEN).map(<[WriteRequest]>::to_vec));
    let calls = calls.map(|batch| client.batch_write_item().request_items(table, batch).send());
    let mut answers = calls.buffer_unordered(4);
    while let Some(answer) = answers.next().await {
        assert!(answer.expect("written").unprocessed_items.unwrap_or_default().is_empty());
    }
}

/// How long it takes until a delivery is answered, of deliveries that come one after the other.
pub(crate) async fn webhooks(bench: &Bench, report: &mut Report) {
    if !report.wants(WEBHOOKS) {
        return;
    }
    let admin = bench.stack.shop.new_key(&bench.stack.store, Role::Admin, bench.now()).await.expect("a key");
    let origin = bench.origin.clone();
    let answered = tokio::task::spawn_blocking(move || {
        let connector = json!({ "secrets": [SECRET] });
        ureq::put(format!("{origin}/v1/connectors/shopify"))
            .header("authorization", format!("Bearer {admin}"))
            .send_json(connector)
            .expect("connected");
        let order: Value =
            serde_json::from_str(include_str!("../../../events/webhooks/shopify/orders-paid.json")).expect("an order");
        let deliver = |number: usize| {
            let mut order = order.clone();
            order["id"] = json!(7_000_000_000_000_u64 + number as u64);
            let body = order.to_string();
            let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length");
            mac.update(body.as_bytes());
            let signature = Base64::encode_string(&mac.finalize().into_bytes());
            let started = Instant::now();
            let answer = ureq::post(format!("{origin}/v1/webhooks/shopify/{SHOP}"))
                .header("content-type", "application/json")
                .header("X-Shopify-Topic", "orders/paid")
                .header("X-Shopify-Hmac-Sha256", signature)
                .send(body);
            assert_eq!(answer.expect("an answer").status(), 200);
            started.elapsed()
        };
        for number in 0..20 {
            deliver(number);
        }
        (20..20 + DELIVERIES).map(deliver).collect::<Vec<Duration>>()
    });
    let mut answered = answered.await.expect("delivered");
    report.round(WEBHOOKS, answered.len(), answered.iter().sum());
    answered.sort();
    let at = |share: usize| answered[answered.len() * share / 100].as_secs_f64() * 1_000.0;
    report.note(format!(
        "a webhook is answered within {:.1} ms (median), {:.1} ms (95 of 100), {:.1} ms (99 of 100)",
        at(50),
        at(95),
        at(99)
    ));
}

/// Imports files by a process of their own.
pub(crate) async fn imports(bench: &Bench, report: &mut Report) {
    for (name, rows) in IMPORTED {
        if !report.wants(name) {
            continue;
        }
        let file = bench.directory().join(format!("orders-{rows}.csv"));
        std::fs::write(&file, history(rows)).expect("written");
        let (origin, key) = (bench.origin.clone(), bench.key.clone());
        let child = tokio::task::spawn_blocking(move || {
            let program = std::env::current_exe().expect("this program");
            let mut command = Command::new(program);
            command.arg(IMPORT).arg(&origin).arg(&file).env("REKINDLE_WRITE_KEY", key);
            command.output().expect("started")
        });
        let output = child.await.expect("ended");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let result: Value = serde_json::from_str(text.trim()).expect("a result");
        assert_eq!(result["accepted"], json!(rows), "{result}");
        let took = Duration::from_secs_f64(result["seconds"].as_f64().expect("seconds"));
        report.round(name, rows, took);
        if let Some(kilobytes) = result["peak_kilobytes"].as_u64() {
            report.note(format!("peak memory of the importer of {rows} rows: {:.1} MB", kilobytes as f64 / 1024.0));
        }
    }
}

fn history(rows: usize) -> String {
    let mut text = "customer_id,order_id,ordered_at,amount,currency,email\n".to_owned();
    for row in 0..rows {
        let customer = row % (rows / 3);
        let (day, minor) = (1 + row % 28, 1_000 + row % 9_000);
        let _ = writeln!(
            text,
            "file-{rows}-{customer},file-{rows}-o{row},2025-{:02}-{day:02},{}.{:02},EUR,file-{rows}-{customer}@example.com",
            1 + row % 12,
            minor / 100,
            minor % 100
        );
    }
    text
}

/// If this process was started to import a file, it does so, prints what came of it, and the answer is true.
pub(crate) fn is_importer() -> bool {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(IMPORT) {
        return false;
    }
    let (origin, file) = (arguments.next().expect("an origin"), arguments.next().expect("a file"));
    let key = WriteKey::new(&std::env::var("REKINDLE_WRITE_KEY").expect("a key"));
    let file = Path::new(&file);
    let options = Options { started_at: Timestamp::UNIX_EPOCH, ..Options::default() };
    let reader = Reader::with(file, &options).expect("a history");
    let state = file.with_extension("state");
    let checkpoint = Checkpoint::open(&state, file, &origin, &key, &options.fingerprint(), true).expect("a checkpoint");
    let (rejects, warnings) = (Rejects::default(), Rejects::default());
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut import = Import { reader, target: Target::new(&origin, key), checkpoint, rejects, warnings };
    let summary = runtime.block_on(import.run(|_, _| {})).expect("imported");
    let seconds = started.elapsed().as_secs_f64();
    println!("{}", json!({ "accepted": summary.accepted, "seconds": seconds, "peak_kilobytes": peak_memory() }));
    true
}
