//! Shops and customers: each repeats a request until it is answered, and records what was promised to it.

use crate::functions::LINKS;
use crate::history::{Accepted, Acknowledged, Customer};
use crate::queue::Message;
use crate::script::{Erasure, Post, number};
use crate::world::Shared;
use base64ct::{Base64UrlUnpadded, Encoding};
use http::{Request, Response, StatusCode};
use rekindle_platform::gateway::Body;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// Seconds that Lambda lets functions run behind the API, by the template.
const API: u64 = 10;
/// The same, of `admin`.
const ADMIN: u64 = 29;
/// The longest pause before a retry.
const LONGEST_PAUSE: u64 = 1_800;

/// A shop that posts an event, and posts it again until the answer says that it is stored.
pub(crate) async fn shop(world: Shared, post: Post, write_key: String) {
    sleep(Duration::from_secs(post.at)).await;
    for _ in 0..post.times {
        let mut pause = 1;
        loop {
            let body = json!({ "batch": [post.event], "sentAt": world.time.now().to_string() }).to_string();
            let request = Request::post("/v1/batch").header("authorization", format!("Bearer {write_key}"));
            let request = request.body(Body::from(body)).expect("a request");
            let answer = world.invoke("ingest", API, async |it| ingest::handle(&it.ingest, request).await).await;
            if let Some(answer) = answer.filter(|answer| answer.status() == StatusCode::OK) {
                let told: Value = serde_json::from_slice(answer.body()).expect("JSON");
                assert_eq!(told["rejected"], json!([]), "{told}");
                let acknowledged = Acknowledged { customer: post.customer.clone(), event: post.event.clone() };
                world.history().acknowledged.push(acknowledged);
                break;
            }
            sleep(Duration::from_secs(pause)).await;
            pause = (pause * 4).min(LONGEST_PAUSE);
        }
    }
}

/// A customer who reads each message and reacts as their [`Reader`] says.
pub(crate) async fn customer(world: Shared, customer: Customer) {
    let reader = world.reader_of(&customer);
    let (mut read, mut mails) = (0, 0);
    loop {
        let came: Vec<Accepted> = world.history().accepted.iter().skip(read).cloned().collect();
        read += came.len();
        for message in came.into_iter().filter(|message| message.customer == customer && !message.doubled) {
            sleep(Duration::from_millis(
                world.draw(|draws| if draws.bool() { draws.u64(100..20_000) } else { draws.u64(20_000..9_000_000) }),
            ))
            .await;
            if message.channel == "sms" {
                if reader.stops {
                    let text = json!({
                        "originationNumber": number(&customer), "destinationNumber": "+12025550100", "messageKeyword": "K",
                        "messageBody": "STOP", "inboundMessageId": format!("in-{}", message.number),
                    });
                    world.feedback_queue.put(text.to_string(), Duration::ZERO, world.time.now().as_millisecond());
                }
                continue;
            }
            mails += 1;
            if let Some(score) = reader.score.filter(|_| message.journey == "nps") {
                let link = message
                    .text
                    .split(['\\', ' ', '"'])
                    .find_map(|word| word.split_once("/n/"))
                    .map(|(_, token)| token);
                if let Some(token) = link {
                    visit(&world, &customer, &format!("/n/{token}"), &format!("score={score}")).await;
                }
            }
            if reader.leaves_after == Some(mails) {
                let link = message.unsubscribe.as_deref().and_then(|link| link.strip_prefix(LINKS)).expect("a way out");
                if visit(&world, &customer, link, "List-Unsubscribe=One-Click").await {
                    world.history().refused.push((customer.clone(), "email", world.time.now()));
                }
            }
        }
        world.mail_came.notified().await;
    }
}

/// A shop's people who erase a customer, and ask again until the answer says that it is done.
pub(crate) async fn erase(world: Shared, erasure: Erasure, admin_key: String) {
    sleep(Duration::from_secs(erasure.at)).await;
    let mut pause = 1;
    loop {
        let began = world.time.now();
        let request = Request::delete(format!("/v1/customers/{}", erasure.customer.id));
        let request = request.header("authorization", format!("Bearer {admin_key}")).body(Body::Empty);
        let request = request.expect("a request");
        let answer = world.invoke("admin", ADMIN, async |it| admin::handle(&it.admin, request).await).await;
        match answer.map(|answer| answer.status()) {
            Some(StatusCode::OK) => {
                world.history().erased.insert(erasure.customer, (began, world.time.now()));
                return;
            }
            // Nothing of them was stored yet.
            Some(StatusCode::NOT_FOUND) => return,
            Some(StatusCode::ACCEPTED) => {}
            _ => sleep(Duration::from_secs(pause)).await,
        }
        pause = (pause * 4).min(LONGEST_PAUSE);
    }
}

/// Posts a form, and posts it again until it is accepted. The pages of an erased customer lead nowhere.
async fn visit(world: &Shared, customer: &Customer, path: &str, form: &str) -> bool {
    let mut pause = 1;
    loop {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Body::from(form)).expect("a request");
        let answer: Option<Response<Body>> =
            world.invoke("links", API, async |it| links::handle(&it.links, request).await).await;
        match answer.map(|answer| answer.status()) {
            Some(StatusCode::OK) => return true,
            Some(StatusCode::NOT_FOUND) if world.erased.contains(customer) => return false,
            Some(StatusCode::NOT_FOUND) => {
                world.history().dead_links.push(customer.clone());
                return false;
            }
            _ => sleep(Duration::from_secs(pause)).await,
        }
        pause = (pause * 4).min(LONGEST_PAUSE);
    }
}

/// Records the refusals, bounces and complaints that `feedback` has processed: from now on they must hold.
pub(crate) fn note_harm(world: &Shared, batch: &[Message], answer: &Value) {
    let now = world.time.now();
    let failed: Vec<&Value> =
        answer["batchItemFailures"].as_array().into_iter().flatten().map(|one| &one["itemIdentifier"]).collect();
    for message in batch.iter().filter(|message| !failed.contains(&&Value::from(message.id()))) {
        let told: Value = serde_json::from_str(message.body()).expect("JSON");
        if told["messageBody"] == "STOP" {
            let who = world.readers.keys().find(|customer| told["originationNumber"] == number(customer).as_str());
            world.history().refused.push((who.expect("a customer").clone(), "sms", now));
        } else if matches!(told["eventType"].as_str(), Some("Bounce" | "Complaint")) {
            let tags = &told["mail"]["tags"];
            let id = Base64UrlUnpadded::decode_vec(tags["customer"][0].as_str().unwrap_or_default());
            let id = String::from_utf8(id.expect("a code")).expect("a text");
            let customer = Customer { shop: tags["shop"][0].as_str().unwrap_or_default().to_owned(), id };
            let to = told["mail"]["destination"][0].as_str().unwrap_or_default();
            world.history().harmed.push((world.person(customer, to), now));
        }
    }
}
