//! SQS's HTTP API: AWS JSON 1.0, for standard queues. The queues themselves are [`crate::Queues`].
//!
//! - `request` parses and checks calls, `attributes` are what they send along with a message's body;
//! - `reply` writes answers and errors;
//! - `batch` sends and deletes several messages in one call;
//! - this module performs the actions on one message or a whole queue.

mod attributes;
mod batch;
mod reply;
mod request;

use crate::faults::answer;
use crate::{Call, Cloud, QueueSettings, Redrive, Service};
use attributes::MessageAttributes;
use axum::body::Bytes;
use axum::response::Response;
use reply::{Answer, Refusal, refuse, succeed};
use request::Input;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const ACCOUNT: &str = "000000000000";
const THROTTLED: (u16, &str) = (403, "RequestThrottled");
/// How often a waiting receive checks for messages: a virtual clock that moves wakes no timer.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Answers a call. `target` is `AmazonSQS.` and the action, `host` the address at which the caller reached this server.
pub(super) async fn call(cloud: Cloud, target: &str, host: &str, body: &Bytes) -> Response {
    let action = target.strip_prefix("AmazonSQS.").unwrap_or(target).to_owned();
    let act: fn(&Cloud, &Input, &str) -> Answer = match action.as_str() {
        "SendMessage" => send,
        "SendMessageBatch" => batch::send,
        "ReceiveMessage" => receive,
        "DeleteMessage" => delete,
        "DeleteMessageBatch" => batch::delete,
        "ChangeMessageVisibility" => change_visibility,
        "GetQueueUrl" => get_queue_url,
        "CreateQueue" => create_queue,
        "GetQueueAttributes" => get_queue_attributes,
        "PurgeQueue" => purge,
        _ => {
            let message = format!("{target} is no action that the local stack plays");
            return refuse(400, "AWS.SimpleQueueService.UnsupportedOperation", &message);
        }
    };
    let input: Input = match serde_json::from_slice(body) {
        Ok(input) => input,
        Err(error) => {
            return refuse(400, "SerializationException", &format!("the body is no {action} request: {error}"));
        }
    };
    let queue = input.queue().unwrap_or_default().to_owned();
    let tags = input.message_attributes.texts();
    let call = Call { service: Service::Sqs, action: &action, recipients: vec![&queue], tags: &tags };
    let fault = cloud.faults().take(&call);
    if fault.is_none() && action == "ReceiveMessage" && !input.wait_time().is_zero() {
        wait_for_messages(&cloud, &queue, input.wait_time()).await;
    }
    let host = host.to_owned();
    answer(fault, THROTTLED, refuse, move || match act(&cloud, &input, &host) {
        Ok(output) => succeed(&output),
        Err(refusal) => refusal.into(),
    })
    .await
}

fn send(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    let message = input.outgoing()?;
    let checksum = reply::checksum(&message.body);
    let sent = cloud.queues().send(input.queue()?, &[message])?.remove(0);
    Ok(reply::sent_message(&sent.message_id, &checksum, &input.message_attributes))
}

/// Long polling: returns when a message is visible or `wait` is over. A caller waits in real time, whatever the clock.
async fn wait_for_messages(cloud: &Cloud, queue: &str, wait: Duration) {
    let until = Instant::now() + wait;
    let mut arrivals = cloud.queues().arrivals();
    while Instant::now() < until {
        match cloud.queues().next_visible_at(queue) {
            Ok(Some(at)) if at <= cloud.clock.now() => return,
            Err(_) => return,
            Ok(_) => {}
        }
        let _ = tokio::time::timeout(POLL_INTERVAL.min(until - Instant::now()), arrivals.changed()).await;
    }
}

fn receive(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    let max = input.max_number_of_messages.unwrap_or(1);
    if !(1..=10).contains(&max) {
        return Err(Refusal::invalid_parameter("MaxNumberOfMessages must be between 1 and 10"));
    }
    let received = cloud.queues().receive_for(input.queue()?, max, input.visibility_timeout()?)?;
    let messages: Vec<Value> = received
        .into_iter()
        .map(|message| {
            let mut output = json!({
                "MessageId": message.message_id,
                "ReceiptHandle": message.receipt,
                "MD5OfBody": reply::checksum(&message.body),
                "Body": message.body,
            });
            let system = BTreeMap::from([
                ("SentTimestamp", message.sent_at.as_millisecond().to_string()),
                ("ApproximateReceiveCount", message.receives.to_string()),
                ("ApproximateFirstReceiveTimestamp", message.first_received_at.as_millisecond().to_string()),
                ("SenderId", ACCOUNT.to_owned()),
            ]);
            let wanted: Map<String, Value> = system
                .into_iter()
                .filter(|(name, _)| input.wants_system_attribute(name))
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            if !wanted.is_empty() {
                output["Attributes"] = wanted.into();
            }
            let attributes = message.attributes.as_deref().map(MessageAttributes::from_json).unwrap_or_default();
            let attributes = attributes.filter(|name| input.wants_message_attribute(name));
            if let Some(checksum) = attributes.checksum() {
                output["MD5OfMessageAttributes"] = checksum.into();
                output["MessageAttributes"] = json!(attributes);
            }
            output
        })
        .collect();
    Ok(if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) })
}

fn delete(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    cloud.queues().delete(input.queue()?, [input.receipt()?])?;
    Ok(json!({}))
}

fn change_visibility(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    let timeout = input.visibility_timeout()?.ok_or_else(|| Refusal::missing("VisibilityTimeout"))?;
    match cloud.queues().change_visibility(input.queue()?, [input.receipt()?], timeout)? {
        0 => Err(Refusal::invalid_parameter(
            "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for \
             visibility timeout change.",
        )),
        _ => Ok(json!({})),
    }
}

fn get_queue_url(cloud: &Cloud, input: &Input, host: &str) -> Answer {
    let name = input.queue_name.as_deref().ok_or_else(|| Refusal::missing("QueueName"))?;
    cloud.queues().next_visible_at(name)?;
    Ok(json!({ "QueueUrl": queue_url(host, name) }))
}

fn create_queue(cloud: &Cloud, input: &Input, host: &str) -> Answer {
    let wanted = input.queue_settings()?;
    if let Some((existing, _)) = cloud.queues().settings(&wanted.name)? {
        if !input.attributes.is_empty() && existing != wanted {
            let message = "A queue already exists with the same name and a different value for an attribute";
            return Err(Refusal::new("QueueAlreadyExists", message));
        }
    } else {
        cloud.queues().create(&wanted)?;
    }
    Ok(json!({ "QueueUrl": queue_url(host, &wanted.name) }))
}

fn get_queue_attributes(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    let name = input.queue()?;
    let depth = cloud.queues().depth(name)?;
    let (settings, created_at) =
        cloud.queues().settings(name)?.unwrap_or_else(|| (QueueSettings::new(name), cloud.clock.now()));
    let mut attributes = BTreeMap::from([
        ("ApproximateNumberOfMessages", depth.visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", depth.in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", depth.delayed.to_string()),
        ("VisibilityTimeout", settings.visibility.as_secs().to_string()),
        ("DelaySeconds", settings.delay.as_secs().to_string()),
        ("CreatedTimestamp", created_at.as_second().to_string()),
        ("QueueArn", queue_arn(name)),
    ]);
    if let Some(Redrive { dead_letter_queue, max_receives }) = settings.redrive {
        let policy = json!({ "deadLetterTargetArn": queue_arn(&dead_letter_queue), "maxReceiveCount": max_receives });
        attributes.insert("RedrivePolicy", policy.to_string());
    }
    attributes.retain(|attribute, _| input.wants_system_attribute(attribute));
    Ok(json!({ "Attributes": attributes }))
}

fn purge(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    cloud.queues().purge(input.queue()?)?;
    Ok(json!({}))
}

fn queue_url(host: &str, name: &str) -> String {
    format!("http://{host}/{ACCOUNT}/{name}")
}

fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")
}
