//! Mails and texts as a shop sends them, as content for the tests of the inbox.

use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::{Cloud, CloudSettings, Durability, MessageTags, NewMessage, Request};
use rekindle_lifecycle::channel::Channel;
use rekindle_local_stack::inbox::ReasonLookup;
use rekindle_platform::Clock;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Gives a reason for every journey except `nps`.
pub(crate) struct Reasons;

impl ReasonLookup for Reasons {
    fn reason<'a>(&'a self, tags: &'a MessageTags) -> futures::future::BoxFuture<'a, Option<String>> {
        Box::pin(async move {
            match tags.journey.as_deref()? {
                "nps" => None,
                "reengage" => {
                    Some("Became inactive: 90 days of silence reached the limit of 90 days <b>today</b>.".to_owned())
                }
                journey => Some(format!(
                    "The {journey} journey began with the first order on 1 March 1997; this step follows after 1 hour."
                )),
            }
        })
    }
}

/// A cloud whose clock advances by 37 minutes and some seconds with every message.
pub(crate) fn cloud(directory: &Path) -> Cloud {
    let minute = AtomicI64::new(0);
    let clock = Clock::from_fn(move || {
        let begin: Timestamp = "1997-03-01T09:12:00Z".parse().expect("a timestamp");
        begin + SignedDuration::from_secs(2_227 * minute.fetch_add(1, Ordering::SeqCst))
    });
    let settings = CloudSettings { durability: Durability::Relaxed, ..CloudSettings::default() };
    Cloud::open(&directory.join("cloud.db"), settings, clock).expect("the cloud opens")
}

pub(crate) fn reasons() -> Arc<dyn ReasonLookup> {
    Arc::new(Reasons)
}

fn request(to: &str, journey: &str, step: &str) -> Request {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Request {
        to: vec![to.to_owned()],
        tags: vec![
            pair("shop", "cdnow"),
            // "c-00042", as tags hold it.
            pair("customer", "Yy0wMDA0Mg"),
            pair("journey", journey),
            pair("step", step),
            pair("message", "9f2c61d0a7b34e55"),
        ],
        ..Request::default()
    }
}

/// A mail with an unsubscribe header and a page of HTML around `lead`.
pub(crate) fn mail(to: &str, journey: &str, step: &str, subject: &str, lead: &str) -> NewMessage {
    let text = format!(
        "{lead}\n\nSee what is new: https://shop.example/new\n\n--\nKettle & Co, 12 Harbour Road, Bristol\nUnsubscribe: https://shop.example/u/k1.dGVzdA"
    );
    let html = format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{subject}</title>
<meta name="viewport" content="width=device-width"><style>a{{color:#8a3b12}}</style></head>
<body style="margin:0;background:#f6f1ea;font-family:Georgia,serif;color:#3a2c20">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" style="max-width:560px;background:#fff;border-radius:12px" cellpadding="0" cellspacing="0">
<tr><td style="padding:28px 32px 8px;font-size:22px;font-weight:bold;color:#8a3b12">Kettle &amp; Co</td></tr>
<tr><td style="padding:8px 32px;font-size:26px;line-height:1.3">{subject}</td></tr>
<tr><td style="padding:8px 32px;font-size:16px;line-height:1.6">{lead}</td></tr>
<tr><td style="padding:16px 32px 32px"><a href="https://shop.example/new" style="display:inline-block;padding:12px 22px;background:#8a3b12;color:#fff;border-radius:8px;text-decoration:none">See what is new</a></td></tr>
<tr><td style="padding:16px 32px 28px;font-size:12px;color:#8b7d70;border-top:1px solid #eee4d8">Kettle &amp; Co, 12 Harbour Road, Bristol · <a href="https://shop.example/u/k1.dGVzdA">Unsubscribe</a></td></tr>
</table></td></tr></table></body></html>"#
    );
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut request = request(to, journey, step);
    request.from = Some("\"Kettle & Co\" <hello@shop.example>".to_owned());
    request.configuration_set = Some("rekindle".to_owned());
    request.headers = vec![
        pair("List-Unsubscribe", "<https://shop.example/u/k1.dGVzdA>, <mailto:unsubscribe@shop.example>"),
        pair("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ];
    NewMessage {
        channel: Channel::Email,
        provider_id: "000000c6f0a1b2c3-5b1c2d3e-0000-4000-8000-000000000000-000000".to_owned(),
        subject: Some(subject.to_owned()),
        text: Some(text),
        html: Some(html),
        request,
    }
}

pub(crate) fn sms(to: &str, journey: &str, step: &str, text: &str) -> NewMessage {
    let mut request = request(to, journey, step);
    request.from = Some("Kettle".to_owned());
    NewMessage {
        channel: Channel::Sms,
        provider_id: "5b1c2d3e-0000-4000-8000-000000000001".to_owned(),
        subject: None,
        text: Some(text.to_owned()),
        html: None,
        request,
    }
}

/// A week of a shop.
pub(crate) fn fill(cloud: &Cloud) {
    let store = |message: &NewMessage| cloud.mailbox().store(message).expect("stored");
    for n in 0..60 {
        let to = format!("customer{:05}@customer.example", n * 37 % 971);
        store(&mail(
            &to,
            "welcome",
            "thanks",
            "Thank you for your first order",
            "Your first order is on its way. Here is what happens next, and how to reach us if anything is not as it should be.",
        ));
    }
    store(&mail(
        "marie.curie@customer.example",
        "welcome",
        "second-order",
        "Ten per cent off your second order, Marie",
        "You have had your kettle for ten days now. If it has found its place in your kitchen, here is something to go with it.",
    ));
    store(&mail(
        "n.tesla@customer.example",
        "nps",
        "question",
        "How likely are you to recommend us?",
        "One question, one click: on a scale from 0 to 10, how likely are you to recommend Kettle & Co to a friend?",
    ));
    store(&sms(
        "+447700900123",
        "winback",
        "sms",
        "Kettle & Co: we kept your favourites in stock. 15% off until Sunday with CODE15: https://shop.example/r/Ab3. Reply STOP to opt out",
    ));
    store(&mail(
        "anna.petrova@customer.example",
        "reengage",
        "mail",
        "Анна, мы давно вас не видели — возвращайтесь за новинками весны, пока они есть в наличии",
        "С вашего последнего заказа прошло три месяца. За это время появилось много нового.",
    ));
    store(&sms(
        "+79005550123",
        "reengage",
        "sms",
        "Чайник и Ко: скидка 15% до воскресенья по коду ВЕСНА. https://shop.example/r/Ab3 Ответьте STOP, чтобы отписаться",
    ));
    store(&mail(
        "<script>alert(1)</script>@customer.example",
        "welcome",
        "thanks",
        "Welcome, <script>alert('Bobby')</script> & \"friends\"",
        "Hello <script>document.title='owned'</script>Bobby.",
    ));
    let mut bare = mail(
        "leonardo@customer.example",
        "referral",
        "invite",
        "Know somebody who would like us?",
        "Give a friend 10 off their first order and get 10 off your next.",
    );
    bare.request.headers.truncate(1);
    store(&bare);
    let mut plain = mail(
        "ada.lovelace@customer.example",
        "welcome",
        "how-to",
        "How to get the most out of your kettle",
        "Three things that our customers wish they had known on the first day.",
    );
    plain.html = None;
    store(&plain);
}
