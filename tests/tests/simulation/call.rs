//! A call to the outside, as it is on the line.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

/// The service that a call is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    DynamoDb,
    Sqs,
    Ses,
    Sns,
    EventBridge,
}

/// A call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) service: Service,
    pub(crate) operation: String,
    /// The request as JSON, even where the service uses forms.
    pub(crate) body: Value,
}

/// Ends the test. A panic would not: to the simulation it is a function that crashed, and that is survived.
pub(crate) fn not_simulated(what: &str) -> ! {
    eprintln!("{what} is not simulated");
    std::process::exit(101)
}

impl Call {
    pub(crate) fn read(request: &HttpRequest) -> Self {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let json = || serde_json::from_slice(body).unwrap_or_default();
        let call = |service, operation: &str, body| Self { service, operation: operation.to_owned(), body };
        match target.split_once('.') {
            Some((service, operation)) if service.starts_with("DynamoDB_") => {
                call(Service::DynamoDb, operation, json())
            }
            Some(("AmazonSQS", operation)) => call(Service::Sqs, operation, json()),
            Some(("AWSEvents", operation)) => call(Service::EventBridge, operation, json()),
            Some((service, operation)) => not_simulated(&format!("{service}.{operation}")),
            None if request.uri().contains("/v2/email/outbound-emails") => call(Service::Ses, "SendEmail", json()),
            None if request.uri().contains("/v2/email/account") => call(Service::Ses, "GetAccount", Value::Null),
            None => {
                let pairs = form_urlencoded::parse(body).into_owned();
                let form: Value =
                    pairs.map(|(name, value)| (name, Value::from(value))).collect::<serde_json::Map<_, _>>().into();
                let operation = form["Action"].as_str().expect("an action of SNS").to_owned();
                call(Service::Sns, &operation, form)
            }
        }
    }

    /// Whether it hands a message to a provider.
    pub(crate) fn hands_over(&self) -> bool {
        matches!(self.operation.as_str(), "SendEmail" | "Publish")
    }

    /// Whether it reads without asking for the latest state.
    pub(crate) fn may_be_stale(&self) -> bool {
        matches!(self.operation.as_str(), "Query" | "GetItem" | "Scan") && self.body["ConsistentRead"] != true
    }

    /// The key under which the answer to this request is remembered.
    pub(crate) fn question(&self) -> String {
        let asked = &self.body;
        format!(
            "{} {} {} {}",
            self.operation, asked["TableName"], asked["Key"], asked["ExpressionAttributeValues"][":shard"]
        )
    }
}
