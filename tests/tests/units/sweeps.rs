//! What a sweep costs: as much as there are customers due.

use dynoxide::{Database, ImportOptions, Item};
use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::{Cloud, CloudSettings, Durability, QueueSettings, services};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_platform::{AwsEndpoints, Clients, Clock, WorkQueue};
use rekindle_store::keys::{due_shard, due_shards};
use rekindle_store::{CustomerKey, Guarded, Store, Tables};
use serde_json::{Value, json};
use sweep::{Sweep, Swept};
use tokio::net::TcpListener;

const QUEUE: &str = "rekindle-advance";

/// A table of customers in memory, and the function that sweeps it.
struct Customers {
    database: Database,
    sweep: Sweep,
    now: Timestamp,
    /// The item of a customer, to be repeated with other keys.
    item: Value,
    _directory: tempfile::TempDir,
}

impl Customers {
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let now: Timestamp = "2026-03-02T12:00:00Z".parse().expect("an instant");
        let clock = Clock::from_fn(move || now);
        let settings = CloudSettings {
            durability: Durability::Relaxed,
            queues: vec![QueueSettings::new(QUEUE)],
            ..CloudSettings::default()
        };
        let cloud = Cloud::open(&directory.path().join("cloud.db"), settings, clock.clone()).expect("a cloud");
        let database = Database::memory().expect("a database");
        let (dynamodb, sqs) = (listener().await, listener().await);
        let endpoints = AwsEndpoints { dynamodb: url(&dynamodb), services: url(&sqs) };
        tokio::spawn(dynoxide::server::serve_on(dynamodb, database.clone()));
        tokio::spawn(axum::serve(sqs, services::router(cloud)).into_future());

        let clients = Clients::local(&endpoints);
        let tables = Tables::with_prefix("test");
        tables.create_missing(&clients.dynamodb()).await.expect("tables");
        let store = Store::new(clients.dynamodb(), tables);
        let queue = format!("{}/000000000000/{QUEUE}", endpoints.services);
        let advance_queue = WorkQueue::new(clients.sqs(), queue);
        let sweep = Sweep { store, advance_queue, clock, limit_per_shard: 5_000 };
        let item = item_of_a_customer(&sweep.store, &database, now).await;
        Self { database, sweep, now, item, _directory: directory }
    }

    /// Adds customers, due at that time and every second after it.
    fn add(&self, numbers: std::ops::Range<u32>, from: Timestamp) {
        let items = numbers.map(|number| {
            let pk = format!("vinyl#{number:010}");
            let due_at = from + SignedDuration::from_secs(i64::from(number % 10_000));
            let mut item = self.item.clone();
            item["due_shard"]["S"] = due_shard(&pk).into();
            item["due_at"]["N"] = due_at.as_millisecond().to_string().into();
            item["pk"]["S"] = pk.into();
            serde_json::from_value::<Item>(item).expect("an item")
        });
        let table = &self.sweep.store.tables().customers;
        self.database.import_items(table, items.collect(), ImportOptions::default()).expect("imported");
    }

    async fn sweep(&self) -> (Swept, f64) {
        self.sweep.store.capacity().take();
        let swept = sweep::handle(&self.sweep).await.expect("swept");
        let used = self.sweep.store.capacity().take();
        assert_eq!(used.write, 0.0);
        (swept, used.read)
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

fn url(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().expect("bound"))
}

/// A customer as the store writes them, taken out of the table again.
async fn item_of_a_customer(store: &Store, database: &Database, now: Timestamp) -> Value {
    let shop = ShopId::parse("vinyl").expect("an id");
    let mut customer = Customer::new(shop.clone(), CustomerId::parse("template").expect("an id"));
    customer.due_at = Some(now);
    assert_eq!(store.commit(&customer, &[], &[], now).await.expect("stored"), Guarded::Written);
    let key = json!({ "pk": { "S": CustomerKey { shop, customer: customer.id }.pk() } });
    let request = json!({ "TableName": store.tables().customers, "Key": key });
    let found = database.get_item(serde_json::from_value(request.clone()).expect("a request")).expect("read");
    database.delete_item(serde_json::from_value(request).expect("a request")).expect("deleted");
    serde_json::to_value(found.item).expect("JSON")
}

#[tokio::test]
async fn a_sweep_reads_the_same_among_a_thousand_customers_and_among_fifty_thousand() {
    let mut costs = Vec::new();
    for customers in [1_000, 50_000] {
        let stage = Customers::new().await;
        stage.add(0..100, stage.now - SignedDuration::from_hours(3));
        stage.add(100..customers, stage.now + SignedDuration::from_hours(1));
        let (swept, read) = stage.sweep().await;
        assert_eq!(swept.due, 100);
        println!("100 due of {customers:>6} customers: {read} read units");
        costs.push(read);
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] <= 8.0, "{costs:?}");
}

#[tokio::test]
async fn a_sweep_reads_in_proportion_to_the_due_customers() {
    let stage = Customers::new().await;
    #[expect(clippy::cast_precision_loss, reason = "eight shards")]
    let shards = due_shards().count() as f64;
    assert_eq!(stage.sweep().await, (Swept::default(), shards / 2.0), "half a unit for each empty shard");
    stage.add(0..20_000, stage.now + SignedDuration::from_hours(1));
    assert_eq!(stage.sweep().await.1, shards / 2.0, "no customer is due");

    let mut due = 0;
    for through in [1_000, 2_000, 4_000] {
        stage.add(20_000 + due..20_000 + through, stage.now - SignedDuration::from_hours(3));
        due = through;
        let (swept, read) = stage.sweep().await;
        assert_eq!(swept.due, usize::try_from(through).expect("a small number"));
        let for_a_hundred = read / f64::from(through) * 100.0;
        println!(
            "{through:>5} due of {:>6} customers: {read} read units, {for_a_hundred:.2} for a hundred",
            20_000 + through
        );
        assert!(for_a_hundred < 1.5, "{read} for {through}");
    }
}
