//! The function as its callers see it.

mod coupons;
mod customers;
mod reports;
#[path = "../../test_stage.rs"]
mod stage;
mod suppressions;
mod tasks;

use crate::{Admin, handle};
use http::{Request, Response};
use jiff::Timestamp;
use rekindle_messaging::KeyRing;
use rekindle_platform::gateway::Body;
use rekindle_platform::{Clock, Throttle};
use serde_json::json;
use stage::{Answers, now, shop};
use std::sync::Arc;

type Stage = stage::Stage<Admin>;

impl Answers for Admin {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        handle(self, request).await
    }
}

impl Stage {
    async fn new() -> Self {
        let ring =
            json!({ "current": 1, "keys": [{ "id": 1, "secret": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=" }] });
        let link_keys = Arc::new(KeyRing::parse(&ring.to_string(), Timestamp::UNIX_EPOCH).expect("a ring"));
        Self::of(|store| Admin { store, clock: Clock::from_fn(now), link_keys, throttle: Throttle::none() }).await
    }
}

#[tokio::test]
async fn a_customer_of_whom_nothing_is_known_is_not_found() {
    let stage = Stage::new().await;
    stage.refused(404, "GET", "/v1/customers/nobody", "").await;
    stage.refused(404, "GET", "/v1/customers/nobody/timeline", "").await;
    stage.refused(400, "GET", "/v1/customers/nobody/timeline?limit=0", "").await;
    stage.refused(405, "PUT", "/v1/customers/nobody", "").await;
}
