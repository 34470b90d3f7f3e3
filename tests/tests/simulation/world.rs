//! Everything around the functions in one history: the tables, the queues, the provider, the time, and chance, which a
//! seed decides.

use crate::bug::Bug;
use crate::call::{Call, Service};
use crate::dynamodb;
use crate::fault::{Fault, Faults, Plan};
use crate::functions::Lines;
use crate::history::{Customer, History};
use crate::provider::{Fate, Outcome};
use crate::queue::Queue;
use crate::script::{Outage, Outages, SHARED_ID, address, number};
use crate::time::Time;
use dynoxide::Database;
use jiff::Timestamp;
use rekindle_local_stack::Handlers;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;

/// How long a queue hides a message from others while it is handled, by the template.
const VISIBILITY: Duration = Duration::from_secs(360);
/// The same, of the queue of provider events.
const FEEDBACK_VISIBILITY: Duration = Duration::from_secs(720);

/// What a customer does with their messages, and the outcome of these.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reader {
    pub(crate) outcome: Outcome,
    /// Unsubscribes after this many mails.
    pub(crate) leaves_after: Option<usize>,
    /// Answers the NPS question with this score.
    pub(crate) score: Option<u8>,
    /// Answers a text with STOP.
    pub(crate) stops: bool,
    /// What the shop's system says of their consent to mails is not clearly a yes.
    pub(crate) is_closed: bool,
}

/// Everything around the functions.
pub(crate) struct World {
    pub(crate) time: Time,
    pub(crate) database: Database,
    pub(crate) lines: Lines,
    pub(crate) advance_queue: Queue,
    pub(crate) send_queue: Queue,
    pub(crate) feedback_queue: Queue,
    /// A customer was written, or an item that may be a new fact.
    pub(crate) customers_written: Notify,
    pub(crate) activity_written: Notify,
    /// The provider accepted a message.
    pub(crate) mail_came: Notify,
    /// Instances that wait for their next event, each with the second at which it started.
    pub(crate) warm: Mutex<HashMap<&'static str, Vec<(u64, Handlers)>>>,
    pub(crate) readers: BTreeMap<Customer, Reader>,
    /// Customers who are erased in the course of the history.
    pub(crate) erased: BTreeSet<Customer>,
    pub(crate) outages: Outages,
    /// When the operator adds a key that seals links, in seconds after the beginning.
    pub(crate) rotated_at: Option<u64>,
    /// The plan of faults.
    pub(crate) faults: Faults,
    pub(crate) seeded: Option<Bug>,
    draws: Mutex<fastrand::Rng>,
    history: Mutex<History>,
    answers: Mutex<HashMap<String, (u16, String)>>,
    /// What a seeded mistake remembers.
    pub(crate) memory: Mutex<HashMap<String, Value>>,
}

impl World {
    pub(crate) fn new(seed: u64, plan: Plan, seeded: Option<Bug>) -> Self {
        Self {
            time: Time::begin(),
            database: Database::memory().expect("a database"),
            lines: Lines::new(),
            advance_queue: Queue::new(VISIBILITY),
            send_queue: Queue::new(VISIBILITY),
            feedback_queue: Queue::new(FEEDBACK_VISIBILITY),
            customers_written: Notify::new(),
            activity_written: Notify::new(),
            mail_came: Notify::new(),
            warm: Mutex::default(),
            readers: BTreeMap::new(),
            erased: BTreeSet::new(),
            outages: Outages::default(),
            rotated_at: None,
            faults: Faults::new(plan, seed),
            seeded,
            draws: Mutex::new(fastrand::Rng::with_seed(seed)),
            history: Mutex::default(),
            answers: Mutex::default(),
            memory: Mutex::default(),
        }
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().expect("no panic")
    }

    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.draws.lock().expect("no panic"))
    }

    pub(crate) fn queue(&self, url: &str) -> &Queue {
        match url.rsplit('/').next() {
            Some("advance") => &self.advance_queue,
            Some("send") => &self.send_queue,
            other => panic!("no function puts work on {other:?}"),
        }
    }

    pub(crate) fn reader_of(&self, customer: &Customer) -> Reader {
        self.readers.get(customer).copied().unwrap_or_default()
    }

    /// Who has an id: of a guest, or of an id that many have, it is the first customer with the address or number.
    pub(crate) fn person(&self, customer: Customer, to: &str) -> Customer {
        let has_it = |known: &&Customer| known.shop == customer.shop && (address(known) == to || number(known) == to);
        let known = self.readers.keys().find(has_it).filter(|_| is_of_many(&customer.id));
        known.cloned().unwrap_or(customer)
    }

    /// Whether a partition that the call works on takes no more for some minutes.
    pub(crate) fn is_throttled(&self, call: &Call) -> bool {
        let Some(hot) = &self.outages.partition else { return false };
        let now = self.time.seconds();
        (hot.from..hot.until).contains(&now) && call.service == Service::DynamoDb && {
            let body = call.body.to_string();
            body.contains(hot.table) && body.contains(&hot.key)
        }
    }

    /// Whether things go wrong by chance at the moment.
    pub(crate) fn is_stormy(&self) -> bool {
        self.faults.storm(self.time.seconds()).is_some()
    }

    /// Whether a trigger misbehaves: delivers twice, fires twice.
    pub(crate) fn trigger_misbehaves(&self) -> bool {
        let storm = self.faults.storm(self.time.seconds());
        storm.is_some_and(|storm| self.draw(|draws| draws.u64(0..1_000)) < storm.triggers)
    }

    pub(crate) fn fault(&self, function: &str, call: &Call) -> Option<Fault> {
        self.faults.next(function, call, self.time.seconds())
    }

    /// The latency of a call, in one direction.
    pub(crate) async fn latency(&self) {
        let millis = match self.is_stormy() {
            // One in eight takes long, so that other calls come in between.
            true => self.draw(|draws| if draws.u8(0..8) == 0 { draws.u64(100..4_000) } else { draws.u64(1..40) }),
            false => 1,
        };
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    /// By how much the clock of a new instance is wrong, in milliseconds.
    pub(crate) fn wrong_clock(&self) -> i64 {
        let storm = self.faults.storm(self.time.seconds());
        storm.map_or(0, |storm| self.draw(|draws| draws.i64(-storm.clocks..=storm.clocks)))
    }

    pub(crate) fn fate_of_events(&self) -> Fate {
        let Some(storm) = self.faults.storm(self.time.seconds()) else { return Fate::InTime };
        match self.draw(|draws| draws.u64(0..100)) {
            chance if chance < storm.missing_events => Fate::Missing,
            chance if chance < storm.missing_events + storm.late_events => Fate::Late,
            _ => Fate::InTime,
        }
    }

    /// Waits until the channel of provider events works.
    pub(crate) async fn events_flow(&self) {
        if let Some(left) = self.left_of(self.outages.events) {
            tokio::time::sleep(left).await;
        }
    }

    /// How much is left of an outage, if it is under way.
    pub(crate) fn left_of(&self, outage: Option<Outage>) -> Option<Duration> {
        let now = self.time.seconds();
        outage.filter(|(from, until)| (from..until).contains(&&now)).map(|(_, until)| Duration::from_secs(until - now))
    }

    /// An earlier answer to the same request, if there was one.
    pub(crate) fn remembered(&self, call: &Call) -> Option<(u16, String)> {
        self.answers.lock().expect("no panic").get(&call.question()).cloned()
    }

    /// Records the effects of a call.
    pub(crate) fn saw(&self, call: &Call, answer: &(u16, String)) {
        if answer.0 != 200 {
            return;
        }
        if call.may_be_stale() {
            self.answers.lock().expect("no panic").entry(call.question()).or_insert_with(|| answer.clone());
        }
        let puts: Vec<&Value> = match call.operation.as_str() {
            "PutItem" | "UpdateItem" | "DeleteItem" => vec![&call.body],
            "TransactWriteItems" => {
                let items = call.body["TransactItems"].as_array().into_iter().flatten();
                items.filter_map(|item| item.get("Put").or_else(|| item.get("Update"))).collect()
            }
            "BatchWriteItem" => {
                self.activity_written.notify_one();
                Vec::new()
            }
            _ => Vec::new(),
        };
        for put in puts {
            match put["TableName"].as_str() {
                Some("r-customers") => self.customers_written.notify_one(),
                Some("r-shops") => {
                    let place = put["ExpressionAttributeNames"]["#place"].as_str();
                    if let Some(message) = place.and_then(|name| name.strip_prefix("place-")) {
                        self.history().places.entry(message.to_owned()).or_default().push(self.time.now());
                    }
                }
                Some("r-activity") => {
                    self.activity_written.notify_one();
                    let is_claim = put["Item"]["state"]["S"] == "sending";
                    if let Some(message) = put["Item"]["sk"]["S"].as_str().filter(|_| is_claim) {
                        let message = message.trim_start_matches("message#").to_owned();
                        self.history().claims.entry(message).or_default().push(self.time.now());
                    }
                }
                _ => {}
            }
        }
    }

    /// The due customers in the table: instants and shards of the index.
    pub(crate) fn due(&self) -> Vec<(Timestamp, String)> {
        let request = json!({ "TableName": "r-customers", "ProjectionExpression": "due_at, due_shard" });
        let (_, answer) = dynamodb::answer(&self.database, "Scan", &request);
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let due = answer["Items"].as_array().into_iter().flatten().filter_map(|item| {
            let millis = item["due_at"]["N"].as_str()?.parse().ok()?;
            Some((Timestamp::from_millisecond(millis).ok()?, item["due_shard"]["S"].as_str()?.to_owned()))
        });
        due.collect()
    }

    /// Whether this mistake was seeded.
    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.seeded == Some(bug)
    }
}

fn is_of_many(id: &str) -> bool {
    id.starts_with("guest:") || id == SHARED_ID
}

/// The world, shared by all tasks of a history.
pub(crate) type Shared = Arc<World>;
