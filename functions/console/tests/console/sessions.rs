//! Who may look: sessions that are forged, over, withdrawn or stolen, and forms of others.

use crate::answers::answer;
use crate::front::{Front, HOST, KEY, cookie, token};
use http::Request;

fn front() -> Front {
    Front::new(|method, path| answer("plain", method, path))
}

/// Every page but those for signing in and out, and the style sheet.
const PAGES: [&str; 12] = [
    "/console",
    "/console/customers",
    "/console/customer?id=a",
    "/console/customer/export?id=a",
    "/console/customer/erase?id=a",
    "/console/journeys",
    "/console/journey?id=nps",
    "/console/learned",
    "/console/versions",
    "/console/tasks",
    "/console/events",
    "/console/settings",
];

#[tokio::test]
async fn without_a_session_every_page_leads_to_signing_in_and_back_afterwards() {
    let front = front();
    for page in PAGES {
        let shown = front.get(page, "").await;
        assert_eq!(shown.status, 303, "{page}");
        assert!(shown.location.starts_with("/console/login"), "{page}: {}", shown.location);
    }
    let shown = front.get("/console/customer?id=a%26b", "").await;
    assert_eq!(shown.location, "/console/login?next=%2Fconsole%2Fcustomer%3Fid%3Da%2526b");
    let shown = front.post("/console/login", "", &format!("key={KEY}&next=%2Fconsole%2Fcustomer%3Fid%3Da%2526b")).await;
    assert_eq!(shown.location, "/console/customer?id=a%26b");
    let shown = front.post("/console/login", "", &format!("key={KEY}&next=https%3A%2F%2Fevil.example")).await;
    assert_eq!(shown.location, "/console");
}

#[tokio::test]
async fn a_cookie_that_the_console_did_not_seal_opens_nothing() {
    let front = front();
    let cookie = front.sign_in().await;
    assert_eq!(front.get("/console/settings", &cookie).await.status, 200);
    let (name, value) = cookie.split_once('=').expect("a pair");
    let mut forged = value.to_owned();
    let last = forged.pop().expect("not empty");
    forged.push(if last == 'A' { 'B' } else { 'A' });
    let whole = format!(r#"{{"key":"{KEY}","person":"","shop":"","zone":"UTC","until":"2027-01-01T00:00:00Z"}}"#);
    let keys = &front.console.link_keys;
    assert_eq!(
        front
            .get("/console/settings", &format!("{name}={}", keys.seal_secret(&["console", "session"], &whole)))
            .await
            .status,
        200
    );
    let other_purpose = keys.seal_secret(&["shop", "stripe"], &whole);
    for value in [forged.as_str(), "", "AAAA", &value[..value.len() / 2], other_purpose.as_str(), &"A".repeat(5_000)] {
        let shown = front.get("/console/settings", &format!("{name}={value}")).await;
        assert_eq!((shown.status, shown.location.starts_with("/console/login")), (303, true));
    }
}

#[tokio::test]
async fn a_session_is_over_after_twelve_hours_and_at_once_when_its_key_is_withdrawn() {
    let front = front();
    let cookie = front.sign_in().await;
    front.pass(11);
    assert_eq!(front.get("/console/settings", &cookie).await.status, 200);
    front.pass(1);
    assert_eq!(front.get("/console/settings", &cookie).await.status, 303);

    let withdrawn = Front::new(|method, path| match path {
        "/v1/tasks?state=open&limit=25" => (401, r#"{"detail":"withdrawn"}"#.to_owned()),
        _ => answer("plain", method, path),
    });
    let cookie = withdrawn.sign_in().await;
    let shown = withdrawn.get("/console/tasks", &cookie).await;
    assert_eq!((shown.status, shown.location.as_str()), (303, "/console/login?done=over"));
    assert!(shown.cookies[0].starts_with("rekindle_session=; ") && shown.cookies[0].contains("Max-Age=0"));
}

#[tokio::test]
async fn a_wrong_key_signs_nobody_in_and_is_not_repeated() {
    let front = front();
    for key in ["rk_admin_wrong", "", "with%20space", "%D0%BA%D0%BB%D1%8E%D1%87", &"k".repeat(300)] {
        let shown = front.post("/console/login", "", &format!("key={key}")).await;
        assert_eq!(shown.status, 401);
        assert!(shown.cookies.is_empty() && (key.is_empty() || !shown.html.contains(key)), "{}", shown.html);
    }
    let other = Front::new(|_, _| (403, r#"{"detail":"This is a write key."}"#.to_owned()));
    let shown = other.post("/console/login", "", &format!("key={KEY}")).await;
    assert!(shown.status == 401 && shown.html.contains("An admin key is needed"), "{}", shown.html);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_and_the_key_is_nowhere_in_it_or_on_a_page() {
    let front = front();
    let shown = front.post("/console/login", "", &format!("key={KEY}")).await;
    let set = &shown.cookies[0];
    for wanted in ["; Path=/console", "; HttpOnly", "; SameSite=Strict", "; Secure", "; Max-Age=43200"] {
        assert!(set.contains(wanted), "{set}");
    }
    let cookie = cookie(&shown);
    assert!(!cookie.contains("rk_admin"));
    for page in PAGES {
        let shown = front.get(page, &cookie).await;
        assert!(!shown.html.contains("rk_admin_"), "{page}");
    }
    let here = Request::builder().method("POST").uri("/console/login").header("host", "127.0.0.1:8787");
    let here = here.header("origin", "http://127.0.0.1:8787");
    let shown = front.send(here, &format!("key={KEY}")).await;
    assert!(!shown.cookies[0].contains("Secure"), "without TLS, on this machine only: {}", shown.cookies[0]);
}

#[tokio::test]
async fn a_form_without_the_token_of_its_session_or_from_another_host_does_nothing() {
    let front = front();
    let cookie = front.sign_in().await;
    let right = front.token(&cookie).await;
    front.pass(1);
    let other = front.token(&front.sign_in().await).await;
    assert_ne!(right, other, "each session has its own");
    let forms = [
        ("/console/settings", "act=stop&note=x"),
        ("/console/settings", "act=brand&name=x"),
        ("/console/customer/erase", "id=a&typed=a"),
        ("/console/journey", "id=reengage&act=apply&switch=off&from=7"),
        ("/console/learned", "subject=inactive-first&act=accept"),
        ("/console/versions", "version=6"),
        ("/console/tasks", "id=x&act=close"),
        ("/console/events", "field=x"),
        ("/console/logout", ""),
    ];
    for (path, form) in forms {
        for token in ["", "x", &other] {
            let shown = front.post(path, &cookie, &format!("{form}&token={token}")).await;
            assert_eq!(shown.status, 403, "{path} with {token:?}");
            assert!(shown.cookies.is_empty());
        }
        for origin in ["https://evil.example", "null", "https://console.example.evil.example"] {
            let request = Request::builder().method("POST").uri(path).header("host", HOST).header("cookie", &cookie);
            let shown = front.send(request.header("origin", origin), &format!("{form}&token={right}")).await;
            assert_eq!(shown.status, 403, "{path} from {origin}");
        }
        let request = Request::builder().method("POST").uri(path).header("host", HOST).header("cookie", &cookie);
        assert_eq!(front.send(request, &format!("{form}&token={right}")).await.status, 403, "{path} from nowhere");
        assert_eq!(
            front.post(path, "", &format!("{form}&token={right}")).await.status,
            303,
            "{path} without a session"
        );
    }
    assert_eq!(front.acts(), [], "nothing was changed");
    for (path, form) in forms {
        let shown = front.post(path, &cookie, &format!("{form}&token={right}")).await;
        assert!(matches!(shown.status, 200 | 303), "{path}: {} {}", shown.status, shown.html);
    }
    assert_eq!(front.acts().len(), forms.len() - 1, "the same forms with the right token, of which one signs out");
}

#[tokio::test]
async fn signing_out_ends_the_session_in_the_browser() {
    let front = front();
    let cookie = front.sign_in().await;
    let token = token(&front.get("/console", &cookie).await.html);
    let shown = front.post("/console/logout", &cookie, &format!("token={token}")).await;
    assert_eq!((shown.status, shown.location.as_str()), (303, "/console/login?done=out"));
    assert!(shown.cookies[0].contains("Max-Age=0"), "{}", shown.cookies[0]);
    assert_eq!(front.get("/console/logout", &cookie).await.status, 405);
}

#[tokio::test]
async fn no_answer_runs_a_script_is_framed_is_kept_or_says_where_it_came_from() {
    let front = front();
    let cookie = front.sign_in().await;
    let pages = PAGES.iter().chain(&["/console/login", "/console/nothing", "/console/logout"]);
    for page in pages {
        let shown = front.get(page, &cookie).await;
        let header = |name: &str| shown.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(header("content-security-policy").contains("default-src 'none'; style-src 'self'; form-action 'self'"));
        assert!(
            !header("content-security-policy").contains("script")
                && header("content-security-policy").contains("frame-ancestors 'none'")
        );
        assert_eq!((header("x-frame-options"), header("cache-control")), ("DENY", "no-store"), "{page}");
        assert_eq!((header("x-content-type-options"), header("referrer-policy")), ("nosniff", "same-origin"), "{page}");
        for left in ["<script", " style=", "javascript:", "onclick", "http://", "src="] {
            assert!(!shown.html.contains(left), "{left} is in {page}: {}", shown.html);
        }
    }
    let style = front.get("/console/style.css?v=1", "").await;
    assert!(style.headers["cache-control"].to_str().is_ok_and(|kept| kept.contains("immutable")));
}

#[tokio::test]
async fn what_the_key_may_not_do_is_said_and_what_the_api_cannot_do_now_as_well() {
    for (status, told) in [
        (403, "Your key may not do this"),
        (404, "That is not here"),
        (503, "No answer just now"),
        (409, "The engine refused it"),
    ] {
        let front = Front::new(move |method, path| match path {
            "/v1/customers?stage=loyal&limit=50" => (status, r#"{"detail":"Because."}"#.to_owned()),
            _ => answer("plain", method, path),
        });
        let cookie = front.sign_in().await;
        let shown = front.get("/console/customers", &cookie).await;
        assert!(shown.html.contains(told), "{status}: {}", shown.html);
        assert_ne!(shown.status, 200);
    }
    let front = Front::new(|method, path| match path {
        "/v1/reports/stages" => (503, String::new()),
        _ => answer("plain", method, path),
    });
    let cookie = front.sign_in().await;
    let shown = front.get("/console", &cookie).await;
    assert_eq!(shown.status, 200, "the rest of the page works");
    assert!(
        shown.html.contains("This part could not be read.") && shown.html.contains("Refused events"),
        "{}",
        shown.html
    );
}

#[tokio::test]
async fn a_language_that_was_chosen_stays() {
    let front = front();
    let cookie = front.sign_in().await;
    let shown = front.get("/console/tasks?lang=ru", &cookie).await;
    assert!(shown.html.contains("<html lang=\"ru\">"));
    let chosen = shown.cookies[0].split(';').next().expect("a pair").to_owned();
    assert_eq!(chosen, "rekindle_language=ru");
    let shown = front.get("/console/tasks", &format!("{cookie}; {chosen}")).await;
    assert!(shown.html.contains("Открытые"), "{}", shown.html);
    let request = Request::builder().uri("/console/login").header("accept-language", "ru-RU,ru;q=0.9");
    assert!(front.send(request, "").await.html.contains("<html lang=\"ru\">"));
}
