//! `/u/{token}`.

use crate::shop::{html, now, shop};
use http::Method;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::facts::Event;
use rekindle_messaging::LinkPurpose;
use rekindle_store::Guarded;

#[tokio::test]
async fn one_click_unsubscribes_in_either_encoding_before_the_answer_is_given() {
    let bodies = [
        "List-Unsubscribe=One-Click",
        "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n",
        "",
    ];
    for body in bodies {
        let shop = shop("en").await;
        let page = shop.post(&shop.path(LinkPurpose::Unsubscribe, None), body).await;
        assert!(page.contains("You are unsubscribed"));
        for purpose in Purpose::KNOWN {
            assert!(!shop.allows(Channel::Email, purpose).await);
        }
    }
}

#[tokio::test]
async fn a_sender_that_read_the_customer_before_they_unsubscribed_cannot_claim_a_message() {
    let shop = shop("en").await;
    let read_before = shop.customer().await;
    shop.post(&shop.path(LinkPurpose::Unsubscribe, None), "").await;
    let committed = shop.links.store.commit(&read_before, &[], &[], now()).await.expect("an answer");
    assert_eq!(committed, Guarded::CustomerChanged);
    assert_eq!(shop.customer().await.due_at, Some(now()), "the customer is due at once");
}

#[tokio::test]
async fn undo_restores_what_was_allowed_before_and_no_more() {
    let shop = shop("en").await;
    shop.say(Channel::Email, Some(Purpose::Survey), false, true).await;
    let path = shop.path(LinkPurpose::Unsubscribe, None);
    let done = shop.post(&path, "").await;
    assert!(done.contains("value=\"marketing referral\""), "{done}");
    let undone = shop.post(&path, "act=undo&again=marketing+referral").await;
    assert!(undone.contains("You are back"));
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await);
    assert!(shop.allows(Channel::Email, Purpose::Referral).await);
    assert!(!shop.allows(Channel::Email, Purpose::Survey).await);
}

#[tokio::test]
async fn a_customer_who_clicks_twice_on_unsubscribe_can_still_undo_it() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Unsubscribe, None);
    let asked = shop.get(&path).await;
    assert!(asked.contains("name=\"again\" value=\"marketing survey referral\""), "{asked}");
    let mut done = String::new();
    for _ in 0..2 {
        done = shop.post(&path, "again=marketing+survey+referral").await;
    }
    assert!(done.contains("value=\"marketing survey referral\""), "{done}");
    shop.post(&path, "act=undo&again=marketing+survey+referral").await;
    for purpose in Purpose::KNOWN {
        assert!(shop.allows(Channel::Email, purpose).await);
    }
}

#[tokio::test]
async fn an_undo_gives_back_what_was_taken_whatever_its_form_asks_for() {
    let everything = "act=undo&again=marketing+survey+referral";
    for body in [everything, "act=undo"] {
        let shop = shop("en").await;
        let path = shop.path(LinkPurpose::Unsubscribe, None);
        // The page was opened before the customer refused surveys on another one.
        shop.get(&path).await;
        shop.say(Channel::Email, Some(Purpose::Survey), false, true).await;
        shop.post(&path, "again=marketing+survey+referral").await;
        let refused = shop.facts().await.len();
        shop.post(&path, "again=marketing+survey+referral").await;
        assert_eq!(shop.facts().await.len(), refused, "a second click stores nothing");
        for _ in 0..2 {
            let undone = shop.post(&path, body).await;
            assert!(undone.contains("You are back"), "{undone}");
            assert_eq!(shop.facts().await.len(), refused + 2);
        }
        assert!(shop.allows(Channel::Email, Purpose::Marketing).await);
        assert!(!shop.allows(Channel::Email, Purpose::Survey).await);
    }
    // Without an unsubscription nothing was taken.
    let shop = shop("en").await;
    shop.say(Channel::Email, None, false, true).await;
    let page = shop.post(&shop.path(LinkPurpose::Unsubscribe, None), everything).await;
    assert!(page.contains("There is nothing more to do"), "{page}");
    assert!(!shop.allows(Channel::Email, Purpose::Marketing).await);
}

#[tokio::test]
async fn what_another_id_with_the_address_refused_before_is_kept_under_this_id_too_and_an_undo_opens_nothing() {
    let stale_form = "act=save&shown-email-marketing=on&shown-email-survey=on&shown-email-referral=on&language=en";
    for (purpose, body) in [(LinkPurpose::Unsubscribe, ""), (LinkPurpose::Preferences, stale_form)] {
        let shop = shop("en").await;
        shop.refuse_under_another_id(Channel::Email).await;
        assert!(shop.allows(Channel::Email, Purpose::Marketing).await, "under this id nothing was said");
        shop.post(&shop.path(purpose, None), body).await;
        // It has to hold for another address that this customer may get.
        assert!(!shop.allows(Channel::Email, Purpose::Marketing).await);
        let said = shop.facts().await.len();
        shop.post(&shop.path(purpose, None), body).await;
        let undone = shop.post(&shop.path(LinkPurpose::Unsubscribe, None), "act=undo").await;
        assert!(undone.contains("There is nothing more to do"), "{undone}");
        assert_eq!(shop.facts().await.len(), said, "a repetition and the undo of what was not taken store nothing");
    }
}

#[tokio::test]
async fn a_refusal_is_stored_with_its_page_its_text_version_and_its_author() {
    let shop = shop("ru").await;
    shop.post(&shop.path(LinkPurpose::Unsubscribe, None), "").await;
    let facts = shop.facts().await;
    let consents = facts.iter().filter_map(|fact| match &fact.event {
        Event::Consent(consent) => Some(consent),
        _ => None,
    });
    let [refusal] = consents.collect::<Vec<_>>()[..] else { panic!("{facts:?}") };
    assert!(!refusal.granted && refusal.own && refusal.purpose.is_none());
    assert_eq!(refusal.source, "unsubscribe page");
    assert!(refusal.text_version.as_deref().is_some_and(|version| version.ends_with(".ru")), "{refusal:?}");
    // An old consent that the shop repeats does not undo the refusal.
    shop.say(Channel::Email, None, true, false).await;
    assert!(!shop.allows(Channel::Email, Purpose::Marketing).await);
}

#[tokio::test]
async fn a_pause_is_offered_and_refuses_nothing() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Unsubscribe, None);
    let paused = shop.post(&path, "act=pause").await;
    assert!(paused.contains("We are silent until 1\u{a0}April"), "{paused}");
    assert!(paused.contains(">Unsubscribe</button>"), "unsubscribing stays possible");
    let customer = shop.customer().await;
    assert!(customer.folded.permissions.paused_until(now()).is_some());
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await);
}

#[tokio::test]
async fn the_link_of_a_text_message_stops_text_messages_and_no_mail() {
    let shop = shop("en").await;
    shop.sent_by(Channel::Sms).await;
    shop.say(Channel::Sms, None, true, true).await;
    let done = shop.post(&shop.path(LinkPurpose::Unsubscribe, None), "").await;
    assert!(done.contains("text you again"), "{done}");
    assert!(!shop.allows(Channel::Sms, Purpose::Marketing).await);
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await);
    let again = shop.get(&shop.path(LinkPurpose::Unsubscribe, None)).await;
    assert!(again.contains("text you. There is nothing more to do"), "{again}");
}

#[tokio::test]
async fn an_erased_customer_looks_like_one_who_never_existed_and_has_left() {
    let shop = shop("en").await;
    let mut stranger = shop.key.clone();
    stranger.customer = rekindle_lifecycle::id::CustomerId::parse("erased").expect("an id");
    let erased = crate::shop::Shop { key: stranger, links: shop.links.clone(), run: "1".to_owned() };
    let purposes = [LinkPurpose::Unsubscribe, LinkPurpose::Preferences, LinkPurpose::Nps, LinkPurpose::Confirm];
    for purpose in purposes {
        for method in [Method::GET, Method::POST] {
            let (status, told) = match purpose {
                LinkPurpose::Unsubscribe => (200, "You get nothing from us"),
                _ => (404, "This link does not work"),
            };
            let page = html(erased.call(method, &erased.path(purpose, Some(3)), "act=save").await, status);
            assert!(page.contains(told), "{page}");
        }
    }
    assert!(erased.facts().await.is_empty(), "and nothing is stored of them");
    assert_eq!(erased.customer().await.version, 0);
}
