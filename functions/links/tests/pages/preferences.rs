//! `/p/{token}`.

use crate::filled_form::FilledForm;
use crate::shop::{now, shop};
use jiff::SignedDuration;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::facts::{Event, Fact, OtherEvent, Suppression, SuppressionCause, Traits};
use rekindle_messaging::LinkPurpose;
use rekindle_store::shop::task::{Closing, Task};
use rekindle_store::shop::tasks::TaskList;

#[tokio::test]
async fn preferences_store_only_changes_and_show_the_current_state() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    let shown = shop.get(&path).await;
    assert!(shown.contains("name=\"email-marketing\" checked") && shown.contains("name=\"sms-marketing\">"));
    let form = FilledForm::from_page(&shown);
    let form = ["email-survey", "email-referral", "handoff-marketing"].into_iter().fold(form, FilledForm::untick);
    let form = form.tick("sms-survey").set("language", "ru").set("time_zone", "Europe/Moscow").set("pause", "30");
    let saved = shop.post(&path, &form.body()).await;
    assert!(saved.contains("lang=\"ru\"") && saved.contains("Сохранено"));
    let customer = shop.customer().await;
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await && shop.allows(Channel::Sms, Purpose::Survey).await);
    assert!(
        !shop.allows(Channel::Email, Purpose::Survey).await && !shop.allows(Channel::Sms, Purpose::Marketing).await
    );
    assert_eq!(customer.folded.profile.time_zone.map(|said| said.value).as_deref(), Some("Europe/Moscow"));
    let paused = customer.folded.permissions.paused_until(now()).expect("a pause");
    assert_eq!(paused, now() + SignedDuration::from_hours(30 * 24));
    shop.post(&path, &FilledForm::from_page(&saved).set("pause", "end").body()).await;
    assert_eq!(shop.customer().await.folded.permissions.paused_until(now()), None);
}

#[tokio::test]
async fn an_unknown_time_zone_is_explained_and_the_other_choices_are_saved() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    let form = FilledForm::from_page(&shop.get(&path).await).untick("email-marketing").set("time_zone", "Mars/Base");
    let page = shop.post(&path, &form.body()).await;
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
    shop.post(&path, &FilledForm::from_page(&shown).untick("handoff-marketing").body()).await;
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
    let all = FilledForm::from_page(&shop.get(&path).await).body();
    let before = shop.facts().await.len();
    let saved = shop.post(&path, &all).await;
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
    let saved = shop.post(&path, &FilledForm::from_page(&shown).tick("email-survey").body()).await;
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
        let wish = Event::Other(OtherEvent::named(name));
        assert_eq!(shop.facts().await.iter().filter(|fact| fact.event == wish).count(), 1);
    }
    let after = shop.customer().await;
    assert_eq!(after.folded, before.folded);
}

#[tokio::test]
async fn a_page_that_was_opened_before_a_refusal_and_is_saved_after_it_changes_what_the_reader_changed() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    let stale = FilledForm::from_page(&shop.get(&path).await);
    shop.post(&shop.path(LinkPurpose::Unsubscribe, None), "List-Unsubscribe=One-Click").await;
    let before = shop.facts().await.len();
    for _ in 0..2 {
        shop.post(&path, &stale.clone().set("time_zone", "Europe/Berlin").body()).await;
        assert_eq!(shop.facts().await.len(), before + 1, "the time zone, once");
    }
    let profile = shop.customer().await.folded.profile;
    assert_eq!(profile.time_zone.map(|said| said.value).as_deref(), Some("Europe/Berlin"));
    for purpose in Purpose::KNOWN {
        assert!(!shop.allows(Channel::Email, purpose).await);
    }
    // And the other way round: what was allowed meanwhile is not refused.
    let stale = FilledForm::from_page(&shop.get(&path).await);
    shop.post(&path, &stale.clone().tick("email-survey").body()).await;
    shop.post(&path, &stale.clone().set("language", "ru").body()).await;
    assert!(shop.allows(Channel::Email, Purpose::Survey).await);
}

#[tokio::test]
async fn a_form_that_does_not_say_what_was_shown_refuses_and_allows_nothing() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    shop.post(&path, "act=save&email-marketing=on&sms-marketing=on").await;
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await);
    assert!(!shop.allows(Channel::Email, Purpose::Survey).await, "an empty box is a no");
    assert!(!shop.allows(Channel::Sms, Purpose::Marketing).await);
}

#[tokio::test]
async fn the_same_pause_asked_for_twice_is_one() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    let form = FilledForm::from_page(&shop.get(&path).await).set("pause", "30");
    shop.post(&path, &form.body()).await;
    let before = shop.facts().await.len();
    let later = shop.at("1h");
    later.post(&path, &form.body()).await;
    later.post(&shop.path(LinkPurpose::Unsubscribe, None), "act=pause").await;
    assert_eq!(shop.facts().await.len(), before);
    later.post(&path, &form.set("pause", "90").body()).await;
    assert_eq!(shop.facts().await.len(), before + 1, "a longer one is another");
}

#[tokio::test]
async fn a_request_that_is_repeated_until_it_is_answered_is_one_task_whichever_link_it_comes_by() {
    let shop = shop("en").await;
    let other = |message: &str| shop.with_message(message);
    for (minute, shop) in [(0, other("1")), (1, other("1")), (40, other("1")), (41, other("2")), (60 * 24, other("1"))]
    {
        let later = shop.at(&format!("{minute}m"));
        for act in ["act=export", "act=erase"] {
            let page = later.post(&later.path(LinkPurpose::Preferences, None), act).await;
            assert!(page.contains("Passed on."), "{page}");
        }
    }
    let tasks = async || {
        let page = shop.links.store.tasks(&shop.key.shop, TaskList::Open, None, 50).await.expect("read");
        page.tasks
    };
    let open = tasks().await;
    let mut steps: Vec<_> = open.iter().map(|task| task.step.as_str()).collect();
    steps.sort_unstable();
    assert_eq!(steps, ["erase-requested", "export-requested"]);
    // Once it is answered, the customer may ask again.
    let answered = open.iter().find(|task| task.step == "export-requested").expect("a task");
    let closing = Closing { at: now(), by: "Mia".to_owned(), outcome: None };
    let noted = |task: &Task| Fact {
        at: now(),
        id: task.id.to_string(),
        event: Event::Other(OtherEvent::named("Task Closed")),
        traits: Traits::default(),
    };
    shop.links.store.close_task(&shop.key.shop, &answered.id, &closing, noted).await.expect("closed");
    let later = shop.at("48h");
    later.post(&later.path(LinkPurpose::Preferences, None), "act=export").await;
    assert_eq!(tasks().await.len(), 2);
}
