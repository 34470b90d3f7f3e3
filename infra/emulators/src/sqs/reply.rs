//! Answers and errors in the forms of SQS.

use super::attributes::MessageAttributes;
use crate::CloudError;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What an action answers with: its output, or why SQS refuses it.
pub(super) type Answer = Result<Value, Refusal>;

/// Why SQS refuses a call or one entry of a batch.
pub(super) struct Refusal {
    status: u16,
    code: String,
    message: String,
}

impl Refusal {
    /// A refused call (status 400) with an error code that stands for itself.
    pub(super) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.into(), message: message.into() }
    }

    /// A refused call with an error code that the query protocol spells `AWS.SimpleQueueService.…`.
    pub(super) fn with_queue_code(code: &str, message: impl Into<String>) -> Self {
        Self::new(format!("AWS.SimpleQueueService.{code}"), message)
    }

    /// A required parameter is absent.
    pub(super) fn missing(parameter: &str) -> Self {
        Self::new("MissingParameter", format!("The request must contain the parameter {parameter}."))
    }

    /// A parameter has a value that SQS does not take.
    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }

    /// A receipt handle that no receive gave out.
    pub(super) fn invalid_receipt() -> Self {
        Self::new("ReceiptHandleIsInvalid", "The input receipt handle is not a valid receipt handle.")
    }

    /// The refusal as the result of one entry of a batch.
    pub(super) fn to_batch_entry(&self, id: &str) -> Value {
        json!({ "Id": id, "SenderFault": true, "Code": self.code, "Message": self.message })
    }
}

impl From<CloudError> for Refusal {
    fn from(error: CloudError) -> Self {
        match error {
            CloudError::NoSuchQueue(_) => {
                Self::with_queue_code("NonExistentQueue", "The specified queue does not exist.")
            }
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

/// The response with an action's output.
pub(super) fn succeed(output: &Value) -> Response {
    ([AWS_JSON], output.to_string()).into_response()
}

/// The response with an error. Its header repeats the code as the older query protocol spells it, since SDK clients look
/// there.
pub(super) fn refuse(status: u16, code: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fault = if status.is_server_error() { "Receiver" } else { "Sender" };
    let shape = match code.rsplit('.').next().unwrap_or(code) {
        "NonExistentQueue" => "QueueDoesNotExist",
        other => other,
    };
    let body = json!({ "__type": format!("com.amazonaws.sqs#{shape}"), "message": message }).to_string();
    let mut response = (status, [AWS_JSON], body).into_response();
    if let Ok(error) = HeaderValue::from_str(&format!("{code};{fault}")) {
        response.headers_mut().insert("x-amzn-query-error", error);
    }
    response
}

/// The checksum of a body, which callers compare with what they sent.
pub(super) fn checksum(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

/// The output for a message that was stored.
pub(super) fn sent_message(message_id: &str, checksum: &str, attributes: &MessageAttributes) -> Value {
    let mut output = json!({ "MessageId": message_id, "MD5OfMessageBody": checksum });
    if let Some(checksum) = attributes.checksum() {
        output["MD5OfMessageAttributes"] = checksum.into();
    }
    output
}
