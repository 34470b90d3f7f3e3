//! The function as its callers see it.

mod coupons;
mod customers;
mod facts;
mod lists;
mod refused;
mod reports;
mod suppressions;
mod tasks;

use crate::{Admin, handle};
use http::{Request, Response};
use jiff::Timestamp;
use rekindle_messaging::{KeyRing, ProviderLists};
use rekindle_platform::gateway::Body;
use rekindle_platform::{Clock, Environment, Parts, Throttle};
use rekindle_store::shop::api_keys::Role;
use rekindle_testing::builders::{LINK_KEYS, now, shop};
use rekindle_testing::providers::without_listed_addresses;
use rekindle_testing::{Handle, Rig};
use std::sync::Arc;

impl Handle for Admin {
    async fn handle(&self, request: Request<Body>) -> Response<Body> {
        handle(self, request).await
    }
}

async fn rig() -> Rig<Admin> {
    let link_keys = Arc::new(KeyRing::parse(LINK_KEYS, Timestamp::UNIX_EPOCH).expect("a ring"));
    let parts = Parts::new(Environment::from_pairs([]), without_listed_addresses());
    let provider_lists = ProviderLists::from_parts(&parts);
    let admin =
        |store| Admin { store, clock: Clock::from_fn(now), link_keys, provider_lists, throttle: Throttle::none() };
    Rig::new(Role::Admin, admin).await
}

#[tokio::test]
async fn an_unknown_customer_is_not_found() {
    let rig = rig().await;
    rig.refused(404, "GET", "/v1/customers/nobody", "").await;
    rig.refused(404, "GET", "/v1/customers/nobody/timeline", "").await;
    rig.refused(400, "GET", "/v1/customers/nobody/timeline?limit=0", "").await;
    rig.refused(405, "PUT", "/v1/customers/nobody", "").await;
}

#[tokio::test]
async fn a_customer_id_that_would_end_a_path_is_given_in_the_query() {
    let rig = rig().await;
    rig.ordered("a?b", 1).await;
    rig.ordered("a", 1).await;
    let described = rig.json("GET", "/v1/customers/-?id=a%3Fb", "").await;
    assert_eq!(described["id"], "a?b");
    assert_eq!(rig.json("GET", "/v1/customers/-/export?id=a%3Fb", "").await["customer"]["id"], "a?b");
    rig.json("GET", "/v1/customers/-/timeline?limit=5&id=a%3Fb", "").await;
    // An id in both the path and the query, or in neither, is refused: the call must name exactly one customer.
    let told = rig.refused(400, "DELETE", "/v1/customers/a?id=b", "").await;
    assert!(told.contains("the path has - in"), "{told}");
    rig.refused(400, "GET", "/v1/customers/-?id=", "").await;
    rig.json("DELETE", "/v1/customers/-?id=a%3Fb", "").await;
    rig.refused(404, "GET", "/v1/customers/-?id=a%3Fb", "").await;
    assert_eq!(rig.json("GET", "/v1/customers/a", "").await["id"], "a");
}

#[tokio::test]
async fn a_customer_may_have_any_name() {
    let rig = rig().await;
    rig.ordered("a/b а", 1).await;
    // As it was sent, and as API Gateway decodes it.
    for path in ["/v1/customers/a%2Fb%20%D0%B0", "/v1/customers/a/b%20%D0%B0"] {
        assert_eq!(rig.json("GET", path, "").await["id"], "a/b а");
        assert_eq!(rig.json("GET", &format!("{path}/timeline"), "").await["customer"], "a/b а");
    }
    rig.refused(400, "GET", "/v1/customers/%ff", "").await;
}

#[tokio::test]
async fn an_unknown_path_is_named_and_a_wrong_method_gets_the_allowed_ones() {
    let rig = rig().await;
    assert_eq!(rig.refused(404, "GET", "/v1/orders", "").await, "There is no \"/v1/orders\".");
    assert_eq!(rig.refused(405, "PUT", "/v1/tasks", "").await, "Allowed here: GET.");
    assert_eq!(rig.refused(405, "PUT", "/v1/coupons/pools/a", "").await, "Allowed here: GET, POST.");
}
