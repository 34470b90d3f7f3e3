//! A customer with unmistakable marks, who goes through everything that can happen and every failure.

use crate::stage::{Shop, Stage, key, order};
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::http::StatusCode;
use base64ct::{Base64UrlUnpadded, Encoding};
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::channel::Channel;
use rekindle_messaging::LinkPurpose;
use rekindle_platform::{AwsEndpoints, Clients};
use rekindle_store::Store;
use serde_json::{Value, json};

/// A shop may name its customers by their addresses.
pub(crate) const CUSTOMER: &str = "zerbinetta@canary7731.example";
pub(crate) const PHONE: &str = "+442071837731";

/// Everything that can happen; returns the keys of the shop.
pub(crate) async fn everything() -> Vec<String> {
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

/// A batch of a queue with these bodies.
pub(crate) fn records(bodies: &[String]) -> SqsEvent {
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
