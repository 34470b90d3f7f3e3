//! The function as its callers see it.

mod coupons;
mod customers;
mod reports;
#[path = "../../test_stage.rs"]
mod stage;
mod suppressions;
mod tasks;
#[path = "../../test_store.rs"]
mod test_store;

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

#[tokio::test]
async fn a_customer_whose_name_would_end_a_path_is_named_behind_it() {
    let stage = Stage::new().await;
    stage.ordered("a?b", 1).await;
    stage.ordered("a", 1).await;
    let described = stage.json("GET", "/v1/customers/-?id=a%3Fb", "").await;
    assert_eq!(described["id"], "a?b");
    assert_eq!(stage.json("GET", "/v1/customers/-/export?id=a%3Fb", "").await["customer"]["id"], "a?b");
    stage.json("GET", "/v1/customers/-/timeline?limit=5&id=a%3Fb", "").await;
    // Nobody is meant twice, and nobody else is meant.
    let told = stage.refused(400, "DELETE", "/v1/customers/a?id=b", "").await;
    assert!(told.contains("the path has - in"), "{told}");
    stage.refused(400, "GET", "/v1/customers/-?id=", "").await;
    stage.json("DELETE", "/v1/customers/-?id=a%3Fb", "").await;
    stage.refused(404, "GET", "/v1/customers/-?id=a%3Fb", "").await;
    assert_eq!(stage.json("GET", "/v1/customers/a", "").await["id"], "a");
}
