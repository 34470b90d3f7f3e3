//! One history by three roads: whatever part of it comes through the API, as a file or from a shop system, in whatever
//! order and however often, the customers end up the same.

use crate::shop_systems::{WOOCOMMERCE_KEY, connect, own_json, woocommerce};
use crate::stage::Stage;
use fastrand::Rng;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rekindle_imports::history::Reader;
use serde_json::{Value, json};

/// Customers of the shop, as its shop system numbers them.
const CUSTOMERS: [u32; 3] = [7, 8, 9];
/// Histories that are played.
const HISTORIES: u64 = 8;

/// What a shop knows of an order at one instant.
#[derive(Debug, Clone, Copy)]
struct Report {
    customer: u32,
    order: u32,
    /// Seconds since 1970.
    ordered_at: i64,
    reported_at: i64,
    cents: u64,
}

#[derive(Debug, Clone, Copy)]
enum Road {
    Api,
    File,
    ShopSystem,
}

impl Report {
    fn is_correction(&self) -> bool {
        self.reported_at > self.ordered_at
    }

    fn total(&self) -> String {
        format!("{}.{:02}", self.cents / 100, self.cents % 100)
    }

    fn event(&self) -> Value {
        let name = if self.is_correction() { "Order Updated" } else { "Order Completed" };
        json!({
            "type": "track", "event": name, "userId": self.customer.to_string(),
            "messageId": format!("{}-{}", self.order, self.reported_at), "timestamp": time(self.reported_at).to_string(),
            "properties": {
                "order_id": self.order.to_string(), "total": self.total(), "currency": "EUR",
                "ordered_at": time(self.ordered_at).to_string(),
            },
            "context": { "traits": { "email": address(self.customer) } },
        })
    }

    fn row(&self) -> String {
        let (at, customer) = (time(self.ordered_at), self.customer);
        format!("{customer},{},{at},{},EUR,{}", self.order, self.total(), address(customer))
    }

    fn delivery(&self) -> Vec<u8> {
        let gmt = |at: i64| time(at).to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let mut order = own_json("woocommerce/order-updated.json");
        let said = json!({
            "id": self.order, "number": self.order.to_string(), "customer_id": self.customer, "total": self.total(),
            "date_created_gmt": gmt(self.ordered_at), "date_modified_gmt": gmt(self.reported_at),
            "date_paid_gmt": gmt(self.ordered_at), "refunds": [], "meta_data": [],
            "billing": { "email": address(self.customer) }, "shipping": {},
        });
        order.as_object_mut().expect("an object").extend(said.as_object().cloned().expect("an object"));
        order.to_string().into_bytes()
    }

    async fn take(&self, stage: &Stage, road: Road) {
        match road {
            Road::Api => stage.take(&[self.event()]).await,
            Road::File => {
                let file = tempfile::NamedTempFile::with_suffix(".csv").expect("a file");
                let text = format!("customer_id,order_id,ordered_at,amount,currency,email\n{}\n", self.row());
                std::fs::write(file.path(), text).expect("written");
                for entry in Reader::open(file.path()).expect("a table") {
                    stage.take(&entry.expect("a good row").events).await;
                }
            }
            Road::ShopSystem => {
                let (status, answer) = woocommerce(stage, "order.updated", &self.delivery()).await;
                assert_eq!(status, 200, "{answer}");
            }
        }
    }
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("an instant")
}

fn address(customer: u32) -> String {
    format!("reader-{customer}@example.com")
}

/// Orders of the customers in the two months before `now`, some of them corrected up or down later.
fn history(draws: &mut Rng, now: Timestamp) -> Vec<Report> {
    let mut reports = Vec::new();
    let from = (now - SignedDuration::from_hours(60 * 24)).as_second();
    for customer in CUSTOMERS {
        for number in 0..draws.u32(1..=4) {
            let ordered_at = from + draws.i64(0..50 * 24 * 3_600);
            let order = customer * 100 + number;
            let first = Report { customer, order, ordered_at, reported_at: ordered_at, cents: draws.u64(100..20_000) };
            reports.push(first);
            if draws.u8(0..3) == 0 {
                let reported_at = ordered_at + draws.i64(60..5 * 24 * 3_600);
                reports.push(Report { reported_at, cents: draws.u64(100..20_000), ..first });
            }
        }
    }
    reports
}

async fn shop() -> Stage {
    let stage = Stage::new().await;
    connect(&stage, "woocommerce", json!({ "secrets": [WOOCOMMERCE_KEY] })).await;
    stage
}

/// What the engine tells of the customers, without who reported an amount. Since when they are in their stage and when the engine
/// looks at them next depends on when it looked before.
async fn told(stage: &Stage) -> Vec<Value> {
    let mut told = Vec::new();
    for customer in CUSTOMERS {
        let mut shown = stage.shown(&customer.to_string()).await;
        for order in shown["orders"]["latest"].as_array_mut().expect("orders") {
            order.as_object_mut().expect("an order").remove("amount_reported");
        }
        let fields = ["id", "stage", "profile", "permissions", "orders", "consents"];
        told.push(fields.iter().map(|field| ((*field).to_owned(), shown[*field].clone())).collect());
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_makes_the_same_customers_whichever_road_each_part_of_it_comes_by_in_any_order_and_again() {
    for number in 0..HISTORIES {
        let draws = &mut Rng::with_seed(number);
        let mut plain = shop().await;
        let reports = history(draws, plain.now());
        for report in &reports {
            report.take(&plain, Road::Api).await;
        }
        plain.settle().await;
        let expected = told(&plain).await;

        let mut mixed = shop().await;
        let mut parts = Vec::new();
        for report in &reports {
            // A file tells of an order as it was when it was placed.
            let roads: &[Road] = match report.is_correction() {
                true => &[Road::Api, Road::ShopSystem],
                false => &[Road::Api, Road::ShopSystem, Road::File],
            };
            for _ in 0..draws.usize(1..=3) {
                parts.push((report, roads[draws.usize(0..roads.len())]));
            }
        }
        draws.shuffle(&mut parts);
        for (report, road) in &parts {
            report.take(&mixed, *road).await;
            if draws.u8(0..3) == 0 {
                mixed.settle().await;
            }
        }
        mixed.settle().await;
        assert_eq!(told(&mixed).await, expected, "history {number}: {parts:#?}");
    }
}
