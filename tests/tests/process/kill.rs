//! `rekindle serve` killed with `kill -9` under load, again and again: every acknowledged event is in the tables, and
//! no customer gets anything twice. Four times in a usual run; `KILLS=100 cargo test --workspace --test process killed` does it
//! for some four minutes.

use crate::program::{Server, assert_unique, mailed, wait_for};
use rekindle_emulators::Durability;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_local_stack::{DataDir, Overview, SHOP, Stack, StackTime};
use rekindle_store::CustomerKey;
use rekindle_store::shop::api_keys::Role;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Everybody is written to at once, at any hour.
const AT_ONCE: &str = include_str!("../../policies/at_once.toml");

/// Runs something on the stack of a directory in this process.
fn inside<T>(data: &Path, work: impl AsyncFnOnce(&Stack) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let data = Arc::new(DataDir::take(data).expect("nobody else runs on it"));
        let stack = Stack::start(data, StackTime::Real, Durability::Full, "http://127.0.0.1:1").await.expect("a stack");
        work(&stack).await
    })
}

fn order(customer: &str) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "userId": customer, "messageId": format!("{customer}-order"),
        "timestamp": jiff::Timestamp::now().to_string(),
        "properties": { "order_id": format!("{customer}-order"), "total": "12.00", "currency": "EUR" },
        "context": { "traits": { "email": format!("{customer}@example.com") } },
    })
}

/// Posts orders of new customers until the server is gone; the customers whose order was acknowledged.
fn load(url: &str, key: &str, name: &str, pause: Duration, stop: &AtomicBool) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let customers: Vec<String> = (0..4).map(|nth| format!("{name}-{number}-{nth}")).collect();
        let batch: Vec<Value> = customers.iter().map(|customer| order(customer)).collect();
        match crate::program::post(url, "/v1/batch", key, &json!({ "batch": batch })) {
            Some((200, answer)) if answer["accepted"] == json!(4) => acknowledged.extend(customers),
            // Cut off or refused: it may or may not be stored, and nobody was promised anything.
            _ => {}
        }
        std::thread::sleep(pause);
    }
    acknowledged
}

#[test]
fn a_server_killed_under_load_loses_nothing_that_it_acknowledged_and_repeats_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let shop = ShopId::parse(SHOP).expect("an id");
    let key = inside(&data, async |stack| {
        stack.store.put_policy(&shop, AT_ONCE).await.expect("a valid policy");
        stack.shop.new_key(&stack.store, Role::Write, stack.time.now()).await.expect("a key")
    });
    let kills: usize = std::env::var("KILLS").map_or(4, |kills| kills.parse().expect("KILLS is a number"));
    // So that the last start has caught up within seconds.
    let pause = Duration::from_millis(60).max(Duration::from_millis(15) * u32::try_from(kills).expect("few"));
    let mut acknowledged = Vec::new();
    for (round, milliseconds) in [1_900, 1_300, 2_600, 1_700].into_iter().cycle().take(kills).enumerate() {
        let server = Server::start(&data, &[]);
        let stop = Arc::new(AtomicBool::new(false));
        let posting: Vec<_> = (0..3)
            .map(|worker| {
                let (url, key, stop) = (server.url.clone(), key.clone(), Arc::clone(&stop));
                std::thread::spawn(move || load(&url, &key, &format!("c{round}-{worker}"), pause, &stop))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(milliseconds));
        server.kill();
        stop.store(true, Ordering::SeqCst);
        for worker in posting {
            acknowledged.extend(worker.join().expect("no panic"));
        }
        assert_unique(mailed(&data));
    }
    assert!(acknowledged.len() > 100, "only {} orders were taken", acknowledged.len());

    // Started once more and left alone, it catches up.
    let server = Server::start(&data, &[]);
    wait_for(|| {
        let overview = server.get("/local/overview");
        let folded = overview["orders"].as_u64() >= Some(acknowledged.len() as u64);
        (folded && overview["unsettled"].get("queued").is_none()).then_some(())
    });
    server.kill();
    let ids = mailed(&data);
    assert_unique(ids.clone());
    let overview = inside(&data, async |stack| {
        for customer in &acknowledged {
            let customer = CustomerId::parse(customer).expect("an id");
            let key = CustomerKey { shop: shop.clone(), customer };
            let facts = stack.store.facts_of(&key).all().await.expect("facts");
            assert_eq!(facts.len(), 1, "an acknowledged order is missing");
            assert_eq!(stack.store.customer(&key).await.expect("a customer").folded.orders.recent().len(), 1);
        }
        Overview::scan(stack).await.expect("the tables")
    });
    assert!(overview.customers >= acknowledged.len() as u64);
    let unsettled: u64 = overview.unsettled.values().sum();
    // A mail that was under way at a kill waits for its lease and for evidence; the others have arrived.
    assert_eq!(overview.sent() + unsettled, overview.customers, "{:?}", overview.unsettled);
    let under_way = 10 * (kills as u64 + 1);
    assert!(unsettled <= under_way, "ten are under way at once at each kill: {:?}", overview.unsettled);
    assert!(overview.sent() <= ids.len() as u64, "more is counted as sent than was");
    let (acknowledged, mails) = (acknowledged.len(), ids.len());
    // Past the test harness, which keeps what tests print to itself.
    let told = format!("{kills} times, {acknowledged} orders acknowledged, {mails} mails");
    writeln!(std::io::stdout(), "  killed: {told}; lost 0, doubled 0, {unsettled} under way").expect("somebody reads");
}
