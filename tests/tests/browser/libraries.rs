//! The libraries that shops have in their pages, as they are published, in a page of another origin: Segment's and RudderStack's for
//! browsers. They are installed from npm into `target/`, once, and given the public key as the README shows.

use crate::browser::{Browser, Screen};
use crate::shop::Shop;
use crate::tools;
use rekindle_tests::patience::wait_for;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

const README: &str = include_str!("../../../README.md");
/// The address in the README.
const ADDRESS: &str = "http://127.0.0.1:8787";

/// The script of a shop's page in the README that imports a library, for this shop.
fn snippet(library: &str, shop: &Shop) -> String {
    let scripts = README.split("```html\n").skip(1).filter_map(|rest| rest.split("```").next());
    let script = scripts.into_iter().find(|script| script.contains(&format!("from '{library}'")));
    let script = script.unwrap_or_else(|| panic!("the README has no page with {library}"));
    script.replace(ADDRESS, &shop.server.url).replace("rk_public_…", &shop.public_key)
}

/// A shop's own pages, at a port of their own: to a browser, another origin than the engine's.
struct Pages {
    url: String,
}

impl Pages {
    /// Serves one page with these scripts, and the libraries that it imports.
    fn with(scripts: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let libraries = tools::browser_libraries().to_owned();
        let imports = json!({ "imports": {
            "@segment/analytics-next": "/segment.mjs",
            "@rudderstack/analytics-js/bundled": "/@rudderstack/analytics-js/dist/npm/modern/bundled/esm/index.mjs",
        } });
        let page = format!(
            "<!doctype html><title>Tea</title><script type=importmap>{imports}</script><main>Tea</main>{scripts}"
        );
        let page = Arc::new(page);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (page, libraries) = (Arc::clone(&page), libraries.clone());
                std::thread::spawn(move || serve(&stream, &page, &libraries));
            }
        });
        Self { url }
    }
}

/// Answers one request: the page, or a file of a library.
fn serve(mut stream: &TcpStream, page: &str, libraries: &Path) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(path) = lines.next().and_then(|line| line.split(' ').nth(1).map(str::to_owned)) else { return };
    while lines.next().is_some_and(|line| !line.is_empty()) {}
    let path = path.split('?').next().unwrap_or_default();
    let (kind, body) = match path {
        "/" => ("text/html", page.as_bytes().to_vec()),
        // The published file for pages is no module.
        "/segment.mjs" => {
            let module = "import '/@segment/analytics-next/dist/umd/index.js'\n\
                          export const { AnalyticsBrowser } = window.AnalyticsNext\n";
            ("text/javascript", module.as_bytes().to_vec())
        }
        other => ("text/javascript", std::fs::read(libraries.join(other.trim_start_matches('/'))).unwrap_or_default()),
    };
    let status = if body.is_empty() { "404 Not Found" } else { "200 OK" };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

/// What is known of a device.
fn timeline(shop: &Shop, device: &str) -> Option<Value> {
    shop.try_to_get(&format!("/v1/customers/anonymous:{device}/timeline"))
}

/// Waits until a device has visited and looked at the product of the README's pages.
fn wait_for_visit(shop: &Shop, browser: &Browser, device: &str, event: &str) {
    let seen = wait_for("the visit is stored", || {
        let timeline = timeline(shop, device).map(|timeline| timeline.to_string()).unwrap_or_default();
        let is_there = timeline.contains("visit") && timeline.contains(event);
        let log = browser.run("return window.errors ?? []");
        assert_eq!(log, json!([]), "the page has errors");
        is_there.then_some(timeline)
    });
    assert!(!seen.contains("anna@example.com"), "{seen}");
}

/// Keeps what goes wrong in a page.
const ERRORS: &str = "<script>window.errors = []; addEventListener('error', e => errors.push(String(e.message)));\
    addEventListener('unhandledrejection', e => errors.push(String(e.reason)))</script>";

#[test]
fn segments_library_for_browsers_reports_visits_with_a_public_key_and_names_nobody() {
    let shop = Shop::open();
    let identify = "<script type=module>import { AnalyticsBrowser } from '@segment/analytics-next'\n\
        window.library = AnalyticsBrowser</script>";
    let script = snippet("@segment/analytics-next", &shop);
    let script = script.replace(
        "</script>",
        "  analytics.identify('anna', { email: 'anna@example.com', email_marketing_consent: true })\n</script>",
    );
    let pages = Pages::with(&format!("{ERRORS}{identify}{script}"));
    let browser = Browser::start(Screen::Phone);
    browser.open(&pages.url);
    // As the shop's server reads it from the cookie.
    let device = wait_for("the device has a name", || {
        let cookie = browser.run("return document.cookie.match(/ajs_anonymous_id=([^;]+)/)?.[1] ?? ''");
        cookie.as_str().map(|cookie| cookie.replace("%22", "")).filter(|cookie| !cookie.is_empty())
    });
    wait_for_visit(&shop, &browser, &device, "product_viewed");
    assert_eq!(shop.try_to_get("/v1/customers/anna"), None, "the page named her, with a key that anybody has");
    // The server names both.
    shop.order_from("anna", &device);
    let anna = wait_for("the device joins her", || {
        let anna = shop.try_to_get("/v1/customers/anna")?;
        anna["other_ids"].to_string().contains(&device).then_some(anna)
    });
    assert!(anna.to_string().contains(&device), "{anna}");
}

#[test]
fn rudderstacks_library_for_browsers_reports_visits_by_its_queue_and_by_beacons() {
    let shop = Shop::open();
    let script = snippet("@rudderstack/analytics-js/bundled", &shop);
    let by_beacons = script.replace("{ configUrl:", "{ useBeacon: true, configUrl:");
    assert_ne!(by_beacons, script);
    for (script, leaves) in [(script, false), (by_beacons, true)] {
        let script = script.replace(
            "</script>",
            "  analytics.identify('anna', { email: 'anna@example.com' })\n  window.analytics = analytics\n</script>",
        );
        let pages = Pages::with(&format!("{ERRORS}{script}"));
        let browser = Browser::start(Screen::Desktop);
        browser.open(&pages.url);
        let device = wait_for("the device has a name", || {
            let id = browser.run("return window.analytics?.getAnonymousId?.() ?? ''");
            id.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
        });
        if leaves {
            // Beacons are sent when the page is left.
            browser.open("about:blank");
        }
        wait_for_visit(&shop, &browser, &device, "product_added");
        assert_eq!(shop.try_to_get("/v1/customers/anna"), None);
    }
}
