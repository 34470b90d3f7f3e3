//! The permissions and variables that each function needs: no more and no less than it calls and reads in flows that
//! cover everything, of tables with no more families of keys than these flows touch. They are listed in `infra/functions.json`,
//! and the roles of the template allow just that.

use crate::leading_keys::Part;
use crate::observer::Observer;
use crate::roles::{Role, policies_size};
use crate::stage::{Stage, key};
use crate::{
    bad_input, console, erasure, feeds, future_kinds, golden_events, identity, inbound_texts, late, learning, loops,
    mailboxes, opt_outs, outcomes, poison, policy, products, recheck, refused, sending_health, stock, unknown,
    ways_back, webhook_bodies, webhooks,
};
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::message::MessageState;
use rekindle_local_stack::{FUNCTIONS, SHOP};
use rekindle_store::shop::task::Task;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Maximum length of all inline policies of a role together, in characters without whitespace, as IAM counts.
const MAX_POLICIES_SIZE: usize = 10_240;

/// Flows that together take every function to every table, queue and service that it ever uses.
const EVERYWHERE: [fn(); 57] = [
    bad_input::in_a_batch_each_bad_element_is_named_and_its_neighbours_become_customers,
    console::the_pages_show_whom_the_engine_knows_what_they_got_and_what_comes_next,
    console::a_delay_is_changed_seen_first_taken_back_and_two_editors_do_not_overwrite_each_other,
    console::a_task_is_closed_sending_is_stopped_and_what_was_refused_is_taken_in_again,
    console::people_of_one_shop_see_and_change_nothing_of_another_and_a_lesser_key_does_less,
    erasure::an_old_event_that_is_posted_again_leaves_nothing_however_late_it_comes,
    erasure::refused_events_that_name_the_customer_are_exported_and_erased_with_them,
    feeds::a_feed_that_a_shop_named_is_fetched_by_the_schedule_until_it_is_removed,
    future_kinds::a_text_is_counted_together_with_what_an_earlier_version_could_not_count,
    golden_events::every_report_of_ses_is_processed_correctly_and_changes_nothing_the_second_time,
    identity::a_guest_who_orders_twice_is_one_customer_with_one_welcome_and_an_id_that_shows_no_address,
    identity::one_person_who_changes_their_address_stays_one,
    identity::strangers_behind_one_id_become_guests_and_what_was_counted_before_is_taken_apart,
    inbound_texts::a_lone_number_answers_the_survey_for_seven_days_and_the_last_one_holds,
    inbound_texts::a_start_does_not_lift_another_customers_refusal_on_the_page,
    inbound_texts::a_stop_closes_the_number_for_all_its_customers_before_it_is_acknowledged,
    inbound_texts::every_example_of_a_text_is_processed_correctly_and_once,
    inbound_texts::help_is_answered_once_a_day_by_the_shop_that_wrote_last,
    opt_outs::the_opt_outs_of_sns_are_mirrored_page_by_page_and_a_second_pass_changes_nothing,
    inbound_texts::what_a_customer_writes_is_kept_as_they_wrote_it_and_shown_as_text,
    late::a_refund_of_an_order_that_was_rolled_up_is_counted_from_the_whole_history,
    learning::a_proposal_that_people_accept_is_in_the_policy_and_one_that_they_reject_is_not,
    learning::who_should_have_been_looked_at_is_and_who_an_earlier_version_counted_is_counted_again,
    loops::a_friend_earns_the_referrer_a_coupon_once_the_order_is_final,
    loops::an_empty_pool_leaves_a_mail_without_its_coupon_but_no_customer_without_the_mail,
    loops::a_stopped_shop_sends_nothing_and_later_continues_where_it_stopped,
    loops::consent_to_text_messages_is_requested_before_any_is_sent,
    loops::a_request_for_erasure_is_one_task_and_is_erased_with_the_customer,
    loops::an_address_on_the_shops_list_gets_nothing_whichever_customer_has_it,
    loops::an_unhappy_answer_leads_to_a_call_and_only_then_to_an_apology,
    loops::an_erased_customer_stays_erased_whatever_arrives_later,
    mailboxes::a_refusal_under_one_id_holds_for_the_other_and_so_does_the_way_back,
    mailboxes::a_yes_whose_page_stopped_on_the_way_is_noted_by_the_stream,
    mailboxes::after_a_complaint_the_customers_own_yes_on_the_page_works,
    outcomes::a_throttled_mail_goes_back_to_the_queue_and_out_a_little_later,
    policy::a_broken_policy_is_refused_with_the_place_and_the_old_one_stays,
    policy::a_broken_template_is_refused_and_a_good_one_is_what_customers_get,
    products::products_are_learned_from_visits_and_orders,
    products::the_shops_own_word_holds_over_what_events_show,
    refused::an_order_that_was_refused_counts_once_after_the_setting_that_it_lacked,
    recheck::consent_that_is_withdrawn_after_the_message_was_created_holds,
    sending_health::the_fifth_bounce_of_few_mails_stops_the_shop_and_announces_it_once,
    ways_back::after_a_complaint_the_customers_own_yes_on_the_page_leads_off_every_list,
    ways_back::a_bounce_that_the_shop_lifts_is_lifted_at_the_provider_too,
    ways_back::a_number_whose_owner_texted_stop_is_not_lifted_by_the_shop_even_if_the_shop_listed_it_by_hand,
    inbound_texts::a_yes_on_the_page_after_a_stop_opens_the_number_and_says_so_where_the_provider_does_not_allow_it_yet,
    inbound_texts::a_start_that_the_provider_does_not_allow_yet_opens_nothing_and_a_task,
    stock::a_level_finds_its_variant_and_one_that_comes_before_its_product_waits_for_it,
    unknown::a_mail_that_a_later_one_proves_lost_is_sent_again_once_and_not_a_second_time,
    webhooks::a_product_of_shopify_is_kept_with_its_variants_and_what_it_has_no_more_is_discontinued,
    webhooks::a_delivery_whose_message_is_lost_or_was_never_put_on_the_queue_is_found_again,
    webhooks::a_guest_of_woocommerce_is_known_by_their_address_and_its_ping_and_its_errors_are_no_orders,
    webhook_bodies::a_large_body_is_kept_in_parts_a_shop_may_keep_none_and_a_person_s_request_opens_a_task,
    webhook_bodies::an_erasure_takes_the_bodies_that_mention_the_customer_and_an_export_shows_them,
    webhook_bodies::a_request_to_erase_a_shop_opens_one_task_removes_the_bodies_and_erases_nobody_by_itself,
    webhooks::a_refund_that_names_only_its_order_waits_for_it_and_is_its_customers,
    webhooks::what_a_wrong_mapping_refused_counts_once_when_the_mapping_is_mended,
];

/// The calls that only `admin` and `settings` answer, and the schedule of the canary.
#[tokio::main(flavor = "current_thread")]
async fn call_routes_that_no_flow_covers() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    // A number that can be read in the shop's country only.
    stage.tell("anna", json!({ "phone": "030 1234567" })).await;
    stage.pass("2h").await;
    let policy = "[experiment]\nholdout = 0.0\n";
    stage.administer("PUT", "/v1/policy", policy).await;
    stage.administer("POST", "/v1/policy/dry-run", policy).await;
    stage.administer("POST", "/v1/policy/versions/1/restore", "").await;
    let brand = stage.administer("GET", "/v1/brand", "").await;
    stage.administer("PUT", "/v1/brand", &brand.to_string()).await;
    stage.administer("PUT", "/v1/connectors/stripe", r#"{"secrets":["whsec_0123456789"]}"#).await;
    stage.administer("DELETE", "/v1/connectors/stripe", "").await;
    stage.administer("POST", "/v1/suppressions", "channel,address\nemail,bo@example.com\n").await;
    stage.administer("DELETE", "/v1/suppressions/email/bo@example.com", "").await;
    for path in [
        "/v1/policy",
        "/v1/policy/versions",
        "/v1/policy/versions/1",
        "/v1/sending",
        "/v1/templates",
        "/v1/connectors",
        "/v1/suppressions",
        "/v1/tasks",
        "/v1/coupons/pools/spring",
        "/v1/reports",
        "/v1/reports/nps",
        "/v1/proposals",
        "/v1/customers/anna",
        "/v1/customers/anna/timeline",
        "/v1/customers/anna/export",
    ] {
        stage.administer("GET", path, "").await;
    }
    // By this time she has a coupon of her own.
    stage.pass("40d").await;
    stage.administer("DELETE", "/v1/customers/anna", "").await;
    let schedule = json!({ "source": "aws.scheduler" });
    send::handle_any(&stage.stack.handlers.send, schedule).await.expect("a canary left");
}

/// A customer of whom there is something of every kind, exported and erased.
#[tokio::main(flavor = "current_thread")]
async fn export_and_erase_a_customer_with_everything() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.tell("anna", json!({ "phone": "+12025550143" })).await;
    stage.pass("15d").await;
    let url = loops::score_link(&stage.text_of("anna", "nps/question"), 10);
    // The page shows her own referral code.
    assert_eq!(stage.browse(&url, Some("score=10")).await.0, 200);
    stage.pass("2d").await;
    let shown = stage.administer("GET", "/v1/customers/anna", "").await;
    assert!(shown.to_string().contains("\"visits\""), "{shown}");
    stage.administer("DELETE", "/v1/customers/anna", "").await;
}

/// A task that an earlier attempt opened, whose message was not settled.
#[tokio::main(flavor = "current_thread")]
async fn hand_over_a_task_that_is_open_already() {
    let mut stage = Stage::new().await;
    stage.stack.store.put_policy(&stage.stack.shop.id, loops::CALL).await.expect("valid");
    stage.order("anna", "a1").await;
    stage.settle().await;
    stage.skip("1h");
    stage.advance("anna").await;
    let message = stage.message("anna", "call").await;
    let task = Task {
        id: message.id,
        shop: key("anna").shop,
        customer: key("anna").customer,
        journey: message.journey,
        step: message.step,
        title: "welcome call".to_owned(),
        created_at: message.created_at,
        because: message.because,
        nps: None,
        history: Vec::new(),
        notes: Vec::new(),
        closed: None,
    };
    assert!(stage.stack.store.open_task(&task).await.expect("opened"));
    stage.pass("1h").await;
    assert_eq!(stage.message("anna", "call").await.state, MessageState::Accepted);
}

/// Calls that are made only after a failure.
#[tokio::main(flavor = "current_thread")]
async fn cause_calls_made_only_after_failures() {
    let observer = Observer::present().expect("an observer is present");
    let mut stage = Stage::new().await;
    observer.refuse_once("advance");
    stage.order("anna", "a1").await;
    stage.pass("2h").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"], "the queue delivered what the stream could not");
    // A customer whose record is lost gets a new one; the messages exist already.
    let (tables, anna) = (stage.stack.store.tables(), key("anna").pk());
    let delete = stage.stack.dynamodb().delete_item().table_name(&tables.customers);
    delete.key("pk", AttributeValue::S(anna)).send().await.expect("deleted");
    stage.stack.handlers.advance.advance_customer(&key("anna"), &[], true).await.expect("advanced");
    stage.pass("1d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    poison::work_on_suspects(&mut stage).await;
}

/// What was observed in all of these flows, which run once.
fn observed() -> &'static Observer {
    static OBSERVED: OnceLock<Observer> = OnceLock::new();
    OBSERVED.get_or_init(|| {
        let observer = Observer::default();
        for flow in EVERYWHERE {
            observer.watch(flow);
        }
        observer.watch(call_routes_that_no_flow_covers);
        observer.watch(export_and_erase_a_customer_with_everything);
        observer.watch(hand_over_a_task_that_is_open_already);
        observer.watch(cause_calls_made_only_after_failures);
        observer
    })
}

#[test]
fn every_function_makes_the_listed_calls_and_reads_the_listed_variables_and_no_others() {
    let seen = format!("{:#}\n", observed().to_json());
    let written = std::fs::read_to_string(listed()).unwrap_or_default();
    if seen != written && std::env::var_os("WRITE_FUNCTIONS").is_some() {
        std::fs::write(listed(), &seen).expect("written");
        return;
    }
    let (seen, written): (Value, Value) = (json_of(&seen), json_of(&written));
    for (function, of_function) in seen.as_object().expect("functions") {
        assert_eq!(
            of_function, &written[function],
            "{function}: left is what it does, right what infra/functions.json says; if that is meant, run the test with \
             WRITE_FUNCTIONS=1 and change the template"
        );
    }
}

#[test]
fn every_call_to_a_table_is_one_that_iam_would_allow() {
    let calls = observed().table_calls();
    assert!(calls.len() > 1000, "only {} calls were seen", calls.len());
    for (function, call) in calls {
        assert!(Role::of(&function).allows(&call), "{function} is not allowed {call:?}");
    }
}

#[test]
fn every_message_on_a_queue_has_its_shop_as_its_group() {
    let queued = observed().queued();
    assert!(queued.len() > 20, "only {} messages were seen", queued.len());
    for (body, group) in queued {
        assert_eq!(group.as_deref(), Some(SHOP), "{body}");
    }
}

/// `infra/functions.json`.
fn listed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/functions.json")
}

#[test]
fn the_roles_of_the_template_allow_the_listed_calls_and_no_others() {
    let written = json_of(&std::fs::read_to_string(listed()).expect("infra/functions.json"));
    for function in FUNCTIONS {
        let allowed = Role::of(function).to_json();
        assert_eq!(allowed, written[function]["calls"], "{function}: left is the template, right infra/functions.json");
    }
}

#[test]
fn no_function_can_make_a_key_or_touch_what_is_not_its_own() {
    for function in FUNCTIONS {
        let role = Role::of(function);
        let may = |action: &str, resource: &str, keys: &[&str]| role.allows(&Part::new(action, resource, keys));
        for action in ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"] {
            assert!(!may(action, "ShopsTable", &["key#0123"]), "{function} makes a key by {action}");
            assert!(
                !may(action, "ShopsTable", &["shop#vinyl", "tasks#vinyl", "key#0123"]),
                "{function} hides a key among others"
            );
            assert!(!may(action, "ShopsTable", &["shops"]), "{function} makes a shop by {action}");
            let erases = may(action, "ShopsTable", &["erased#0123"]) || may(action, "ErasuresTable", &["0123"]);
            assert!(!erases || function == "admin", "{function} marks a customer as erased by {action}");
            let settings = may(action, "ShopsTable", &["shop#vinyl"]);
            let owners = ["feedback", "settings"];
            assert!(!settings || owners.contains(&function), "{function} writes a shop's own records by {action}");
        }
        assert!(!may("Query", "ShopsTable", &["key#0123"]) && !may("Scan", "ShopsTable", &[]), "{function} lists keys");
        for action in ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "Query"] {
            for table in ["ShopsTable", "ActivityTable"] {
                assert!(!may(action, table, &[]), "{function} may {action} without saying which item");
            }
        }
    }
}

#[test]
fn the_policies_of_a_role_are_no_longer_than_iam_takes() {
    for function in FUNCTIONS {
        let size = policies_size(function);
        assert!(size <= MAX_POLICIES_SIZE, "{function}: {size} characters");
    }
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
