//! The shop: created in the deployed tables, with customers of the CDNOW sample, whose orders its client library posts.

use crate::checklist::Checklist;
use crate::stack::{self, Stack};
use crate::tools::{self, root};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rekindle_tests::patience::wait_for;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Customers who place their first order now.
const FIRST_TIME: usize = 40;
/// Customers who have ordered often before.
const REGULAR: usize = 10;
/// Events in one call.
const AT_ONCE: usize = 200;
/// Fewest orders of a regular.
const OFTEN: usize = 4;

/// The welcome is due a minute after the first order: short enough for a test to wait, and long enough that a sweep
/// starts it.
fn policy() -> String {
    include_str!("../../policies/at_once.toml").replace(r#"delay = "0h""#, r#"delay = "1m""#)
}

/// What the shop's own program does, with Segment's library: the orders of all customers, as they happened.
const PROGRAM: &str = r#"
import datetime, json, sys
from segment.analytics import Client

failures = []
key, host, file = sys.argv[1:]
shop = Client(key, host=host, on_error=lambda error, batch: failures.append(str(error)), max_retries=3)
for customer in json.load(open(file)):
    shop.identify(customer["id"], {"email": customer["email"], "firstName": customer["first_name"]})
    for order in customer["orders"]:
        shop.track(customer["id"], "Order Completed",
                   {"order_id": order["id"], "total": order["total"], "currency": "USD"},
                   timestamp=datetime.datetime.fromisoformat(order["at"]))
shop.flush()
shop.join()
print(failures)
sys.exit(len(failures) > 0)
"#;

/// A line of the sample.
#[derive(Deserialize)]
struct Row {
    customer_id: String,
    order_id: String,
    ordered_at: String,
    amount: String,
    first_name: String,
}

/// A customer with their orders, moved so that the last one is a moment ago.
#[derive(Debug, Clone, Serialize)]
struct Customer {
    id: String,
    email: String,
    first_name: String,
    orders: Vec<Order>,
}

#[derive(Debug, Clone, Serialize)]
struct Order {
    id: String,
    at: String,
    total: String,
}

/// The shop, with its keys.
pub(crate) struct Shop {
    write_key: String,
    admin_key: String,
    customers: Vec<Customer>,
}

impl Shop {
    /// Creates a shop with the `rekindle` command, and sets its brand and policy through the public API.
    pub(crate) fn create(stack: &Stack<'_>, rekindle: &Path, name: &str, policy: &str) -> Self {
        let mut create = stack.emulator.command(rekindle);
        let told = tools::run(create.args([
            "shop",
            "create",
            name,
            "--sender",
            "@harbour-records.example",
            "--stack",
            stack::NAME,
            "--json",
        ]));
        let told: Value = serde_json::from_str(&told).expect("JSON");
        let key = |name: &str| told[name].as_str().expect("a key").to_owned();
        let shop = Self { write_key: key("write_key"), admin_key: key("admin_key"), customers: Vec::new() };
        assert_eq!(told["endpoint"], stack.outputs["PublicUrl"].as_str());
        let brand = json!({
            "name": "Harbour Records",
            "sender_address": "hello@harbour-records.example",
            "sender_name": "Marta at Harbour Records",
            "postal_address": "12 Harbour Lane, Bristol BS1 4RW, United Kingdom",
            "shop_url": "https://harbour-records.example",
        });
        for (path, body) in [("/v1/brand", brand.to_string()), ("/v1/policy", policy.to_owned())] {
            let answer = stack.api.call("PUT", path, Some(&shop.admin_key), &body);
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        }
        shop
    }

    /// Creates the shop of the sample.
    pub(crate) fn open(stack: &Stack<'_>, rekindle: &Path, checklist: &mut Checklist) -> Self {
        let shop = Self { customers: customers(), ..Self::create(stack, rekindle, "harbour", &policy()) };
        let refused = stack.api.call("PUT", "/v1/policy", Some(&shop.write_key), &policy());
        assert!([401, 403].contains(&refused.status), "a write key changes no policy: {}", refused.body);
        checklist.done("rekindle shop create made a shop; its brand and policy are set over the public API");
        shop
    }

    /// Posts every order of its customers to the public API with Segment's own library.
    pub(crate) fn post_orders(&self, stack: &Stack<'_>, checklist: &mut Checklist) {
        let folder = stack.emulator.folder.path();
        let (program, customers) = (folder.join("shop.py"), folder.join("customers.json"));
        std::fs::write(&program, PROGRAM).expect("written");
        std::fs::write(&customers, json!(self.customers).to_string()).expect("written");
        let mut python = stack.emulator.program("python");
        python.arg(&program).args([&self.write_key, &stack.api.url]).arg(&customers);
        tools::run(&mut python);
        let orders: usize = self.customers.iter().map(|customer| customer.orders.len()).sum();
        checklist.done(&format!(
            "Segment's library posted {orders} orders of {} customers to the public API",
            self.customers.len()
        ));
    }

    /// Posts events to the public API, as many at once as it takes.
    pub(crate) fn post(&self, stack: &Stack<'_>, events: &[Value]) {
        for events in events.chunks(AT_ONCE) {
            let answer =
                stack.api.call("POST", "/v1/batch", Some(&self.write_key), &json!({ "batch": events }).to_string());
            let told = answer.json();
            assert_eq!((&told["accepted"], &told["rejected"]), (&json!(events.len()), &json!([])), "{}", answer.body);
        }
    }

    /// Posts a batch, which may be refused; returns the status.
    pub(crate) fn try_to_post(&self, stack: &Stack<'_>, body: &str) -> u16 {
        stack.api.call("POST", "/v1/batch", Some(&self.write_key), body).status
    }

    /// A customer with several orders, and the number of those orders.
    pub(crate) fn regular(&self) -> (&str, usize) {
        let regular = self.customers.iter().max_by_key(|one| one.orders.len()).expect("a customer");
        (&regular.id, regular.orders.len())
    }

    /// How many customers it has.
    pub(crate) fn size(&self) -> usize {
        self.customers.len()
    }

    /// Whether the engine knows a customer.
    pub(crate) fn knows(&self, stack: &Stack<'_>, id: &str) -> bool {
        stack.api.call("GET", &format!("/v1/customers/{id}"), Some(&self.admin_key), "").status == 200
    }

    /// The addresses of the customers who place their first order now.
    pub(crate) fn newcomers(&self) -> Vec<&str> {
        self.customers.iter().filter(|one| one.orders.len() == 1).map(|one| one.email.as_str()).collect()
    }

    /// Whether mails to this customer bounce or are complained about.
    pub(crate) fn is_simulated(&self, customer: &str) -> bool {
        let email = self.customers.iter().find(|one| one.id == customer).map(|one| one.email.as_str());
        email.is_some_and(|email| !email.starts_with("success"))
    }

    /// A customer, as the platform team sees them.
    pub(crate) fn customer(&self, stack: &Stack<'_>, id: &str) -> Value {
        let answer = stack.api.call("GET", &format!("/v1/customers/{id}"), Some(&self.admin_key), "");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// What happened to a customer, newest first.
    pub(crate) fn timeline(&self, stack: &Stack<'_>, id: &str) -> Vec<Value> {
        let answer = stack.api.call("GET", &format!("/v1/customers/{id}/timeline"), Some(&self.admin_key), "");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["entries"].as_array().expect("entries").clone()
    }

    /// Every customer has the stage that their orders give, and the timeline has the outcome of each message.
    pub(crate) fn stages_and_timelines(&self, stack: &Stack<'_>, checklist: &mut Checklist) {
        let mut stages: BTreeMap<String, usize> = BTreeMap::new();
        for customer in &self.customers {
            let seen = wait_for("all orders of a customer are folded", || {
                let seen = self.customer(stack, &customer.id);
                (seen["orders"]["counted"] == json!(customer.orders.len())).then_some(seen)
            });
            let is_new = customer.orders.len() == 1;
            let stage = seen["stage"].as_str().expect("a stage").to_owned();
            assert_eq!(is_new, stage == "new", "{customer:?} is {stage}");
            *stages.entry(stage).or_default() += 1;
        }
        assert_eq!(stages["new"], FIRST_TIME);
        assert!(stages.contains_key("loyal"), "{stages:?}");
        let customer = &self.customers[0].id;
        let timeline = self.timeline(stack, customer);
        for what in ["fact", "decision", "message"] {
            assert!(timeline.iter().any(|entry| entry["what"] == what), "no {what}: {timeline:?}");
        }
        checklist.done(&format!("admin tells stages and timelines of all customers: {stages:?}"));
    }

    /// API Gateway decodes paths before it routes them.
    pub(crate) fn customers_of_any_name(&self, stack: &Stack<'_>, checklist: &mut Checklist) {
        for id in ["gid://shopify/Customer/7", "Анна #1", "100% wool", "a%2Fb", "who?"] {
            let known = json!({ "type": "identify", "userId": id, "traits": { "firstName": "Anna" } });
            self.post(stack, &[known]);
            let place = utf8_percent_encode(id, NON_ALPHANUMERIC).to_string();
            // A path ends at a question mark.
            let place = if id.contains('?') { format!("-?id={place}") } else { place };
            wait_for("a customer is known", || self.knows(stack, &place).then_some(()));
            assert_eq!(self.customer(stack, &place)["id"], id);
            assert!(id.contains('?') || !self.timeline(stack, &place).is_empty(), "{id}");
        }
        checklist.done("customers are found by any name: with slashes, spaces, signs, letters of any alphabet");
    }
}

/// Customers of the sample: some with one order, some with many. Their mails go to SES's mailbox simulator: one bounces,
/// one is complained about, all others arrive.
fn customers() -> Vec<Customer> {
    let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let sample = csv::Reader::from_path(root().join("events/cdnow-sample.csv")).expect("the sample");
    for row in sample.into_deserialize() {
        let row: Row = row.expect("a row");
        rows.entry(row.customer_id.clone()).or_default().push(row);
    }
    let (once, often): (Vec<_>, Vec<_>) =
        rows.into_values().filter(|rows| rows.len() == 1 || rows.len() >= OFTEN).partition(|rows| rows.len() == 1);
    let chosen = once.into_iter().take(FIRST_TIME).chain(often.into_iter().take(REGULAR));
    let now = Timestamp::now() - SignedDuration::from_secs(30);
    chosen.enumerate().map(|(place, rows)| customer(place, &rows, now)).collect()
}

fn customer(place: usize, rows: &[Row], now: Timestamp) -> Customer {
    let at = |row: &Row| -> Timestamp { format!("{}T12:00:00Z", row.ordered_at).parse().expect("a day") };
    let last = rows.iter().map(at).max().expect("an order");
    let order = |row: &Row| Order {
        id: row.order_id.clone(),
        at: (now - last.duration_since(at(row))).to_string().replace('Z', "+00:00"),
        total: row.amount.clone(),
    };
    let id = rows[0].customer_id.clone();
    let kind = ["success", "bounce", "complaint"][if place < 3 { place } else { 0 }];
    Customer {
        email: format!("{kind}+{id}@simulator.amazonses.com"),
        first_name: rows[0].first_name.clone(),
        orders: rows.iter().map(order).collect(),
        id,
    }
}
