//! Two shops in the same tables, with the same customers, and with names of which one is a prefix of the other:
//! whatever one does with its keys and its customers' links, it neither reads nor changes anything of the other shop.

use crate::stage::{Shop, Stage, order};
use crate::values::{ODD_TEXTS, cases, runtime};
use proptest::collection::vec;
use proptest::prelude::*;
use rekindle_local_stack::HTTP_FUNCTIONS;
use rekindle_messaging::LinkPurpose;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The acting shop, and the shop that must not be affected.
const OWN: &str = "quartz";
const OTHER: &str = "quartz-b7";
/// Texts that only the other shop's records contain and no request mentions.
const SECRETS: [&str; 7] =
    ["Zerbinetta", "zerbinetta@", "2071838751", "SECRET-ORDER", "SECRET-CUSTOMER", "Secret Lane", "Secret subject"];

/// Both shops, with something of every kind in each.
async fn two_shops() -> (Stage, [Shop; 2], Handles) {
    let mut stage = Stage::new().await;
    let own = stage.shop(OWN, "Quartz").await;
    let other = stage.shop(OTHER, "Secret").await;
    for (shop, name, mail, phone, prefix) in [
        (&own, "Anna", "anna@x.example", "+442071838750", "own"),
        (&other, "Zerbinetta", "zerbinetta@x.example", "+442071838751", "SECRET-ORDER"),
    ] {
        let admin = async |method: &str, path: &str, body: String| {
            let answer = stage.call(method, path, &shop.admin, body).await;
            assert!(answer.status < 300, "{method} {path}: {answer:?}");
        };
        for customer in ["anna", "bela", "a#b", friend(shop)] {
            let mut first = order(customer, &format!("{prefix}-{customer}"), stage.now());
            let traits = json!({ "email": format!("{}{mail}", customer.len()), "phone": phone, "firstName": name, "sms_marketing_consent": true });
            first["context"] = json!({ "traits": traits });
            stage.take(shop, &[first]).await;
        }
        let template = json!({ "channel": "email", "subject": format!("{} subject", shop_name(shop)), "preheader": "p", "mjml": "<mj-text>Hi</mj-text>", "text": "Hi" });
        admin("PUT", "/v1/templates/own-words/en", template.to_string()).await;
        admin("PUT", "/v1/policy", format!("# of {}\n[experiment]\nholdout = 0.0\n", shop_name(shop))).await;
        admin("POST", "/v1/coupons/pools/spring", format!("{prefix}-1\n{prefix}-2\nSHARED")).await;
        admin("POST", "/v1/suppressions", format!("channel,address\nemail,{mail}\nemail,shared@x.example\n")).await;
    }
    stage.pass(24 * 20).await;
    for shop in [&own, &other] {
        // A task for staff, and an answer to the NPS question with a referral code.
        let link = stage.link(LinkPurpose::Preferences, &shop.id, friend(shop));
        assert_eq!(stage.call("POST", &link, "", "act=export").await.status, 200);
        let link = stage.link(LinkPurpose::Nps, &shop.id, friend(shop));
        assert_eq!(stage.call("POST", &link, "", "score=10&comment=fine").await.status, 200);
    }
    stage.pump.settle().await.expect("the pump runs");
    let handles = Handles::of(&stage, &other).await;
    (stage, [own, other], handles)
}

/// A customer of this shop alone, with a task and a referral code.
fn friend(shop: &Shop) -> &'static str {
    if shop.id.as_str() == OWN { "own-customer" } else { "SECRET-CUSTOMER" }
}

fn shop_name(shop: &Shop) -> &'static str {
    if shop.id.as_str() == OWN { "Quartz" } else { "Secret" }
}

/// The ids of the other shop's records, as if guessed, leaked or seen somewhere.
#[derive(Debug, Clone)]
struct Handles {
    task: String,
    referral_code: String,
    after: String,
    links: Vec<String>,
    write_key: String,
}

impl Handles {
    async fn of(stage: &Stage, other: &Shop) -> Self {
        let asked = async |path: &str| stage.call("GET", path, &other.admin, "").await.json();
        let tasks = asked("/v1/tasks").await;
        let suppressions = asked("/v1/suppressions?limit=1").await;
        let anna = asked("/v1/customers/SECRET-CUSTOMER").await;
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{anna} {tasks} {suppressions}")).to_owned();
        Self {
            task: text(&tasks["tasks"][0]["id"]),
            referral_code: text(&anna["referral"]["code"]),
            after: text(&suppressions["next_after"]),
            links: LinkPurpose::ALL.map(|purpose| stage.link(purpose, &other.id, "anna")).to_vec(),
            write_key: other.write.clone(),
        }
    }
}

/// Everything that is stored of the other shop.
async fn others_items(stage: &Stage) -> BTreeMap<String, String> {
    let mut items = stage.items().await;
    items.retain(|key, item| {
        key.contains(OTHER) || item.contains(OTHER) || SECRETS.iter().any(|mark| item.contains(mark))
    });
    items
}

/// A call that the shop makes.
#[derive(Debug, Clone)]
enum Act {
    Admin {
        method: String,
        path: String,
        body: String,
    },
    Post {
        path: String,
        body: String,
    },
    Link {
        path: String,
        form: String,
        acts: bool,
    },
    /// The shop's own jobs run.
    Settle,
}

fn acts(stage: &Stage, own: &Shop, handles: &Handles) -> impl Strategy<Value = Act> + use<> {
    let names = |more: &[&str]| {
        let mut names: Vec<String> =
            ODD_TEXTS.iter().map(|text| (*text).to_owned()).filter(|text| !text.is_empty()).collect();
        names.extend(more.iter().flat_map(|name| vec![(*name).to_owned(); 6]));
        proptest::sample::select(names)
    };
    let encoded = |text: String| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let customers = names(&[
        "anna",
        "bela",
        "a#b",
        "quartz-b7#anna",
        "-b7#anna",
        "anna#",
        "b7#anna",
        "!quarantine#2026-03-02",
        "nobody",
    ]);
    let parts = names(&[
        &handles.task,
        &handles.referral_code,
        "SECRET",
        "SHARED",
        "spring",
        "own-words",
        "quartz-b7#spring",
        "anna",
        "en",
        "email",
        "sms",
        "shared@x.example",
        "1",
        "2",
    ]);
    let routes: Vec<(&str, &str)> = HTTP_FUNCTIONS
        .iter()
        .filter(|function| !["ingest", "links"].contains(&function.name))
        .flat_map(|function| (function.routes)())
        .flat_map(|route| route.methods.iter().map(move |method| (*method, route.path)))
        .collect();
    let queries = names(&["", &handles.after, "open#2026-03-02", "quartz-b7"]);
    let bodies = proptest::sample::select(vec![
        String::new(),
        "{}".to_owned(),
        "[experiment]\nholdout = 0.0\n".to_owned(),
        json!({ "paused": true, "note": "shop quartz-b7", "shop": OTHER }).to_string(),
        json!({ "paused": false }).to_string(),
        json!({ "text": "note", "by": "me" }).to_string(),
        json!({ "by": "me", "outcome": "done" }).to_string(),
        json!({ "name": "Mine", "sender_address": "me@x.example", "sender_name": "M", "postal_address": "1 M", "shop_url": "https://m.example" }).to_string(),
        json!({ "channel": "email", "subject": "Mine", "preheader": "p", "mjml": "<mj-text>Hi</mj-text>", "text": "Hi" }).to_string(),
        "channel,address,shop\nemail,shared@x.example,quartz-b7\nemail,mine@x.example,quartz\n".to_owned(),
        "SHARED\nquartz-b7#X\nMINE".to_owned(),
    ]);
    let one_admin = (proptest::sample::select(routes), customers.clone(), vec(parts, 2), queries, bodies).prop_map(
        move |((method, route), customer, parts, query, body)| {
            let path = match route.contains("/customers/") {
                true => route.replace("{id+}", &encoded(customer)),
                false => {
                    let mut path = route.to_owned();
                    for part in parts {
                        if let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
                            path.replace_range(start..=end, &encoded(part));
                        }
                    }
                    path
                }
            };
            let query = if query.is_empty() { String::new() } else { format!("?after={}&limit=50", encoded(query)) };
            Act::Admin { method: method.to_owned(), path: format!("{path}{query}"), body }
        },
    );
    let (now, code, write_key) = (stage.now(), handles.referral_code.clone(), handles.write_key.clone());
    let posts = (proptest::sample::select(ingest::ROUTES.iter().map(|route| route.path).collect::<Vec<_>>()), customers, 0..5_u8).prop_map(
        move |(path, customer, kind)| {
            let mut event = order(&customer, &format!("mine-{customer}"), now);
            event["shop"] = json!(OTHER);
            event["properties"]["shop"] = json!(OTHER);
            event["properties"]["referral_code"] = json!(code);
            event["properties"]["coupon"] = json!("SHARED");
            match kind {
                0 => event["writeKey"] = json!(write_key),
                1 => event["type"] = json!("identify"),
                2 => event["context"] = json!({ "traits": { "email": "mine@x.example", "phone": "+442071838799" }, "page": { "url": format!("https://x/?referral_code={code}") } }),
                3 => event["event"] = json!("Order Refunded"),
                _ => {}
            }
            let body = if path.ends_with("batch") || path.ends_with("/import") {
                json!({ "batch": [event], "shop": OTHER, "writeKey": write_key })
            } else {
                event
            };
            Act::Post { path: path.to_owned(), body: body.to_string() }
        },
    );
    // Links of the shop's own customers with forms that name the other's; links of the other's, taken apart.
    let mut links: Vec<String> = Vec::new();
    for customer in ["anna", "bela", "a#b"] {
        links.extend(LinkPurpose::ALL.map(|purpose| stage.link(purpose, &own.id, customer)));
    }
    for link in &handles.links {
        links.push(link[..link.len() - 2].to_owned());
        links.push(format!("{link}A"));
        links.extend(
            ["u", "p", "n", "c"]
                .iter()
                .filter(|page| !link.starts_with(&format!("/{page}/")))
                .map(|page| format!("/{page}/{}", &link[3..])),
        );
    }
    let forms = vec![
        "act=save&language=ru&shop=quartz-b7&customer=anna",
        "act=export&shop=quartz-b7",
        "act=erase",
        "act=stop",
        "act=undo&again=marketing",
        "score=0&comment=x&shop=quartz-b7",
        "",
    ];
    let pages = (proptest::sample::select(links), proptest::sample::select(forms), any::<bool>())
        .prop_map(|(path, form, acts)| Act::Link { path, form: form.to_owned(), acts });
    prop_oneof![10 => one_admin, 4 => posts, 3 => pages, 1 => Just(Act::Settle)]
}

#[test]
fn no_action_of_a_shop_reads_or_changes_anything_of_another_shop() {
    let runtime = runtime();
    let (stage, [own, other], handles) = runtime.block_on(two_shops());
    let before = runtime.block_on(others_items(&stage));
    assert!(before.len() > 40, "the other shop has something of every kind: {}", before.len());
    for family in [
        "customers quartz-b7#anna",
        "order#",
        "message#",
        "decision#",
        "shops shop#quartz-b7",
        "suppression#",
        "tasks#",
        "pool#",
        "referral#",
        "key#",
    ] {
        assert!(before.keys().any(|key| key.contains(family)), "nothing of {family}");
    }
    // Tokens of the other's customers are genuine: only the pages of other purposes, and cut ones, are tried below.
    let strategy = vec(acts(&stage, &own, &handles), 1..6);
    let stage = std::cell::RefCell::new(stage);
    cases(160)
        .run(&strategy, |acts| {
            let mut stage = stage.borrow_mut();
            for act in acts {
                let answer = match &act {
                    Act::Admin { method, path, body } => {
                        runtime.block_on(stage.call(method, path, &own.admin, body.clone()))
                    }
                    Act::Post { path, body } => runtime.block_on(stage.call("POST", path, &own.write, body.clone())),
                    Act::Link { path, form, acts } => {
                        let method = if *acts { "POST" } else { "GET" };
                        runtime.block_on(stage.call(method, path, "", form.clone()))
                    }
                    Act::Settle => {
                        runtime.block_on(stage.pump.settle()).expect("the pump runs");
                        continue;
                    }
                };
                prop_assert!(answer.status < 500, "{act:?}: {answer:?}");
                let read = SECRETS.iter().find(|secret| answer.body.contains(**secret));
                prop_assert!(read.is_none(), "{act:?} reads {read:?}: {answer:?}");
            }
            runtime.block_on(stage.pump.settle()).expect("the pump runs");
            let after = runtime.block_on(others_items(&stage));
            let changed: Vec<_> = before.iter().filter(|(key, item)| after.get(*key) != Some(*item)).collect();
            prop_assert!(changed.is_empty(), "changed: {changed:?}");
            let new: Vec<_> =
                after.iter().filter(|(key, item)| !before.contains_key(*key) && !is_own(key, item)).collect();
            prop_assert!(new.is_empty(), "new: {new:?}");
            Ok(())
        })
        .expect("the other shop notices nothing");
    let stage = stage.into_inner();
    // And the other shop still reads what it had.
    let anna = runtime.block_on(stage.call("GET", "/v1/customers/anna", &other.admin, ""));
    assert!(anna.status == 200 && anna.body.contains("Zerbinetta"), "{anna:?}");
}

/// Whether an item that mentions the other shop's name is nevertheless the acting shop's own: a customer id, an event
/// with that name, a shared number.
fn is_own(key: &str, item: &str) -> bool {
    let (_, keys) = key.split_once(' ').expect("a table and a key");
    let pk = keys.split(' ').next().expect("a key");
    let is_secret = SECRETS.iter().any(|mark| item.contains(mark));
    let leads = [
        "quartz#",
        "quartz!",
        "shop#quartz ",
        "suppression#quartz ",
        "tasks#quartz ",
        "pool#quartz#",
        "coupon#quartz#",
        "holders#quartz#",
        "mailbox#quartz#",
        "rate#email#quartz ",
        "rate#sms#quartz ",
    ];
    let phone = pk.starts_with("phone#") && keys.contains(" quartz#");
    let referral = pk.starts_with("referral#") && item.contains("quartz#") && !item.contains("quartz-b7#anna\")");
    !is_secret && (leads.iter().any(|lead| keys.starts_with(lead)) || phone || referral)
}

#[tokio::test(flavor = "multi_thread")]
async fn work_on_the_queues_of_one_shop_names_only_that_shop() {
    let (mut stage, [own, _], _) = two_shops().await;
    let before = others_items(&stage).await;
    let mut next = order("-b7#anna", "own-next", stage.now());
    next["context"] = json!({ "traits": { "email": "next@x.example" } });
    stage.take(&own, &[next]).await;
    stage.pump.settle().await.expect("the pump runs");
    let work = stage.stack.cloud.queues();
    for queue in [rekindle_local_stack::ADVANCE_QUEUE, rekindle_local_stack::SEND_QUEUE] {
        for message in work.receive(queue, 100).expect("the queue") {
            assert!(message.body.contains("\"quartz#"), "{}", message.body);
        }
    }
    let others = others_items(&stage).await;
    assert!(
        before.iter().all(|(key, item)| others.get(key) == Some(item)),
        "the other shop's records are as they were"
    );
}
