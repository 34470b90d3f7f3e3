//! EventBridge as far as Rekindle calls it: `PutEvents` (AWS JSON 1.1). A call can succeed while some of its events
//! fail; the answer has a result for each event.

use crate::faults::answer;
use crate::{Call, Cloud, NewBusEvent, Service};
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most events in a call.
const MAX_ENTRIES: usize = 10;
/// Most bytes in a call, over all of its events.
const MAX_CALL_BYTES: usize = 256 * 1024;
const THROTTLED: (u16, &str) = (400, "ThrottlingException");
const DEFAULT_BUS: &str = "default";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    time: Option<f64>,
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
}

/// Answers a call. `target` is `AWSEvents.` and the action.
pub(super) async fn call(cloud: Cloud, target: &str, body: &Bytes) -> Response {
    if target != "AWSEvents.PutEvents" {
        let message = format!("{target} is no action that the local stack plays");
        return refuse(400, "UnknownOperationException", &message);
    }
    let request: PutEvents = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => {
            return refuse(400, "SerializationException", &format!("the body is no PutEvents request: {error}"));
        }
    };
    if request.entries.is_empty() || request.entries.len() > MAX_ENTRIES {
        let bound = if request.entries.is_empty() { "greater than or equal to 1" } else { "less than or equal to 10" };
        let message = format!(
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length {bound}"
        );
        return refuse(400, "ValidationException", &message);
    }
    if request.entries.iter().map(Entry::size).sum::<usize>() > MAX_CALL_BYTES {
        return refuse(400, "ValidationException", "Total size of the entries in the request is over the limit.");
    }
    let buses = request.entries.iter().map(Entry::bus).collect();
    let tags: Vec<_> =
        request.entries.iter().filter_map(|entry| Some(("type".to_owned(), entry.detail_type.clone()?))).collect();
    let call = Call { service: Service::EventBridge, action: "PutEvents", recipients: buses, tags: &tags };
    let fault = cloud.faults().take(&call);
    answer(fault, THROTTLED, refuse, move || put(&cloud, &request.entries)).await
}

/// Stores the valid events, and answers for each other one what is wrong with it.
fn put(cloud: &Cloud, entries: &[Entry]) -> Response {
    let checked: Vec<Result<NewBusEvent, (&str, String)>> = entries.iter().map(Entry::check).collect();
    let good: Vec<NewBusEvent> = checked.iter().filter_map(|entry| entry.as_ref().ok().cloned()).collect();
    let mut ids = match cloud.bus_events().put(&good) {
        Ok(ids) => ids.into_iter(),
        Err(error) => return refuse(500, "InternalException", &error.to_string()),
    };
    let failed = checked.len() - good.len();
    let results: Vec<Value> = checked
        .into_iter()
        .map(|entry| match entry {
            Ok(_) => json!({ "EventId": ids.next() }),
            Err((code, message)) => json!({ "ErrorCode": code, "ErrorMessage": message }),
        })
        .collect();
    aws_json(StatusCode::OK, &json!({ "FailedEntryCount": failed, "Entries": results }))
}

impl Entry {
    fn bus(&self) -> &str {
        self.event_bus_name.as_deref().unwrap_or(DEFAULT_BUS)
    }

    /// Bytes as the user guide counts them: 14 for a time, and every text in UTF-8.
    fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail].into_iter().flatten().map(String::len);
        let resources = self.resources.iter().map(String::len);
        texts.chain(resources).sum::<usize>() + if self.time.is_some() { 14 } else { 0 }
    }

    fn check(&self) -> Result<NewBusEvent, (&'static str, String)> {
        let given = |name: &str, value: &Option<String>| {
            value.clone().filter(|text| !text.is_empty()).ok_or_else(|| {
                let message = format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
                ("InvalidArgument", message)
            })
        };
        let source = given("Source", &self.source)?;
        if source.starts_with("aws.") {
            return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
        }
        let detail_type = given("DetailType", &self.detail_type)?;
        let detail = given("Detail", &self.detail)?;
        if !serde_json::from_str::<Value>(&detail).is_ok_and(|detail| detail.is_object()) {
            return Err(("MalformedDetail", "Detail is malformed.".to_owned()));
        }
        Ok(NewBusEvent { bus: self.bus().to_owned(), source, detail_type, detail, time: self.time.and_then(instant) })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a time in milliseconds is far below 2^53")]
fn instant(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok()
}

fn refuse(status: u16, code: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    aws_json(status, &json!({ "__type": code, "message": message }))
}

fn aws_json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}
