//! The console in front of the whole engine: what its pages show is what the API says, a change takes effect, and another shop's people
//! see nothing of it.

use crate::learning::who_return_early;
use crate::loops;
use crate::stage::Stage;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::shop::api_keys::Role;
use serde_json::json;

/// A browser of somebody who signed in.
struct Person {
    url: String,
    cookie: String,
}

impl Person {
    async fn sign_in(stage: &Stage, key: &str) -> Self {
        let url = stage.url.clone();
        let form = format!("key={key}&person=Marta");
        let (status, _, cookie) = call(&url, "POST", "/console/login", "", &form).await;
        assert_eq!(status, 303, "the key is known");
        Self { url, cookie: cookie.split(';').next().expect("a pair").to_owned() }
    }

    async fn see(&self, path: &str) -> (u16, String) {
        let (status, html, _) = call(&self.url, "GET", path, &self.cookie, "").await;
        (status, html)
    }

    /// A page that is there.
    async fn page(&self, path: &str) -> String {
        let (status, html) = self.see(path).await;
        assert_eq!(status, 200, "{path}: {html}");
        html
    }

    /// Sends a form of a page.
    async fn send(&self, path: &str, form: &str) -> (u16, String) {
        let settings = self.page("/console/settings").await;
        let token = settings.split_once("name=\"token\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
        let form = format!("token={}&{form}", token.expect("a form").0);
        let (status, html, _) = call(&self.url, "POST", path, &self.cookie, &form).await;
        (status, html)
    }
}

async fn call(url: &str, method: &str, path: &str, cookie: &str, form: &str) -> (u16, String, String) {
    let request = http::Request::builder().method(method).uri(format!("{url}{path}")).header("cookie", cookie);
    let request = request.header("origin", url).header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(form.to_owned()).expect("a request");
    let sent = tokio::task::spawn_blocking(move || {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let mut answer = ureq::Agent::from(config.build()).run(request).expect("an answer");
        let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
        let cookie = cookie.to_owned();
        (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"), cookie)
    });
    sent.await.expect("no panic")
}

/// The text between two others, without the elements in it.
fn between<'h>(html: &'h str, from: &str, to: &str) -> &'h str {
    html.split_once(from).and_then(|(_, rest)| rest.split_once(to)).unwrap_or_else(|| panic!("no {from} in {html}")).0
}

async fn admin_key(stage: &Stage) -> String {
    let shop = &stage.stack.shop;
    shop.new_key(&stage.stack.store, Role::Admin, stage.now()).await.expect("a key")
}

/// A page of the console, as somebody with an admin key sees it.
pub(crate) async fn page_of(stage: &Stage, path: &str) -> String {
    Person::sign_in(stage, &admin_key(stage).await).await.page(path).await
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn the_pages_show_whom_the_engine_knows_what_they_got_and_what_comes_next() {
    let mut stage = Stage::new().await;
    for customer in ["anna", "bo"] {
        stage.order(customer, &format!("{customer}-1")).await;
    }
    stage.pass("2h").await;
    let person = Person::sign_in(&stage, &admin_key(&stage).await).await;

    let home = person.page("/console").await;
    assert!(home.contains("2 of 2\u{a0}customers still buy."), "{home}");
    assert!(between(&home, "stage=new\">", "</a>") == "2", "{home}");

    let list = person.page("/console/customers?stage=new").await;
    assert!(list.contains("/console/customer?id=anna") && list.contains("/console/customer?id=bo"), "{list}");
    let csv = person.page("/console/customers?stage=new&format=csv").await;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(csv.lines().nth(1).is_some_and(|line| line.starts_with("anna,new,")), "{csv}");
    for wanted in ["anna", "anna%40example.com", "ANNA%40example.com"] {
        assert_eq!(person.see(&format!("/console/customers?q={wanted}")).await.0, 303, "{wanted}");
    }
    let nobody = person.page("/console/customers?q=carl%40example.com").await;
    assert!(nobody.contains("Nobody is known by that."), "{nobody}");

    let page = person.page("/console/customer?id=anna").await;
    for told in ["Welcome · thanks", "Welcome · guide", "A new customer."] {
        assert!(page.contains(told), "{told} is not on the page: {page}");
    }
    let guide = between(&page, "<div class=\"next\">", "</div>");
    assert!(guide.contains("Welcome · guide"), "the guide comes three days after the order: {guide}");
    let promised = stage.administer("GET", "/v1/customers/anna", "").await["next"][0].clone();
    assert_eq!((&promised["what"], &promised["step"]), (&json!("message"), &json!("guide")));
    stage.pass("4d").await;
    let timeline = stage.administer("GET", "/v1/customers/anna/timeline", "").await;
    let entries = timeline["entries"].as_array().expect("entries");
    let created = entries.iter().find(|entry| entry["entry"] == "created" && entry["step"] == "guide");
    assert_eq!(created.expect("the guide was created")["at"], promised["at"], "at the very time that was promised");
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_delay_is_changed_seen_first_taken_back_and_two_editors_do_not_overwrite_each_other() {
    let mut stage = Stage::new().await;
    stage.order("anna", "anna-1").await;
    stage.pass("2h").await;
    let person = Person::sign_in(&stage, &admin_key(&stage).await).await;
    let before =
        stage.administer("GET", "/v1/policy/versions", "").await["versions"][0]["version"].as_u64().unwrap_or(0);
    let change = "id=welcome&delay-guide=5&unit-guide=d";
    let (status, seen) = person.send("/console/journey", &format!("{change}&act=preview")).await;
    assert_eq!(status, 200);
    assert!(seen.contains("<ins>5\u{a0}days</ins>") && seen.contains("All 1\u{a0}customer were looked at."), "{seen}");
    let stored = async |stage: &Stage| {
        stage.administer("GET", "/v1/policy/versions", "").await["versions"][0]["version"].as_u64()
    };
    assert_eq!(stored(&stage).await.unwrap_or(0), before, "looking stores nothing");

    let apply = format!("{change}&act=apply&from={before}");
    assert_eq!(person.send("/console/journey", &apply).await.0, 303);
    let next = stored(&stage).await.expect("a version");
    assert_eq!(next, before + 1);
    let (status, refused) = person
        .send("/console/journey", &format!("id=welcome&delay-guide=6&unit-guide=d&act=apply&from={before}"))
        .await;
    assert!(status == 422 && refused.contains("is in force, not the one that the change began from"), "{refused}");

    stage.pass("4d").await;
    assert!(!stage.sent("anna").contains(&"welcome/guide".to_owned()), "the guide waits for its new delay");
    stage.pass("30h").await;
    assert!(stage.sent("anna").contains(&"welcome/guide".to_owned()));

    assert_eq!(person.see("/console/settings").await.0, 303, "the session is over by now");
    let person = Person::sign_in(&stage, &admin_key(&stage).await).await;
    let wrong = person.send("/console/journey", "id=welcome&delay-guide=11&unit-guide=d&act=preview").await;
    assert!(wrong.0 == 422 && wrong.1.contains("its delay must be later"), "{}", wrong.1);
    assert!(before > 0, "the stage stored a policy");
    let diff = person.page(&format!("/console/versions?version={before}")).await;
    assert!(diff.contains("delay = &quot;5d&quot;") && diff.contains("Going back would change these lines."), "{diff}");
    assert_eq!(person.send("/console/versions", &format!("version={before}")).await.0, 303);
    assert_eq!(stored(&stage).await, Some(next + 1));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_task_is_closed_sending_is_stopped_and_what_was_refused_is_taken_in_again() {
    let mut stage = Stage::new().await;
    stage.stack.store.put_policy(&stage.stack.shop.id, loops::CALL).await.expect("valid");
    stage.order("anna", "a1").await;
    stage.pass("2h").await;
    let person = Person::sign_in(&stage, &admin_key(&stage).await).await;
    let tasks = person.page("/console/tasks").await;
    let id = between(&tasks, "name=\"id\" value=\"", "\"").to_owned();
    assert!(person.page("/console").await.contains("1\u{a0}task waits for a person."));
    assert_eq!(person.send("/console/tasks", &format!("id={id}&act=note&words=Not+there")).await.0, 303);
    assert_eq!(person.send("/console/tasks", &format!("id={id}&act=close&words=All+well")).await.0, 303);
    let closed = person.page("/console/tasks?state=closed").await;
    for told in ["Not there", "All well", "<bdi>Marta</bdi>"] {
        assert!(closed.contains(told), "{told}: {closed}");
    }

    assert_eq!(person.send("/console/settings", "act=stop&note=A+wrong+price").await.0, 303);
    let home = person.page("/console").await;
    assert!(home.contains("Nothing is sent since") && home.contains("A wrong price"), "{home}");
    assert_eq!(person.send("/console/settings", "act=resume").await.0, 303);
    assert!(person.page("/console").await.contains("The shop sends."));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn people_of_one_shop_see_and_change_nothing_of_another_and_a_lesser_key_does_less() {
    let mut stage = Stage::new().await;
    stage.order("anna", "anna-1").await;
    stage.pass("2h").await;
    let other = ShopId::parse("neighbour").expect("an id");
    let key = stage.stack.store.create_key(&other, Role::Admin, stage.now()).await.expect("a key");
    let stranger = Person::sign_in(&stage, &key).await;
    for path in ["/console/customer?id=anna", "/console/customer/export?id=anna", "/console/customer/erase?id=anna"] {
        assert_eq!(stranger.see(path).await.0, 404, "{path}");
    }
    for path in
        ["/console/customers?stage=new", "/console/customers?q=anna%40example.com", "/console/tasks", "/console/events"]
    {
        let page = stranger.page(path).await;
        assert!(!page.contains("customer?id=anna"), "{page}");
    }
    let (status, _) = stranger.send("/console/customer/erase", "id=anna&typed=anna").await;
    assert_eq!(status, 404);
    assert_eq!(stage.administer("GET", "/v1/customers/anna", "").await["id"], "anna", "she is still there");
    let (status, _, _) = call(&stage.url, "POST", "/console/login", "", &format!("key={}", stage.key)).await;
    assert_eq!(status, 401, "a write key signs nobody in");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_learned_is_shown_and_a_proposal_is_put_into_the_policy_from_the_page() {
    let mut stage = Stage::new().await;
    let key = admin_key(&stage).await;
    let person = Person::sign_in(&stage, &key).await;
    let nothing = person.page("/console/learned").await;
    assert!(nothing.contains("Nothing was learned yet."), "{nothing}");
    who_return_early(&mut stage).await;
    stage.pump.learn().await.expect("learned");
    let page = person.page("/console/learned").await;
    assert!(page.contains("Customers who ordered once would be inactive after"), "{page}");
    assert!(
        page.contains("of first-time buyers are back within") && page.contains("As of 1\u{a0}March\u{a0}2026"),
        "{page}"
    );
    assert!(page.contains("Nobody was held out yet"), "the policy of these tests holds nobody out: {page}");
    let seen = person.page("/console/learned?about=inactive-first").await;
    assert!(seen.contains("All 121\u{a0}customers were looked at"), "{seen}");
    let (status, _) = person.send("/console/learned", "subject=inactive-first&act=accept").await;
    assert_eq!(status, 303);
    let policy = stage.administer("GET", "/v1/policy", "").await;
    assert!(policy.as_str().is_some_and(|policy| policy.contains("[stages.silence.first]")), "{policy}");
    let after = person.page("/console/learned?done=accepted").await;
    assert!(after.contains("The policy has the new value"), "{after}");
    assert!(!after.contains("Customers who ordered once would be inactive"), "{after}");
    assert_eq!(person.send("/console/learned", "subject=inactive-first&act=accept").await.0, 404, "only once");
    let russian = person.page("/console/learned?lang=ru").await;
    assert!(russian.contains("О чём говорит ваша история"), "{russian}");
}
