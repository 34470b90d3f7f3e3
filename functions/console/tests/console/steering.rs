//! Changing journeys: what would happen is seen first, and stored only if nothing came in between.

use crate::answers::answer;
use crate::front::Front;
use rekindle_lifecycle::policy::DEFAULT_POLICY;

fn front() -> Front {
    Front::new(|method, path| answer("plain", method, path))
}

#[tokio::test]
async fn a_changed_delay_is_tried_out_first_and_then_stored_from_the_version_it_began_with() {
    let front = front();
    let cookie = front.sign_in().await;
    let token = front.token(&cookie).await;
    let wanted = "id=reengage&delay-reminder=0&unit-reminder=h&delay-offer=10&unit-offer=d&delay-text=14&unit-text=d&delay-call=21&unit-call=d";
    let shown = front.post("/console/journey", &cookie, &format!("token={token}&act=preview&{wanted}")).await;
    assert_eq!(shown.status, 200, "{}", shown.html);
    for told in ["<del>7\u{a0}days</del>", "<ins>10\u{a0}days</ins>", "Apply as version 8", "name=\"from\" value=\"7\""]
    {
        assert!(shown.html.contains(told), "{told} is missing: {}", shown.html);
    }
    let candidate = DEFAULT_POLICY.replace("id = \"offer\"\ndelay = \"7d\"", "id = \"offer\"\ndelay = \"10d\"");
    assert_eq!(
        front.acts(),
        [("POST".to_owned(), "/v1/policy/dry-run".to_owned(), candidate.clone())],
        "nothing is stored"
    );
    let shown = front.post("/console/journey", &cookie, &format!("token={token}&act=apply&from=7&{wanted}")).await;
    assert_eq!((shown.status, shown.location.as_str()), (303, "/console/journey?id=reengage&done=stored"));
    assert_eq!(front.acts()[1], ("PUT".to_owned(), "/v1/policy?from=7".to_owned(), candidate));
}

#[tokio::test]
async fn a_journey_is_switched_off_only_after_it_was_shown_what_that_does() {
    let front = front();
    let cookie = front.sign_in().await;
    let token = front.token(&cookie).await;
    let shown =
        front.post("/console/journey", &cookie, &format!("token={token}&act=preview&id=winback&switch=off")).await;
    assert!(
        shown.html.contains("The journey is switched off") && shown.html.contains("name=\"switch\" value=\"off\""),
        "{}",
        shown.html
    );
    front.post("/console/journey", &cookie, &format!("token={token}&act=apply&from=7&id=winback&switch=off")).await;
    let (_, _, stored) = front.acts().pop().expect("stored");
    assert!(stored.contains("#off id = \"winback\"") && !stored.contains("\nid = \"winback\""), "{stored}");
}

#[tokio::test]
async fn what_the_engine_refuses_is_said_beside_what_was_wanted() {
    let refusals = [
        ("POST", 422, "its delay must be later than that of reminder"),
        ("PUT", 409, "version 8 of the policy is in force"),
    ];
    for (refused, status, detail) in refusals {
        let front = Front::new(move |method, path| match (method, path.starts_with("/v1/policy")) {
            (found, true) if found == refused => (status, serde_json::json!({ "detail": detail }).to_string()),
            _ => answer("plain", method, path),
        });
        let cookie = front.sign_in().await;
        let token = front.token(&cookie).await;
        let act = if refused == "PUT" { "apply&from=7" } else { "preview" };
        let form = format!("token={token}&act={act}&id=reengage&delay-offer=0&unit-offer=h");
        let shown = front.post("/console/journey", &cookie, &form).await;
        assert!(shown.status == 422 && shown.html.contains(detail), "{}", shown.html);
    }
}

#[tokio::test]
async fn a_form_without_a_difference_stores_nothing() {
    let front = front();
    let cookie = front.sign_in().await;
    let token = front.token(&cookie).await;
    let form = format!("token={token}&act=apply&from=7&id=reengage&delay-offer=7&unit-offer=d");
    let shown = front.post("/console/journey", &cookie, &form).await;
    assert!(shown.html.contains("Nothing differs from what is in force"), "{}", shown.html);
    assert_eq!(front.acts(), []);
    assert_eq!(front.get("/console/journey?id=nothing", &cookie).await.status, 404);
}

#[tokio::test]
async fn a_customer_is_erased_only_if_the_id_was_typed() {
    let front = Front::new(|method, path| answer("a b", method, path));
    let cookie = front.sign_in().await;
    let token = front.token(&cookie).await;
    for typed in ["", "a", "A B"] {
        let shown =
            front.post("/console/customer/erase", &cookie, &format!("token={token}&id=a%20b&typed={typed}")).await;
        assert_eq!(shown.status, 422);
    }
    assert_eq!(front.acts(), []);
    let shown = front.post("/console/customer/erase", &cookie, &format!("token={token}&id=a%20b&typed=a%20b")).await;
    assert!(shown.html.contains("The customer is erased."), "{}", shown.html);
    assert_eq!(front.acts(), [("DELETE".to_owned(), "/v1/customers/-?id=a%20b".to_owned(), String::new())]);
}
