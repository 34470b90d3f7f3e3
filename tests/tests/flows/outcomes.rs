//! The outcomes of an attempt with a known result: accepted, refused for now, refused for good.

use crate::stage::{Stage, span};
use rekindle_emulators::{Fault, Matching, Outcome, Service};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::SuppressionCause;
use rekindle_lifecycle::message::MessageState;
use rekindle_lifecycle::reason::Reason;
use rekindle_local_stack::SEND_QUEUE;
use send::Progress;
use serde_json::json;

/// A stage at the moment at which a welcome mail is about to go out.
pub(crate) async fn about_to_thank() -> Stage {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.settle().await;
    stage
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_throttled_mail_goes_back_to_the_queue_and_out_a_little_later() {
    let mut stage = about_to_thank().await;
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Throttle);
    stage.pass("1h").await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts, message.lease_until), (MessageState::Queued, 1, None));
    assert!(message.note.as_deref().unwrap_or_default().contains("TooManyRequests"), "{:?}", message.note);
    assert!(stage.mailbox().is_empty());
    stage.pass("5m").await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts, message.note), (MessageState::Delivered, 2, None));
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_fails_until_the_queue_gives_it_up_is_found_by_the_customers_check() {
    let mut stage = about_to_thank().await;
    let refused = Fault::Refuse(400, "SendingPausedException");
    stage.stack.cloud.faults().plan(Service::Ses, 6, Matching::Any, refused);
    stage.pass("2h").await;
    let queues = stage.stack.cloud.queues();
    assert_eq!(queues.depth(&format!("{SEND_QUEUE}-dead")).expect("a queue").visible, 1, "five receives are enough");
    stage.pass("90m").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    assert_eq!(stage.message("anna", "thanks").await.attempts, 7);
    assert_eq!(stage.stack.cloud.faults().remaining(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_throttled_again_and_again_is_tried_less_and_less_often_and_is_no_dead_letter() {
    let mut stage = about_to_thank().await;
    stage.stack.cloud.faults().plan(Service::Ses, 9, Matching::Any, Fault::Throttle);
    stage.pass("61m").await;
    // After 5, 10, 20, 40 seconds at most.
    assert!((4..=7).contains(&stage.message("anna", "thanks").await.attempts));
    stage.pass("1h").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    assert_eq!((stage.message("anna", "thanks").await.attempts, stage.stack.cloud.faults().remaining()), (10, 0));
    let dead = stage.stack.cloud.queues().depth(&format!("{SEND_QUEUE}-dead")).expect("a queue");
    assert_eq!(dead.visible + dead.in_flight, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_up_quota_of_the_day_holds_every_mail_back_and_loses_none() {
    let mut stage = Stage::new().await;
    for name in ["anna", "bela", "cleo"] {
        stage.order(name, name).await;
    }
    stage.settle().await;
    // The first one is refused; the others do not even try.
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Refuse(400, "LimitExceededException"));
    stage.skip("1h");
    for name in ["anna", "bela", "cleo"] {
        stage.advance(name).await;
        let id = stage.message(name, "thanks").await.id;
        let settled = stage.send(name, &id).await.expect("held");
        assert!(
            matches!(settled, Progress::HeldByProvider(until) if until > stage.now() + span("14m")),
            "{name}: {settled:?}"
        );
    }
    let attempts: Vec<u32> =
        futures::future::join_all(["anna", "bela", "cleo"].map(|name| stage.message(name, "thanks")))
            .await
            .iter()
            .map(|message| message.attempts)
            .collect();
    assert_eq!(attempts, [1, 0, 0]);
    stage.pass("31m").await;
    assert_eq!(stage.mailbox().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_account_and_wrong_credentials_lose_nothing() {
    for (status, code) in [(400, "SendingPausedException"), (403, "ExpiredTokenException")] {
        let mut stage = about_to_thank().await;
        stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Refuse(status, code));
        stage.pass("1h").await;
        assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Queued, "{code}");
        stage.pass("10m").await;
        assert_eq!(stage.sent("anna"), ["welcome/thanks"], "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_mail_refused_for_good_fails_gives_its_place_back_and_is_never_tried_again() {
    let mut stage = about_to_thank().await;
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Refuse(400, "MessageRejected"));
    stage.pass("1h").await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.withdrawn), (MessageState::Failed, Some(Reason::Rejected)));
    assert!(stage.customer("anna").await.decided.contacts.is_empty(), "no place under the cap is held");
    stage.pass("2d").await;
    assert_eq!(stage.sent("anna"), Vec::<String>::new());
    assert_eq!(stage.message("anna", "thanks").await.attempts, 1);
    // The journey continues.
    stage.pass("1d").await;
    assert_eq!(stage.sent("anna"), ["welcome/guide"]);
    assert_eq!(stage.overview().await.suppressed["rejected"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_with_an_unusable_brand_keeps_its_messages_until_it_is_fixed() {
    let mut stage = about_to_thank().await;
    let brand = stage.stack.store.get_setting(&stage.stack.shop.id, "brand").await.expect("read").expect("a brand");
    stage.stack.store.put_setting(&stage.stack.shop.id, "brand", &json!({ "name": "" })).await.expect("stored");
    stage.pass("1h").await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts), (MessageState::Queued, 0));
    stage.stack.store.put_setting(&stage.stack.shop.id, "brand", &brand).await.expect("stored");
    stage.pass("10m").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_hard_bounce_closes_the_address_and_a_full_mailbox_does_not() {
    for (outcome, state, guide) in [
        (Outcome::PermanentBounce, MessageState::Bounced, Some(Reason::Suppressed)),
        (Outcome::TransientBounce, MessageState::Bounced, None),
        (Outcome::Complaint, MessageState::Complained, Some(Reason::Suppressed)),
        (Outcome::Reject, MessageState::Failed, None),
        (Outcome::DeliveryDelay, MessageState::Accepted, None),
    ] {
        let mut stage = about_to_thank().await;
        stage.stack.cloud.faults().plan_outcomes(1, Matching::Any, vec![outcome]);
        stage.pass("1h").await;
        assert_eq!(stage.message("anna", "thanks").await.state, state, "{outcome:?}");
        stage.pass("4d").await;
        assert_eq!(stage.not_sent("anna", "guide").await, guide, "{outcome:?}");
        let closed = stage.customer("anna").await.folded.suppressed(Channel::Email, stage.now());
        let cause = match outcome {
            Outcome::PermanentBounce => Some(SuppressionCause::PermanentBounce),
            Outcome::Complaint => Some(SuppressionCause::Complaint),
            _ => None,
        };
        assert_eq!(closed, cause, "{outcome:?}");
    }
}
