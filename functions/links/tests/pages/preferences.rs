//! `/p/{token}`.

use crate::shop::{now, shop};
use jiff::SignedDuration;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::facts::{Event, Fact, Suppression, SuppressionCause, Traits};
use rekindle_messaging::LinkPurpose;

#[tokio::test]
async fn preferences_store_only_changes_and_show_the_current_state() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    let shown = shop.get(&path).await;
    assert!(shown.contains("name=\"email-marketing\" checked") && shown.contains("name=\"sms-marketing\">"));
    let saved = shop
        .post(&path, "act=save&email-marketing=on&sms-survey=on&language=ru&time_zone=Europe%2FMoscow&pause=30")
        .await;
    assert!(saved.contains("lang=\"ru\"") && saved.contains("Сохранено"));
    let customer = shop.customer().await;
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await && shop.allows(Channel::Sms, Purpose::Survey).await);
    assert!(
        !shop.allows(Channel::Email, Purpose::Survey).await && !shop.allows(Channel::Sms, Purpose::Marketing).await
    );
    assert_eq!(customer.folded.profile.time_zone.map(|said| said.value).as_deref(), Some("Europe/Moscow"));
    let paused = customer.folded.permissions.paused_until(now()).expect("a pause");
    assert_eq!(paused, now() + SignedDuration::from_hours(30 * 24));
    shop.post(&path, "act=save&email-marketing=on&sms-survey=on&pause=end").await;
    assert_eq!(shop.customer().await.folded.permissions.paused_until(now()), None);
}

#[tokio::test]
async fn an_unknown_time_zone_is_explained_and_the_other_choices_are_saved() {
    let shop = shop("en").await;
    let page =
        shop.post(&shop.path(LinkPurpose::Preferences, None), "act=save&email-survey=on&time_zone=Mars%2FBase").await;
    assert!(page.contains("We don&#x27;t know that time zone") && page.contains("aria-invalid"), "{page}");
    assert!(page.contains("value=\"Mars&#x2f;Base\""), "what was typed stays, to be put right: {page}");
    assert!(!shop.allows(Channel::Email, Purpose::Marketing).await);
}

#[tokio::test]
async fn all_three_channels_are_the_customers_choice() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    let shown = shop.get(&path).await;
    assert!(shown.contains("Personal contact") && shown.contains("name=\"handoff-marketing\" checked"), "{shown}");
    shop.post(&path, "act=save&email-marketing=on").await;
    assert!(!shop.allows(Channel::Task, Purpose::Marketing).await);
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await);
    for fact in shop.facts().await {
        if let Event::Consent(consent) = fact.event {
            assert!(consent.own && consent.text_version.is_some(), "{consent:?}");
        }
    }
}

#[tokio::test]
async fn a_post_without_a_button_of_the_page_changes_nothing() {
    let shop = shop("en").await;
    let before = shop.customer().await;
    for body in ["", "List-Unsubscribe=One-Click", "act=everything", "email-marketing=on"] {
        shop.post(&shop.path(LinkPurpose::Preferences, None), body).await;
    }
    assert_eq!(shop.customer().await, before);
}

#[tokio::test]
async fn saving_unchanged_preferences_stores_nothing() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    let all = "act=save&email-marketing=on&email-survey=on&email-referral=on&handoff-marketing=on&handoff-survey=on\
               &handoff-referral=on&language=en&time_zone=";
    let before = shop.facts().await.len();
    let saved = shop.post(&path, all).await;
    assert!(saved.contains("Saved."), "{saved}");
    assert_eq!(shop.facts().await.len(), before);
}

#[tokio::test]
async fn a_channel_that_the_customer_closed_is_explained_and_opened_by_the_customer_only() {
    let shop = shop("en").await;
    let event =
        Event::Suppressed(Suppression { channel: Channel::Email, cause: SuppressionCause::Complaint, address: None });
    let fact = Fact { at: now() - SignedDuration::from_hours(1), id: "s".to_owned(), event, traits: Traits::default() };
    shop.links.store.store_and_apply(&shop.key, &[fact], now()).await.expect("applied");
    let path = shop.path(LinkPurpose::Preferences, None);
    let shown = shop.get(&path).await;
    assert!(shown.contains("called one of our messages spam"), "{shown}");
    assert!(!shown.contains("name=\"email-marketing\" checked"), "nothing is sent, so no box is ticked");
    let saved = shop.post(&path, "act=save&email-survey=on").await;
    assert!(!saved.contains("called one of our messages spam"), "{saved}");
    assert!(saved.contains("name=\"email-survey\" checked"), "{saved}");
}

#[tokio::test]
async fn a_request_for_data_or_its_deletion_reaches_the_shop_once_and_changes_nothing_by_itself() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    let before = shop.customer().await;
    for (act, told, name) in
        [("export", "send you a copy", "Export Requested"), ("erase", "will delete your data", "Erase Requested")]
    {
        for _ in 0..2 {
            let page = shop.post(&path, &format!("act={act}")).await;
            assert!(page.contains(told), "{page}");
        }
        let wish = Event::Other { name: name.to_owned() };
        assert_eq!(shop.facts().await.iter().filter(|fact| fact.event == wish).count(), 1);
    }
    let after = shop.customer().await;
    assert_eq!(after.folded, before.folded);
}
