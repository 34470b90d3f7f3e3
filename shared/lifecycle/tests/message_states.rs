//! The state machine of a message, transition by transition.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_lifecycle::message::{
    AttemptOutcome, LEASE, Message, MessageState as State, NextAction, ProviderReport, Requirement,
};
use rekindle_lifecycle::reason::Reason;

fn minute(number: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(number)
}

fn message(channel: Channel) -> Message {
    let shop = ShopId::parse("vinyl").expect("a shop id");
    let customer = CustomerId::parse("anna").expect("a customer id");
    Message {
        id: MessageId::derive(&shop, &customer, "welcome", "first", "thanks", channel.code()),
        journey: "welcome".to_owned(),
        run: "first".to_owned(),
        step: "thanks".to_owned(),
        channel,
        purpose: Purpose::Marketing,
        template: "welcome-thanks".to_owned(),
        coupon: None,
        coupon_code: None,
        run_started_at: minute(0),
        unless: vec![],
        requirement: Requirement::Order,
        planned_at: minute(0),
        created_at: minute(0),
        not_after: minute(4_320),
        because: "1h after the first order".to_owned(),
        state: State::Queued,
        revision: 1,
        attempts: 0,
        lease_until: None,
        unknown_since: None,
        requeued: false,
        provider_id: None,
        accepted_at: None,
        delivered_at: None,
        withdrawn: None,
        note: None,
    }
}

fn unknown(channel: Channel) -> Message {
    let ambiguous = AttemptOutcome::Ambiguous { reason: "timeout".to_owned() };
    message(channel).claimed(minute(0)).attempted(ambiguous, minute(0))
}

#[test]
fn a_claim_gives_one_attempt_a_lease() {
    let claimed = message(Channel::Email).claimed(minute(5));
    assert_eq!((claimed.state, claimed.attempts, claimed.revision), (State::Sending, 1, 2));
    assert_eq!(claimed.lease_until, Some(LEASE.after(minute(5))));
    assert_eq!(claimed.next_action(minute(6), None), NextAction::Wait(minute(7)));
}

#[test]
fn every_outcome_of_an_attempt_has_its_state() {
    let reason = || "why".to_owned();
    for (outcome, state, withdrawn) in [
        (AttemptOutcome::Accepted { provider_id: "p".to_owned() }, State::Accepted, None),
        (AttemptOutcome::RejectedForNow { reason: reason() }, State::Queued, None),
        (AttemptOutcome::TooFast { reason: reason() }, State::Queued, None),
        (AttemptOutcome::QuotaUsedUp { reason: reason() }, State::Queued, None),
        (AttemptOutcome::RejectedForGood { reason: reason() }, State::Failed, Some(Reason::Rejected)),
        (AttemptOutcome::Ambiguous { reason: reason() }, State::Unknown, None),
    ] {
        let after = message(Channel::Email).claimed(minute(0)).attempted(outcome, minute(1));
        assert_eq!((after.state, after.withdrawn, after.lease_until), (state, withdrawn, None));
        assert_eq!(after.revision, 3, "every write names the revision before it");
    }
}

#[test]
fn an_accepted_attempt_keeps_the_providers_id_and_drops_the_earlier_refusal() {
    let refused = AttemptOutcome::RejectedForNow { reason: "paused".to_owned() };
    let before = message(Channel::Email).claimed(minute(0)).attempted(refused, minute(1));
    assert_eq!(before.note.as_deref(), Some("paused"));
    let accepted = AttemptOutcome::Accepted { provider_id: "ses-1".to_owned() };
    let after = before.claimed(minute(2)).attempted(accepted, minute(3));
    assert_eq!((after.attempts, after.provider_id.as_deref()), (2, Some("ses-1")));
    assert_eq!((after.accepted_at, after.note), (Some(minute(3)), None));
}

#[test]
fn an_attempt_that_was_not_accepted_has_a_reason() {
    let reason = || "why".to_owned();
    for outcome in [
        AttemptOutcome::RejectedForNow { reason: reason() },
        AttemptOutcome::TooFast { reason: reason() },
        AttemptOutcome::QuotaUsedUp { reason: reason() },
        AttemptOutcome::RejectedForGood { reason: reason() },
        AttemptOutcome::Ambiguous { reason: reason() },
    ] {
        let after = message(Channel::Email).claimed(minute(0)).attempted(outcome, minute(1));
        assert_eq!(after.note.as_deref(), Some("why"), "{:?}", after.state);
        assert_eq!((after.provider_id, after.accepted_at), (None, None));
    }
}

#[test]
fn the_engine_has_a_next_action_for_a_message_only_until_its_outcome_is_known() {
    // Each state with whether it is open and whether the provider accepted the message.
    for (state, open, accepted) in [
        (State::Queued, true, false),
        (State::Sending, true, false),
        (State::Unknown, true, false),
        (State::Cancelled, false, false),
        (State::Failed, false, false),
        (State::Unconfirmed, false, false),
        (State::Accepted, false, true),
        (State::Delivered, false, true),
        (State::Bounced, false, true),
        (State::Complained, false, true),
    ] {
        assert_eq!((state.is_open(), state.was_accepted()), (open, accepted), "{state:?}");
        let next = Message { state, ..message(Channel::Email) }.next_action(minute(1), None);
        assert_eq!(next != NextAction::Settled, open, "{state:?}: {next:?}");
    }
}

#[test]
fn a_message_withdrawn_before_it_was_sent_keeps_the_reason() {
    let after = message(Channel::Email).cancelled(Reason::Ordered);
    assert_eq!((after.state, after.withdrawn, after.revision), (State::Cancelled, Some(Reason::Ordered), 2));
}

#[test]
fn a_message_that_cannot_be_rendered_fails_with_the_mistake_and_holds_no_lease() {
    let after = message(Channel::Email).claimed(minute(0)).unrenderable("no value for coupon_code".to_owned());
    assert_eq!((after.state, after.withdrawn), (State::Failed, Some(Reason::RenderError)));
    assert_eq!((after.lease_until, after.note.as_deref()), (None, Some("no value for coupon_code")));
    assert_eq!(after.next_action(minute(1), None), NextAction::Settled);
}

#[test]
fn a_stored_message_names_its_requirement_and_one_of_the_version_before_is_read_by_its_flags() {
    let question = Message { requirement: Requirement::Unconfirmed, ..message(Channel::Email) };
    let mut stored = serde_json::to_value(&question).expect("a message can be stored");
    assert_eq!(stored["requires"], "unconfirmed");
    assert_eq!(serde_json::from_value::<Message>(stored.clone()).expect("and read"), question);
    stored.as_object_mut().expect("an object").remove("requires");
    assert_eq!(serde_json::from_value::<Message>(stored).expect("read by its flags"), question);
}

#[test]
fn an_expired_lease_never_permits_sending_again() {
    let claimed = message(Channel::Email).claimed(minute(0));
    assert_eq!(claimed.next_action(minute(2), None), NextAction::MarkUnknown);
    let lost = claimed.lease_over(minute(60));
    assert_eq!((lost.state, lost.unknown_since), (State::Unknown, Some(minute(2))));
    assert_eq!((lost.lease_until, lost.note.as_deref()), (None, Some("the attempt was cut off")));
    assert_ne!(lost.next_action(minute(60), None), NextAction::Attempt);
}

#[test]
fn an_unknown_mail_goes_back_only_after_a_quarter_of_an_hour_and_with_evidence_and_once() {
    let mail = unknown(Channel::Email);
    let later = Some(minute(20));
    assert_eq!(mail.next_action(minute(14), later), NextAction::Wait(minute(15)));
    assert_eq!(mail.next_action(minute(15), later), NextAction::Requeue);
    // Events up to the time of the attempt prove nothing.
    assert_eq!(mail.next_action(minute(15), Some(minute(0))), NextAction::Wait(minute(75)));
    assert_eq!(mail.next_action(minute(15), None), NextAction::Wait(minute(75)));
    assert_eq!(mail.next_action(minute(24 * 60), None), NextAction::GiveUp);

    let again = mail.requeue();
    assert_eq!((again.state, again.requeued, again.unknown_since), (State::Queued, true, None));
    let ambiguous = AttemptOutcome::Ambiguous { reason: "timeout".to_owned() };
    let twice = again.claimed(minute(20)).attempted(ambiguous, minute(20));
    assert_eq!(twice.next_action(minute(60), Some(minute(50))), NextAction::Wait(minute(20 + 24 * 60)));
    assert_eq!(twice.next_action(minute(20 + 24 * 60), later), NextAction::GiveUp);
    assert_eq!(twice.unconfirmed().next_action(minute(9_999), later), NextAction::Settled);
}

#[test]
fn an_unknown_text_is_never_sent_again() {
    let text = unknown(Channel::Sms);
    for now in [15, 16, 60, 1_000] {
        assert_eq!(text.next_action(minute(now), Some(minute(now))), NextAction::Wait(minute(24 * 60)));
    }
    assert_eq!(text.next_action(minute(24 * 60), Some(minute(1_500))), NextAction::GiveUp);
}

#[test]
fn a_task_whose_opening_was_cut_off_is_opened_again_at_once_and_as_often_as_it_takes() {
    let mut task = message(Channel::Task);
    for attempt in 1..4 {
        let claimed = task.claimed(minute(10 * attempt));
        assert_eq!(claimed.next_action(minute(10 * attempt + 2), None), NextAction::MarkUnknown);
        let lost = claimed.lease_over(minute(10 * attempt + 2));
        assert_eq!(lost.next_action(minute(10 * attempt + 2), None), NextAction::Requeue);
        task = lost.requeue();
        assert_eq!(task.next_action(minute(10 * attempt + 2), None), NextAction::Attempt);
    }
}

#[test]
fn a_report_settles_a_message_from_any_state() {
    let queued = message(Channel::Email);
    let sending = queued.claimed(minute(0));
    for before in
        [queued.clone(), sending.clone(), sending.lease_over(minute(3)), unknown(Channel::Email).unconfirmed()]
    {
        let after = before.reported(ProviderReport::Delivered, "p", minute(1)).expect("news");
        assert_eq!(after.state, State::Delivered);
        assert_eq!((after.accepted_at, after.provider_id.as_deref()), (Some(minute(1)), Some("p")));
        assert_eq!(after.next_action(minute(9), None), NextAction::Settled);
    }
    let heard = |before: Message| before.reported(ProviderReport::Accepted, "p", minute(1)).expect("news");
    assert_eq!(heard(sending).lease_until, None, "no sender holds it any more");
    assert_eq!(heard(unknown(Channel::Email)).unknown_since, None, "it is known now");
    let rejected = queued.reported(ProviderReport::Rejected, "p", minute(1)).expect("news");
    assert_eq!((rejected.state, rejected.withdrawn), (State::Failed, Some(Reason::Rejected)));
}

#[test]
fn a_repeated_or_late_report_changes_nothing() {
    let sent = message(Channel::Email).claimed(minute(0));
    let reported = |message: &Message, report| message.reported(report, "p", minute(1));
    let delivered = reported(&sent, ProviderReport::Delivered).expect("news");
    assert_eq!(reported(&delivered, ProviderReport::Delivered), None);
    assert_eq!(reported(&delivered, ProviderReport::Accepted), None);
    assert_eq!(reported(&delivered, ProviderReport::Rejected), None, "a delivered mail was not rejected");
    let rejected = reported(&sent, ProviderReport::Rejected).expect("news");
    assert_eq!(reported(&rejected, ProviderReport::Rejected), None);
    assert_eq!(reported(&rejected, ProviderReport::Accepted), None);
    let complained = reported(&delivered, ProviderReport::Complained).expect("news");
    assert_eq!(complained.revision, delivered.revision + 1);
}

fn any_reports() -> impl Strategy<Value = Vec<ProviderReport>> {
    use ProviderReport::{Accepted, Bounced, Complained, Delivered, Rejected};
    proptest::collection::vec(
        prop_oneof![Just(Accepted), Just(Rejected), Just(Delivered), Just(Bounced), Just(Complained)],
        1..6,
    )
}

proptest! {
    #[test]
    fn reports_in_any_order_and_number_end_in_the_same_state(reports in any_reports(), shuffle in any::<u64>()) {
        let end = |reports: &[ProviderReport]| {
            let start = message(Channel::Email).claimed(minute(0));
            reports.iter().fold(start, |message, report| {
                message.reported(*report, "p", minute(1)).unwrap_or(message)
            })
        };
        let mut other = reports.clone();
        let turn = usize::try_from(shuffle % 7).expect("small") % other.len();
        other.rotate_left(turn);
        other.reverse();
        other.extend(reports.iter().copied().take(2));
        prop_assert_eq!(end(&reports).state, end(&other).state, "{:?} and {:?}", reports, other);
    }
}
