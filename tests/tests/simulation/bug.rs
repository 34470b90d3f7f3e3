//! Known mistakes, seeded on purpose to see that the checker finds them. They are made on the line between the
//! functions and AWS, and the engine's own code stays untouched: a condition that the line strips from a call might as
//! well be missing in the engine.

use crate::call::{Call, Service};
use crate::functions::Invocation;
use crate::line::Answer;
use crate::provider;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bug {
    /// The SDK retries calls of SES and SNS whose outcome it does not know.
    SdkRetriesSends,
    /// An expired lease is taken as permission to send again.
    LeaseStealing,
    /// A message is claimed without checking whether another sender has it: neither its place in the mailbox nor its claim
    /// has a condition. Each of the two alone would hide that the other is missing.
    ClaimWithoutCondition,
    /// A customer is written without checking whether another writer has changed them.
    VersionCheckDropped,
    /// A message is removed from its queue before the work is done.
    DeletedBeforeCommit,
    /// Two events with one message id are treated as one event, even if their contents differ.
    DedupedByMessageId,
    /// The frequency cap is read apart from the transaction that creates messages: as it was before the last change.
    CapReadOutside,
    /// The time at which a customer is due is written after the rest.
    DueWrittenAfter,
    /// A mail of unknown outcome is sent again after a while, without evidence.
    UnknownResentOnTimer,
    /// Consent counts as it was when the message was created.
    ConsentAtCreationOnly,
    /// The stream is acknowledged as soon as a batch is fetched.
    CheckpointAtFetch,
    /// The fact that arrives last is taken as the latest.
    FoldedByArrival,
    /// A stream that was down for two days is never reconciled.
    NothingReconciles,
    /// A refusal holds for the id under which it was made, not for the address.
    RefusalById,
    /// Messages of another customer with the same address are not seen.
    MailboxNotShared,
    /// What was stored under the other ids of a customer is not counted with them.
    JoinedNotCounted,
    /// Consent that cannot be read is taken for a yes.
    ConsentOpenOnUnreadable,
    /// An erasure leaves no mark.
    ErasureMarkForgotten,
    /// A call to SES or SNS that broke off is taken for one that was refused.
    TimeoutIsRefusal,
    /// What a batch did not write is not written again.
    UnprocessedIgnored,
    /// A write that was throttled is taken for one that was done.
    ThrottledIsSuccess,
    /// A write that lost a race is taken for one that was done.
    LostRaceIsSuccess,
    /// The sweep leaves out a part of the due customers.
    SweepLeavesOut,
    /// An erasure leaves out the facts and messages of a customer.
    ErasureLeavesOut,
    /// The event about a task for people is never published.
    TaskNotPublished,
    /// A new key that seals links takes the place of the old one.
    RotationForgetsKeys,
}

impl Bug {
    pub(crate) const ALL: [Self; 26] = [
        Self::SdkRetriesSends,
        Self::LeaseStealing,
        Self::ClaimWithoutCondition,
        Self::VersionCheckDropped,
        Self::DeletedBeforeCommit,
        Self::DedupedByMessageId,
        Self::CapReadOutside,
        Self::DueWrittenAfter,
        Self::UnknownResentOnTimer,
        Self::ConsentAtCreationOnly,
        Self::CheckpointAtFetch,
        Self::FoldedByArrival,
        Self::NothingReconciles,
        Self::RefusalById,
        Self::MailboxNotShared,
        Self::JoinedNotCounted,
        Self::ConsentOpenOnUnreadable,
        Self::ErasureMarkForgotten,
        Self::TimeoutIsRefusal,
        Self::UnprocessedIgnored,
        Self::ThrottledIsSuccess,
        Self::LostRaceIsSuccess,
        Self::SweepLeavesOut,
        Self::ErasureLeavesOut,
        Self::TaskNotPublished,
        Self::RotationForgetsKeys,
    ];
}

/// The effect of a mistake on a call.
pub(crate) struct Changed {
    /// An answer in place of the call.
    pub(crate) answer: Option<(u16, String)>,
    /// Calls that follow it.
    pub(crate) after: Vec<Call>,
}

/// Changes a call as the seeded mistake would.
pub(crate) fn before(by: &Invocation, call: &mut Call) -> Changed {
    let mut changed = Changed { answer: None, after: Vec::new() };
    let Some(bug) = by.world.seeded else { return changed };
    if bug == Bug::TaskNotPublished && call.service == Service::EventBridge {
        changed.answer = Some((200, json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "e" }] }).to_string()));
    }
    if call.service != Service::DynamoDb {
        return changed;
    }
    match bug {
        Bug::SweepLeavesOut if by.function == "sweep" && call.operation == "Query" => {
            let shard = call.body["ExpressionAttributeValues"][":shard"]["S"].as_str().unwrap_or_default();
            if shard.ends_with(['0', '2', '4', '6', '8', 'a', 'c', 'e']) {
                changed.answer = Some((200, json!({ "Items": [], "Count": 0, "ScannedCount": 0 }).to_string()));
            }
        }
        Bug::ErasureLeavesOut
            if by.function == "admin" && call.operation == "Query" && call.body["TableName"] == "r-activity" =>
        {
            changed.answer = Some((200, json!({ "Items": [], "Count": 0, "ScannedCount": 0 }).to_string()));
        }
        Bug::ClaimWithoutCondition => {
            for put in puts(call).filter(|put| put["Item"]["state"]["S"] == "sending") {
                without_condition(put);
            }
            if call.body["UpdateExpression"] == "SET #place = :place" {
                let update = call.body.as_object_mut().expect("an update");
                update.remove("ConditionExpression");
                // DynamoDB refuses values that no expression names.
                update["ExpressionAttributeValues"].as_object_mut().expect("values").remove(":expired");
            }
        }
        Bug::VersionCheckDropped => {
            for put in puts(call).filter(|put| put["TableName"] == "r-customers") {
                without_condition(put);
            }
        }
        Bug::DueWrittenAfter => {
            for put in puts(call).filter(|put| put["TableName"] == "r-customers") {
                let item = put["Item"].as_object_mut().expect("an item");
                let (Some(shard), Some(at)) = (item.remove("due_shard"), item.remove("due_at")) else { continue };
                let body = json!({
                    "TableName": "r-customers", "Key": { "pk": item["pk"] },
                    "UpdateExpression": "SET due_shard = :shard, due_at = :at",
                    "ExpressionAttributeValues": { ":shard": shard, ":at": at },
                });
                changed.after.push(Call { service: Service::DynamoDb, operation: "UpdateItem".to_owned(), body });
            }
        }
        Bug::DedupedByMessageId if by.function == "ingest" && call.operation == "BatchWriteItem" => {
            let mut memory = by.world.memory.lock().expect("no panic");
            let items = call.body["RequestItems"]["r-activity"].as_array_mut();
            let Some(items) = items else { return changed };
            items.retain(|request| {
                let item = &request["PutRequest"]["Item"];
                let fact = inner(item, "fact");
                let identity = format!("{} {}", item["pk"]["S"], fact["id"]);
                let known = memory.entry(identity).or_insert_with(|| item["sk"].clone());
                *known == item["sk"]
            });
            if items.is_empty() {
                changed.answer = Some((200, "{}".to_owned()));
            }
        }
        Bug::FoldedByArrival if by.function == "ingest" && call.operation == "BatchWriteItem" => {
            let now = by.world.time.now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
            for request in call.body["RequestItems"]["r-activity"].as_array_mut().into_iter().flatten() {
                let item = &mut request["PutRequest"]["Item"];
                let mut fact = inner(item, "fact");
                fact["at"] = Value::from(now.as_str());
                item["fact"]["S"] = Value::from(fact.to_string());
                let sk = item["sk"]["S"].as_str().unwrap_or_default();
                let parts: Vec<&str> = sk.splitn(3, '#').collect();
                if let [family, _, rest] = parts[..] {
                    item["sk"]["S"] = Value::from(format!("{family}#{now}#{rest}"));
                }
            }
        }
        Bug::ConsentOpenOnUnreadable if by.function == "ingest" && call.operation == "BatchWriteItem" => {
            for request in call.body["RequestItems"]["r-activity"].as_array_mut().into_iter().flatten() {
                let item = &mut request["PutRequest"]["Item"];
                let mut fact = inner(item, "fact");
                let is_unclear = fact["traits"]["left_out"].to_string().contains("unclear_email_consent");
                if let Some(traits) = fact["traits"].as_object_mut().filter(|_| is_unclear) {
                    traits.remove("email_consent");
                    traits.remove("left_out");
                    item["fact"]["S"] = fact.to_string().into();
                }
            }
        }
        Bug::ErasureMarkForgotten if call.operation == "PutItem" && call.body["Item"]["sk"]["S"] == "mark" => {
            changed.answer = Some((200, "{}".to_owned()));
        }
        Bug::JoinedNotCounted if by.function == "advance" && call.operation == "Query" && is_of_guest(call) => {
            changed.answer = Some((200, json!({ "Items": [], "Count": 0, "ScannedCount": 0 }).to_string()));
        }
        Bug::ConsentAtCreationOnly if by.function == "send" && call.operation == "Query" => {
            changed.answer = Some((200, json!({ "Items": [], "Count": 0, "ScannedCount": 0 }).to_string()));
        }
        _ => {}
    }
    changed
}

/// Changes an answer as the seeded mistake would.
pub(crate) fn after(by: &Invocation, call: &Call, answer: (u16, String)) -> (u16, String) {
    let of_mailbox = call.body["Key"]["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("mailbox#"));
    let reads = matches!(by.function, "send" | "advance") && (call.operation == "GetItem" || of_mailbox);
    let Some(bug) = by.world.seeded.filter(|_| reads) else {
        return answer;
    };
    let mut body: Value = serde_json::from_str(&answer.1).expect("JSON");
    if of_mailbox && answer.0 == 200 {
        // A place is taken by an update that answers with the item.
        let item = if call.operation == "GetItem" { &mut body["Item"] } else { &mut body["Attributes"] };
        let own = call.body["ExpressionAttributeNames"]["#place"].as_str().unwrap_or_default();
        if let Some(item) = item.as_object_mut() {
            match bug {
                Bug::RefusalById | Bug::ConsentAtCreationOnly => {
                    item.retain(|name, _| !matches!(name.as_str(), "said" | "listed"));
                }
                Bug::MailboxNotShared => item.retain(|name, _| !name.starts_with("place-") || name == own),
                _ => {}
            }
        }
        return (answer.0, body.to_string());
    }
    let item = &mut body["Item"];
    let is_customer = call.body["TableName"] == "r-customers" && item.is_object();
    match bug {
        Bug::CapReadOutside if is_customer && by.function == "advance" => {
            let mut decided = inner(item, "decided");
            let latest = decided["co"].clone();
            let mut memory = by.world.memory.lock().expect("no panic");
            let before = memory.insert(item["pk"]["S"].to_string(), latest);
            decided["co"] = before.filter(Value::is_array).unwrap_or_else(|| json!([]));
            item["decided"]["S"] = decided.to_string().into();
        }
        Bug::LeaseStealing if item["state"]["S"] == "sending" => {
            let mut message = inner(item, "message");
            let until = message["lease_until"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
            if until.is_some_and(|until| until < by.world.time.now()) {
                message["state"] = "queued".into();
                item["state"]["S"] = "queued".into();
                item["message"]["S"] = message.to_string().into();
            }
        }
        Bug::UnknownResentOnTimer if call.body["Key"]["pk"]["S"] == "provider#ses" => {
            let millis = by.world.time.now().as_millisecond().to_string();
            body["Item"] =
                json!({ "pk": { "S": "provider#ses" }, "sk": { "S": "events_through" }, "through": { "N": millis } });
        }
        Bug::ConsentAtCreationOnly if is_customer && by.function == "send" => {
            let mut folded = inner(item, "folded");
            let mut memory = by.world.memory.lock().expect("no panic");
            let first = memory.entry(item["pk"]["S"].to_string()).or_insert_with(|| folded["pe"].clone());
            folded["pe"] = if first.is_null() { json!({}) } else { first.clone() };
            item["folded"]["S"] = folded.to_string().into();
        }
        _ => {}
    }
    (answer.0, body.to_string())
}

/// Whether a call asks for what is stored under a guest's id.
fn is_of_guest(call: &Call) -> bool {
    let values = call.body["ExpressionAttributeValues"].as_object();
    values.into_iter().flatten().any(|(_, value)| value["S"].as_str().is_some_and(|pk| pk.contains("#guest:")))
}

/// Changes an answer on its way back as the seeded mistake would: the caller takes a failure for something else.
pub(crate) fn misread(by: &Invocation, call: &Call, answer: Answer) -> Answer {
    let is_write = matches!(call.operation.as_str(), "PutItem" | "DeleteItem" | "TransactWriteItems");
    let done = || Ok((200, "{}".to_owned()));
    let failed_with = |code: &str| matches!(&answer, Ok((400, body)) if body.contains(code));
    match by.world.seeded {
        Some(Bug::TimeoutIsRefusal) if call.hands_over() && !matches!(answer, Ok((..=499, _))) => {
            Ok(provider::refusal(call.service, 400, "AccessDeniedException"))
        }
        Some(Bug::ThrottledIsSuccess) if is_write && failed_with("ProvisionedThroughputExceeded") => done(),
        Some(Bug::LostRaceIsSuccess)
            if is_write && (failed_with("ConditionalCheckFailed") || failed_with("TransactionCanceled")) =>
        {
            done()
        }
        Some(Bug::UnprocessedIgnored) if call.operation == "BatchWriteItem" && matches!(answer, Ok((200, _))) => done(),
        _ => answer,
    }
}

/// Every put of a call, alone or in a transaction.
fn puts(call: &mut Call) -> Box<dyn Iterator<Item = &mut Value> + '_> {
    match call.operation.as_str() {
        "PutItem" => Box::new(std::iter::once(&mut call.body)),
        "TransactWriteItems" => {
            let items = call.body["TransactItems"].as_array_mut().into_iter().flatten();
            Box::new(items.filter_map(|item| item.get_mut("Put")))
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn without_condition(put: &mut Value) {
    let put = put.as_object_mut().expect("a put");
    for name in ["ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"] {
        put.remove(name);
    }
}

/// JSON that an item holds as a text.
fn inner(item: &Value, attribute: &str) -> Value {
    serde_json::from_str(item[attribute]["S"].as_str().unwrap_or("null")).expect("JSON")
}
