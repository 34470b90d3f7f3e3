//! The functions, wired as on Lambda.

use super::{ADVANCE_QUEUE, EVENT_BUS, LocalShop, SEND_QUEUE, StackTime};
use admin::Admin;
use advance::Advance;
use feedback::Feedback;
use ingest::Ingest;
use links::Links;
use rekindle_messaging::{EventBus, Mailer, Templates, Texter};
use rekindle_platform::{Clients, Throttle, WorkQueue};
use rekindle_store::Store;
use send::Sender;
use send::limits::RateCaps;
use send::shop_context::ShopContexts;
use settings::Settings;
use std::sync::Arc;
use std::time::Duration;
use sweep::Sweep;

/// The functions, each with what it works with.
#[derive(Debug, Clone)]
pub struct Handlers {
    /// The API that shops post to.
    pub ingest: Ingest,
    /// The API of the platform team.
    pub admin: Admin,
    /// The API of a shop's settings.
    pub settings: Settings,
    /// Triggered by the stream and the queue of customers.
    pub advance: Advance,
    /// Triggered by the schedule.
    pub sweep: Sweep,
    /// Triggered by the queue of messages.
    pub send: Sender,
    /// Triggered by the queue of provider events.
    pub feedback: Feedback,
    /// The pages behind links of messages.
    pub links: Links,
}

impl Handlers {
    pub(super) fn wire(
        clients: &Clients,
        services_url: &str,
        store: &Store,
        shop: &LocalShop,
        time: &StackTime,
        links_base_url: &str,
    ) -> Self {
        let clock = time.clock();
        let queue = |name: &str| WorkQueue::new(clients.sqs(), format!("{services_url}/000000000000/{name}"));
        let throttle = match time {
            StackTime::Real => Throttle::full(),
            StackTime::Virtual(_) => Throttle::none(),
        };
        Self {
            ingest: Ingest::new(store.clone(), clock.clone()).with_throttle(throttle.clone()),
            admin: Admin {
                store: store.clone(),
                clock: clock.clone(),
                link_keys: Arc::clone(&shop.link_keys),
                throttle: throttle.clone(),
            },
            settings: Settings { store: store.clone(), clock: clock.clone(), throttle },
            advance: Advance {
                store: store.clone(),
                send_queue: queue(SEND_QUEUE),
                advance_queue: queue(ADVANCE_QUEUE),
                link_keys: Arc::clone(&shop.link_keys),
                clock: clock.clone(),
            },
            sweep: Sweep {
                store: store.clone(),
                advance_queue: queue(ADVANCE_QUEUE),
                clock: clock.clone(),
                limit_per_shard: 5_000,
            },
            send: Sender {
                store: store.clone(),
                mailer: Mailer::new(&clients.ses(), Some("rekindle".to_owned())),
                texter: Texter::new(&clients.sns()),
                canary_from: None,
                send_queue: queue(SEND_QUEUE),
                rate_caps: RateCaps { emails_per_second: None, texts_per_second: 1_000.0 },
                events: EventBus::named(clients.eventbridge(), EVENT_BUS.to_owned()),
                shops: ShopContexts::new(Templates::built_in()),
                link_keys: Arc::clone(&shop.link_keys),
                links_base_url: links_base_url.to_owned(),
                clock: clock.clone(),
            },
            links: Links {
                store: store.clone(),
                link_keys: Arc::clone(&shop.link_keys),
                links_base_url: links_base_url.to_owned(),
                clock: clock.clone(),
            },
            feedback: Feedback {
                store: store.clone(),
                texter: Texter::new(&clients.sns()),
                sns: clients.sns(),
                events: EventBus::named(clients.eventbridge(), EVENT_BUS.to_owned()),
                link_keys: Arc::clone(&shop.link_keys),
                links_base_url: links_base_url.to_owned(),
                between_pages: Duration::ZERO,
                clock,
            },
        }
    }
}
