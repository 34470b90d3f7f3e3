//! Ways back: where a yes or a lift is answered as done, the next message goes out. The provider's own list follows.

use crate::golden_events::take_in;
use crate::outcomes::about_to_thank;
use crate::stage::{EVERYBODY, Stage, instant};
use rekindle_emulators::{Matching, Outcome, SuppressedReason};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::SuppressionCause;
use rekindle_lifecycle::message::MessageState;
use serde_json::Value;

const ANNA: &str = "anna@example.com";

/// Anna's first mail had this outcome, which was reported.
async fn after(outcome: Vec<Outcome>) -> Stage {
    let mut stage = about_to_thank().await;
    let policy = format!("{EVERYBODY}[frequency_cap]\nmin_gap = \"0h\"\n");
    stage.stack.store.put_policy(&stage.stack.shop.id, &policy).await.expect("valid");
    stage.stack.cloud.faults().plan_outcomes(1, Matching::Any, outcome);
    stage.pass_to(instant("2026-03-02T11:30:00Z")).await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    stage
}

async fn closed_by(stage: &Stage) -> Option<SuppressionCause> {
    stage.customer("anna").await.folded.suppressed(Channel::Email, stage.now())
}

/// The state of the second mail, four days later.
async fn next_mail(stage: &mut Stage) -> Option<MessageState> {
    stage.pass("5d").await;
    stage.messages("anna").await.into_iter().find(|message| message.step == "guide").map(|message| message.state)
}

/// The address of the preferences page in the first mail.
pub(crate) fn preferences(stage: &Stage) -> String {
    let text = stage.text_of("anna", "welcome/thanks");
    let mut words = text.split_whitespace().map(|word| word.trim_matches(['<', '>', '(', ')', '.']));
    let found = words.find(|word| word.contains("/p/"));
    found.expect("a link to the page").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn after_a_complaint_the_customers_own_yes_on_the_page_leads_off_every_list() {
    let mut stage = after(vec![Outcome::Delivery, Outcome::Complaint]).await;
    assert_eq!(closed_by(&stage).await, Some(SuppressionCause::Complaint));
    assert_eq!(stage.stack.cloud.suppressed().reason(ANNA).expect("read"), Some(SuppressedReason::Complaint));
    let (status, page) =
        stage.browse(&preferences(&stage), Some(
            "act=save&shown-email-marketing=off&shown-email-survey=off&email-marketing=on&email-survey=on&language=en",
        )).await;
    assert!(status == 200 && page.contains("Saved."), "{status} {page}");
    assert_eq!(closed_by(&stage).await, None);
    assert_eq!(stage.stack.cloud.suppressed().reason(ANNA).expect("read"), None);
    assert_eq!(next_mail(&mut stage).await, Some(MessageState::Delivered));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_bounce_that_the_shop_lifts_is_lifted_at_the_provider_too() {
    let mut stage = after(vec![Outcome::PermanentBounce]).await;
    assert_eq!(closed_by(&stage).await, Some(SuppressionCause::PermanentBounce));
    assert_eq!(stage.stack.cloud.suppressed().reason(ANNA).expect("read"), Some(SuppressedReason::Bounce));
    stage.administer("DELETE", "/v1/suppressions/email/anna@example.com", "").await;
    stage.settle().await;
    assert_eq!((closed_by(&stage).await, stage.stack.cloud.suppressed().reason(ANNA).expect("read")), (None, None));
    assert_eq!(next_mail(&mut stage).await, Some(MessageState::Delivered));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_number_whose_owner_texted_stop_is_not_lifted_by_the_shop_even_if_the_shop_listed_it_by_hand() {
    const STOPPED: &str = "+442071838750";
    const OPEN: &str = "+442071838751";
    let stage = about_to_thank().await;
    let line = |number| format!("{{\"channel\":\"sms\",\"address\":\"{number}\",\"cause\":\"manual\"}}\n");
    stage.administer("POST", "/v1/suppressions", &[STOPPED, OPEN].map(line).concat()).await;
    stage.stack.cloud.opt_outs().opt_out(STOPPED).expect("written");
    let (status, problem) = stage.try_to_administer("DELETE", &format!("/v1/suppressions/sms/{STOPPED}"), "").await;
    assert!(status == 409 && problem.to_string().contains("Only they can take that back"), "{status} {problem}");
    assert!(stage.stack.cloud.opt_outs().is_opted_out(STOPPED).expect("read"));
    stage.administer("DELETE", &format!("/v1/suppressions/sms/{OPEN}"), "").await;
    let listed = stage.administer("GET", "/v1/suppressions", "").await;
    let still: Vec<_> =
        listed["suppressions"].as_array().expect("a list").iter().map(|entry| &entry["address"]).collect();
    assert_eq!(still, [STOPPED]);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_address_on_the_providers_own_list_is_closed_for_that_reason() {
    let stage = after(vec![Outcome::ListedBounce]).await;
    assert_eq!(closed_by(&stage).await, Some(SuppressionCause::ProviderList));
    let listed = stage.administer("GET", "/v1/suppressions", "").await;
    assert_eq!(listed["suppressions"][0]["cause"], "provider_list", "{listed}");
}

/// The foreign examples of a folder, about Anna's first mail; none where they are not at hand.
fn cases(stage_message: &str) -> Option<Vec<(String, String)>> {
    let Some(folder) = std::env::var_os("REKINDLE_CASES") else {
        eprintln!("skipped: REKINDLE_CASES names no folder of foreign events");
        return None;
    };
    let folder = std::path::Path::new(&folder).join("cases/events");
    let files = std::fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").path());
    let about = |path: std::path::PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let mut event: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a text")).expect("JSON");
        if event.get("mail").is_some() {
            event["mail"]["tags"]["message"] = serde_json::json!([stage_message]);
            event["mail"]["tags"]["customer"] = serde_json::json!(["YW5uYQ"]);
            event["mail"]["destination"] = serde_json::json!([ANNA]);
        }
        (name, event.to_string())
    };
    Some(files.map(about).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_events_are_read_as_what_they_say() {
    let stage = after(vec![Outcome::Delivery]).await;
    let id = stage.message("anna", "thanks").await.id;
    for (name, body) in cases(id.as_str()).unwrap_or_default() {
        let count = match name.as_str() {
            "bounce-on-account-suppression-list" => "bounce_on_provider_list",
            "ooto-transient-general" => "automatic_answer",
            "scanner-click-after-12s" => "click_of_no_reaction",
            "sns-topic-validated" => "control",
            "transient-but-550" => "bounce_permanent",
            _ => continue,
        };
        let mut event: Value = serde_json::from_str(&body).expect("JSON");
        if name == "scanner-click-after-12s" {
            // As long after this delivery as after its own.
            let delivered = stage.message("anna", "thanks").await.delivered_at.expect("delivered");
            event["click"]["timestamp"] = (delivered + jiff::SignedDuration::from_secs(12)).to_string().into();
        }
        let batch = take_in(&stage, &[&event.to_string()]).await;
        assert_eq!((batch.failed.len(), batch.counts.get(count)), (0, 1), "{name}: {batch:?}");
    }
}
