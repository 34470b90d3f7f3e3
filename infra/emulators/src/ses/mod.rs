//! SES v2 as far as Rekindle calls it: `SendEmail` with simple content, `GetAccount` and `DeleteSuppressedDestination`.
//!
//! - `request` parses and checks a call;
//! - [`events`] writes the events that SES publishes about a mail;
//! - this module accepts mails: a mail and its events are stored in one transaction.

pub mod events;
mod request;

use crate::faults::answer;
use crate::{Call, Cloud, CloudError, NewMessage, Service, SuppressedReason, identifiers};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rekindle_lifecycle::channel::Channel;
use serde_json::json;

pub use events::Outcome;

/// Why SES refuses a call: HTTP status, error code, message.
pub(crate) struct Refusal(pub(crate) u16, pub(crate) &'static str, pub(crate) String);

const THROTTLED: (u16, &str) = (429, "TooManyRequestsException");

/// `POST /v2/email/outbound-emails`
pub(super) async fn send_email(State(cloud): State<Cloud>, body: Bytes) -> Response {
    let (request, content) = match request::parse(&body) {
        Ok(parsed) => parsed,
        Err(Refusal(status, code, message)) => return refuse(status, code, &message),
    };
    let call = Call {
        service: Service::Ses,
        action: "SendEmail",
        recipients: request.recipients().collect(),
        tags: &request.tags,
    };
    let fault = cloud.faults().take(&call);
    let outcomes = cloud.faults().take_outcomes(&call);
    let provider_id = identifiers::ses_id(cloud.clock.now());
    let mail = NewMessage {
        channel: Channel::Email,
        provider_id,
        subject: Some(content.subject),
        text: content.text,
        html: content.html,
        request,
    };
    answer(fault, THROTTLED, refuse, move || match accept(&cloud, &mail, outcomes.as_deref()) {
        Ok(()) => Json(json!({ "MessageId": mail.provider_id })).into_response(),
        Err(error) => refuse(500, "InternalFailure", &error.to_string()),
    })
    .await
}

/// Stores a mail and, if it names a configuration set, the events about it.
fn accept(cloud: &Cloud, mail: &NewMessage, outcomes: Option<&[Outcome]>) -> Result<(), CloudError> {
    let feedback = cloud.settings.feedback_queue.as_deref().filter(|_| mail.request.configuration_set.is_some());
    cloud.database.write(|transaction| {
        cloud.mailbox().store_within(transaction, mail)?;
        if let Some(feedback) = feedback {
            let now = cloud.clock.now();
            let listed = listed_outcomes(cloud, mail)?;
            let events = events::for_mail(mail, listed.as_deref().or(outcomes), now);
            for (address, reason) in events::suppressions(&events) {
                cloud.suppressed().suppress_within(transaction, address, reason)?;
            }
            let notifications: Vec<_> = events.iter().map(|event| events::notification(event, now)).collect();
            cloud.queues().send_within(transaction, feedback, &notifications)?;
        }
        Ok(())
    })?;
    if feedback.is_some() {
        cloud.queues().notify_receivers();
    }
    Ok(())
}

/// The outcome of a mail to an address that is on the suppression list: it is not delivered.
fn listed_outcomes(cloud: &Cloud, mail: &NewMessage) -> Result<Option<Vec<Outcome>>, CloudError> {
    for recipient in mail.request.recipients() {
        match cloud.suppressed().reason(request::bare_address(recipient))? {
            Some(SuppressedReason::Bounce) => return Ok(Some(vec![Outcome::ListedBounce])),
            Some(SuppressedReason::Complaint) => return Ok(Some(vec![Outcome::ListedComplaint])),
            None => {}
        }
    }
    Ok(None)
}

/// `DELETE /v2/email/suppression/addresses/{address}`
pub(super) async fn delete_suppressed_destination(State(cloud): State<Cloud>, Path(address): Path<String>) -> Response {
    let action = "DeleteSuppressedDestination";
    let call = Call { service: Service::Ses, action, recipients: vec![&address], tags: &[] };
    let fault = cloud.faults().take(&call);
    let address = address.clone();
    answer(fault, THROTTLED, refuse, move || match cloud.suppressed().remove(&address) {
        Ok(true) => Json(json!({})).into_response(),
        Ok(false) => refuse(404, "NotFoundException", "the address is not on the suppression list"),
        Err(error) => refuse(500, "InternalFailure", &error.to_string()),
    })
    .await
}

/// `GET /v2/email/account`
pub(super) async fn get_account(State(cloud): State<Cloud>) -> Response {
    let call = Call { service: Service::Ses, action: "GetAccount", recipients: Vec::new(), tags: &[] };
    let fault = cloud.faults().take(&call);
    answer(fault, THROTTLED, refuse, move || {
        let day_ago = cloud.clock.now() - jiff::SignedDuration::from_hours(24);
        match cloud.mailbox().mails_since(day_ago) {
            Ok(sent) => Json(json!({
                "DedicatedIpAutoWarmupEnabled": false,
                "EnforcementStatus": "HEALTHY",
                "ProductionAccessEnabled": true,
                "SendingEnabled": true,
                "SendQuota": {
                    "Max24HourSend": cloud.settings.mails_a_day,
                    "MaxSendRate": cloud.settings.mails_a_second,
                    "SentLast24Hours": sent,
                },
                "SuppressionAttributes": { "SuppressedReasons": ["BOUNCE", "COMPLAINT"] },
            }))
            .into_response(),
            Err(error) => refuse(500, "InternalFailure", &error.to_string()),
        }
    })
    .await
}

/// A refusal in SES's form.
fn refuse(status: u16, code: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("x-amzn-errortype", code)], Json(json!({ "message": message }))).into_response()
}
