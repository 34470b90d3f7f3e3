//! `/c/{token}`.

use crate::shop::{html, now, shop};
use http::Method;
use jiff::SignedDuration;
use links::Links;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::facts::Event;
use rekindle_messaging::LinkPurpose;
use rekindle_platform::Clock;

#[tokio::test]
async fn a_yes_to_text_messages_counts_once_the_customer_has_given_it() {
    let shop = shop("en").await;
    shop.sent_by(Channel::Sms).await;
    shop.say(Channel::Sms, None, true, false).await;
    assert!(!shop.allows(Channel::Sms, Purpose::Marketing).await, "the shop says so, the customer has not");
    let path = shop.path(LinkPurpose::Confirm, None);
    let before = shop.customer().await;
    let asked = shop.get(&path).await;
    for told in ["Shall we text you?", "Offers and tips", "At most 1\u{a0}message in 7\u{a0}days", "reply STOP"] {
        assert!(asked.contains(told), "{told} is missing in {asked}");
    }
    html(shop.call(Method::HEAD, &path, "").await, 200);
    assert_eq!(shop.customer().await, before, "a GET is no consent");
    for _ in 0..2 {
        let done = shop.post(&path, "").await;
        assert!(done.contains("From now on we text you") && done.contains("Change what you receive"), "{done}");
    }
    for purpose in Purpose::KNOWN {
        assert!(shop.allows(Channel::Sms, purpose).await);
    }
    let own = shop.facts().await.into_iter().filter_map(|fact| match fact.event {
        Event::Consent(consent) if consent.own => Some(consent),
        _ => None,
    });
    for consent in own {
        assert_eq!((consent.granted, consent.source.as_str()), (true, "confirmation page"));
        assert_eq!(consent.text_version.as_deref(), Some("2026-11.en"));
    }
}

#[tokio::test]
async fn a_consent_covers_what_was_asked_and_no_more() {
    let shop = shop("ru").await;
    shop.sent_by(Channel::Sms).await;
    shop.say(Channel::Sms, Some(Purpose::Survey), true, false).await;
    shop.say(Channel::Sms, Some(Purpose::Marketing), false, true).await;
    let path = shop.path(LinkPurpose::Confirm, None);
    let asked = shop.get(&path).await;
    assert!(asked.contains("Изредка вопрос") && !asked.contains("Предложения и советы"), "{asked}");
    shop.post(&path, "").await;
    assert!(shop.allows(Channel::Sms, Purpose::Survey).await);
    assert!(!shop.allows(Channel::Sms, Purpose::Marketing).await);
    assert!(!shop.allows(Channel::Sms, Purpose::Referral).await);
}

#[tokio::test]
async fn the_question_expires_after_thirty_days() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Confirm, None);
    let later = crate::shop::Shop {
        links: Links { clock: Clock::from_fn(|| now() + SignedDuration::from_hours(30 * 24)), ..shop.links.clone() },
        key: shop.key.clone(),
        run: "1".to_owned(),
    };
    html(later.call(Method::GET, &path, "").await, 404);
    html(later.call(Method::POST, &path, "").await, 404);
    assert!(shop.facts().await.iter().all(|fact| fact.kind() != "consent"));
}
