//! The inbox's pages and its JSON.

use crate::gallery;
use axum::Router;
use rekindle_emulators::{Cloud, NewBusEvent};
use serde_json::Value;

struct Site {
    cloud: Cloud,
    address: String,
    _directory: tempfile::TempDir,
}

struct Answer {
    status: u16,
    body: String,
    policy: String,
}

impl Site {
    async fn new(fill: impl FnOnce(&Cloud)) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let cloud = gallery::cloud(directory.path());
        fill(&cloud);
        let router: Router = rekindle_local_stack::inbox::router(&cloud, gallery::reasons());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { cloud, address, _directory: directory }
    }

    async fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.address);
        let get = move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let mut response = agent.get(&url).call().expect("an answer");
            let policy = response.headers().get("content-security-policy");
            let policy = policy.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            let status = response.status().as_u16();
            Answer { status, body: response.body_mut().read_to_string().expect("text"), policy }
        };
        tokio::task::spawn_blocking(get).await.expect("no panic")
    }

    async fn json(&self, query: &str) -> Vec<Value> {
        let answer = self.get(&format!("/inbox.json{query}")).await;
        serde_json::from_str(&answer.body).expect("an array")
    }
}

/// The messages that a page of the list links to, in order.
fn ids(page: &str) -> Vec<i64> {
    let list =
        page.split("<ol class=\"lines\">").nth(1).and_then(|rest| rest.split("</ol>").next()).unwrap_or_default();
    let links = list.split("<a href=\"/inbox/").skip(1);
    links.map(|rest| rest.split(['"', '?', '#']).next().expect("an id").parse().expect("a number")).collect()
}

fn link(page: &str, rel: &str) -> Option<String> {
    let before = page.split(&format!("\" rel=\"{rel}\"")).next().filter(|before| before.len() < page.len())?;
    let href = before.rsplit("href=\"").next()?;
    Some(href.replace("&amp;", "&").replace("&#x2f;", "/"))
}

fn few(cloud: &Cloud) {
    let store = |message| cloud.mailbox().store(&message).expect("stored");
    store(gallery::mail("ann@customer.example", "welcome", "thanks", "Thank you", "Your order is on its way."));
    store(gallery::sms("+447700900123", "winback", "sms", "Come back: 15% off"));
    store(gallery::mail("bob@customer.example", "welcome", "how-to", "How to", "Three things."));
    store(gallery::mail("ann@customer.example", "nps", "question", "How likely?", "One question."));
}

#[tokio::test]
async fn the_list_shows_the_newest_first_with_journey_and_step() {
    let site = Site::new(few).await;
    let page = site.get("/inbox").await;
    assert_eq!((page.status, ids(&page.body)), (200, vec![4, 3, 2, 1]));
    assert!(page.body.contains("3 mails · 1 text<"), "{}", page.body);
    assert!(page.body.contains("welcome › how-to"));
    assert!(page.policy.starts_with("default-src 'none'"), "{}", page.policy);
}

#[tokio::test]
async fn an_empty_inbox_says_so() {
    let site = Site::new(|_| ()).await;
    let page = site.get("/inbox").await;
    assert!(page.body.contains("No messages yet."), "{}", page.body);
    assert_eq!(site.json("").await, Vec::<Value>::new());
}

#[tokio::test]
async fn filters_narrow_the_list_and_the_json() {
    let site = Site::new(few).await;
    for (query, expected) in [
        ("?to=ann@customer.example", vec![4, 1]),
        ("?to=ann", vec![4, 1]),
        ("?to=%2B447700900123", vec![2]),
        ("?to=+447700900123", vec![2]),
        ("?journey=welcome", vec![3, 1]),
        ("?journey=welcome&step=thanks", vec![1]),
        ("?channel=sms", vec![2]),
        ("?channel=email&journey=&to=", vec![4, 3, 1]),
        ("?to=nobody@customer.example", vec![]),
    ] {
        assert_eq!(ids(&site.get(&format!("/inbox{query}")).await.body), expected, "{query}");
        let found: Vec<i64> = site
            .json(query)
            .await
            .iter()
            .map(|message| message["id"].as_str().expect("an id").parse().expect("a number"))
            .collect();
        assert_eq!(found, expected, "{query}");
    }
    let page = site.get("/inbox?channel=fax").await;
    assert_eq!((page.status, page.body.as_str()), (400, "channel is \"fax\"; it can be email or sms"));
    assert_eq!(site.get("/inbox.json?before=x").await.status, 400);
}

#[tokio::test]
async fn pages_stay_the_same_while_messages_arrive() {
    let site = Site::new(|cloud| {
        for n in 1..=120 {
            let text = format!("text {n}");
            cloud.mailbox().store(&gallery::sms("+447700900123", "winback", "sms", &text)).expect("stored");
        }
    })
    .await;
    let first = site.get("/inbox?channel=sms").await.body;
    assert_eq!(ids(&first), (71..=120).rev().collect::<Vec<_>>());
    assert_eq!(link(&first, "prev"), None);
    let older = link(&first, "next").expect("older messages");
    for _ in 0..7 {
        few(&site.cloud);
    }
    let second = site.get(&older).await.body;
    assert_eq!(ids(&second), (21..=70).rev().collect::<Vec<_>>());
    let third = site.get(&link(&second, "next").expect("older messages")).await.body;
    assert_eq!((ids(&third), link(&third, "next")), ((1..=20).rev().collect(), None));
    let back = site.get(&link(&third, "prev").expect("newer messages")).await.body;
    assert_eq!(ids(&back), ids(&second));
    let forward = site.get(&link(&back, "prev").expect("newer messages")).await.body;
    assert_eq!(ids(&forward), ids(&first), "the first page as it was, without newer messages");
    assert!(link(&forward, "prev").is_some(), "texts have arrived since");
}

#[tokio::test]
async fn a_mail_is_shown_with_all_its_details() {
    let site = Site::new(few).await;
    let page = site.get("/inbox/1").await;
    for expected in [
        "<h2>Thank you</h2>",
        "Kettle &amp; Co &lt;hello@shop.example&gt;",
        "ann@customer.example",
        "Sat 1 Mar 1997, ",
        "The welcome journey began with the first order",
        "one click",
        "c-00042",
        "<li id=\"m1\">",
        "sandbox=\"allow-popups allow-popups-to-escape-sandbox\"",
    ] {
        assert!(page.body.contains(expected), "{expected} is not in {}", page.body);
    }
    assert!(site.get("/inbox/4").await.body.contains("No reason is recorded."));
    let text = site.get("/inbox/1?view=text").await.body;
    assert!(text.contains("See what is new: https:&#x2f;&#x2f;shop.example&#x2f;new"), "{text}");
    let headers = site.get("/inbox/1?view=headers").await.body;
    assert!(headers.contains("List-Unsubscribe=One-Click"));
    assert!(headers.contains("9f2c61d0a7b34e55"));
    assert!(headers.contains("1 Mar 1997 "), "{headers}");
    for missing in ["/inbox/99", "/inbox/nonsense", "/inbox/2/html"] {
        assert_eq!(site.get(missing).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn a_text_is_shown_as_a_bubble_with_its_parts() {
    let site = Site::new(few).await;
    let page = site.get("/inbox/2").await.body;
    assert!(page.contains("<p class=\"bubble\">Come back: 15% off</p>"), "{page}");
    assert!(page.contains("18 characters, 1 part, GSM-7"));
    assert!(!page.contains("<iframe"));
}

#[tokio::test]
async fn the_pages_read_as_they_were_read_last() {
    let site = Site::new(few).await;
    insta::assert_snapshot!("mail", without_style(&site.get("/inbox/1?journey=welcome").await.body));
    insta::assert_snapshot!("text", without_style(&site.get("/inbox/2").await.body));
}

/// A page without its style sheet, which is reviewed by eye.
fn without_style(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").expect("a style sheet");
    let (_, after) = rest.split_once("</style>").expect("its end");
    let page = format!("{before}{after}");
    page.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_content_of_a_mail_cannot_affect_the_page() {
    let site = Site::new(|cloud| {
        let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
        let mut mail = gallery::mail("ann@customer.example", "welcome", "thanks", hostile, hostile);
        mail.request.to = vec![format!("{hostile}@customer.example")];
        mail.request.from = Some(hostile.to_owned());
        mail.request.tags =
            ["shop", "customer", "journey", "step"].map(|tag| (tag.to_owned(), hostile.to_owned())).into();
        mail.request.headers = vec![
            ("List-Unsubscribe".to_owned(), "<javascript:alert(3)>".to_owned()),
            (hostile.to_owned(), hostile.to_owned()),
        ];
        cloud.mailbox().store(&mail).expect("stored");
        let text = gallery::sms("+447700900123", "reengage", "sms", hostile);
        cloud.mailbox().store(&text).expect("stored");
    })
    .await;
    for path in [
        "/inbox",
        "/inbox/1",
        "/inbox/1?view=text",
        "/inbox/1?view=headers",
        "/inbox/2",
        "/inbox?to=%22%3E%3Cscript%3E&step=%3Cscript%3E",
    ] {
        let page = site.get(path).await.body;
        for tag in ["<script", "<img", "<b>", "href=\"javascript"] {
            assert!(!page.contains(tag), "{tag} is in {path}: {page}");
        }
    }
    let body = site.get("/inbox/1/html").await;
    assert!(body.body.contains("<script>alert(1)</script>"), "the mail itself is shown as it is");
    assert!(body.body.contains("<head><base target=\"_blank\">"), "{}", body.body);
    assert!(body.policy.starts_with("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"));
    assert!(!body.policy.contains("allow-scripts") && !body.policy.contains("script-src"));
}

#[tokio::test]
async fn the_json_has_the_fields_that_programs_need() {
    let site = Site::new(few).await;
    let messages = site.json("?limit=2&channel=email").await;
    assert_eq!(messages.len(), 2);
    let last = site.json("?before=2").await;
    assert_eq!(last.len(), 1);
    let mail = &last[0];
    assert_eq!(mail["id"], "1");
    assert_eq!(mail["channel"], "email");
    assert_eq!(mail["to"], "ann@customer.example");
    assert_eq!(mail["subject"], "Thank you");
    assert!(mail["html"].as_str().expect("html").contains("Your order is on its way."));
    assert!(mail["text"].as_str().expect("text").starts_with("Your order is on its way."));
    assert_eq!(mail["headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    assert_eq!((&mail["journey"], &mail["step"]), (&Value::from("welcome"), &Value::from("thanks")));
    assert!(mail["sent_at"].as_str().expect("a time").starts_with("1997-03-01T"), "{}", mail["sent_at"]);
    let text = &site.json("?channel=sms").await[0];
    assert_eq!(
        (&text["to"], &text["subject"], &text["html"]),
        (&Value::from("+447700900123"), &Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn the_json_holds_the_whole_mailbox_unless_it_is_limited() {
    let site = Site::new(|cloud| {
        for _ in 0..250 {
            cloud.mailbox().store(&gallery::sms("+447700900123", "winback", "sms", "Hi")).expect("stored");
        }
    })
    .await;
    let all = site.json("").await;
    assert_eq!(all.len(), 250);
    assert!(all.windows(2).all(|pair| number(&pair[0]) == number(&pair[1]) + 1), "newest first, none missing");
    for limit in [0, 1, 99, 100, 101, 200, 250, 1_000] {
        assert_eq!(site.json(&format!("?limit={limit}")).await.len(), limit.min(250), "{limit}");
    }
}

fn number(message: &Value) -> i64 {
    message["id"].as_str().expect("an id").parse().expect("a number")
}

#[tokio::test]
async fn events_for_the_team_are_shown_above_the_messages_and_listed_in_a_file() {
    let task = |number: usize| NewBusEvent {
        bus: "team".to_owned(),
        source: "rekindle/vinyl".to_owned(),
        detail_type: "rekindle.task.created".to_owned(),
        detail: serde_json::json!({ "data": { "answer": format!("<script>alert({number})</script>") } }).to_string(),
        time: None,
    };
    let site = Site::new(|cloud| {
        few(cloud);
        cloud.bus_events().put(&(0..7).map(task).collect::<Vec<_>>()).expect("stored");
    })
    .await;
    let page = site.get("/inbox").await.body;
    assert!(page.contains("For your team") && page.contains("rekindle.task.created"), "{page}");
    assert!(page.contains("All 7 events"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(6)") && !page.contains("<script>"), "newest first, escaped: {page}");
    assert!(!page.contains("alert(1)"), "five at most");
    let listed: Vec<Value> = serde_json::from_str(&site.get("/local/events.json").await.body).expect("an array");
    assert_eq!(listed.len(), 7);
    assert_eq!(listed[6]["detail"]["data"]["answer"], "<script>alert(0)</script>");
}

#[tokio::test]
async fn without_events_the_inbox_does_not_mention_a_team() {
    let site = Site::new(few).await;
    assert!(!site.get("/inbox").await.body.contains("For your team"));
    assert_eq!(site.get("/local/events.json").await.body, "[]");
}

#[tokio::test]
#[ignore = "serves the inbox at REKINDLE_GALLERY, such as 127.0.0.1:8799, for people to look at"]
async fn serve_the_gallery() {
    let Ok(address) = std::env::var("REKINDLE_GALLERY") else { return };
    let directory = tempfile::tempdir().expect("a directory");
    let cloud = gallery::cloud(directory.path());
    gallery::fill(&cloud);
    let data = serde_json::json!({ "data": {
        "shop": "vinyl", "paused_at": "2026-03-02T11:00:00Z",
        "reason": "31 of the last 1000 mails came back; at most 3 % may",
        "figures": { "cause": "bounces", "count": 31, "mails": 1000 },
    } });
    let paused = NewBusEvent {
        bus: "rekindle".to_owned(),
        source: "rekindle/vinyl".to_owned(),
        detail_type: "rekindle.sending.paused".to_owned(),
        detail: data.to_string(),
        time: None,
    };
    cloud.bus_events().put(&[paused]).expect("stored");
    let listener = tokio::net::TcpListener::bind(address).await.expect("the port");
    axum::serve(listener, rekindle_local_stack::inbox::router(&cloud, gallery::reasons())).await.expect("served");
}
