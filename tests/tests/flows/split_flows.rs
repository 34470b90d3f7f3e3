//! The flows about refusal, pause, cap, gap, bounce and welcome once more, with the events of each customer under two ids of one
//! mailbox: the mailbox gets the same mails. Flows that have several ids in their story, or count how many ids something reached, are
//! not among them.
//!
//! `SPLITS=50` takes more draws of each than the usual few.

use crate::split::{Second, Way};
use crate::stage::sent_by;

/// Draws of each flow in a usual run.
const USUAL_SPLITS: u64 = 2;

/// Runs a flow as it is, and with its events split in several ways. What the flow itself asserts has to hold each time.
fn run(name: &str, seconds: &[Second], flow: fn()) {
    let whole = sent_by(flow);
    for way in ways(seconds) {
        eprintln!("{name}, split: {way:?}");
        let split = sent_by(|| way.split(flow));
        assert_eq!(split, whole, "{name} as {way:?}: left is what was sent, right what one id would have got");
    }
}

fn ways(seconds: &[Second]) -> impl Iterator<Item = Way> {
    let splits = std::env::var("SPLITS").map_or(USUAL_SPLITS, |splits| splits.parse().expect("SPLITS is a number"));
    seconds.iter().flat_map(move |second| (1..=splits).map(|seed| Way { second: *second, seed }))
}

/// SES fails at random moments here, so the mails differ a little. That none comes twice, and how many come in which time, the flow
/// asks of the mailbox.
#[test]
fn eighteen_months_of_real_orders_keep_every_promise_that_a_mailbox_can_show() {
    for way in ways(&[Second::AnotherId, Second::Guest]).step_by(2) {
        eprintln!("split: {way:?}");
        way.split(crate::cdnow::eighteen_months_of_real_orders_keep_every_promise_that_a_mailbox_can_show);
    }
}

macro_rules! flows {
    ($ways:expr; $($file:ident: $($flow:ident),+;)+) => {
        $(mod $file {
            $(#[test]
            fn $flow() {
                super::super::run(stringify!($flow), &$ways, crate::$file::$flow);
            })+
        })+
    };
}

/// Flows that come to the same whether the two ids are one customer or two.
mod two_customers_or_one {
    flows! {
        [super::super::Second::AnotherId, super::super::Second::Guest];
        caps:
            a_pause_on_the_page_holds_every_mail_until_it_ends,
            a_full_fortnight_holds_the_third_mail_back;
        feedback:
            a_bounce_that_is_acknowledged_stops_the_next_mail_before_it_is_folded,
            events_in_any_order_and_any_number_of_times_end_in_the_same_state;
        golden_events:
            a_refusal_on_the_contact_list_of_ses_is_the_customers_own;
        journeys:
            a_customer_who_never_comes_back_is_welcomed_asked_reminded_and_then_left_alone,
            a_first_order_starts_a_welcome_mail_with_everything_that_a_mail_needs,
            a_text_message_goes_only_to_customers_who_consented;
        loops:
            a_stopped_shop_sends_nothing_and_later_continues_where_it_stopped,
            an_address_on_the_shops_list_gets_nothing_whichever_customer_has_it,
            consent_to_text_messages_is_requested_before_any_is_sent;
        mailboxes:
            a_mistyped_address_that_bounces_closes_nothing_once_it_is_corrected,
            a_yes_whose_page_stopped_on_the_way_is_noted_by_the_stream,
            after_a_complaint_the_customers_own_yes_on_the_page_works,
            an_address_listed_by_hand_is_shown_as_closed_and_opens_when_it_is_lifted;
        outcomes:
            a_hard_bounce_closes_the_address_and_a_full_mailbox_does_not,
            a_mail_refused_for_good_fails_gives_its_place_back_and_is_never_tried_again;
        recheck:
            a_message_that_cannot_go_out_while_it_is_useful_is_given_up,
            a_message_that_is_delayed_into_the_night_waits_for_the_morning_of_the_customer,
            a_message_that_was_delayed_keeps_its_distance_from_the_next_one,
            consent_that_is_withdrawn_after_the_message_was_created_holds;
        ways_back:
            a_bounce_that_the_shop_lifts_is_lifted_at_the_provider_too,
            a_number_whose_owner_texted_stop_is_not_lifted_by_the_shop_even_if_the_shop_listed_it_by_hand,
            after_a_complaint_the_customers_own_yes_on_the_page_leads_off_every_list,
            an_address_on_the_providers_own_list_is_closed_for_that_reason;
    }
}

/// Flows in which two ids have to be one customer, because they
/// - count orders, which are a customer's and not a mailbox's;
/// - ask what holds of the shop's reports before they are folded: for the mailbox of two customers it is some seconds later;
/// - write by mail and by text: the gap between the two is a customer's, because two customers who have an address in common, and a
///   number, are two mailboxes.
mod one_customer {
    flows! {
        [super::super::Second::Guest];
        inbound_texts:
            a_plain_request_to_stop_closes_the_number_and_a_question_opens_a_task,
            a_start_that_the_provider_does_not_allow_yet_opens_nothing_and_a_task,
            a_stop_closes_the_number_for_all_its_customers_before_it_is_acknowledged,
            a_text_posted_by_hand_is_processed_like_one_of_the_carrier,
            a_yes_on_the_page_after_a_stop_opens_the_number_and_says_so_where_the_provider_does_not_allow_it_yet;
        journeys:
            a_customer_who_orders_again_and_again_becomes_loyal_and_is_asked_to_recommend,
            an_order_cancelled_before_the_welcome_undoes_it;
        recheck:
            a_customer_who_changes_between_the_check_and_the_claim_is_checked_again,
            a_refusal_is_seen_behind_a_hundred_visits,
            a_refusal_is_seen_behind_more_visits_than_one_page_of_facts_holds,
            a_refusal_that_was_acknowledged_holds_even_before_it_is_folded;
    }
}
