//! Planned failures: each way in which a call to a cloud can fail, for tests.
//!
//! A fault is planned for the next calls that match it and used up by them. Several plans apply in the order in which
//! they were made, one to a call.

use super::Outcome;
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
    /// Refused for now, in the words of the service (SES: 429 `TooManyRequestsException`). Not applied.
    Throttle,
    /// Refused with this HTTP status and error code, such as `(400, "MessageRejected")`. Not applied.
    Refuse(u16, &'static str),
    /// Fails with this status, 500 or 503. Not applied, which the caller cannot know.
    ServerError(u16),
    /// Waits for the notification, is applied then, even when the caller has given up, and answered.
    HangThenApply(Arc<Notify>),
    /// Is applied at once and answered only after the notification.
    ApplyThenHang(Arc<Notify>),
    /// Is applied, but the connection ends without a byte of an answer.
    ApplyThenDrop,
    /// Ends the connection without a byte of an answer. Not applied.
    Drop,
    /// Is applied twice, as a provider that delivers at least once may, and answered once.
    ApplyTwice,
}

/// Which calls a fault is for.
#[derive(Clone, PartialEq, Eq)]
pub enum Matching {
    /// Every call but `GetAccount`, which no message makes: workers ask now and then what is allowed.
    Any,
    /// Calls of the action (`SendEmail`, `Publish`, `SendMessageBatch`, …).
    Action(String),
    /// Calls that carry the tag or message attribute.
    Tag(String, String),
    /// Calls for the recipient; for SQS, the name of the queue; for EventBridge, that of a bus.
    Recipient(String),
}

/// A call, as faults see it.
pub struct Call<'a> {
    /// The service called.
    pub service: Service,
    /// The action called.
    pub action: &'a str,
    /// The recipients; for SQS, the name of the queue; for EventBridge, those of the buses.
    pub recipients: Vec<&'a str>,
    /// Tags or message attributes.
    pub tags: &'a [(String, String)],
}

/// The plan. Cheap to clone; clones share one plan.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Default)]
struct Plan {
    faults: Vec<(Service, Matching, u32, Fault)>,
    outcomes: Vec<(Matching, u32, Vec<Outcome>)>,
    limit: Option<RateLimit>,
}

/// What SES takes in a second.
struct RateLimit {
    a_second: usize,
    taken: VecDeque<Instant>,
    refused: u32,
}

impl RateLimit {
    fn refuses(&mut self, now: Instant) -> bool {
        while self.taken.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1)) {
            self.taken.pop_front();
        }
        let refuses = self.taken.len() >= self.a_second;
        if refuses {
            self.refused += 1;
        } else {
            self.taken.push_back(now);
        }
        refuses
    }
}

impl Faults {
    /// Plans a fault for the next `times` calls of the service that match.
    pub fn plan(&self, service: Service, times: u32, matching: Matching, fault: Fault) {
        self.hold(|plan| plan.faults.push((service, matching, times, fault)));
    }

    /// Plans what becomes of the next `times` mails that match, instead of what their addresses say.
    pub fn plan_outcomes(&self, times: u32, matching: Matching, outcomes: Vec<Outcome>) {
        self.hold(|plan| plan.outcomes.push((matching, times, outcomes)));
    }

    /// From now on SES takes at most so many mails in any second, of the machine's time, and refuses the others.
    pub fn limit_mails(&self, a_second: usize) {
        self.hold(|plan| plan.limit = Some(RateLimit { a_second, taken: VecDeque::new(), refused: 0 }));
    }

    /// How many mails SES refused because they came too fast.
    #[must_use]
    pub fn refused_as_too_fast(&self) -> u32 {
        self.hold(|plan| plan.limit.as_ref().map_or(0, |limit| limit.refused))
    }

    /// Forgets what is planned and not used up.
    pub fn clear(&self) {
        self.hold(|plan| *plan = Plan::default());
    }

    /// How many planned faults are not used up. A test that planned one can see that it was met.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.hold(|plan| plan.faults.iter().map(|(_, _, times, _)| times).sum())
    }

    pub(crate) fn take(&self, call: &Call<'_>) -> Option<Fault> {
        self.hold(|plan| {
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

    pub(crate) fn take_outcomes(&self, call: &Call<'_>) -> Option<Vec<Outcome>> {
        self.hold(|plan| {
            let at = plan.outcomes.iter().position(|(matching, times, _)| *times > 0 && matching.matches(call))?;
            let (_, times, outcomes) = &mut plan.outcomes[at];
            *times -= 1;
            let outcomes = outcomes.clone();
            plan.outcomes.retain(|(_, times, _)| *times > 0);
            Some(outcomes)
        })
    }

    fn hold<T>(&self, work: impl FnOnce(&mut Plan) -> T) -> T {
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

/// Answers a call: `apply` does what the call asks for, `refuse` words a refusal (status and error code) as the service
/// does. What was begun is finished even when the caller hangs up, as in a real cloud.
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

/// Ends the connection: the server drops the head that it has not yet written when the body fails at once.
fn dropped() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    Response::new(Body::from_stream(futures::stream::iter([Err::<Bytes, _>(broken)])))
}
