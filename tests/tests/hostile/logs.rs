//! One customer with unmistakable marks goes through everything that can happen and every failure; then all log lines,
//! in both formats, are searched for the marks.

use crate::stage::{BEGINNING, Shop, Stage, key, order};
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::http::StatusCode;
use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::channel::Channel;
use rekindle_local_stack::FUNCTIONS;
use rekindle_messaging::LinkPurpose;
use rekindle_platform::{AwsEndpoints, Clients, Environment};
use rekindle_store::Store;
use rekindle_tests::patience::wait_for;
use rekindle_tests::program;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// A shop may name its customers by their addresses.
const CUSTOMER: &str = "zerbinetta@canary7731.example";
const PHONE: &str = "+442071837731";
/// Texts that no line may contain: name, address, number, postcode, what the customer wrote, and values derived from
/// them.
const MARKS: [&str; 7] =
    ["Zerbinetta", "zerbinetta", "canary7731", "2071837731", "Ariadne", "emVyYmluZXR0YU", "rk_write_"];

/// Where lines go.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("UTF-8")
    }
}

/// Runs some work on one thread; returns its log lines and its result.
fn logged<T>(settings: &[(&'static str, &'static str)], work: impl Future<Output = T>) -> (String, T) {
    let kept = Kept::default();
    let place = kept.clone();
    let environment = Environment::from_pairs(settings.iter().copied());
    let lines = rekindle_platform::tracing::lines(&environment, &FUNCTIONS, move || place.clone());
    let _on_this_thread = tracing::subscriber::set_default(lines);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let done = runtime.block_on(work);
    (kept.text(), done)
}

/// Searches lines for the marks of the customer and for keys.
fn search_for_marks(text: &str, keys: &[String]) {
    let marks = MARKS.iter().map(|mark| (*mark).to_owned()).chain(keys.iter().map(|key| key[9..].to_owned()));
    for mark in marks {
        let found: Vec<&str> = text.lines().filter(|line| line.contains(&mark)).take(3).collect();
        assert!(found.is_empty(), "{mark} is in {found:#?}");
    }
}

fn search(text: &str, keys: &[String]) {
    search_for_marks(text, keys);
    // The search proves something only if every function wrote lines, about successes and about failures.
    for told in [
        "events stored",
        "the store took nothing",
        "a template of the shop cannot be used",
        "it goes to the dead letters",
        "a batch was processed",
        "records of the stream cannot be read",
        "a customer goes to the queue",
        "the event stays on the queue",
        "the message stays on the queue",
        "a page could not be given",
        "the store did not answer as it should",
        "a customer was erased",
        "swept",
    ] {
        assert!(text.contains(told), "nothing was logged of {told:?}:\n{text}");
    }
}

#[test]
fn no_line_of_json_names_a_customer_or_a_key() {
    let (text, keys) = logged(&[("AWS_LAMBDA_FUNCTION_NAME", "any"), ("AWS_LAMBDA_LOG_LEVEL", "TRACE")], everything());
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "every line is JSON");
    search(&text, &keys);
}

#[test]
fn no_line_of_text_names_a_customer_or_a_key() {
    let (text, keys) = logged(&[("RUST_LOG", "trace")], everything());
    search(&text, &keys);
}

/// Sends two messages at once, and SES breaks the connection of both; their ids.
async fn two_messages_at_once() -> [String; 2] {
    let mut stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    for name in ["anna", "bela"] {
        let mut order = order(name, name, stage.now());
        order["context"] = json!({ "traits": { "email": format!("{name}@example.com") } });
        stage.take(&shop, &[order]).await;
    }
    stage.pump.settle().await.expect("the pump runs");
    stage.skip(3_600);
    let (mut ids, mut bodies) = (Vec::new(), Vec::new());
    for name in ["anna", "bela"] {
        let customer = key(&shop.id, name);
        let advance = &stage.stack.handlers.advance;
        advance.advance_customer(&customer, &[], false).await.expect("advanced");
        let message = stage.stack.store.customer(&customer).await.expect("read").decided.contacts[0].message.clone();
        bodies.push(json!({ "customer": customer.pk(), "message": message }).to_string());
        ids.push(message.to_string());
    }
    stage.stack.cloud.faults().plan(Service::Ses, 2, Matching::Any, Fault::Drop);
    let answer = send::handle(&stage.stack.handlers.send, records(&bodies)).await;
    assert!(answer.batch_item_failures.is_empty());
    ids.try_into().expect("two")
}

#[test]
fn the_lines_of_two_messages_that_are_sent_at_once_are_distinguished_in_json() {
    let json = [("AWS_LAMBDA_FUNCTION_NAME", "any"), ("AWS_LAMBDA_LOG_LEVEL", "WARN")];
    let (text, ids) = logged(&json, two_messages_at_once());
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |id: &str| lines.iter().filter(|line| line["span"]["message_id"] == id).collect::<Vec<_>>();
    let (anna, bela) = (of(&ids[0]), of(&ids[1]));
    for (lines, queue_message_id) in [(&anna, "m0"), (&bela, "m1")] {
        assert_eq!(lines.len(), 1, "what SES did with each message is said once: {text}");
        assert_eq!(lines[0]["metric"], "messages_unknown");
        assert_eq!(
            (&lines[0]["span"]["shop"], &lines[0]["span"]["queue_message_id"]),
            (&json!("quartz"), &json!(queue_message_id))
        );
    }
    assert_ne!(anna[0]["span"]["customer"], bela[0]["span"]["customer"]);
    assert!(!text.contains("anna") && !text.contains("bela"), "{text}");
}

#[test]
fn the_lines_of_two_messages_that_are_sent_at_once_are_distinguished_as_text() {
    let (text, ids) = logged(&[("RUST_LOG", "warn")], two_messages_at_once());
    for id in &ids {
        let about = |line: &&str| line.contains(&format!("message_id=\"{id}\""));
        let lines: Vec<&str> = text.lines().filter(about).collect();
        assert_eq!(lines.len(), 1, "what SES did with each message is said once: {text}");
        assert!(lines[0].contains("shop=\"quartz\"") && lines[0].contains("customer=\""), "{}", lines[0]);
    }
    assert!(!text.contains("anna") && !text.contains("bela"), "{text}");
}

#[test]
fn no_line_of_a_running_server_names_a_customer_or_a_key() {
    let data = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(program::rekindle());
    command.env("RUST_LOG", "trace").args(["serve", "--port", "0", "--clock", BEGINNING, "--data"]).arg(data.path());
    let mut server = program::Server::from_command(command);
    let keys = ["write key", "admin key"].map(|name| server.printed_after(name).expect("a new server shows its keys"));
    let now: Timestamp = BEGINNING.parse().expect("an instant");
    let mut order = order(CUSTOMER, "o1", now);
    order["context"] = json!({ "traits": { "email": CUSTOMER, "phone": PHONE, "firstName": "Zerbinetta", "sms_marketing_consent": true } });
    assert_eq!(server.post("/v1/track", &keys[0], &order).map(|answer| answer.0), Some(200));
    for (path, body) in [
        (
            "/v1/track",
            json!({ "userId": CUSTOMER, "event": "Order Completed", "properties": { "order_id": CUSTOMER } }),
        ),
        ("/v1/zerbinetta", json!(CUSTOMER)),
        ("/v1/suppressions", json!(CUSTOMER)),
        (
            "/local/events/sms",
            json!({ "originationNumber": PHONE, "messageBody": "Ariadne Zerbinetta", "inboundMessageId": "zerbinetta-1" }),
        ),
        ("/local/events/ses", json!({ "zerbinetta": CUSTOMER })),
        ("/local/clock", json!({ "advance": "20d" })),
    ] {
        for key in &keys {
            server.post(path, key, &body).expect("an answer");
        }
    }
    for told in
        ["events stored", "a batch was processed", "swept", "it goes to the dead letters", "http_call{", "shop=\""]
    {
        wait_for(told, || server.printed().contains(told).then_some(()));
    }
    // The keys themselves are shown once, at the first start.
    let printed = server.printed();
    let is_logged = |line: &&str| !line.starts_with("write key") && !line.starts_with("admin key");
    let logged: Vec<&str> = printed.lines().filter(is_logged).collect();
    search_for_marks(&logged.join("\n"), &keys);
    server.kill();
}

/// Everything that can happen; returns the keys of the shop.
async fn everything() -> Vec<String> {
    let mut stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    welcome(&mut stage, &shop).await;
    refused_by_providers(&mut stage, &shop).await;
    bad_requests(&stage, &shop).await;
    provider_events(&mut stage, &shop).await;
    pages(&mut stage, &shop).await;
    broken_template(&mut stage, &shop).await;
    broken_tables(&stage, &shop).await;
    sweep::handle(&stage.stack.handlers.sweep).await.expect("swept");
    people(&stage, &shop).await;
    vec![shop.write, shop.admin]
}

fn canary_order(stage: &Stage, number: &str) -> Value {
    let mut order = order(CUSTOMER, number, stage.now());
    order["context"] = json!({ "traits": { "email": CUSTOMER, "phone": PHONE, "firstName": "Zerbinetta", "sms_marketing_consent": true, "timezone": "Europe/London" } });
    order["properties"]["shipping_address"] = json!({ "name": "Zerbinetta Ariadne", "postal_code": "canary7731" });
    order
}

async fn welcome(stage: &mut Stage, shop: &Shop) {
    stage.take(shop, &[canary_order(stage, "o1")]).await;
    stage.pass(24 * 20).await;
}

/// Mails and texts that are refused, in every way.
async fn refused_by_providers(stage: &mut Stage, shop: &Shop) {
    let faults = [
        (Service::Ses, Fault::Refuse(400, "MessageRejected")),
        (Service::Ses, Fault::Refuse(400, "MailFromDomainNotVerifiedException")),
        (Service::Ses, Fault::Throttle),
        (Service::Ses, Fault::ServerError(500)),
        (Service::Ses, Fault::Drop),
        (Service::Sns, Fault::Refuse(400, "InvalidParameter")),
        (Service::Sns, Fault::ServerError(503)),
        (Service::EventBridge, Fault::Refuse(400, "ValidationException")),
        (Service::Sqs, Fault::ServerError(500)),
    ];
    for (number, (service, fault)) in faults.into_iter().enumerate() {
        stage.stack.cloud.faults().plan(service, 2, Matching::Any, fault);
        let mut order = canary_order(stage, &format!("f{number}"));
        order["userId"] = json!(format!("{number}{CUSTOMER}"));
        stage.take(shop, &[order]).await;
        stage.pass(24 * 9).await;
    }
}

async fn bad_requests(stage: &Stage, shop: &Shop) {
    let now = stage.now();
    for (path, body) in [
        ("/v1/track", format!("{{\"userId\":\"{CUSTOMER}\",\"event\":")),
        ("/v1/track", json!({ "userId": CUSTOMER, "event": "Order Completed", "writeKey": shop.write, "properties": { "order_id": CUSTOMER, "total": CUSTOMER, "currency": CUSTOMER } }).to_string()),
        ("/v1/identify", json!({ "userId": CUSTOMER, "timestamp": CUSTOMER, "traits": { "email": "Zerbinetta@", "phone": "Zerbinetta" } }).to_string()),
        ("/v1/identify", json!({ "userId": CUSTOMER, "timestamp": now.to_string(), "traits": { "email": "Zerbinetta@", "phone": "Zerbinetta" } }).to_string()),
        ("/v1/batch", json!({ "batch": [{ "type": CUSTOMER }, CUSTOMER], "sentAt": CUSTOMER }).to_string()),
        ("/v1/zerbinetta", String::new()),
    ] {
        for key in [shop.write.as_str(), "", "rk_write_Zerbinetta"] {
            stage.call("POST", path, key, body.clone()).await;
        }
    }
    for (method, path) in [
        ("PUT", "/v1/policy"),
        ("PUT", "/v1/brand"),
        ("PUT", "/v1/templates/zerbinetta/en"),
        ("PUT", "/v1/sending"),
        ("POST", "/v1/suppressions"),
        ("POST", "/v1/coupons/pools/zerbinetta"),
        ("GET", "/v1/coupons/zerbinetta"),
        ("DELETE", "/v1/suppressions/email/zerbinetta@canary7731.example"),
        ("GET", "/v1/customers/zerbinetta%00"),
        ("POST", "/v1/policy/dry-run"),
    ] {
        stage
            .call(method, path, &shop.admin, format!("name = \"{CUSTOMER}\"\nchannel,address\nemail,{CUSTOMER}x@"))
            .await;
    }
}

async fn provider_events(stage: &mut Stage, shop: &Shop) {
    let activity =
        stage.stack.store.activity_in(&key(&shop.id, CUSTOMER), rekindle_store::keys::MESSAGE).await.expect("read");
    let mail = activity.into_iter().find_map(|one| match one {
        rekindle_store::activity::item::Activity::Message(message) if message.channel == Channel::Email => {
            Some(message.id)
        }
        _ => None,
    });
    let mail = mail.expect("the customer was written to");
    let report = |kind: &str, detail: Value| {
        json!({
            "eventType": kind, kind.to_lowercase(): detail, "zerbinetta": PHONE,
            "mail": { "timestamp": stage.now().to_string(), "messageId": "0100", "destination": [CUSTOMER], "headers": [CUSTOMER],
                "tags": { "message": [mail], "shop": [shop.id], "customer": [Base64UrlUnpadded::encode_string(CUSTOMER.as_bytes())] } },
        })
    };
    let text =
        |body: &str, id: &str| json!({ "originationNumber": PHONE, "messageBody": body, "inboundMessageId": id });
    let mut bodies = vec![
        report("Click", json!({ "link": format!("https://l.example/u/{CUSTOMER}"), "ipAddress": "canary7731" })),
        report("Reject", json!({ "reason": CUSTOMER })),
        report(
            "Bounce",
            json!({ "bounceType": "Permanent", "bouncedRecipients": [{ "emailAddress": CUSTOMER, "diagnosticCode": CUSTOMER }] }),
        ),
        report("Complaint", json!({ "complainedRecipients": [{ "emailAddress": CUSTOMER }] })),
        report("Zerbinetta", json!({})),
        text("Hello, I am Ariadne Zerbinetta", "zerbinetta-1"),
        text("HELP", "i2"),
        text("STOP", "i3"),
        text("START", "i4"),
        text("9", "i5"),
        json!({ "eventType": CUSTOMER, "mail": { "timestamp": CUSTOMER } }),
    ];
    let mut other = report("Bounce", json!({ "bounceType": "Permanent" }));
    other["mail"]["tags"]["message"] = json!(["b".repeat(26)]);
    bodies.push(other);
    let mut bodies: Vec<String> = bodies.iter().map(Value::to_string).collect();
    bodies.push(format!("{CUSTOMER} is not JSON"));
    bodies.push(json!({ "Message": CUSTOMER }).to_string());
    stage.stack.handlers.feedback.process_batch(records(&bodies).records).await;
    // The same of the other queues.
    let answer = send::handle(&stage.stack.handlers.send, records(&bodies)).await;
    assert!(!answer.batch_item_failures.is_empty());
    for body in [
        json!({ "customer": CUSTOMER }),
        json!({ "customer": CUSTOMER, "message": CUSTOMER }),
        json!({ "customer": format!("quartz#{CUSTOMER}"), "message": "c".repeat(26) }),
    ] {
        send::handle(&stage.stack.handlers.send, records(&[body.to_string()])).await;
        let mut event = serde_json::to_value(records(&[body.to_string()])).expect("JSON");
        event["Records"][0]["eventSource"] = json!("aws:sqs");
        let _ = advance::handle(&stage.stack.handlers.advance, event).await;
    }
    // A record of the stream of which not even the key can be read, and one of another source.
    let image = json!({ "pk": { "S": format!("quartz#{CUSTOMER}") }, "sk": { "S": "order#zerbinetta" }, "fact": { "S": CUSTOMER } });
    let record = json!({
        "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "awsRegion": "eu-west-1",
        "dynamodb": { "Keys": { "pk": image["pk"], "sk": image["sk"] }, "NewImage": image, "SequenceNumber": "1", "StreamViewType": "NEW_IMAGE", "SizeBytes": 1, "ApproximateCreationDateTime": 1 },
    });
    advance::handle(&stage.stack.handlers.advance, json!({ "Records": [record] })).await.expect("answered");
    assert!(
        advance::handle(&stage.stack.handlers.advance, json!({ "Records": [{ "eventSource": CUSTOMER }] }))
            .await
            .is_err()
    );
    stage.pump.settle().await.expect("the pump runs");
}

fn records(bodies: &[String]) -> SqsEvent {
    let records: Vec<Value> =
        bodies.iter().enumerate().map(|(at, body)| json!({ "messageId": format!("m{at}"), "body": body })).collect();
    serde_json::from_value(json!({ "Records": records })).expect("records")
}

async fn pages(stage: &mut Stage, shop: &Shop) {
    for purpose in LinkPurpose::ALL {
        let link = stage.link(purpose, &shop.id, CUSTOMER);
        stage.call("GET", &link, "", "").await;
        for form in ["act=export", "act=save&time_zone=Zerbinetta", "score=9&comment=Ariadne"] {
            stage.call("POST", &link, "", form).await;
        }
        stage.call("GET", &format!("{link}zerbinetta"), "", "").await;
    }
    stage.pump.settle().await.expect("the pump runs");
}

/// A template that was stored before templates were checked this strictly, and that cannot be rendered for any
/// customer.
async fn broken_template(stage: &mut Stage, shop: &Shop) {
    let broken = json!({
        "name": "welcome-thanks", "language": "en", "channel": "email", "subject": "{{ customer.first_name.of.nobody }}", "preheader": "",
        "mjml": "<mj-text>{{ customer.first_name | nothing }}", "text": "{{ 1 // 0 }}",
    });
    let setting = rekindle_store::shop::settings::template_setting(Channel::Email, "en", "welcome-thanks");
    stage.stack.store.put_setting(&shop.id, &setting, &broken).await.expect("stored");
    stage.skip(120);
    let mut order = canary_order(stage, "t1");
    order["userId"] = json!(format!("t{CUSTOMER}"));
    stage.take(shop, &[order]).await;
    stage.pass(24 * 4).await;
}

/// Tables that refuse every call and repeat the request in the refusal.
async fn broken_tables(stage: &Stage, shop: &Shop) {
    for code in ["ThrottlingException", "ValidationException"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let refuse = move |body: String| async move {
            let told = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": format!("{body} {CUSTOMER} {PHONE}") });
            (StatusCode::BAD_REQUEST, [("content-type", "application/x-amz-json-1.0")], told.to_string())
        };
        let server = tokio::spawn(async move { axum::serve(listener, Router::new().fallback(refuse)).await });
        let client = Clients::local(&AwsEndpoints { dynamodb: endpoint.clone(), services: endpoint }).dynamodb();
        let store = Store::new(client, stage.stack.store.tables().clone());
        // It has cached the key, as a warm function has: the failure starts later.
        let mut handlers = stage.stack.handlers.clone();
        handlers.ingest.store = store.clone();
        handlers.admin.store = store.clone();
        handlers.advance.store = store.clone();
        handlers.send.store = store.clone();
        handlers.feedback.store = store.clone();
        handlers.links.store = store.clone();
        handlers.sweep.store = store;
        let request = |method: &str, path: &str, key: &str, body: String| {
            let request = http::Request::builder().method(method).uri(path);
            request
                .header("authorization", format!("Bearer {key}"))
                .body(rekindle_platform::gateway::Body::from(body))
                .expect("a request")
        };
        let order = canary_order(stage, "b1").to_string();
        assert_eq!(
            ingest::handle(&handlers.ingest, request("POST", "/v1/track", &shop.write, order)).await.status(),
            503
        );
        let looked = request("GET", "/v1/customers/zerbinetta", &shop.admin, String::new());
        assert_eq!(admin::handle(&handlers.admin, looked).await.status(), 503);
        let link = stage.link(LinkPurpose::Unsubscribe, &shop.id, CUSTOMER);
        assert_eq!(links::handle(&handlers.links, request("POST", &link, "", String::new())).await.status(), 503);
        advance::handle(&handlers.advance, json!({ "Records": [new_fact(stage).await] })).await.expect("answered");
        let work = json!({ "customer": format!("quartz#{CUSTOMER}"), "message": "c".repeat(26) }).to_string();
        send::handle(&handlers.send, records(std::slice::from_ref(&work))).await;
        let mut event = serde_json::to_value(records(&[work])).expect("JSON");
        event["Records"][0]["eventSource"] = json!("aws:sqs");
        advance::handle(&handlers.advance, event).await.expect("answered");
        let _ = handlers
            .feedback
            .process_batch(
                records(&[
                    json!({ "originationNumber": PHONE, "messageBody": "STOP", "inboundMessageId": "z" }).to_string()
                ])
                .records,
            )
            .await;
        let _ = sweep::handle(&handlers.sweep).await;
        server.abort();
    }
}

/// A record of the stream: an order of the customer, as it is stored.
async fn new_fact(stage: &Stage) -> Value {
    let query = stage.stack.dynamodb().query().table_name(&stage.stack.store.tables().activity);
    let query = query
        .key_condition_expression("pk = :pk AND begins_with(sk, :orders)")
        .expression_attribute_values(":pk", AttributeValue::S(format!("quartz#{CUSTOMER}")))
        .expression_attribute_values(":orders", AttributeValue::S("order#".to_owned()));
    let found = query.send().await.expect("the table answers").items.unwrap_or_default();
    let image: serde_json::Map<String, Value> =
        found[0].iter().map(|(name, value)| (name.clone(), wire(value))).collect();
    json!({
        "eventID": "2", "eventName": "INSERT", "eventSource": "aws:dynamodb", "awsRegion": "eu-west-1",
        "dynamodb": { "Keys": { "pk": image["pk"], "sk": image["sk"] }, "NewImage": image, "SequenceNumber": "2",
            "StreamViewType": "NEW_IMAGE", "SizeBytes": 1, "ApproximateCreationDateTime": 1 },
    })
}

/// A value as the stream writes it.
fn wire(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(truth) => json!({ "BOOL": truth }),
        AttributeValue::M(map) => {
            let map: serde_json::Map<String, Value> =
                map.iter().map(|(name, value)| (name.clone(), wire(value))).collect();
            json!({ "M": map })
        }
        AttributeValue::L(list) => json!({ "L": list.iter().map(wire).collect::<Vec<_>>() }),
        _ => json!({ "NULL": true }),
    }
}

/// The calls of the shop's people, up to the erasure.
async fn people(stage: &Stage, shop: &Shop) {
    let id = "zerbinetta%40canary7731.example";
    let mut statuses = Vec::new();
    for (method, path) in [
        ("GET", format!("/v1/customers/{id}")),
        ("GET", format!("/v1/customers/{id}/timeline")),
        ("GET", format!("/v1/customers/{id}/export")),
        ("GET", "/v1/suppressions".to_owned()),
        ("GET", "/v1/suppressions?format=csv".to_owned()),
        ("GET", "/v1/tasks".to_owned()),
        ("DELETE", format!("/v1/customers/{id}")),
        ("DELETE", format!("/v1/customers/{id}")),
    ] {
        statuses.push(stage.call(method, &path, &shop.admin, "").await.status);
    }
    assert_eq!(statuses, [200; 8]);
}
