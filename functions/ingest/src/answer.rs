//! The responses of the function.

use crate::problem::Problem;
use http::{HeaderValue, Response, StatusCode, header};
use rekindle_inbound::Rejection;
use rekindle_intake::Outcome;
use rekindle_platform::gateway::Body;
use serde::Serialize;
use serde_json::{Value, json};

/// A fixed JSON document.
pub(crate) fn json(text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A JSON document.
pub(crate) fn json_value(value: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(value.to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The methods of a path, as the answer to OPTIONS.
pub(crate) fn methods(methods: &[&str]) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// The result of each event of a call.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    accepted: usize,
    rejected: Vec<Remark>,
    warnings: Vec<Remark>,
}

/// What is wrong with a field of the event at an index of the batch.
#[derive(Debug, Serialize)]
struct Remark {
    index: usize,
    field: String,
    reason: String,
    #[serde(skip)]
    too_large: bool,
}

impl Answer {
    /// Says what became of each event of a call.
    pub(crate) fn from_outcomes(outcomes: Vec<Outcome>) -> Self {
        let mut answer = Self::default();
        for (index, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Accepted { warnings, .. } => {
                    answer.accepted += 1;
                    answer.warnings.extend(warnings.into_iter().map(|warning| Remark::new(index, warning)));
                }
                Outcome::Refused(rejection) => answer.rejected.push(Remark::new(index, rejection)),
            }
        }
        answer
    }

    /// The answer to a batch: always 200, for libraries drop a whole batch on 4xx.
    pub(crate) fn into_response(self) -> Response<Body> {
        let Self { accepted, rejected, warnings } = self;
        let answer = json!({"success": true, "accepted": accepted, "rejected": rejected, "warnings": warnings});
        let mut response = Response::new(Body::from(answer.to_string()));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }

    /// The answer to a call with one event.
    pub(crate) fn into_response_for_one(mut self) -> Result<Response<Body>, Problem> {
        match self.rejected.pop() {
            Some(Remark { field, reason, too_large, .. }) => {
                Err(Rejection { too_large, ..Rejection::new(field, reason) }.into())
            }
            None => Ok(self.into_response()),
        }
    }
}

impl Remark {
    fn new(index: usize, rejection: Rejection) -> Self {
        let Rejection { field, reason, too_large, .. } = rejection;
        Self { index, field, reason, too_large }
    }
}
