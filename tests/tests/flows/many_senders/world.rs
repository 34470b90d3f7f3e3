//! The workers and what they share: the table, the queue, the provider.

use super::{Outcome, Plan, SECOND};
use crate::virtual_time::{Draws, VirtualTime};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use futures::future::{FutureExt, join_all};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_messaging::{EventBus, KeyRing, Mailer, Templates, Texter};
use rekindle_platform::{AwsEndpoints, Clients, Clock, WorkQueue};
use rekindle_store::sending::limits::SendingLimits;
use rekindle_store::{Store, Tables};
use send::Sender;
use send::limits::{Limits, RateCaps};
use send::pace::{NotNow, Pace, Reserved};
use send::shop_context::ShopContexts;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const WORKERS: usize = 10;
const MILLI: i64 = 1_000;
/// How long a message is hidden from other workers after one received it.
const HIDDEN: i64 = 60 * SECOND;
/// The shortest time of a batch in which the account's limit held back a message, unless slots are free before.
const REST: i64 = 10 * SECOND;

/// Everything that the workers share.
struct World {
    plan: Plan,
    time: VirtualTime,
    draws: Draws,
    database: Database,
    outcome: Mutex<Outcome>,
    queue: Mutex<Queue>,
}

/// The queue: what can be taken first is taken first.
#[derive(Default)]
struct Queue {
    from: BTreeMap<u64, i64>,
    order: BTreeSet<(i64, u64)>,
}

impl Queue {
    /// The message can be taken from then on.
    fn put(&mut self, message: u64, from: i64) {
        self.remove(message);
        self.from.insert(message, from);
        self.order.insert((from, message));
    }

    fn remove(&mut self, message: u64) {
        if let Some(from) = self.from.remove(&message) {
            self.order.remove(&(from, message));
        }
    }

    fn first(&self, now: i64) -> Vec<u64> {
        self.order.iter().take_while(|(from, _)| *from <= now).map(|(_, message)| *message).take(10).collect()
    }
}

/// Runs a simulation to its end.
pub(super) fn simulate(plan: Plan) -> Outcome {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let database = Database::memory().expect("a database");
        let table = json!({
            "TableName": "test-shops", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "sk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
        });
        database.create_table(serde_json::from_value(table).expect("a request")).expect("a table");
        let draws = Draws::new(plan.seed);
        // Most of it is there from the beginning.
        let mut queue = Queue::default();
        for message in 0..plan.count() {
            queue.put(message, draws.between(-5, 2).max(0) * SECOND);
        }
        let world = Arc::new(World {
            plan,
            time: VirtualTime::default(),
            draws,
            database,
            outcome: Mutex::default(),
            queue: Mutex::new(queue),
        });
        for _ in 0..WORKERS {
            tokio::spawn(Arc::clone(&world).work());
        }
        world.time.run_until(plan.seconds * SECOND).await;
        std::mem::take(&mut *world.outcome.lock().expect("no panic"))
    })
}

impl World {
    /// Runs a worker, and its replacement each time it dies.
    async fn work(self: Arc<Self>) {
        loop {
            let sender = self.sender();
            loop {
                let batch = self.take();
                if batch.is_empty() {
                    self.time.rest(self.draws.between(20, 200) * MILLI).await;
                    continue;
                }
                let dies = self.draws.happens(self.plan.deaths);
                let done = self.batch(&sender, &batch);
                if dies {
                    let life = self.time.rest(self.draws.between(0, 8_000) * MILLI);
                    futures::future::select(done.boxed(), life.boxed()).await;
                    self.outcome.lock().expect("no panic").deaths += 1;
                    break;
                }
                done.await;
            }
        }
    }

    /// What `send` does with a batch, at the pace that it keeps.
    async fn batch(&self, sender: &Sender, batch: &[u64]) {
        let (pace, began) = (Pace::new(sender), self.time.now());
        let each = batch.iter().map(|message| {
            let mut arrival = pace.enter();
            let own = SendingLimits::default().with(Channel::Email, self.plan.own(*message));
            let shop = ShopId::parse("vinyl").expect("an id");
            let limits =
                Limits::for_shop(&sender.rate_caps, Channel::Email, &shop, &own).expect("a channel with limits");
            async move {
                // It reads the message, then loads the customer and prepares the message.
                self.time.rest(self.draws.between(3, 16) * MILLI).await;
                let reserved = match arrival.known_too_late(&limits).await.expect("the table answers") {
                    Some(not_now) => Reserved::NotNow(not_now),
                    None => {
                        self.time.rest(self.draws.between(10, 50) * MILLI).await;
                        arrival.reserve(Some(limits)).await.expect("the table answers")
                    }
                };
                let wait = |until: Timestamp| until.as_microsecond() - sender.clock.precise_now().as_microsecond();
                let turn = match reserved {
                    Reserved::NotNow(NotNow::ProviderBusy(until)) => {
                        self.put_back(*message, self.draws.between(wait(until) / 2, wait(until) + 1).max(SECOND));
                        self.time.rest((began + REST - self.time.now()).min(wait(until))).await;
                        return;
                    }
                    // In whole seconds, and a queue is late now and then.
                    Reserved::NotNow(NotNow::ShopBusy(retry_at)) => {
                        let wait = (wait(retry_at) / SECOND).clamp(1, 900) * SECOND;
                        return self.put_back(*message, wait + self.draws.between(0, 1_000) * MILLI);
                    }
                    Reserved::Turn(turn) => turn,
                };
                // It claims the message. Now and then that takes long.
                let slow = self.draws.happens(10);
                self.time.rest(if slow { 400 * MILLI } else { self.draws.between(5, 60) * MILLI }).await;
                let mut attempted = false;
                let attempt = async {
                    attempted = true;
                    self.time.rest(self.draws.between(3, 9) * MILLI).await;
                    if self.provider_takes(*message) {
                        self.time.rest(self.draws.between(20, 80) * MILLI).await;
                        return AttemptOutcome::Accepted { provider_id: message.to_string() };
                    }
                    AttemptOutcome::TooFast { reason: "refused".to_owned() }
                };
                match turn.hand_over(attempt).await {
                    AttemptOutcome::Accepted { .. } => {}
                    AttemptOutcome::TooFast { .. } if attempted => self.put_back(*message, 5 * SECOND),
                    AttemptOutcome::TooFast { .. } => self.put_back(*message, SECOND),
                    other => panic!("{other:?}"),
                }
            }
        });
        join_all(each).await;
    }

    /// SES: more than the rate in a second is refused.
    fn provider_takes(&self, message: u64) -> bool {
        let now = self.time.now();
        let mut outcome = self.outcome.lock().expect("no panic");
        let (from, until) = self.plan.slow;
        let slow = (from * SECOND..until * SECOND).contains(&now);
        let rate = usize::try_from(if slow { self.plan.rate / 2 } else { self.plan.rate }).expect("small");
        let lately = outcome.taken.iter().rev().take_while(|at| **at > now - SECOND).count();
        if lately >= rate {
            outcome.refused.push(now);
            return false;
        }
        outcome.taken.push(now);
        if self.plan.own(message).is_some() {
            outcome.own.push(now);
        }
        *outcome.sent.entry(message).or_default() += 1;
        self.queue.lock().expect("no panic").remove(message);
        true
    }

    fn take(&self) -> Vec<u64> {
        let now = self.time.now();
        let mut queue = self.queue.lock().expect("no panic");
        let batch = queue.first(now);
        for message in &batch {
            queue.put(*message, now + HIDDEN);
        }
        self.outcome.lock().expect("no panic").looks += u32::try_from(batch.len()).expect("few");
        batch
    }

    fn put_back(&self, message: u64, wait: i64) {
        self.queue.lock().expect("no panic").put(message, self.time.now() + wait);
    }

    /// A worker's own clients, memory and clock, which is up to two milliseconds wrong.
    fn sender(self: &Arc<Self>) -> Sender {
        let nowhere = "http://127.0.0.1:1".to_owned();
        let clients = Clients::local(&AwsEndpoints { dynamodb: nowhere.clone(), services: nowhere.clone() });
        let connector = SharedHttpConnector::new(Played(Arc::clone(self)));
        let http = http_client_fn(move |_, _| connector.clone());
        let dynamodb = clients.dynamodb().config().to_builder().http_client(http.clone()).build();
        let ses = clients.ses().config().to_builder().http_client(http).build();
        let (skew, time, resting) = (self.draws.between(-2_000, 2_001), self.time.clone(), self.time.clone());
        let tell = move || {
            let beginning: Timestamp = "2026-11-22T12:00:00Z".parse().expect("an instant");
            beginning + SignedDuration::from_micros(time.now() + skew)
        };
        let clock = Clock::from_fn(tell).waiting(move |left: Duration| {
            let time = resting.clone();
            // As timers do, it wakes a little late.
            async move { time.rest(i64::try_from(left.as_micros()).expect("short") + 500).await }.boxed()
        });
        let ring =
            json!({ "current": 1, "keys": [{ "id": 1, "secret": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" }] });
        Sender {
            store: Store::new(aws_sdk_dynamodb::Client::from_conf(dynamodb), Tables::with_prefix("test")),
            mailer: Mailer::new(&aws_sdk_sesv2::Client::from_conf(ses), None),
            texter: Texter::new(&clients.sns()),
            canary_from: None,
            events: EventBus::none(),
            shops: ShopContexts::new(Templates::built_in()),
            link_keys: Arc::new(KeyRing::parse(&ring.to_string(), Timestamp::UNIX_EPOCH).expect("a ring")),
            links_base_url: nowhere.clone(),
            send_queue: WorkQueue::new(clients.sqs(), nowhere),
            rate_caps: RateCaps::from_fn(|channel| channel.row().rate.as_ref()?.default),
            clock,
        }
    }

    /// DynamoDB and SES's account, in this process.
    fn answer(&self, target: Option<&str>, body: &[u8]) -> (u16, String) {
        let Some(target) = target else {
            let quota = json!({ "MaxSendRate": self.plan.rate, "Max24HourSend": -1, "SentLast24Hours": 7 });
            return (200, json!({ "SendQuota": quota, "SendingEnabled": true }).to_string());
        };
        let (database, body) = (&self.database, serde_json::from_slice::<Value>(body).expect("JSON"));
        let answer = match target.rsplit('.').next() {
            Some("GetItem") => {
                let request = serde_json::from_value(body).expect("a request");
                database.get_item(request).map(|answer| serde_json::to_string(&answer).expect("JSON"))
            }
            Some("UpdateItem") => {
                let request = serde_json::from_value(body).expect("a request");
                database.update_item(request).map(|answer| serde_json::to_string(&answer).expect("JSON"))
            }
            other => panic!("no simulated service handles {other:?}"),
        };
        answer.map_or_else(|error| (error.status_code(), error.to_json()), |answer| (200, answer))
    }
}

struct Played(Arc<World>);

impl std::fmt::Debug for Played {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Played")
    }
}

impl HttpConnector for Played {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let world = Arc::clone(&self.0);
        let target = request.headers().get("x-amz-target").map(str::to_owned);
        let body = request.body().bytes().unwrap_or_default().to_vec();
        HttpConnectorFuture::new(async move {
            world.time.rest(world.draws.between(1, 8) * MILLI).await;
            let (status, answer) = world.answer(target.as_deref(), &body);
            world.time.rest(world.draws.between(1, 8) * MILLI).await;
            Ok(HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(answer)))
        })
    }
}
