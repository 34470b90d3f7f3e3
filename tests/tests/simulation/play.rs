//! Playing one history from the beginning to the end.

use crate::bug::Bug;
use crate::edits::brand;
use crate::fault::{Happened, Plan};
use crate::history::{Customer, History};
use crate::script::{Post, Rules, SHARED_ID, Script};
use crate::world::{Shared, World};
use crate::{actors, edits, triggers};
use http::Request;
use rekindle_lifecycle::id::ShopId;
use rekindle_local_stack::Handlers;
use rekindle_operator::deployment::rebuild::{Rebuild, Whose};
use rekindle_platform::gateway::Body;
use rekindle_store::Tables;
use rekindle_store::shop::api_keys::Role;
use rekindle_store::shop::settings::BRAND;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{LocalSet, spawn_local};

/// A history to be played. The same one is played in the same way each time.
#[derive(Debug, Clone)]
pub(crate) struct Play {
    pub(crate) seed: u64,
    pub(crate) script: Script,
    pub(crate) plan: Plan,
    pub(crate) seeded: Option<Bug>,
}

/// What the outside saw of the history.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) history: History,
    /// What the engine's own API returns about each customer in the end: the customer and the timeline.
    pub(crate) told: BTreeMap<Customer, (Value, Value)>,
    /// The customers who placed an order as a guest, or under an id that others have as well.
    pub(crate) guests: BTreeSet<Customer>,
    /// The customers whose consent to mails is not clearly a yes.
    pub(crate) closed: BTreeSet<Customer>,
    /// What the API returns about an id that many have.
    pub(crate) shared: Vec<Value>,
    /// The tasks that are open in each shop.
    pub(crate) tasks: Vec<Value>,
    pub(crate) rules: Rules,
    /// The stream was down for two days: orders of that time start nothing.
    pub(crate) was_deaf: bool,
    /// By how much clocks are wrong at most.
    pub(crate) clocks: jiff::SignedDuration,
    /// Somebody added a key that seals links.
    pub(crate) was_rotated: bool,
    /// The clock at the end.
    pub(crate) ended_at: jiff::Timestamp,
    pub(crate) calls: u64,
    pub(crate) happened: Vec<Happened>,
}

/// Plays a history on this thread.
pub(crate) fn play(play: &Play) -> Seen {
    // The SDK draws its pauses from this.
    fastrand::seed(play.seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    LocalSet::new().block_on(&runtime, run(play.clone()))
}

async fn run(play: Play) -> Seen {
    let script = play.script;
    let clocks = jiff::SignedDuration::from_millis(play.plan.storm.map_or(0, |storm| storm.clocks));
    let mut world = World::new(play.seed, play.plan, play.seeded);
    world.readers = script.cast.iter().cloned().collect();
    world.outages = script.outages;
    world.rotated_at = script.rotated_at;
    world.erased = script.erasures.iter().map(|erasure| erasure.customer.clone()).collect();
    let world = Arc::new(world);
    let keys = open_shops(&world, script.rules).await;
    triggers::start(&world);
    let guests = script.posts.iter().filter(|post| post.is_of_guest()).map(|post| post.customer.clone()).collect();
    let has_shared_id = |post: &&Post| post.event["userId"] == SHARED_ID;
    let shops_with_shared_id: BTreeSet<String> =
        script.posts.iter().filter(has_shared_id).map(|post| post.customer.shop.clone()).collect();
    for post in script.posts {
        let write_key = keys[&post.customer.shop].0.clone();
        spawn_local(actors::shop(Arc::clone(&world), post, write_key));
    }
    for erasure in script.erasures {
        let admin_key = keys[&erasure.customer.shop].1.clone();
        spawn_local(actors::erase(Arc::clone(&world), erasure, admin_key));
    }
    for edit in script.edits {
        let admin_key = keys[&edit.shop].1.clone();
        spawn_local(edits::edit(Arc::clone(&world), edit, script.rules, admin_key));
    }
    for customer in world.readers.keys() {
        spawn_local(actors::customer(Arc::clone(&world), customer.clone()));
    }
    // After the failures the operator handles what the alarms report, several times until nothing is left.
    let rest = (script.length - script.repaired_at) / 4;
    tokio::time::sleep(Duration::from_secs(script.repaired_at)).await;
    for _ in 0..4 {
        let left_behind = world.advance_queue.replay();
        world.history().left_behind.extend(left_behind);
        for queue in [&world.send_queue, &world.feedback_queue] {
            queue.replay();
        }
        if world.outages.stream.is_some() && !world.has(Bug::NothingReconciles) {
            world.operate(async |it| reconcile(it).await).await;
        }
        tokio::time::sleep(Duration::from_secs(rest)).await;
    }
    let closed = script.cast.iter().filter(|(_, reader)| reader.is_closed).map(|(who, _)| who.clone()).collect();
    let mut shared = Vec::new();
    for shop in shops_with_shared_id {
        shared.push(ask(&world, &keys[&shop].1, &format!("/v1/customers/{SHARED_ID}")).await);
    }
    let mut told = BTreeMap::new();
    for customer in world.readers.keys() {
        let key = &keys[&customer.shop].1;
        let record = ask(&world, key, &format!("/v1/customers/{}", customer.id)).await;
        let timeline = ask(&world, key, &format!("/v1/customers/{}/timeline?limit=1000", customer.id)).await;
        told.insert(customer.clone(), (record, timeline));
    }
    let mut tasks = Vec::new();
    for (_, admin_key) in keys.values() {
        let answer = ask(&world, admin_key, "/v1/tasks").await;
        tasks.extend(answer["tasks"].as_array().cloned().unwrap_or_default());
    }
    let history = std::mem::take(&mut *world.history());
    let (calls, happened) = world.faults.take();
    let ended_at = world.time.now();
    // Instances and world refer to each other, so neither would be freed.
    world.warm.lock().expect("no panic").clear();
    Seen {
        history,
        told,
        guests,
        closed,
        shared,
        tasks,
        rules: script.rules,
        was_deaf: world.outages.stream.is_some(),
        clocks,
        was_rotated: world.rotated_at.is_some(),
        ended_at,
        calls,
        happened,
    }
}

/// Tables, and shops with a write key and an admin key each.
async fn open_shops(world: &Shared, rules: Rules) -> BTreeMap<String, (String, String)> {
    world
        .operate(async |it| {
            let store = &it.admin.store;
            Tables::with_prefix("r").create_missing(&world.lines.client()).await.expect("tables");
            let mut keys = BTreeMap::new();
            for name in world.readers.keys().map(|customer| customer.shop.clone()) {
                if keys.contains_key(&name) {
                    continue;
                }
                let shop = ShopId::parse(&name).expect("an id");
                store.put_policy(&shop, &rules.policy()).await.expect("a policy");
                store.put_setting(&shop, BRAND, &brand(&name, 0)).await.expect("a brand");
                let now = world.time.now();
                // As for every new shop.
                store.list_refused_days_from(&shop, now).await.expect("listed");
                let write = store.create_key(&shop, Role::Write, now).await.expect("a key");
                let admin = store.create_key(&shop, Role::Admin, now).await.expect("a key");
                keys.insert(name, (write, admin));
            }
            keys
        })
        .await
}

async fn reconcile(it: &Handlers) {
    let queue = it.advance.advance_queue.clone();
    let rate = NonZeroU32::new(1_000).expect("not zero");
    let rebuild = Rebuild { store: &it.admin.store, queue: Some(&queue), rate };
    rebuild.run(&Whose::All, |_| {}).await.expect("nothing happens to the operator");
}

async fn ask(world: &Shared, key: &str, path: &str) -> Value {
    let request =
        Request::get(path).header("authorization", format!("Bearer {key}")).body(Body::Empty).expect("a request");
    let answer = world.operate(async |it| admin::handle(&it.admin, request).await).await;
    serde_json::from_slice(answer.body()).expect("JSON")
}
