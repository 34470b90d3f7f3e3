//! Ten workers that send under one limit: the real lease on a real table, the real pace, in a time of its own in which
//! clocks go wrong, calls take long and workers stop. What is random is drawn from a seed.
//!
//! What is counted is what arrives at the provider, by its own clock, in every window of one second, wherever it begins.
//! A send is used up to 10 ms after its slot, clocks are wrong by 2 ms at most, the way takes 3 to 9 ms: two sends come
//! at most 20 ms nearer to each other than their slots. So at 98 % of the rate no second can hold more than the rate.

use crate::virtual_time::{Draws, VirtualTime};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use futures::future::{FutureExt, join_all};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::{EventBus, KeyRing, Mailer, Templates, Texter};
use rekindle_platform::{AwsEndpoints, Clients, Clock, WorkQueue};
use rekindle_store::sending_limits::SendingLimits;
use rekindle_store::sending_rate::SendingLimit;
use rekindle_store::{Store, Tables};
use send::Sender;
use send::limits::{Limits, RateCaps};
use send::pace::{Pace, Turn};
use send::voice::Voices;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MAIL: SendingLimit = SendingLimit { channel: Channel::Email, shop: None };
const WORKERS: usize = 10;
const MILLI: i64 = 1_000;
const SECOND: i64 = 1_000_000;
/// How long a message is hidden from others after a worker took it.
const HIDDEN: i64 = 60 * SECOND;
/// How long a batch takes at least in which the account's limit kept something, unless there are turns before.
const REST: i64 = 10 * SECOND;

/// What a simulation is about.
#[derive(Debug, Clone, Copy)]
struct Plan {
    seed: u64,
    /// Mails a second, as SES says.
    rate: u32,
    /// How long it takes, in seconds; there is work for longer.
    seconds: i64,
    /// Of a thousand batches, so many end with the death of their worker.
    deaths: i64,
    /// From which second until which SES takes only half of what it says.
    slow: (i64, i64),
    /// How many messages there are.
    messages: Messages,
}

/// The messages that wait from the beginning.
#[derive(Debug, Clone, Copy)]
enum Messages {
    /// A tenth more than can be sent, of shops without limits.
    Enough,
    /// So many of a shop that wants so many a second at most, and so many of others: mixed, or behind them.
    Limited { own: u64, at_most: u32, others: u64, behind: bool },
}

const QUIET: Plan = Plan { seed: 1, rate: 14, seconds: 90, deaths: 0, slow: (0, 0), messages: Messages::Enough };

impl Plan {
    fn count(&self) -> u64 {
        match self.messages {
            Messages::Enough => u64::from(self.rate) * u64::try_from(self.seconds).expect("positive") * 11 / 10 + 50,
            Messages::Limited { own, others, .. } => own + others,
        }
    }

    /// What the message's shop wants at most, a second.
    fn own(&self, message: u64) -> Option<f64> {
        let Messages::Limited { own, at_most, others, behind } = self.messages else { return None };
        let is_own = if behind { message < own } else { message * own % (own + others) < own };
        is_own.then_some(f64::from(at_most))
    }
}

/// What came of it: instants at the provider, in microseconds.
#[derive(Default)]
struct Outcome {
    taken: Vec<i64>,
    /// Those of the shop with a limit of its own.
    own: Vec<i64>,
    refused: Vec<i64>,
    /// How often a message was taken from the queue.
    looks: u32,
    deaths: u32,
    /// Messages by how often they were sent.
    sent: BTreeMap<u64, u32>,
}

/// The most in any second, whenever it begins.
fn most_in_a_second(taken: &[i64]) -> usize {
    let within = |first: usize| taken[first..].iter().take_while(|at| **at < taken[first] + SECOND).count();
    (0..taken.len()).map(within).max().unwrap_or_default()
}

/// How many a second, from one second until another.
fn rate(taken: &[i64], from: i64, until: i64) -> f64 {
    let taken = taken.iter().filter(|at| (from * SECOND..until * SECOND).contains(*at)).count();
    f64::from(u32::try_from(taken).expect("few")) / f64::from(i32::try_from(until - from).expect("short"))
}

impl Outcome {
    fn most_in_a_second(&self) -> usize {
        most_in_a_second(&self.taken)
    }

    fn rate(&self, from: i64, until: i64) -> f64 {
        rate(&self.taken, from, until)
    }
}

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

fn simulate(plan: Plan) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
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
    /// A worker, and whoever takes its place when it dies.
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
            let mut way = pace.enter();
            let pace = &pace;
            let shops = SendingLimits { emails_per_second: self.plan.own(*message), ..SendingLimits::default() };
            let shop = ShopId::parse("vinyl").expect("an id");
            let limits = Limits::of(sender.rate_caps, Channel::Email, &shop, shops).expect("a channel with limits");
            async move {
                // It reads the message, then looks at the customer and prepares it.
                self.time.rest(self.draws.between(3, 16) * MILLI).await;
                let mut turn = pace.known_too_late(&limits, &mut way).await.expect("the table answers");
                if turn.is_none() {
                    self.time.rest(self.draws.between(10, 50) * MILLI).await;
                    turn = Some(pace.turn(&limits, &mut way).await.expect("the table answers"));
                }
                let wait = |until: Timestamp| until.as_microsecond() - sender.clock.precise_now().as_microsecond();
                let turn = match turn.expect("asked for") {
                    Turn::Later(until) => {
                        self.put_back(*message, self.draws.between(wait(until) / 2, wait(until) + 1).max(SECOND));
                        self.time.rest((began + REST - self.time.now()).min(wait(until))).await;
                        return;
                    }
                    // In whole seconds, and a queue is late now and then.
                    Turn::InLine(place) => {
                        let wait = (wait(place) / SECOND).clamp(1, 900) * SECOND;
                        return self.put_back(*message, wait + self.draws.between(0, 1_000) * MILLI);
                    }
                    turn => turn,
                };
                // It claims the message. Now and then that takes long.
                let slow = self.draws.happens(10);
                self.time.rest(if slow { 400 * MILLI } else { self.draws.between(5, 60) * MILLI }).await;
                if !pace.comes(&limits, turn).await.expect("the table answers") {
                    self.put_back(*message, SECOND);
                    return;
                }
                self.time.rest(self.draws.between(3, 9) * MILLI).await;
                if self.provider_takes(*message) {
                    self.time.rest(self.draws.between(20, 80) * MILLI).await;
                } else {
                    sender.store.cut_sending_rate(&MAIL, None, sender.clock.now()).await.expect("cut");
                    self.put_back(*message, 5 * SECOND);
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
        let clock = Clock::from_fn(tell).resting(move |left: Duration| {
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
            voices: Voices::new(Templates::built_in()),
            link_keys: Arc::new(KeyRing::parse(&ring.to_string(), Timestamp::UNIX_EPOCH).expect("a ring")),
            links_base_url: nowhere.clone(),
            send_queue: WorkQueue::new(clients.sqs(), nowhere),
            rate_caps: RateCaps { emails_per_second: None, texts_per_second: 1.0 },
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
            other => panic!("nobody calls {other:?}"),
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

#[test]
fn ten_workers_never_send_more_in_any_second_than_the_rate_and_use_at_least_ninety_five_percent_of_it() {
    for (rate, seconds) in [(1, 300), (5, 120), (14, 90), (50, 60), (200, 20)] {
        for seed in [1, 2, 3] {
            let outcome = simulate(Plan { seed, rate, seconds, ..QUIET });
            let used = outcome.rate(4, seconds) / f64::from(rate);
            println!(
                "{rate}/s, seed {seed}: {:.1} % used, at most {} in a second",
                used * 100.0,
                outcome.most_in_a_second()
            );
            assert_eq!(outcome.refused.len(), 0, "{rate}/s, seed {seed}");
            assert!(outcome.most_in_a_second() <= rate as usize, "{rate}/s, seed {seed}");
            assert!(used >= 0.95, "{rate}/s, seed {seed}: {used}");
            assert!(outcome.sent.values().all(|times| *times == 1));
        }
    }
}

#[test]
fn a_worker_that_dies_loses_its_slots_and_nothing_else() {
    for seed in [4, 5, 6] {
        let plan = Plan { seed, rate: 14, seconds: 200, deaths: 150, ..QUIET };
        let outcome = simulate(plan);
        assert!(outcome.deaths >= 20, "{} died", outcome.deaths);
        assert_eq!(outcome.refused.len(), 0);
        assert!(outcome.most_in_a_second() <= 14);
        // Each of them had at most ten slots.
        let lost = f64::from(outcome.deaths * 10) / 200.0;
        let used = outcome.rate(4, 200);
        println!("seed {seed}: {} died, {used:.2} of 14 a second used", outcome.deaths);
        assert!(used + lost >= 0.95 * 14.0 && used < 14.0, "{used} used and at most {lost} lost");
        assert!(outcome.sent.values().all(|times| *times == 1));
    }
}

#[test]
fn a_provider_that_suddenly_takes_half_is_obeyed_and_the_full_rate_comes_back() {
    for seed in [7, 8, 9] {
        let outcome = simulate(Plan { seed, rate: 20, seconds: 200, slow: (40, 70), ..QUIET });
        let refused_while = |from: i64, until: i64| {
            outcome.refused.iter().filter(|at| (from * SECOND..until * SECOND).contains(*at)).count()
        };
        let (of_slow, rest) = (refused_while(40, 70), outcome.refused.len() - refused_while(40, 70));
        println!(
            "seed {seed}: {of_slow} refused, then {rest}; {:.1}, {:.1}, {:.1} a second",
            outcome.rate(4, 40),
            outcome.rate(40, 70),
            outcome.rate(135, 200)
        );
        // Twice the rate for thirty seconds would be three hundred refusals.
        assert!(of_slow > 0 && of_slow <= 150 && rest == 0, "{of_slow} and {rest}");
        assert!(outcome.rate(45, 70) >= 0.7 * 10.0, "{} a second", outcome.rate(45, 70));
        assert!(outcome.rate(4, 40) >= 0.95 * 20.0 && outcome.rate(135, 200) >= 0.95 * 20.0);
        assert!(outcome.sent.values().all(|times| *times == 1));
    }
}

/// What came of a simulation with a shop that has a limit of its own: the parts of the account's rate and of the shop's that
/// were used from one second until another, after both were seen to hold in every second.
fn used(plan: Plan, from: i64, until: i64) -> (f64, f64) {
    let Messages::Limited { at_most, .. } = plan.messages else { panic!("no shop has a limit") };
    let outcome = simulate(plan);
    let (all, own) = (outcome.rate(from, until), rate(&outcome.own, from, until));
    let most = (outcome.most_in_a_second(), most_in_a_second(&outcome.own));
    let (used_of_all, used_of_own) = (all / f64::from(plan.rate), own / f64::from(at_most));
    println!(
        "{:?}, seed {}: {all:.2} a second ({:.1} %), {own:.2} of them the shop's ({:.1} %); at most {most:?} in a second; \
         {} looks at {} messages",
        plan.messages,
        plan.seed,
        used_of_all * 100.0,
        used_of_own * 100.0,
        outcome.looks,
        outcome.sent.len(),
    );
    assert!(most.0 <= plan.rate as usize && most.1 <= at_most as usize, "{most:?}");
    assert_eq!(outcome.refused.len(), 0);
    assert!(outcome.sent.values().all(|times| *times == 1));
    (used_of_all, used_of_own)
}

#[test]
fn a_shop_with_a_limit_of_its_own_keeps_to_both_limits_and_uses_both_while_there_is_work() {
    for (own, others, at_most) in [(2_700, 2_700, 4), (900, 3_600, 1)] {
        for seed in [10, 11, 12] {
            let messages = Messages::Limited { own, at_most, others, behind: false };
            let (all, own) = used(Plan { seed, rate: 14, seconds: 240, messages, ..QUIET }, 5, 240);
            assert!(all >= 0.9 && own >= 0.9, "{all} and {own}");
        }
    }
}
