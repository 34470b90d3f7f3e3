//! `rekindle serve` killed with `kill -9` under load, again and again: every acknowledged event is in the tables, and no
//! customer gets anything twice. Four times by default; `KILLS=100 cargo test --workspace --test process killed` takes some
//! minutes.

use rekindle_emulators::Durability;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_local_stack::{DataDir, Overview, SHOP, Stack, StackTime};
use rekindle_store::CustomerKey;
use rekindle_store::shop::api_keys::Role;
use rekindle_tests::patience::{wait_for, wait_while_it_advances};
use rekindle_tests::program::{Server, assert_unique, mailed, post};
use serde_json::{Value, json};
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Every new customer is thanked at once, at any hour.
const THANKS_AT_ONCE: &str = include_str!("../../policies/at_once.toml");
/// How many more orders are acknowledged, and how long after that the server is killed: at moments of the work and not of the
/// clock, so that a slow machine is killed at as many.
const KILLED_AFTER: [(usize, Duration); 4] = [
    (48, Duration::from_millis(7)),
    (24, Duration::from_millis(190)),
    (72, Duration::from_millis(40)),
    (36, Duration::from_millis(83)),
];
/// Between two batches of one client.
const PAUSE: Duration = Duration::from_millis(60);
/// Messages that `send` attempts at a time, so at most this many are in progress at a kill.
const CONCURRENT_ATTEMPTS: u64 = 10;

/// Does something with the stack of a data directory, in this process.
fn inside<T>(data: &Path, work: impl AsyncFnOnce(&Stack) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let data = Arc::new(DataDir::take(data).expect("the directory is free"));
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

/// Posts orders of new customers until `stop` is set, and records the customers whose order was acknowledged.
fn post_orders(url: &str, key: &str, name: &str, acknowledged: &Mutex<Vec<String>>, stop: &AtomicBool) {
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let customers: Vec<String> = (0..4).map(|nth| format!("{name}-{number}-{nth}")).collect();
        let batch: Vec<Value> = customers.iter().map(|customer| order(customer)).collect();
        match post(url, "/v1/batch", key, &json!({ "batch": batch })) {
            Some((200, answer)) if answer["accepted"] == json!(4) => {
                acknowledged.lock().expect("no panic").extend(customers);
            }
            // Cut off or refused: the orders may be stored or not, and nothing was promised.
            _ => {}
        }
        std::thread::sleep(PAUSE);
    }
}

/// How many customers were thanked, as the server counts them.
fn thanked(server: &Server) -> u64 {
    server.get("/local/overview").pointer("/messages/welcome/thanks").and_then(Value::as_u64).unwrap_or(0)
}

/// Whether the engine has counted a customer's order.
fn is_known(server: &Server, admin_key: &str, customer: &str) -> bool {
    let request = ureq::get(format!("{}/v1/customers/{customer}", server.url));
    request.header("authorization", format!("Bearer {admin_key}")).call().is_ok()
}

#[test]
fn a_server_killed_under_load_loses_nothing_that_it_acknowledged_and_repeats_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let shop = ShopId::parse(SHOP).expect("an id");
    let [key, admin_key] = inside(&data, async |stack| {
        stack.store.put_policy(&shop, THANKS_AT_ONCE).await.expect("a valid policy");
        let key = async |role| stack.shop.new_key(&stack.store, role, stack.time.now()).await.expect("a key");
        [key(Role::Write).await, key(Role::Admin).await]
    });
    let kills: usize = std::env::var("KILLS").map_or(4, |kills| kills.parse().expect("KILLS is a number"));
    let acknowledged = Mutex::new(Vec::new());
    let count = || acknowledged.lock().expect("no panic").len();
    for (round, (orders, moment)) in KILLED_AFTER.into_iter().cycle().take(kills).enumerate() {
        let server = Server::start(&data, &[]);
        let (acknowledged_before, thanked_before) = (count(), thanked(&server));
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for client in 0..3 {
                let (url, key, name) = (server.url.clone(), &key, format!("c{round}-{client}"));
                let (acknowledged, stop) = (&acknowledged, &stop);
                scope.spawn(move || post_orders(&url, key, &name, acknowledged, stop));
            }
            wait_while_it_advances("orders are acknowledged", || {
                let so_far = count();
                if so_far >= acknowledged_before + orders {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(so_far)
                }
            });
            wait_for("mails leave", || (thanked(&server) > thanked_before).then_some(()));
            std::thread::sleep(moment);
            server.kill();
            stop.store(true, Ordering::SeqCst);
        });
        assert_unique(mailed(&data));
    }
    let acknowledged = acknowledged.into_inner().expect("no panic");

    // Started again and left alone, it catches up.
    let server = Server::start(&data, &[]);
    let mut open = acknowledged.clone();
    wait_while_it_advances("every order is counted and no message waits", || {
        open.retain(|customer| !is_known(&server, &admin_key, customer));
        let overview = server.get("/local/overview");
        let done = open.is_empty() && overview["unsettled"].get("queued").is_none();
        if done { ControlFlow::Break(()) } else { ControlFlow::Continue((open.len(), overview)) }
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
    let under_way = CONCURRENT_ATTEMPTS * (kills as u64 + 1);
    assert!(unsettled <= under_way, "more than can be in progress at {kills} kills: {:?}", overview.unsettled);
    assert!(overview.sent() <= ids.len() as u64, "more is counted as sent than was");
    let (acknowledged, mails) = (acknowledged.len(), ids.len());
    // Written past the test harness, which would keep what a passing test prints.
    let figures = format!("{kills} times, {acknowledged} orders acknowledged, {mails} mails");
    writeln!(std::io::stdout(), "  killed: {figures}; lost 0, doubled 0, {unsettled} under way").expect("written");
}
