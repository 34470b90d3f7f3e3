//! The stage rules, each at its boundary: the table of `ARCHITECTURE.md` as tests.

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::customer::OrderBook;
use rekindle_lifecycle::facts::{Event, Fact, OrderEvent, OrderStatus, Traits};
use rekindle_lifecycle::id::OrderId;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::stage::{Assessment, Stage, assess, explain};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

fn noon(day: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * day + 12)
}

fn book(policy: &Policy, days: &[i64]) -> OrderBook {
    let facts: Vec<Fact> = days
        .iter()
        .enumerate()
        .map(|(n, day)| {
            let order_id = OrderId::parse(&n.to_string()).expect("an order id");
            let event = OrderEvent::new(order_id, OrderStatus::Completed, None);
            Fact { at: noon(*day), id: n.to_string(), event: Event::Order(event), traits: Traits::default() }
        })
        .collect();
    OrderBook::count(&facts, &policy.calendar)
}

fn at(policy: &Policy, days: &[i64], reacted: Option<Timestamp>, now: Timestamp) -> Assessment {
    let purchases = book(policy, days).purchases(&policy.calendar, now);
    assess(&policy.stages, &policy.calendar, &purchases, reacted, now)
}

fn stage(days: &[i64], now: Timestamp) -> Stage {
    at(Policy::built_in(), days, None, now).stage
}

#[test]
fn each_stage_begins_exactly_at_the_instant_its_rule_names() {
    // Orders on days, an instant, the stage just before it and at it.
    for (days, boundary, before, from) in [
        (&[0][..], noon(0), Stage::Prospect, Stage::New),
        (&[0], noon(30), Stage::New, Stage::Active),
        (&[0], noon(90), Stage::Active, Stage::Inactive),
        (&[0], noon(180), Stage::Inactive, Stage::Lapsed),
        // A second order ends the honeymoon: a customer is new only with a single day of orders.
        (&[0, 5], noon(5), Stage::New, Stage::Active),
        (&[0, 5], noon(95), Stage::Active, Stage::Inactive),
        (&[0, 5, 9], noon(9), Stage::Active, Stage::Loyal),
        // The cadence is 4.5 days; twice that is nine, so the lower bound of 45 days applies.
        (&[0, 5, 9], noon(54), Stage::Loyal, Stage::Inactive),
        (&[0, 5, 9], noon(99), Stage::Inactive, Stage::Lapsed),
        // Cadence 40 days: inactive after 80.
        (&[0, 40, 80], noon(160), Stage::Loyal, Stage::Inactive),
        (&[0, 40, 80], noon(240), Stage::Inactive, Stage::Lapsed),
        // Cadence 150 days: the upper bound of 180 days applies.
        (&[0, 150, 300], noon(365), Stage::Loyal, Stage::Active),
        (&[0, 150, 300], noon(480), Stage::Active, Stage::Inactive),
        // Any order makes a customer active again.
        (&[0, 400], noon(400), Stage::Lapsed, Stage::Active),
        (&[0, 5, 9, 400], noon(400), Stage::Lapsed, Stage::Active),
        (&[0, 395, 400], noon(400), Stage::Active, Stage::Active),
    ] {
        assert_eq!(stage(days, boundary - SECOND), before, "{days:?} just before {boundary}");
        assert_eq!(stage(days, boundary), from, "{days:?} at {boundary}");
    }
}

#[test]
fn three_orders_on_one_day_count_as_one_day_and_make_no_customer_loyal() {
    assert_eq!(stage(&[0, 0, 0], noon(1)), Stage::New);
    assert_eq!(stage(&[0, 0, 1, 1], noon(2)), Stage::Active);
}

#[test]
fn the_next_change_is_never_later_than_the_next_stage() {
    for days in [&[0][..], &[0, 5], &[0, 5, 9], &[0, 150, 300], &[0, 0, 3, 200, 204, 211, 300, 301]] {
        let mut now = noon(0);
        while now < noon(900) {
            let here = at(Policy::built_in(), days, None, now);
            let Some(next) = here.next_change else { break };
            assert!(next > now);
            assert_eq!(stage(days, next - SECOND), here.stage, "{days:?} changes before {next}");
            now = next;
        }
    }
}

#[test]
fn a_reaction_extends_the_silence_by_the_policys_allowance_and_by_nothing_without_one() {
    let generous = Policy::parse("[stages]\nreaction_allowance = \"20d\"").expect("a valid policy");
    let clicked = Some(noon(50));
    assert_eq!(at(&generous, &[0], clicked, noon(100)).stage, Stage::Active);
    assert_eq!(at(&generous, &[0], clicked, noon(110)).stage, Stage::Inactive);
    assert_eq!(at(&generous, &[0], None, noon(100)).stage, Stage::Inactive);
    // A reaction before the last order, or at the same instant, does not count for the silence after it.
    assert_eq!(at(&generous, &[0, 60], Some(noon(50)), noon(150)).stage, Stage::Inactive);
    assert_eq!(at(&generous, &[0, 60], Some(noon(60)), noon(150)).stage, Stage::Inactive);
    assert_eq!(at(&generous, &[0, 60], Some(noon(60) + SECOND), noon(150)).stage, Stage::Active);
    // Nor does a reaction in the future, from a source whose clock is ahead.
    assert_eq!(at(&generous, &[0], Some(noon(95)), noon(94)).stage, Stage::Inactive);
    assert_eq!(at(&generous, &[0], Some(noon(94)), noon(94)).stage, Stage::Active);
    assert_eq!(at(Policy::built_in(), &[0], clicked, noon(90)).stage, Stage::Inactive);
}

#[test]
fn days_off_season_do_not_count_as_silence() {
    // Days 0 to 30 of 1970 are January.
    let closed = Policy::parse("[stages]\noff_season = [\"02-01..02-28\"]").expect("a valid policy");
    assert_eq!(at(&closed, &[0], None, noon(90)).stage, Stage::Active);
    assert_eq!(at(&closed, &[0], None, noon(118)).stage, Stage::Inactive);
}

#[test]
fn a_shop_may_call_a_customer_loyal_after_fewer_days_with_an_order() {
    for (occasions, days, before, from) in
        [(1, &[0][..], noon(0), noon(89)), (2, &[0, 5], noon(5), noon(94)), (3, &[0, 5, 9], noon(9), noon(53))]
    {
        let policy = Policy::parse(&format!("[stages]\nloyal_occasions = {occasions}")).expect("a valid policy");
        let stage = |now| at(&policy, days, None, now).stage;
        assert_ne!(stage(before - SECOND), Stage::Loyal, "{occasions}");
        assert_eq!((stage(before), stage(from)), (Stage::Loyal, Stage::Loyal), "{occasions}");
    }
    // The oldest of the required days has to be within the window.
    let window = "[stages]\nloyal_occasions = 2\nloyal_window = \"30d\"";
    let policy = Policy::parse(window).expect("a valid policy");
    assert_eq!(at(&policy, &[0, 1, 20], None, noon(30)).stage, Stage::Loyal);
    assert_eq!(at(&policy, &[0, 1, 20], None, noon(31)).stage, Stage::Active);
}

#[test]
fn each_stage_has_the_instant_since_when_it_holds() {
    let since = |days: &[i64], now| at(Policy::built_in(), days, None, now).since;
    assert_eq!(since(&[], noon(0)), None);
    assert_eq!(since(&[0], noon(3)), Some(noon(0)), "new since the first order");
    assert_eq!(since(&[0], noon(40)), Some(noon(30)), "active since the honeymoon was over");
    assert_eq!(since(&[0, 5], noon(40)), Some(noon(5)), "active since the second order");
    assert_eq!(since(&[0, 5, 9], noon(40)), Some(noon(9)), "loyal since the third order");
    assert_eq!(since(&[0, 150, 300], noon(364)), Some(noon(300)));
    assert_eq!(since(&[0, 150, 300], noon(370)), Some(noon(365)), "active since the first left the window");
    assert_eq!(since(&[0], noon(100)), Some(noon(90)), "inactive since the silence was long enough");
    assert_eq!(since(&[0], noon(200)), Some(noon(180)));
}

#[test]
fn stages_are_shown_by_the_names_that_a_policy_uses() {
    let names = Stage::KNOWN.map(|stage| stage.to_string());
    assert_eq!(names, ["prospect", "new", "active", "loyal", "inactive", "lapsed"]);
    for stage in Stage::KNOWN {
        assert_eq!(Stage::from_known_code(stage.code()), Some(stage));
    }
}

#[test]
fn an_assessment_explains_itself_with_the_values_it_compared() {
    let explained = |days: &[i64], now| explain(&Policy::built_in().stages, &at(Policy::built_in(), days, None, now));
    assert_eq!(explained(&[0], noon(95)), "no order for 95 days, inactive after 90 (shop default)");
    assert_eq!(explained(&[0, 40, 80], noon(200)), "no order for 120 days, inactive after 80 (own cadence)");
    assert_eq!(explained(&[0, 5, 9], noon(9)), "3 of 3 days with an order within 365 days");
    assert_eq!(explained(&[], noon(0)), "no counted order");
    assert_eq!(explained(&[0], noon(3)), "first order less than 30 days ago");
    assert_eq!(
        explained(&[0, 5], noon(15)),
        "2 days with an order, none for 10 days; inactive after 90 (shop default)"
    );
    let slow = Policy::parse("[stages]\nlapsed_factor = 3").expect("a valid policy");
    let lapsed = at(&slow, &[0], None, noon(271));
    assert_eq!(explain(&slow.stages, &lapsed), "no order for 271 days, lapsed after 270 (shop default)");
}

#[test]
fn what_a_shop_learned_of_a_class_decides_instead_of_default_and_cadence() {
    let policy = Policy::parse(
        "[stages.silence.first]\ninactive = \"100d\"\nlapsed = \"250d\"\n\n\
         [stages.silence.regular]\ninactive = \"20d\"\nlapsed = \"20d\"\nhoneymoon = \"5d\"",
    );
    assert!(policy.is_err(), "a honeymoon is no silence");
    let policy = Policy::parse(
        "[stages.silence.first]\ninactive = \"100d\"\nlapsed = \"250d\"\n\n\
         [stages.silence.regular]\ninactive = \"20d\"\nlapsed = \"20d\"",
    )
    .expect("a policy");
    for (days, boundary, before, from, why) in [
        (&[0][..], noon(100), Stage::Active, Stage::Inactive, "inactive after 100 (learned from the shop's customers)"),
        (&[0], noon(250), Stage::Inactive, Stage::Lapsed, "lapsed after 250 (learned from the shop's customers)"),
        // Nothing was learned of customers with two.
        (&[0, 5], noon(95), Stage::Active, Stage::Inactive, "inactive after 90 (shop default)"),
        // Both at once: lapsed.
        (&[0, 5, 9, 12], noon(32), Stage::Loyal, Stage::Lapsed, "lapsed after 20 (learned from the shop's customers)"),
    ] {
        let just_before = boundary - SignedDuration::from_secs(1);
        assert_eq!(at(&policy, days, None, just_before).stage, before, "{days:?}");
        assert_eq!(at(&policy, days, None, just_before).next_change, Some(boundary), "{days:?}");
        let assessment = at(&policy, days, None, boundary);
        assert_eq!(assessment.stage, from, "{days:?}");
        let explained = explain(&policy.stages, &assessment);
        assert!(explained.ends_with(why), "{explained}");
    }
}
