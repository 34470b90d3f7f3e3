//! The line between the functions and AWS: every call passes it, and every fault happens there.

use crate::bug::{self, Bug};
use crate::call::{Call, Service, not_simulated};
use crate::dynamodb;
use crate::fault::Fault;
use crate::functions::{CURRENT, Invocation};
use crate::provider;
use crate::world::World;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Longer than any client waits for an answer.
const TOO_LONG: Duration = Duration::from_secs(30);

/// The connector of every client.
#[derive(Debug)]
pub(crate) struct Line;

pub(crate) type Answer = Result<(u16, String), ConnectorError>;

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let by = CURRENT.with(Clone::clone);
        let call = Call::read(&request);
        HttpConnectorFuture::new(async move {
            let (status, body) = carry(&by, call).await?;
            Ok(HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body)))
        })
    }
}

async fn carry(by: &Invocation, mut call: Call) -> Answer {
    let world = &by.world;
    let Some(crash) = &by.crash else {
        return Ok(apply(by, &call, false));
    };
    let fault = world.fault(by.function, &call);
    let fault = if world.is_throttled(&call) {
        world.history().throttled += 1;
        Some(Fault::Throttled)
    } else {
        fault
    };
    world.latency().await;
    let changed = bug::before(by, &mut call);
    let answer = match changed.answer {
        Some(answer) => Ok(answer),
        None => bug::misread(by, &call, meet(by, crash, &call, fault).await),
    };
    world.latency().await;
    if world.has(Bug::SdkRetriesSends)
        && matches!(call.service, Service::Ses | Service::Sns)
        && !matches!(answer, Ok((200, _)))
    {
        return Ok(apply(by, &call, false));
    }
    for second in changed.after {
        if !matches!(answer, Ok((200, _))) {
            break;
        }
        if world.fault(by.function, &second) == Some(Fault::CrashBefore) {
            crash.notify_one();
            return std::future::pending().await;
        }
        apply(by, &second, false);
    }
    answer
}

/// Applies a fault to a call, and returns its answer.
async fn meet(by: &Invocation, crash: &Notify, call: &Call, fault: Option<Fault>) -> Answer {
    let world = &by.world;
    match fault {
        None => Ok(apply(by, call, false)),
        Some(Fault::CrashBefore) => {
            crash.notify_one();
            std::future::pending().await
        }
        Some(Fault::CrashAfter) => {
            apply(by, call, true);
            crash.notify_one();
            std::future::pending().await
        }
        Some(Fault::Refused) => {
            world.history().untold_tasks.extend(tasks(call));
            Ok(refused(call, 400))
        }
        Some(Fault::Unavailable) => Ok(refused(call, 500)),
        Some(Fault::AppliedButRefused) => {
            apply(by, call, true);
            // A provider that has accepted a message does not answer that it refused it.
            Ok(refused(call, if matches!(call.service, Service::Ses | Service::Sns) { 500 } else { 400 }))
        }
        Some(Fault::AppliedButLost) => {
            apply(by, call, true);
            Err(ConnectorError::io("the connection broke".into()))
        }
        Some(Fault::Slow) => {
            apply(by, call, true);
            tokio::time::sleep(TOO_LONG).await;
            Err(ConnectorError::timeout("the client timed out".into()))
        }
        Some(Fault::Throttled) => Ok(throttled(call)),
        Some(Fault::Conflict) => Ok(dynamodb::conflict(&call.operation, &call.body)),
        Some(Fault::Partly) => Ok(partly(by, call)),
        Some(Fault::Stale) => Ok(world.remembered(call).unwrap_or_else(|| apply(by, call, false))),
        Some(Fault::Twice) => {
            apply(by, call, false);
            Ok(provider::answer(world, call, false, true))
        }
    }
}

/// Applies the call. `lost` is whether the answer is lost on its way to the caller.
fn apply(by: &Invocation, call: &Call, lost: bool) -> (u16, String) {
    let world = &by.world;
    match call.service {
        Service::DynamoDb => {
            let answer = dynamodb::answer(&world.database, &call.operation, &call.body);
            world.saw(call, &answer);
            bug::after(by, call, answer)
        }
        Service::Sqs => (200, queue(world, &call.operation, &call.body)),
        Service::Ses | Service::Sns => provider::answer(world, call, lost, false),
        Service::EventBridge => {
            let entries = call.body["Entries"].as_array().map_or(0, Vec::len);
            world.history().tasks.extend(tasks(call));
            (200, json!({ "FailedEntryCount": 0, "Entries": vec![json!({ "EventId": "e" }); entries] }).to_string())
        }
    }
}

/// The tasks that a call publishes on the bus.
fn tasks(call: &Call) -> Vec<String> {
    let details = call.body["Entries"].as_array().into_iter().flatten().filter_map(|entry| entry["Detail"].as_str());
    let events = details.filter_map(|detail| serde_json::from_str::<Value>(detail).ok());
    events.filter_map(|event| event["data"]["task"].as_str().map(str::to_owned)).collect()
}

fn queue(world: &Arc<World>, operation: &str, body: &Value) -> String {
    match operation {
        "SendMessage" | "SendMessageBatch" => put(world, body),
        "DeleteMessageBatch" => delete(world, body),
        other => not_simulated(other),
    }
}

fn delete(world: &Arc<World>, body: &Value) -> String {
    let queue = world.queue(body["QueueUrl"].as_str().expect("a queue"));
    let deleted = body["Entries"].as_array().into_iter().flatten().map(|entry| {
        queue.delete(entry["ReceiptHandle"].as_str().expect("a receipt"));
        json!({ "Id": entry["Id"] })
    });
    json!({ "Successful": deleted.collect::<Vec<_>>(), "Failed": [] }).to_string()
}

fn put(world: &Arc<World>, body: &Value) -> String {
    let queue = world.queue(body["QueueUrl"].as_str().expect("a queue"));
    let now = world.time.now().as_millisecond();
    let delay = |entry: &Value| Duration::from_secs(entry["DelaySeconds"].as_u64().unwrap_or_default());
    let text = |entry: &Value| entry["MessageBody"].as_str().expect("a body").to_owned();
    let Some(entries) = body["Entries"].as_array() else {
        queue.put(text(body), delay(body), now);
        return json!({ "MessageId": "m", "MD5OfMessageBody": "0" }).to_string();
    };
    let put = entries.iter().map(|entry| {
        queue.put(text(entry), delay(entry), now);
        json!({ "Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0" })
    });
    json!({ "Successful": put.collect::<Vec<_>>(), "Failed": [] }).to_string()
}

fn refused(call: &Call, status: u16) -> (u16, String) {
    match (call.service, status) {
        (Service::DynamoDb, 500) => dynamodb::refusal(500, "InternalServerError"),
        (Service::DynamoDb, _) => dynamodb::refusal(400, "AccessDeniedException"),
        (service, 500) => provider::refusal(service, 500, "InternalFailure"),
        // The deployment is at fault, not the message.
        (service, _) => provider::refusal(service, 400, "AccessDeniedException"),
    }
}

fn throttled(call: &Call) -> (u16, String) {
    match call.service {
        Service::DynamoDb => dynamodb::refusal(400, "ProvisionedThroughputExceededException"),
        Service::Ses => provider::refusal(Service::Ses, 429, "TooManyRequestsException"),
        service => provider::refusal(service, 400, "ThrottlingException"),
    }
}

/// Applies a part of a batch and reports the other part as failed.
fn partly(by: &Invocation, call: &Call) -> (u16, String) {
    let mut part = call.clone();
    if call.service == Service::Sqs {
        let mut entries = call.body["Entries"].as_array().cloned().unwrap_or_default();
        let left = entries.split_off(entries.len() / 2);
        part.body["Entries"] = Value::from(entries);
        let mut answer: Value = serde_json::from_str(&queue(&by.world, &call.operation, &part.body)).expect("JSON");
        let failed =
            left.iter().map(|entry| json!({ "Id": entry["Id"], "SenderFault": false, "Code": "InternalError" }));
        answer["Failed"] = failed.collect();
        return (200, answer.to_string());
    }
    let mut left = json!({});
    for (table, requests) in call.body["RequestItems"].as_object().into_iter().flatten() {
        let mut requests = requests.as_array().cloned().unwrap_or_default();
        left[table] = Value::from(requests.split_off(requests.len() / 2));
        part.body["RequestItems"][table] = Value::from(requests);
    }
    part.body["RequestItems"].as_object_mut().expect("tables").retain(|_, requests| requests != &json!([]));
    if part.body["RequestItems"] != json!({}) {
        let answer = apply(by, &part, false);
        if answer.0 != 200 {
            return answer;
        }
    }
    (200, json!({ "UnprocessedItems": left }).to_string())
}
