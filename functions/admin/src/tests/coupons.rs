//! Tests of coupons: the value and state of a code, and the pools.

use super::{now, rig, shop};
use jiff::SignedDuration;
use rekindle_lifecycle::decide::decide;
use rekindle_lifecycle::id::{CustomerId, MessageId, OrderId};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::short_code;
use rekindle_store::CustomerKey;
use rekindle_store::offers::coupons::{Coupon, Redeemed};
use serde_json::{Value, json};

fn coupon(customer: &str, code: &str) -> Coupon {
    let customer = CustomerId::parse(customer).expect("an id");
    Coupon {
        code: code.to_owned(),
        message: MessageId::derive(&shop(), &customer, "winback", "1", "offer", "email"),
        customer,
        percent: 15,
        issued_at: now(),
        expires_at: now() + SignedDuration::from_hours(240),
    }
}

#[tokio::test]
async fn a_shop_learns_what_a_code_is_worth_and_whether_it_was_used() {
    let rig = rig().await;
    let store = &rig.store;
    store.issue_coupon(&shop(), &coupon("anna", "BACK-1")).await.expect("issued");
    let told = rig.json("GET", "/v1/coupons/BACK-1", "").await;
    assert_eq!((&told["percent"], &told["issued_to"], &told["usable"]), (&json!(15), &json!("anna"), &json!(true)));
    assert_eq!(told["redeemed"], Value::Null);
    let key = CustomerKey { shop: shop(), customer: CustomerId::parse("anna").expect("an id") };
    store.redeem_coupon(&key, "BACK-1", &OrderId::parse("o9").expect("an id"), now()).await.expect("redeemed");
    let told = rig.json("GET", "/v1/coupons/BACK-1", "").await;
    assert_eq!((&told["redeemed"]["order"], &told["usable"]), (&json!("o9"), &json!(false)));
    rig.refused(404, "GET", "/v1/coupons/BACK-2", "").await;
    let other = format!("Bearer {}", rig.other_key().await);
    assert_eq!(rig.call_with(&other, "GET", "/v1/coupons/BACK-1", "").await.0, 404);
    let old = Coupon { expires_at: now(), ..coupon("bob", "BACK-3") };
    store.issue_coupon(&shop(), &old).await.expect("issued");
    assert_eq!(rig.json("GET", "/v1/coupons/BACK-3", "").await["usable"], false);
}

#[tokio::test]
async fn a_coupon_is_found_and_used_however_its_code_is_typed() {
    let rig = rig().await;
    let code = format!("Back-{}", short_code::encode(4711));
    rig.store.issue_coupon(&shop(), &coupon("anna", &code)).await.expect("issued");
    let bare = code.replace('-', "");
    for typed in [code.clone(), code.to_lowercase(), bare, code.replace('-', "%E2%80%91"), code.replace('-', "%20")] {
        let told = rig.json("GET", &format!("/v1/coupons/{typed}"), "").await;
        assert_eq!(told["code"], json!(code), "{typed}");
    }
    let key = CustomerKey { shop: shop(), customer: CustomerId::parse("anna").expect("an id") };
    let redeem = async |typed: &str, order: &str| {
        let order = OrderId::parse(order).expect("an id");
        rig.store.redeem_coupon(&key, typed, &order, now()).await.expect("an answer")
    };
    assert_eq!(redeem(&code.to_lowercase().replace('-', "–"), "o1").await, Redeemed::ByThisOrder);
    assert_eq!(redeem(&code, "o2").await, Redeemed::ByAnother);
    assert_eq!(redeem(&code.replace('-', " "), "o1").await, Redeemed::ByThisOrder);
    assert_eq!(redeem("back-22222223", "o3").await, Redeemed::NoSuchCoupon);
}

#[tokio::test]
async fn a_referral_code_is_a_coupon_for_friends_until_its_owner_is_erased() {
    let rig = rig().await;
    let anna = rig.ordered("anna", 2).await;
    assert_eq!(rig.json("GET", "/v1/customers/anna", "").await["referral"], Value::Null);
    let codes = rig.function.link_keys.referral_codes(&anna.shop, &anna.customer);
    let code = rig.store.referral_code(&anna, codes).await.expect("asked").expect("a code");
    rig.store.note_visit(&code, "visitor-1", now()).await.expect("noted");
    let shown = rig.json("GET", "/v1/customers/anna", "").await;
    assert_eq!(shown["referral"], json!({ "code": code, "visits": 1, "rewarded": 0 }));
    let path = format!("/v1/coupons/{}", code.to_lowercase());
    let told = rig.json("GET", &path, "").await;
    assert_eq!((&told["kind"], &told["percent"], &told["issued_to"]), (&json!("referral"), &json!(10), &json!("anna")));
    let other = format!("Bearer {}", rig.other_key().await);
    assert_eq!(rig.call_with(&other, "GET", &path, "").await.0, 404);
    rig.json("DELETE", "/v1/customers/anna", "").await;
    rig.refused(404, "GET", &path, "").await;
}

#[tokio::test]
async fn a_coupon_that_follows_from_a_message_is_shown_with_the_customer_and_forgotten_with_them() {
    let rig = rig().await;
    let anna = rig.ordered("anna", 2).await;
    let store = &rig.store;
    let policy = "[experiment]\nholdout = 0.0\n[[journey]]\nid = \"gift\"\ntrigger = \"first_order\"\n\
                  purpose = \"marketing\"\npriority = 1\n[[journey.step]]\nid = \"one\"\ndelay = \"1h\"\n\
                  channel = \"email\"\ntemplate = \"welcome-thanks\"\n\
                  coupon = { prefix = \"GIFT\", percent = 15, valid_for = \"90d\" }\n";
    let policy = Policy::parse(policy).expect("valid");
    let customer = store.customer(&anna).await.expect("read");
    let decision = decide(&policy, &customer, now());
    let [message] = decision.messages.as_slice() else { panic!("one message") };
    store.commit(&customer, &decision.messages, &decision.entries, now()).await.expect("committed");
    let code = rig.function.link_keys.coupon_codes("GIFT", &shop(), &message.id).next().expect("a code");
    let issued = Coupon { message: message.id.clone(), ..coupon("anna", &code) };
    assert!(store.issue_coupon(&shop(), &issued).await.expect("issued"));
    let shown = rig.json("GET", "/v1/customers/anna", "").await;
    assert_eq!((&shown["coupons"][0]["code"], &shown["coupons"][0]["usable"]), (&json!(code), &json!(true)));
    rig.json("DELETE", "/v1/customers/anna", "").await;
    let told = rig.json("GET", &format!("/v1/coupons/{code}"), "").await;
    assert!(!told.to_string().contains("anna"), "{told}");
    let (kept, _) = store.coupon(&shop(), &code).await.expect("read").expect("there");
    assert_ne!(kept.message, message.id);
}

#[tokio::test]
async fn a_pool_takes_the_good_lines_of_an_upload_once() {
    let rig = rig().await;
    let path = "/v1/coupons/pools/spring";
    for _ in 0..2 {
        let told = rig.json("POST", path, "A-1\r\n\nB_2\nA-1\n=cmd()\n").await;
        assert_eq!((&told["accepted"], &told["left"], &told["success"]), (&json!(2), &json!(2), &json!(false)));
        assert_eq!(told["rejected"][0]["line"], 5);
    }
    assert_eq!(rig.json("GET", path, "").await, json!({ "pool": "spring", "left": 2 }));
    let told = rig.json("POST", path, "A-1\na1\n").await;
    assert_eq!((&told["accepted"], &told["left"], &told["rejected"][0]["line"]), (&json!(1), &json!(2), &json!(2)));
    let issued = rig.store.issue_from_pool(&shop(), "spring", coupon("anna", "")).await.expect("issued");
    assert!(issued.is_some());
    assert_eq!(rig.json("GET", path, "").await["left"], 1);
    let other = format!("Bearer {}", rig.other_key().await);
    assert!(rig.call_with(&other, "GET", path, "").await.1.contains("\"left\":0"));
    rig.refused(400, "POST", "/v1/coupons/pools/Spring%20sale", "A-1").await;
}

#[tokio::test]
async fn no_coupon_names_an_erased_customer_and_used_coupons_stay_used() {
    let rig = rig().await;
    let store = &rig.store;
    let anna = rig.ordered("anna", 2).await;
    rig.json("POST", "/v1/coupons/pools/spring", "A-1").await;
    store.issue_from_pool(&shop(), "spring", coupon("anna", "")).await.expect("issued");
    store.redeem_coupon(&anna, "A-1", &OrderId::parse("o9").expect("an id"), now()).await.expect("redeemed");
    let export = rig.json("GET", "/v1/customers/anna/export", "").await;
    assert_eq!(export["coupons"][0]["redeemed"]["order"], "o9");
    rig.json("DELETE", "/v1/customers/anna", "").await;
    let told = rig.json("GET", "/v1/coupons/A-1", "").await;
    assert!(!told.to_string().contains("anna") && !told.to_string().contains("o9"), "{told}");
    assert_eq!((&told["percent"], &told["usable"]), (&json!(15), &json!(false)));
}
