//! What the engine's rules do in a plan.

use super::*;

fn until(text: &str) -> Span {
    span(FROM, text)
}

#[test]
fn a_history_without_orders_has_a_plan_without_anything() {
    let (planned, outcomes) = played(&[], EVERYBODY, until("2026-04-01T00:00:00Z"));
    assert_eq!((planned.customers, planned.orders, planned.sent(), outcomes.len()), (0, 0, 0, 0));
    assert_eq!(planned.weeks.len(), 5);
    assert!(planned.weeks.iter().all(|week| week.stages.is_empty()) && planned.peak().is_none());
}

#[test]
fn one_customer_is_thanked_after_an_hour_and_goes_through_the_stages() {
    let one = [order("anna", "1", "2026-03-02T10:00:00Z")];
    let (planned, outcomes) = played(&one, EVERYBODY, until("2026-10-01T00:00:00Z"));
    assert_eq!((planned.customers, planned.orders), (1, 1));
    assert_eq!(sent(&outcomes[0])[0], "welcome/thanks 2026-03-02T11:00:00Z");
    assert_eq!(planned.messages["welcome"]["thanks"], 1);
    let on = |day: &str| {
        let week = planned.weeks.iter().find(|week| week.day.to_string() == day).expect("a week");
        week.stages.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(on("2026-03-08"), "new");
    assert_eq!(on("2026-04-05"), "active", "after 30 days");
    assert_eq!(on("2026-06-07"), "inactive", "after 90 days");
    assert_eq!(on("2026-09-06"), "lapsed", "after 180 days");
    assert_eq!(planned.stages["lapsed"], 1);
    let days = planned.days.iter().find(|day| day.day.to_string() == "2026-03-02").expect("the first day");
    assert_eq!((days.emails, days.messages["welcome"]["thanks"]), (1, 1));
}

#[test]
fn refunds_of_everything_leave_nobody_who_ordered() {
    let mut events = Vec::new();
    for customer in ["anna", "bob"] {
        events.push(order(customer, customer, "2026-03-02T10:00:00Z"));
        events.push(event("Order Refunded", customer, customer, "2026-03-02T10:20:00Z"));
    }
    let (planned, outcomes) = played(&events, EVERYBODY, until("2026-10-01T00:00:00Z"));
    assert_eq!((planned.customers, planned.orders, planned.sent()), (2, 0, 0));
    assert_eq!(planned.stages["prospect"], 2);
    assert!(planned.held_back["order_undone"] >= 2, "{:?}", planned.held_back);
    assert!(outcomes.iter().all(|outcome| outcome.orders == 0 && outcome.messages.is_empty()));
}

#[test]
fn orders_in_two_currencies_count_together_but_are_never_added_up() {
    let mut events = Vec::new();
    for (customer, currency) in [("anna", "EUR"), ("bob", "SEK")] {
        for (number, day) in [(1, "02"), (2, "09")] {
            let mut order = order(customer, &format!("{customer}{number}"), &format!("2026-03-{day}T10:00:00Z"));
            order["properties"]["currency"] = json!(currency);
            events.push(order);
        }
    }
    let spent = format!(
        "{EVERYBODY}[[journey]]\nid = \"gift\"\ntrigger = \"order\"\npurpose = \"marketing\"\npriority = 5\n[[journey.step]]\nid = \"mail\"\n\
         delay = \"1h\"\nchannel = \"email\"\ntemplate = \"welcome-guide\"\nonly_if_spent = \"80.00 EUR\"\n"
    );
    let (planned, outcomes) = played(&events, &spent, until("2026-05-01T00:00:00Z"));
    assert_eq!((planned.customers, planned.orders), (2, 4));
    let counts: Vec<_> = outcomes.iter().map(|outcome| (outcome.id.as_str(), outcome.messages.len())).collect();
    assert_eq!(counts, [("anna", 1), ("bob", 0)], "160 kronor are no 80 euros");
    assert_eq!(planned.held_back["condition_unmet"], 3);
}

#[test]
fn customers_in_the_holdout_get_nothing_and_are_counted_once_a_run() {
    let one = [order("anna", "1", "2026-03-02T10:00:00Z")];
    let (planned, _) = played(&one, "[experiment]\nholdout = 1.0\n", until("2026-03-05T00:00:00Z"));
    assert_eq!(planned.sent(), 0);
    assert!(planned.held_back["holdout"] >= 1, "{:?}", planned.held_back);
}

#[test]
fn a_refusal_in_the_file_holds() {
    let mut refused = order("anna", "1", "2026-03-02T10:00:00Z");
    refused["context"]["traits"]["email_marketing_consent"] = json!(false);
    let (planned, _) = played(&[refused], EVERYBODY, until("2026-03-05T00:00:00Z"));
    assert_eq!(planned.sent(), 0);
    assert!(planned.held_back["no_consent"] >= 1, "{:?}", planned.held_back);
}

#[test]
fn a_message_waits_for_the_hours_in_which_it_may_go_out() {
    let late = [order("anna", "1", "2026-03-02T21:00:00Z")];
    let (planned, outcomes) = played(&late, EVERYBODY, until("2026-03-04T00:00:00Z"));
    assert_eq!(sent(&outcomes[0]), ["welcome/thanks 2026-03-03T09:00:00Z"]);
    assert_eq!(planned.delayed["quiet_hours"], 1);
    assert_eq!(planned.days.iter().map(|day| day.day.to_string()).collect::<Vec<_>>(), ["2026-03-03"]);
}

#[test]
fn a_customer_who_is_due_is_found_by_the_next_sweep() {
    let odd = [order("anna", "1", "2026-03-02T10:02:30Z")];
    let (_, outcomes) = played(&odd, EVERYBODY, until("2026-03-03T00:00:00Z"));
    assert_eq!(sent(&outcomes[0]), ["welcome/thanks 2026-03-02T11:05:00Z"]);
}

#[test]
fn a_message_that_is_due_at_the_instant_of_an_order_goes_out_before_it() {
    let nudged = |second: &str| {
        let events = [order("anna", "1", "2026-03-02T12:00:00Z"), order("anna", "2", second)];
        played(&events, EVERYBODY, until("2026-03-20T00:00:00Z")).0.messages["welcome"].get("nudge").copied()
    };
    assert_eq!(nudged("2026-03-12T12:00:00Z"), Some(1));
    assert_eq!(nudged("2026-03-12T11:59:00Z"), None);
}

#[test]
fn the_frequency_cap_makes_messages_wait_or_drops_them() {
    let tight = format!("{EVERYBODY}[frequency_cap]\nwindow = \"30d\"\ntotal = 1\n");
    let events = [order("anna", "1", "2026-03-02T10:00:00Z"), order("anna", "2", "2026-03-20T10:00:00Z")];
    let (loose, _) = played(&events, EVERYBODY, until("2026-09-01T00:00:00Z"));
    let (planned, outcomes) = played(&events, &tight, until("2026-09-01T00:00:00Z"));
    assert!(planned.sent() < loose.sent(), "{} of {}", planned.sent(), loose.sent());
    assert!(planned.held_back["frequency_cap"] > 0, "{:?}", planned.held_back);
    let instants: Vec<Timestamp> = outcomes[0].messages.iter().map(|sent| sent.at).collect();
    let month = jiff::SignedDuration::from_hours(30 * 24);
    assert!(instants.windows(2).all(|two| two[1].duration_since(two[0]) >= month), "{instants:?}");
}

#[test]
fn a_policy_that_is_switched_on_later_takes_old_customers_in_one_by_one() {
    let customers = (0..40).map(|number| format!("c{number:02}"));
    let mut events: Vec<Value> =
        customers.map(|customer| order(&customer, &customer, "2025-11-01T10:00:00Z")).collect();
    events.push(order("new", "new", "2026-03-01T10:00:00Z"));
    let (planned, _) = played(&events, EVERYBODY, span(FROM, "2026-03-31T00:00:00Z"));
    let report = report(planned.clone(), &policy(EVERYBODY), span(FROM, "2026-03-31T00:00:00Z"), 1.0);
    let first = Report { has_backlog: true, ..report }.first_day().expect("a backlog");
    assert!(first.messages["welcome"]["thanks"] == 1, "{:?}", first.messages);
    let reengaged: Vec<u64> =
        planned.days.iter().filter_map(|day| day.messages.get("reengage")?.values().max().copied()).collect();
    assert!(reengaged.len() > 7 && reengaged.iter().all(|most| *most < 12), "over days: {reengaged:?}");
    assert_eq!(planned.weeks[0].stages["inactive"], 40, "their stage is known at once");
}

#[test]
fn the_order_in_which_a_file_is_read_does_not_matter() {
    let mut events = Vec::new();
    for number in 0..24 {
        let (customer, day) = (format!("c{}", number % 5), 1 + number);
        events.push(order(&customer, &format!("o{number}"), &format!("2026-03-{day:02}T1{}:00:00Z", number % 10)));
    }
    let expected = played(&events, EVERYBODY, until("2026-06-01T00:00:00Z"));
    for turned in [1, 7, 13] {
        events.rotate_left(turned);
        let twice: Vec<Value> = events.iter().chain(&events).cloned().collect();
        assert_eq!(played(&twice, EVERYBODY, until("2026-06-01T00:00:00Z")), expected);
    }
}

#[test]
fn nothing_from_the_end_on_is_part_of_a_plan() {
    let events = [order("anna", "1", "2026-03-02T10:00:00Z"), order("bob", "2", "2026-03-02T11:00:00Z")];
    let (planned, _) = played(&events, EVERYBODY, until("2026-03-02T11:00:00Z"));
    assert_eq!((planned.customers, planned.sent()), (1, 1), "the thanks of this very instant are");
    assert_eq!(planned.waiting, 0);
}
