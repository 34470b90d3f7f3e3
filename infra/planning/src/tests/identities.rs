//! Who is one customer, and what customers with one address share.

use super::*;

fn guest(order_id: &str, email: &str, at: &str) -> Value {
    let mut order = order("nobody", order_id, at);
    order["userId"] = Value::Null;
    order["context"]["traits"]["email"] = json!(email);
    order
}

#[test]
fn two_customers_with_one_address_get_one_welcome() {
    let mut events = vec![order("anna", "1", "2026-03-02T10:00:00Z"), order("ben", "2", "2026-03-03T10:00:00Z")];
    events[1]["context"]["traits"]["email"] = json!("ANNA@example.com");
    let (planned, outcomes) = played(&events, EVERYBODY, span(FROM, "2026-03-20T00:00:00Z"));
    assert_eq!((planned.customers, outcomes.len()), (2, 2), "they are two customers");
    assert_eq!(planned.messages["welcome"]["thanks"], 1, "{:?}", planned.messages);
    assert!(planned.held_back["same_mailbox"] >= 1, "{:?}", planned.held_back);
}

#[test]
fn what_one_of_them_refused_holds_for_the_address() {
    let mut events = vec![order("anna", "1", "2026-03-02T10:00:00Z"), order("ben", "2", "2026-03-03T10:00:00Z")];
    for event in &mut events {
        event["context"]["traits"]["email"] = json!("family@example.com");
    }
    events[0]["context"]["traits"]["email_marketing_consent"] = json!(false);
    let (planned, _) = played(&events, EVERYBODY, span(FROM, "2026-03-20T00:00:00Z"));
    assert_eq!(planned.sent(), 0, "{:?}", planned.messages);
    // Each of the two would have got four: those of one are never created, those of the other withdrawn.
    assert_eq!(planned.held_back["no_consent"], 8);
}

#[test]
fn a_guest_with_the_address_of_a_customer_is_that_customer() {
    let events = [order("anna", "1", "2026-03-02T10:00:00Z"), guest("2", "Anna@Example.com", "2026-03-09T10:00:00Z")];
    let (planned, outcomes) = played(&events, EVERYBODY, span(FROM, "2026-03-20T00:00:00Z"));
    assert_eq!((planned.customers, planned.orders), (1, 2));
    assert_eq!(outcomes[0].id.as_str(), "anna");
    let alone = [guest("1", "anna@example.com", "2026-03-02T10:00:00Z")];
    let (planned, outcomes) = played(&alone, EVERYBODY, span(FROM, "2026-03-20T00:00:00Z"));
    assert!(outcomes[0].id.as_str().starts_with("guest:e:"), "no address is in an id");
    assert_eq!(planned.messages["welcome"]["thanks"], 1);
}

#[test]
fn ids_of_the_shop_with_one_address_are_one_customer_where_the_policy_says_so() {
    let mut events = vec![order("7", "1", "2026-03-02T10:00:00Z"), order("9", "2", "2026-03-09T10:00:00Z")];
    events[1]["context"]["traits"]["email"] = json!("7@example.com");
    let one = format!("{EVERYBODY}[identity]\none_customer_per_address = true\n");
    let customers = |policy| played(&events, policy, span(FROM, "2026-03-20T00:00:00Z")).0.customers;
    assert_eq!((customers(EVERYBODY), customers(&one)), (2, 1));
}

#[test]
fn an_id_behind_which_several_people_stand_is_taken_apart() {
    let names = ["ada", "bo", "cy", "di"];
    let events: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let mut order = order("walk-in", &format!("o{number}"), &format!("2026-03-{:02}T10:00:00Z", 2 + number));
            order["context"]["traits"] = json!({ "email": format!("{name}@example.com"), "firstName": name });
            order
        })
        .collect();
    let (planned, outcomes) = played(&events, EVERYBODY, span(FROM, "2026-03-20T00:00:00Z"));
    assert_eq!((planned.customers, planned.orders), (4, 4));
    assert!(outcomes.iter().all(|outcome| outcome.id.as_str().starts_with("guest:e:")));
}
