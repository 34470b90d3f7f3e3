//! How much a customer gets: nothing while they pause, no more than the shop's cap otherwise.

use crate::loops::link;
use crate::stage::{EVERYBODY, Stage, instant};
use jiff::SignedDuration;
use rekindle_lifecycle::reason::Reason;

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_pause_on_the_page_holds_every_mail_until_it_ends() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.pass("2h").await;
    let page = link(&stage.text_of("anna", "welcome/thanks"), "u");
    assert_eq!(stage.browse(&page, Some("act=pause")).await.0, 200);
    stage.pass("29d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    assert_eq!(stage.not_sent("anna", "guide").await, Some(Reason::Paused));
    stage.pass("62d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks", "reengage/reminder"]);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_full_fortnight_holds_the_third_mail_back() {
    let mut stage = Stage::new().await;
    let policy = format!("{EVERYBODY}[frequency_cap]\nwindow = \"14d\"\ntotal = 2\n");
    stage.stack.store.put_policy(&stage.stack.shop.id, &policy).await.expect("valid");
    stage.order("anna", "a1").await;
    stage.pass_to(instant("2026-03-16T10:00:00Z")).await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks", "welcome/guide"]);
    stage.pass("16d").await;
    let mails = stage.mailbox();
    assert!(mails.len() > 2, "{} mails", mails.len());
    for three in mails.windows(3) {
        let distance = three[2].sent_at.duration_since(three[0].sent_at);
        assert!(distance >= SignedDuration::from_hours(14 * 24), "three mails within {distance:#}");
    }
}
