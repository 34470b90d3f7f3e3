//! Answers, errors and checksums as SQS gives them.

use super::request::MessageAttributes;
use crate::CloudError;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A call or a batch entry that SQS refuses.
pub(super) struct Refusal {
    status: u16,
    code: String,
    message: String,
}

impl Refusal {
    /// A refusal with a code of the common kind.
    pub(super) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.into(), message: message.into() }
    }

    /// A refusal with a code that the query protocol wrote as `AWS.SimpleQueueService.…`.
    pub(super) fn of_queues(code: &str, message: impl Into<String>) -> Self {
        Self::new(format!("AWS.SimpleQueueService.{code}"), message)
    }

    pub(super) fn missing(parameter: &str) -> Self {
        Self::new("MissingParameter", format!("The request must contain the parameter {parameter}."))
    }

    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }

    pub(super) fn receipt() -> Self {
        Self::new("ReceiptHandleIsInvalid", "The input receipt handle is not a valid receipt handle.")
    }

    /// The refusal of one entry of a batch.
    pub(super) fn of_entry(self, id: &str) -> Value {
        json!({ "Id": id, "SenderFault": true, "Code": self.code, "Message": self.message })
    }
}

impl From<CloudError> for Refusal {
    fn from(error: CloudError) -> Self {
        match error {
            CloudError::NoSuchQueue(_) => Self::of_queues("NonExistentQueue", "The specified queue does not exist."),
            other => Self { status: 500, code: "InternalFailure".to_owned(), message: other.to_string() },
        }
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        refuse(refusal.status, &refusal.code, &refusal.message)
    }
}

const AWS_JSON: (HeaderName, &str) = (header::CONTENT_TYPE, "application/x-amz-json-1.0");

pub(super) fn succeed(output: &Value) -> Response {
    ([AWS_JSON], output.to_string()).into_response()
}

/// The header repeats the code as the older query protocol spelled it: that is the one the SDK clients look for.
pub(super) fn refuse(status: u16, code: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let whose = if status.is_server_error() { "Receiver" } else { "Sender" };
    let shape = match code.rsplit('.').next().unwrap_or(code) {
        "NonExistentQueue" => "QueueDoesNotExist",
        other => other,
    };
    let body = json!({ "__type": format!("com.amazonaws.sqs#{shape}"), "message": message }).to_string();
    let mut response = (status, [AWS_JSON], body).into_response();
    if let Ok(error) = HeaderValue::from_str(&format!("{code};{whose}")) {
        response.headers_mut().insert("x-amzn-query-error", error);
    }
    response
}

/// The checksum of a body, which callers compare with what they sent.
pub(super) fn checksum(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

/// The checksum of message attributes, by the developer guide: sorted by name; name, type and value each after their
/// length, and a byte that tells text from binary. `None` when there are none.
pub(super) fn checksum_of_attributes(attributes: &MessageAttributes) -> Option<String> {
    if attributes.0.is_empty() {
        return None;
    }
    let mut context = md5::Context::new();
    for (name, attribute) in &attributes.0 {
        let kind = if attribute.binary_value.is_some() { 2 } else { 1 };
        let value = attribute.value();
        let parts: [(&[u8], &[u8]); 3] =
            [(&[], name.as_bytes()), (&[], attribute.data_type.as_bytes()), (&[kind], &value)];
        for (prefix, part) in parts {
            context.consume(prefix);
            context.consume(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            context.consume(part);
        }
    }
    Some(format!("{:x}", context.compute()))
}
