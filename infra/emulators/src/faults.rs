//! Planned failures of calls, for tests.
//!
//! A fault is planned for the next calls that match it, and those calls use it up. Plans apply in the order in which they
//! were made, at most one to a call.

use crate::Outcome;
use axum::body::{Body, Bytes};
use axum::response::Response;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// A service that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Mail.
    Ses,
    /// Texts.
    Sns,
    /// Queues.
    Sqs,
    /// Events.
    EventBridge,
}

/// What happens to a call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Refused for now, with the service's own error (SES: 429 `TooManyRequestsException`). Not applied.
    Throttle,
    /// Refused with this HTTP status and error code, such as `(400, "MessageRejected")`. Not applied.
    Refuse(u16, &'static str),
    /// Fails with this status, 500 or 503. Not applied, but the caller cannot know that.
    ServerError(u16),
    /// Is applied and answered only after the notification, even if the caller has given up by then.
    HangThenApply(Arc<Notify>),
    /// Is applied at once and answered only after the notification.
    ApplyThenHang(Arc<Notify>),
    /// Is applied, but the connection ends without an answer.
    ApplyThenDrop,
    /// The connection ends without an answer. Not applied.
    Drop,
    /// Is applied twice, as by a provider that delivers at least once, and answered once.
    ApplyTwice,
}

/// Which calls a fault is for.
#[derive(Clone, PartialEq, Eq)]
pub enum Matching {
    /// Every call except `GetAccount`, which belongs to no message.
    Any,
    /// Calls of an action (`SendEmail`, `Publish`, `SendMessageBatch`, …).
    Action(String),
    /// Calls with a tag or message attribute: name and value.
    Tag(String, String),
    /// Calls with a recipient: for SQS the name of the queue, for EventBridge that of the bus.
    Recipient(String),
}

/// A call, as far as faults are matched by it.
pub struct Call<'a> {
    /// The service called.
    pub service: Service,
    /// The action called.
    pub action: &'a str,
    /// The recipients; for SQS the name of the queue, for EventBridge those of the buses.
    pub recipients: Vec<&'a str>,
    /// Tags or message attributes: names and values.
    pub tags: &'a [(String, String)],
}

/// The planned faults. Cheap to clone; clones share one plan.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Default)]
struct Plan {
    faults: Vec<(Service, Matching, u32, Fault)>,
    outcomes: Vec<(Matching, u32, Vec<Outcome>)>,
    limit: Option<RateLimit>,
}

/// How many mails SES accepts in any second.
struct RateLimit {
    per_second: usize,
    accepted: VecDeque<Instant>,
    refused: u32,
}

impl RateLimit {
    /// Counts a mail; returns whether it exceeds the limit.
    fn refuses(&mut self, now: Instant) -> bool {
        while self.accepted.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1)) {
            self.accepted.pop_front();
        }
        let refuses = self.accepted.len() >= self.per_second;
        if refuses {
            self.refused += 1;
        } else {
            self.accepted.push_back(now);
        }
        refuses
    }
}

impl Faults {
    /// Plans a fault for the next `times` calls of the service that match.
    pub fn plan(&self, service: Service, times: u32, matching: Matching, fault: Fault) {
        self.with_plan(|plan| plan.faults.push((service, matching, times, fault)));
    }

    /// Plans the outcomes of the next `times` mails that match, in place of those that their addresses ask for.
    pub fn plan_outcomes(&self, times: u32, matching: Matching, outcomes: Vec<Outcome>) {
        self.with_plan(|plan| plan.outcomes.push((matching, times, outcomes)));
    }

    /// Makes SES accept at most `per_second` mails in any second of real time, and refuse the others.
    pub fn limit_mails(&self, per_second: usize) {
        self.with_plan(|plan| plan.limit = Some(RateLimit { per_second, accepted: VecDeque::new(), refused: 0 }));
    }

    /// How many mails SES refused because of [`Faults::limit_mails`].
    #[must_use]
    pub fn refused_as_too_fast(&self) -> u32 {
        self.with_plan(|plan| plan.limit.as_ref().map_or(0, |limit| limit.refused))
    }

    /// Removes every plan.
    pub fn clear(&self) {
        self.with_plan(|plan| *plan = Plan::default());
    }

    /// How many planned faults no call has met yet.
    #[must_use]
    pub fn remaining(&self) -> u32 {
        self.with_plan(|plan| plan.faults.iter().map(|(_, _, times, _)| times).sum())
    }

    /// The fault that a call meets, if one is planned for it.
    pub(crate) fn take(&self, call: &Call<'_>) -> Option<Fault> {
        self.with_plan(|plan| {
            if call.service == Service::Ses && call.action == "SendEmail" {
                let limit = plan.limit.as_mut();
                if limit.is_some_and(|limit| limit.refuses(Instant::now())) {
                    return Some(Fault::Throttle);
                }
            }
            let at = plan.faults.iter().position(|(service, matching, times, _)| {
                *service == call.service && *times > 0 && matching.matches(call)
            })?;
            let (_, _, times, fault) = &mut plan.faults[at];
            *times -= 1;
            let fault = fault.clone();
            plan.faults.retain(|(_, _, times, _)| *times > 0);
            Some(fault)
        })
    }

    /// The outcomes that are planned for a mail, if any.
    pub(crate) fn take_outcomes(&self, call: &Call<'_>) -> Option<Vec<Outcome>> {
        self.with_plan(|plan| {
            let at = plan.outcomes.iter().position(|(matching, times, _)| *times > 0 && matching.matches(call))?;
            let (_, times, outcomes) = &mut plan.outcomes[at];
            *times -= 1;
            let outcomes = outcomes.clone();
            plan.outcomes.retain(|(_, times, _)| *times > 0);
            Some(outcomes)
        })
    }

    fn with_plan<T>(&self, work: impl FnOnce(&mut Plan) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Matching {
    fn matches(&self, call: &Call<'_>) -> bool {
        match self {
            Self::Any => call.action != "GetAccount",
            Self::Action(action) => action == call.action,
            Self::Tag(name, value) => call.tags.iter().any(|(tag, given)| tag == name && given == value),
            Self::Recipient(recipient) => call.recipients.iter().any(|given| given == recipient),
        }
    }
}

/// Answers a call, with the fault that it meets: `apply` performs the call, `refuse` writes a refusal (status, error code
/// and message) in the service's form. A call that has begun is finished even if the caller hangs up, as on AWS.
pub(crate) async fn answer(
    fault: Option<Fault>,
    throttled: (u16, &'static str),
    refuse: fn(u16, &str, &str) -> Response,
    apply: impl Fn() -> Response + Send + Sync + 'static,
) -> Response {
    let apply = Arc::new(apply);
    let run = move || {
        let apply = Arc::clone(&apply);
        async move {
            let done = tokio::task::spawn_blocking(move || apply()).await;
            done.unwrap_or_else(|_| refuse(500, "InternalFailure", "the call panicked; see the log"))
        }
    };
    let planned = "a fault that a test has planned";
    match fault {
        None => run().await,
        Some(Fault::Throttle) => refuse(throttled.0, throttled.1, "Rate exceeded"),
        Some(Fault::Refuse(status, code)) => refuse(status, code, planned),
        Some(Fault::ServerError(status)) => {
            refuse(status, if status == 503 { "ServiceUnavailable" } else { "InternalFailure" }, planned)
        }
        Some(Fault::HangThenApply(until)) => {
            let late = tokio::spawn(async move {
                until.notified().await;
                run().await
            });
            late.await.unwrap_or_else(|_| dropped())
        }
        Some(Fault::ApplyThenHang(until)) => {
            let response = run().await;
            until.notified().await;
            response
        }
        Some(Fault::ApplyThenDrop) => {
            run().await;
            dropped()
        }
        Some(Fault::Drop) => dropped(),
        Some(Fault::ApplyTwice) => {
            run().await;
            run().await
        }
    }
}

/// A response that ends the connection: the server drops a head that it has not written yet if the body fails at once.
fn dropped() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    Response::new(Body::from_stream(futures::stream::iter([Err::<Bytes, _>(broken)])))
}
