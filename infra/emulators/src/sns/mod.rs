//! SNS as far as Rekindle calls it: texts to phone numbers, and the opted-out numbers.
//!
//! - `request` parses and checks forms of the query protocol;
//! - `reply` writes its XML;
//! - this module performs the actions.

mod reply;
mod request;

use crate::faults::answer;
use crate::{Call, Cloud, CloudError, NewMessage, Request, Service, identifiers};
use axum::body::Bytes;
use axum::response::Response;
use rekindle_lifecycle::channel::Channel;
use reply::{failed, refuse, succeed};
use request::{Form, Text};

/// The error of `Publish`; the actions about opt-outs have the other one.
const PUBLISH_THROTTLED: (u16, &str) = (400, "Throttling");
const THROTTLED: (u16, &str) = (429, "Throttled");
/// Opted-out numbers on a page.
const PHONES_PAGE_SIZE: u32 = 100;

/// Answers a call of the query protocol: `Action=…&…` in a form.
pub(super) async fn call(cloud: Cloud, body: &Bytes) -> Response {
    let Some(form) = Form::parse(body).await else {
        return refuse(400, "MalformedQueryString", "the body is no form, and there is no X-Amz-Target header");
    };
    let action = form.get("Action").unwrap_or_default().to_owned();
    match action.as_str() {
        "Publish" => match request::text(&form) {
            Ok(text) => publish(cloud, text).await,
            Err((code, message)) => refuse(400, code, &message),
        },
        "CheckIfPhoneNumberIsOptedOut" => {
            with_phone(cloud, "CheckIfPhoneNumberIsOptedOut", form.get("phoneNumber"), |cloud, phone| {
                let opted_out = cloud.opt_outs().is_opted_out(phone)?;
                Ok(Some(format!("<isOptedOut>{opted_out}</isOptedOut>")))
            })
            .await
        }
        "OptInPhoneNumber" => {
            with_phone(cloud, "OptInPhoneNumber", form.get("phoneNumber"), |cloud, phone| {
                Ok(cloud.opt_outs().opt_in(phone)?.then(String::new))
            })
            .await
        }
        "ListPhoneNumbersOptedOut" => list_opted_out(cloud, form.get("nextToken").unwrap_or_default().to_owned()).await,
        "" => refuse(400, "MissingAction", "the form has no Action, and there is no X-Amz-Target header"),
        other => refuse(400, "InvalidAction", &format!("{other} is no SNS action that the local stack plays")),
    }
}

async fn publish(cloud: Cloud, text: Text) -> Response {
    let tags = text.attributes;
    let call = Call { service: Service::Sns, action: "Publish", recipients: vec![&text.phone], tags: &tags };
    let fault = cloud.faults().take(&call);
    let provider_id = identifiers::uuid();
    let message = NewMessage {
        channel: Channel::Sms,
        provider_id,
        subject: None,
        text: Some(text.message),
        html: None,
        request: Request {
            from: tags.iter().find(|(name, _)| name == "AWS.SNS.SMS.SenderID").map(|(_, value)| value.clone()),
            to: vec![text.phone],
            tags,
            ..Request::default()
        },
    };
    answer(fault, PUBLISH_THROTTLED, refuse, move || {
        let phone = message.request.to.first().map(String::as_str).unwrap_or_default();
        match cloud.opt_outs().is_opted_out(phone) {
            Ok(true) => {
                refuse(400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: phone number is opted out")
            }
            Ok(false) => match cloud.mailbox().store(&message) {
                Ok(()) => succeed("Publish", &format!("<MessageId>{}</MessageId>", message.provider_id)),
                Err(error) => failed(&error),
            },
            Err(error) => failed(&error),
        }
    })
    .await
}

/// Performs an action on one phone number; `act` returns the XML inside of its result, or nothing if it is refused.
async fn with_phone(
    cloud: Cloud,
    action: &'static str,
    phone: Option<&str>,
    act: fn(&Cloud, &str) -> Result<Option<String>, CloudError>,
) -> Response {
    let phone = phone.unwrap_or_default().to_owned();
    if !request::is_e164(&phone) {
        return refuse(400, "InvalidParameter", "Invalid parameter: phoneNumber Reason: input incorrectly formatted");
    }
    let fault = cloud.faults().take(&Call { service: Service::Sns, action, recipients: vec![&phone], tags: &[] });
    answer(fault, THROTTLED, refuse, move || match act(&cloud, &phone) {
        Ok(Some(result)) => succeed(action, &result),
        Ok(None) => refuse(
            400,
            "InvalidParameter",
            "Invalid parameter: phoneNumber Reason: it was opted in less than 30 days ago",
        ),
        Err(error) => failed(&error),
    })
    .await
}

async fn list_opted_out(cloud: Cloud, after: String) -> Response {
    let action = "ListPhoneNumbersOptedOut";
    let fault = cloud.faults().take(&Call { service: Service::Sns, action, recipients: Vec::new(), tags: &[] });
    answer(fault, THROTTLED, refuse, move || {
        // One more than a page, to see whether another page follows.
        match cloud.opt_outs().list(&after, PHONES_PAGE_SIZE + 1) {
            Ok(phones) => {
                let page = &phones[..phones.len().min(PHONES_PAGE_SIZE as usize)];
                let members: String = page.iter().map(|phone| format!("<member>{phone}</member>")).collect();
                let next = page.last().filter(|_| page.len() < phones.len());
                let next = next.map(|last| format!("<nextToken>{last}</nextToken>")).unwrap_or_default();
                succeed(action, &format!("<phoneNumbers>{members}</phoneNumbers>{next}"))
            }
            Err(error) => failed(&error),
        }
    })
    .await
}
