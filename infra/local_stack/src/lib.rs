//! Rekindle on one machine: the functions that run on Lambda, called directly, with an emulated AWS around them.
//!
//! - [`DataDir`] is the directory with all files; it belongs to one process at a time;
//! - [`StackTime`] is real or virtual;
//! - [`Engine`] is DynamoDB, [`Cloud`] is SES, SNS, SQS and EventBridge; the real SDK clients call both over HTTP, and sign
//!   with keys that each stack makes for itself;
//! - [`Handlers`] are the functions, wired as on Lambda;
//! - [`Pump`] triggers them: by the stream, the queues and the schedule, whose times are `sweep_times`;
//! - [`http`] is the HTTP API in front, [`inbox`] shows what was sent;
//! - [`Overview`] counts customers, orders and messages; [`Loops`] counts answers, referrals, coupons and clicks.

mod aws_keys;
mod data_dir;
mod dynamodb_api;
mod engine;
mod environment;
mod handlers;
pub mod http;
pub mod inbox;
mod loops;
mod overview;
mod pump;
mod reasons;
mod shop;
mod signatures;
mod sweep_times;
mod time;

pub use data_dir::{DataDir, DataDirError};
pub use engine::{Engine, EngineError, StreamBatch, StreamReader};
pub use handlers::{FUNCTIONS, HTTP_FUNCTIONS, Handlers, HttpFunction};
pub use loops::{Clicks, Coupons, Loops, Referrals, Tasks};
pub use overview::{Overview, Progress, Running};
pub use pump::{Pump, PumpError};
pub use shop::{LocalShop, SHOP, sample_brand};
pub use time::StackTime;

use rekindle_emulators::{Cloud, CloudError, CloudSettings, Durability, QueueSettings, Redrive, services};
use rekindle_platform::{AccessKeys, AwsEndpoints, Clients, Parts, Throttle};
use rekindle_store::{Store, StoreError, Tables};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The queue of customers to advance.
pub const ADVANCE_QUEUE: &str = "rekindle-advance";
/// The queue of messages to send.
pub const SEND_QUEUE: &str = "rekindle-send";
/// The queue of provider events.
pub const FEEDBACK_QUEUE: &str = "rekindle-feedback";
/// The queue of what shop systems delivered.
pub const HOOKS_QUEUE: &str = "rekindle-hooks";

/// The event bus on which other systems learn of tasks and pauses.
pub const EVENT_BUS: &str = "rekindle";

/// A running local stack. Dropping it stops its servers.
pub struct Stack {
    /// Its directory.
    pub data: Arc<DataDir>,
    /// Its time.
    pub time: StackTime,
    /// The tables.
    pub store: Store,
    /// SES, SNS, SQS and EventBridge.
    pub cloud: Cloud,
    /// The functions.
    pub handlers: Handlers,
    /// DynamoDB.
    pub engine: Engine,
    /// Its only shop.
    pub shop: LocalShop,
    /// The addresses at which the SDK clients reach the emulated AWS.
    pub endpoints: AwsEndpoints,
    /// The keys with which calls there are signed; others are refused.
    pub aws_keys: AccessKeys,
    client: aws_sdk_dynamodb::Client,
    servers: [JoinHandle<io::Result<()>>; 2],
}

/// Why a stack did not start. The message says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The database cannot be opened.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The queues and the mailbox cannot be opened.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// A table cannot be created.
    #[error("the tables cannot be set up")]
    Store(#[from] StoreError),
    /// A file or a port cannot be used.
    #[error("a file or a port of the local stack cannot be used")]
    Io(#[from] io::Error),
    /// The functions cannot be wired.
    #[error("the functions cannot be wired: {0}")]
    Wiring(String),
    /// The shop cannot be set up.
    #[error("the shop of the local stack cannot be set up: {0}")]
    Shop(String),
}

impl Stack {
    /// Starts a stack on a directory. Work that an earlier process left unfinished there continues.
    ///
    /// # Errors
    /// Something cannot be used; the message says what to do about it.
    pub async fn start(
        data: Arc<DataDir>,
        time: StackTime,
        durability: Durability,
        links_base_url: &str,
    ) -> Result<Self, StackError> {
        let engine = Engine::open(&data.file("tables.db"), durability)?;
        let settings = CloudSettings {
            durability,
            queues: queues(),
            feedback_queue: Some(FEEDBACK_QUEUE.to_owned()),
            ..CloudSettings::default()
        };
        let cloud = Cloud::open(&data.file("cloud.db"), settings, time.clock())?;

        let (dynamodb, aws) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
        let url = |listener: &TcpListener| listener.local_addr().map(|address| format!("http://{address}"));
        let endpoints = AwsEndpoints { dynamodb: url(&dynamodb)?, services: url(&aws)? };
        let aws_keys = aws_keys::load(&data)?;
        let emulated = [(dynamodb, engine.router()), (aws, services::router(cloud.clone()))];
        let servers = emulated.map(|(listener, router)| {
            let router = signatures::required(router, aws_keys.clone());
            tokio::spawn(http::serve_emulator(listener, router))
        });

        let clients = Clients::local(&endpoints).signing_with(aws_keys.clone());
        let client = clients.dynamodb();
        let tables = Tables::with_prefix("rekindle");
        tables.create_missing(&client).await?;
        let store = Store::new(client.clone(), tables);
        let shop = LocalShop::set_up(&data, &store, time.now()).await.map_err(StackError::Shop)?;
        let environment = environment::environment(&store, &endpoints.services, links_base_url, &shop.ring);
        let throttle = match time {
            StackTime::Real => Throttle::full(),
            // In a time that is moved by hand nothing has a rate.
            StackTime::Virtual(_) => Throttle::none(),
        };
        let parts =
            Parts::new(environment, clients).with_clock(time.clock()).with_throttle(throttle).with(store.clone());
        let handlers =
            Handlers::wire(|_| parts.clone()).await.map_err(|error| StackError::Wiring(error.to_string()))?;
        Ok(Self { data, time, store, cloud, handlers, engine, shop, endpoints, aws_keys, client, servers })
    }

    /// A client of the stack's database, for scans.
    #[must_use]
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        &self.client
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

fn queues() -> Vec<QueueSettings> {
    let queue = |name: &str, visibility: u64| QueueSettings {
        visibility: Duration::from_secs(visibility),
        redrive: Some(Redrive { dead_letter_queue: format!("{name}-dead"), max_receives: 5 }),
        ..QueueSettings::new(name)
    };
    let dead = |name: &str| QueueSettings::new(format!("{name}-dead"));
    vec![
        dead(ADVANCE_QUEUE),
        dead(SEND_QUEUE),
        dead(FEEDBACK_QUEUE),
        dead(HOOKS_QUEUE),
        queue(ADVANCE_QUEUE, 60),
        // Longer than the lease of a claim, so that a message is received again after its lease is over.
        queue(SEND_QUEUE, 180),
        queue(FEEDBACK_QUEUE, 60),
        queue(HOOKS_QUEUE, 60),
    ]
}
