//! Places in a mailbox: which messages of several customers with one address may go out.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::{Folded, Permissions};
use rekindle_lifecycle::decide::Verdict;
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, Pause, SoftBounce, Suppression, SuppressionCause, Traits};
use rekindle_lifecycle::id::{CustomerId, MessageId};
use rekindle_lifecycle::mailbox::{
    Fate, Listed, Mailbox, Place, PlaceVerdict, news_for_mailbox, place_for, stale, step_digest,
};
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use serde_json::json;

fn day(number: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * number)
}

fn customer(id: &str) -> CustomerId {
    CustomerId::parse(id).expect("an id")
}

/// A message of a step, as it is stored.
fn message(journey: &str, step: &str) -> Message {
    let stored = json!({
        "id": "b".repeat(26), "journey": journey, "run": "r", "step": step, "channel": "email", "purpose": "marketing",
        "template": "t", "run_started_at": day(0).to_string(), "planned_at": day(0).to_string(),
        "created_at": day(0).to_string(), "not_after": day(900).to_string(), "because": "", "state": "queued", "revision": 1,
    });
    serde_json::from_value(stored).expect("a message")
}

/// A place of a message that another customer got.
fn place(of: &str, number: u8, journey: &str, step: &str, at: Timestamp) -> Place {
    let id = MessageId::parse(&char::from(b'c' + number).to_string().repeat(26)).expect("an id");
    Place { message: id, revision: 1, customer: customer(of), step: step_digest(&message(journey, step)), at }
}

fn judged(message: &Message, others: &[(Place, Fate)], now: Timestamp) -> PlaceVerdict {
    let others: Vec<_> = others.iter().map(|(place, fate)| (place, *fate)).collect();
    place_for(Policy::built_in(), message, &customer("anna"), &others, now)
}

#[test]
fn a_customer_who_has_the_mailbox_alone_keeps_every_place() {
    let own: Vec<_> = (0..9).map(|n| (place("anna", n, "welcome", "thanks", day(1)), Fate::Sent)).collect();
    assert_eq!(judged(&message("welcome", "thanks"), &own, day(1)), PlaceVerdict::Keep);
}

#[test]
fn a_mailbox_is_welcomed_once_for_ever() {
    let before = |fate| [(place("guest", 0, "welcome", "thanks", day(1)), fate)];
    assert_eq!(judged(&message("welcome", "thanks"), &before(Fate::Sent), day(800)), PlaceVerdict::Duplicate);
    assert_eq!(judged(&message("welcome", "guide"), &before(Fate::Sent), day(800)), PlaceVerdict::Keep, "another step");
    let waits = judged(&message("welcome", "thanks"), &before(Fate::Open), day(2));
    assert!(
        matches!(waits, PlaceVerdict::Wait(until) if until < day(3)),
        "the other may still be withdrawn: {waits:?}"
    );
}

#[test]
fn another_step_repeats_when_its_journey_may_or_its_run_is_over() {
    // At most every 90 days.
    let survey = [(place("guest", 0, "nps", "question", day(1)), Fate::Sent)];
    assert_eq!(judged(&message("nps", "question"), &survey, day(90)), PlaceVerdict::Duplicate);
    assert_eq!(judged(&message("nps", "question"), &survey, day(91)), PlaceVerdict::Keep);
    // Without such a period: until the last step of the run is out of time.
    let reminder = [(place("guest", 0, "reengage", "reminder", day(1)), Fate::Sent)];
    let journey = Policy::built_in().journey("reengage").expect("a journey");
    let last = journey.steps.iter().map(|step| step.delay.as_seconds() + step.not_after.as_seconds()).max();
    let over = day(1) + SignedDuration::from_secs(last.expect("steps"));
    let just_before = over - SignedDuration::from_secs(1);
    assert_eq!(judged(&message("reengage", "reminder"), &reminder, just_before), PlaceVerdict::Duplicate);
    assert_eq!(judged(&message("reengage", "reminder"), &reminder, over), PlaceVerdict::Keep);
    // Each reward was earned.
    let reward = [(place("guest", 0, "referral-reward", "reward", day(1)), Fate::Sent)];
    assert_eq!(judged(&message("referral-reward", "reward"), &reward, day(3)), PlaceVerdict::Keep);
}

#[test]
fn a_full_mailbox_makes_a_message_wait_as_its_own_cap_would() {
    let cap = &Policy::built_in().frequency_cap;
    let steps = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let full: Vec<_> = (0..cap.total)
        .map(|n| (place("guest", u8::try_from(n).expect("few"), "reengage", steps[n], day(1)), Fate::Sent))
        .collect();
    let next = message("welcome", "thanks");
    assert_eq!(judged(&next, &full, day(2)), PlaceVerdict::Wait(cap.window.after(day(1))));
    assert_eq!(judged(&next, &full, cap.window.after(day(1))), PlaceVerdict::Keep);
    let one = [full[0].clone()];
    let soon = day(1) + SignedDuration::from_mins(5);
    assert_eq!(judged(&next, &one, soon), PlaceVerdict::Wait(cap.min_gap.after(day(1))), "the gap");
    let open: Vec<_> = full.into_iter().map(|(place, _)| (place, Fate::Open)).collect();
    let waits = judged(&next, &open, day(2));
    assert!(matches!(waits, PlaceVerdict::Wait(until) if day(2) < until && until < day(3)), "known soon: {waits:?}");
}

#[test]
fn only_places_that_no_rule_asks_about_are_stale() {
    let window = Policy::built_in().frequency_cap.window;
    let places = [
        place("anna", 0, "welcome", "thanks", day(1)),
        place("guest", 1, "nps", "question", day(1)),
        place("anna", 2, "nps", "question", day(100)),
        place("anna", 3, "nps", "question", day(101)),
    ];
    let gone: Vec<_> = stale(Policy::built_in(), &places, day(101)).collect();
    assert_eq!(gone, [&places[1]], "the welcome counts for ever, the latest question for 90 days");
    let later = window.after(day(101));
    assert_eq!(stale(Policy::built_in(), &places, later).collect::<Vec<_>>(), [&places[1], &places[2]]);
}

#[test]
fn the_shops_list_closes_a_mailbox_until_its_end_or_until_the_customer_takes_it_back() {
    let listed = |cause, until| Mailbox { listed: Some(Listed { cause, at: day(1), until }), ..Mailbox::default() };
    let closed = |mailbox: &Mailbox, now| {
        mailbox.with(&Permissions::default(), Channel::Email, now).closed_by(Channel::Email, None, now)
    };
    let by_hand = listed(SuppressionCause::Manual, Some(day(9)));
    assert_eq!(closed(&by_hand, day(8)), Some(SuppressionCause::Manual));
    assert_eq!(closed(&by_hand, day(9)), None);
    let mut complained = listed(SuppressionCause::Complaint, None);
    assert!(!complained.is_off_the_list(Channel::Email));
    complained.said.apply_fact(&own_answer(2, true));
    assert!(complained.is_off_the_list(Channel::Email));
    assert_eq!(closed(&complained, day(3)), None);
    let mut by_hand = listed(SuppressionCause::Manual, None);
    by_hand.said.apply_fact(&own_answer(2, true));
    assert!(!by_hand.is_off_the_list(Channel::Email), "the shop's own entry is for the shop to lift");
}

fn own_answer(at: i64, granted: bool) -> Fact {
    let consent = ConsentEvent {
        channel: Channel::Email,
        purpose: None,
        granted,
        source: "page".to_owned(),
        text_version: None,
        own: true,
    };
    Fact { at: day(at), id: at.to_string(), event: Event::Consent(consent), traits: Traits::default() }
}

/// A statement about an address, or what closed it.
fn statement() -> impl Strategy<Value = Fact> {
    let event = prop_oneof![
        (any::<bool>(), proptest::option::of(0..Purpose::KNOWN.len())).prop_map(|(granted, purpose)| {
            let purpose = purpose.map(|index| Purpose::KNOWN[index]);
            let (channel, source) = (Channel::Email, "page".to_owned());
            Event::Consent(ConsentEvent { channel, purpose, granted, source, text_version: None, own: true })
        }),
        proptest::option::of("[ab]").prop_map(|address| {
            let (channel, cause) = (Channel::Email, SuppressionCause::PermanentBounce);
            Event::Suppressed(Suppression { channel, cause, address })
        }),
        Just(Event::Suppressed(Suppression {
            channel: Channel::Email,
            cause: SuppressionCause::Complaint,
            address: None
        })),
        proptest::option::of("[ab]")
            .prop_map(|address| Event::SoftBounce(SoftBounce { channel: Channel::Email, address })),
        (0_i64..40).prop_map(|until| Event::Pause(Pause { until: day(until) })),
    ];
    (event, 0_i64..30).prop_map(|(event, at)| Fact {
        at: day(at),
        id: at.to_string(),
        event,
        traits: Traits::default(),
    })
}

fn said(facts: &[Fact]) -> Permissions {
    let mut said = Permissions::default();
    facts.iter().for_each(|fact| said.apply_fact(fact));
    said
}

proptest! {
    #[test]
    fn what_was_said_under_several_ids_is_the_same_in_any_order_any_number_of_times(
        one in proptest::collection::vec(statement(), 0..6),
        other in proptest::collection::vec(statement(), 0..6),
    ) {
        let (one, other) = (said(&one), said(&other));
        let joined = |parts: &[&Permissions]| {
            let mut all = Permissions::default();
            parts.iter().for_each(|part| all.join(part));
            all
        };
        let both = joined(&[&one, &other]);
        prop_assert_eq!(&joined(&[&other, &one]), &both);
        prop_assert_eq!(&joined(&[&other, &one, &other, &both, &one]), &both);
        let stored = serde_json::to_string(&both).expect("JSON");
        prop_assert_eq!(&serde_json::from_str::<Permissions>(&stored).expect("JSON"), &both);
    }

    #[test]
    fn what_holds_for_an_address_closes_it_just_as_the_whole_does(
        facts in proptest::collection::vec(statement(), 0..8),
        address in "[ab]",
        now in 0_i64..60,
    ) {
        let all = said(&facts);
        let about = all.of_address(Channel::Email, Some(&address));
        let closed = |said: &Permissions, address| said.closed_by(Channel::Email, address, day(now));
        prop_assert_eq!(closed(&about, None).is_some(), closed(&all, Some(&address)).is_some());
        prop_assert_eq!(about.paused_until(day(now)), all.paused_until(day(now)));
    }
}

#[test]
fn a_message_has_to_do_with_places_of_others_only_if_another_customer_is_there() {
    let own = place("anna", 0, "nps", "question", day(1));
    let (recent, old) = (place("ben", 1, "nps", "question", day(2)), place("ben", 2, "welcome", "guide", day(-90)));
    let beside = |places: &[&Place]| {
        let mailbox = Mailbox { places: places.iter().map(|place| (*place).clone()).collect(), ..Mailbox::default() };
        let message = message("welcome", "thanks");
        let found = mailbox.places_beside(Policy::built_in(), &message, &customer("anna"), day(3));
        found.into_iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(beside(&[&own]), []);
    assert_eq!(
        beside(&[&own, &old, &recent]),
        [own.clone(), recent],
        "what is out of the window has nothing to do with it"
    );
}

#[test]
fn a_place_that_is_refused_makes_a_message_wait_within_its_time_or_withdraws_it() {
    let message = message("welcome", "thanks");
    assert_eq!(PlaceVerdict::Keep.for_message(&message), Verdict::Send);
    assert_eq!(PlaceVerdict::Wait(day(3)).for_message(&message), Verdict::Later(day(3)));
    assert_eq!(PlaceVerdict::Wait(day(901)).for_message(&message), Verdict::Later(day(900)));
    assert_eq!(PlaceVerdict::Duplicate.for_message(&message), Verdict::Withdraw(Reason::SameMailbox));
}

#[test]
fn a_mailbox_hears_a_refusal_of_the_shop_once_and_everything_of_an_address_that_is_new() {
    let calendar = &Policy::built_in().calendar;
    let told = |email: &str, refused: bool, at: i64| {
        let stored = json!({
            "at": day(at).to_string(), "id": format!("f{at}"), "kind": "identified",
            "traits": { "email": email, "email_consent": !refused },
        });
        Fact::parse(&stored.to_string(), None).expect("a fact")
    };
    let fold = |facts: &[Fact]| Folded::recount(facts, calendar);
    let facts = [told("anna@example.com", true, 1), told("anna@example.com", true, 2), told("a@example.org", true, 3)];
    let [first, second, third] = [1, 2, 3].map(|count| fold(&facts[..count]));
    let news = |before, folded, fact: usize| news_for_mailbox(before, folded, &facts[fact..=fact], Channel::Email);
    assert_eq!(first.profile.email.as_ref().map(|email| email.value.as_str()), Some("anna@example.com"));
    let nothing = Folded::default();
    assert!(!news(Some(&nothing), &first, 0).is_empty(), "the first refusal");
    assert!(news(Some(&first), &second, 1).is_empty(), "the same once more");
    assert!(!news(Some(&second), &third, 2).is_empty(), "another address");
    assert!(!news(None, &second, 1).is_empty(), "everything is counted again");
    assert!(news_for_mailbox(None, &second, &facts, Channel::Sms).is_empty(), "no number");
}
