//! A console, the API that it calls, and a browser.

use console::{Api, Console, handle};
use futures::FutureExt;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use rekindle_messaging::KeyRing;
use rekindle_platform::Clock;
use rekindle_platform::gateway::Body;
use rekindle_testing::builders::LINK_KEYS;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// The key that the API knows.
pub(crate) const KEY: &str = "rk_admin_0123456789abcdef";
/// Where the browser is.
pub(crate) const HOST: &str = "console.example";

/// A call of the API: method, path with query, body.
pub(crate) type Call = (String, String, String);

/// A console in front of an API.
pub(crate) struct Front {
    pub(crate) console: Console,
    calls: Arc<Mutex<Vec<Call>>>,
    passed: Arc<AtomicI64>,
}

/// What a browser got.
pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) cookies: Vec<String>,
    pub(crate) headers: http::HeaderMap,
    pub(crate) html: String,
}

impl Front {
    /// A console whose API answers the right key with what `answer` says for a method and a path, and another key with 401.
    pub(crate) fn new(answer: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (noted, answer) = (Arc::clone(&calls), Arc::new(answer));
        let api = Api::in_process(move |request| {
            let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
            async move {
                let authorization = request.headers()["authorization"].to_str().expect("text").to_owned();
                let path = request.uri().path_and_query().expect("a path").to_string();
                let method = request.method().to_string();
                let (status, body) = if authorization == format!("Bearer {KEY}") {
                    answer(&method, &path)
                } else {
                    (401, r#"{"detail":"The admin key is not known, or was withdrawn."}"#.to_owned())
                };
                let sent = String::from_utf8_lossy(request.body()).into_owned();
                noted.lock().expect("no panic").push((method, path, sent));
                Response::builder().status(status).body(Body::from(body)).expect("a response")
            }
            .boxed()
        });
        let passed = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&passed);
        let beginning: Timestamp = "2026-03-02T12:00:00Z".parse().expect("an instant");
        let now = move || beginning + SignedDuration::from_secs(clock.load(Ordering::Relaxed));
        let link_keys = Arc::new(KeyRing::parse(LINK_KEYS, Timestamp::UNIX_EPOCH).expect("a ring"));
        Self { console: Console { api, link_keys, clock: Clock::from_fn(now) }, calls, passed }
    }

    pub(crate) fn pass(&self, hours: i64) {
        self.passed.fetch_add(hours * 3_600, Ordering::Relaxed);
    }

    /// The calls of the API that were made until now, other than those that only read.
    pub(crate) fn acts(&self) -> Vec<Call> {
        self.calls.lock().expect("no panic").iter().filter(|(method, ..)| method != "GET").cloned().collect()
    }

    pub(crate) async fn send(&self, request: http::request::Builder, body: &str) -> Shown {
        let request: Request<Body> = request.body(Body::from(body)).expect("a request");
        let (head, body) = handle(&self.console, request).await.into_parts();
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let cookies = head.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("text").to_owned());
        Shown {
            status: head.status.as_u16(),
            location: text("location").to_owned(),
            cookies: cookies.collect(),
            html: String::from_utf8_lossy(&body).into_owned(),
            headers: head.headers,
        }
    }

    /// Signs in; the cookie of the session.
    pub(crate) async fn sign_in(&self) -> String {
        let shown = self.post("/console/login", "", &format!("key={KEY}&person=Marta")).await;
        assert_eq!((shown.status, shown.location.as_str()), (303, "/console"), "{}", shown.html);
        cookie(&shown)
    }

    /// Looks at a page with a cookie.
    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Shown {
        let request = Request::builder().uri(path).header("host", HOST).header("cookie", cookie);
        self.send(request, "").await
    }

    /// Sends a form from a page of this host with a cookie.
    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Shown {
        let request = Request::builder().method("POST").uri(path).header("host", HOST);
        let request = request.header("origin", format!("https://{HOST}")).header("cookie", cookie);
        self.send(request, form).await
    }

    /// The token of the forms of a page.
    pub(crate) async fn token(&self, cookie: &str) -> String {
        token(&self.get("/console/settings", cookie).await.html)
    }
}

/// The cookie that signing in set, as the browser sends it back.
pub(crate) fn cookie(shown: &Shown) -> String {
    let cookie = shown.cookies.iter().find(|cookie| cookie.starts_with("rekindle_session=")).expect("a session");
    cookie.split(';').next().expect("a pair").to_owned()
}

pub(crate) fn token(html: &str) -> String {
    let begins = "name=\"token\" value=\"";
    html.split_once(begins).and_then(|(_, rest)| rest.split_once('"')).expect("a form").0.to_owned()
}
