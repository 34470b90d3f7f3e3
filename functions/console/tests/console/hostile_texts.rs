//! Texts of strangers are shown as text, in every field of every page and in both languages.

use crate::answers::answer;
use crate::front::Front;

/// A mark in every place where a text could become something else: an element, an attribute, a rule of the template language.
const HOSTILE: &str = "\u{202e}\"'><img src=x onerror=alert(1)>&amp;{{ 7 * 191 }}<script>";

const PAGES: [&str; 15] = [
    "/console",
    "/console/customers?stage=loyal",
    "/console/customers?q=%22%3E%3Cscript%3E",
    "/console/customer?id=a",
    "/console/customer?id=a&show=%22%3E%3Cscript%3E",
    "/console/customer/erase?id=a",
    "/console/journeys",
    "/console/journey?id=reengage",
    "/console/learned",
    "/console/learned?about=inactive-first",
    "/console/versions",
    "/console/versions?version=6",
    "/console/tasks",
    "/console/events?done=retried&accepted=%3Cscript%3E",
    "/console/settings",
];

#[tokio::test]
async fn no_text_of_anybody_becomes_part_of_a_page() {
    let front = Front::new(|method, path| match path {
        // A search that finds nobody by id and two by nothing.
        "/v1/customers/-?id=%22%3E%3Cscript%3E" => (404, "{}".to_owned()),
        _ => answer(HOSTILE, method, path),
    });
    let cookie = front.sign_in().await;
    for page in PAGES {
        for language in ["en", "ru"] {
            let joined = if page.contains('?') { '&' } else { '?' };
            let shown = front.get(&format!("{page}{joined}lang={language}"), &cookie).await;
            assert_eq!(shown.status, 200, "{page}: {}", shown.html);
            for raw in ["<img", "<script", "onerror=alert(1)>", "1337", "\"'>"] {
                assert!(!shown.html.contains(raw), "{raw} is in {page}: {}", shown.html);
            }
            assert!(shown.html.contains(&format!("<html lang=\"{language}\">")));
        }
    }
}

#[tokio::test]
async fn every_word_of_a_page_is_there_in_both_languages() {
    let front = Front::new(|method, path| answer("plain", method, path));
    let cookie = front.sign_in().await;
    for page in PAGES {
        for language in ["en", "ru"] {
            let joined = if page.contains('?') { '&' } else { '?' };
            let html = front.get(&format!("{page}{joined}lang={language}"), &cookie).await.html;
            for left in [
                "{n}",
                "{at}",
                "{count}",
                "{alive}",
                "{all}",
                "{stage}",
                "{day}",
                "{made}",
                "{until}",
                "undefined",
                ">none",
            ] {
                assert!(!html.contains(left), "{left} is left in {page} ({language}): {html}");
            }
        }
    }
}

#[tokio::test]
async fn what_a_form_brings_back_is_escaped_too() {
    let front = Front::new(|method, path| match (method, path) {
        ("PUT", _) => (422, serde_json::json!({ "detail": HOSTILE }).to_string()),
        _ => answer("plain", method, path),
    });
    let cookie = front.sign_in().await;
    let token = front.token(&cookie).await;
    let typed = "%22%3E%3Cscript%3Ealert(2)%3C/script%3E";
    for form in [format!("act=brand&name={typed}"), format!("act=stop&note={typed}")] {
        let shown = front.post("/console/settings", &cookie, &format!("token={token}&{form}")).await;
        assert_eq!(shown.status, 422, "{}", shown.html);
        assert!(!shown.html.contains("<script") && !shown.html.contains("<img"), "{}", shown.html);
    }
    let shown = front.post("/console/customer/erase", &cookie, &format!("token={token}&id={typed}&typed=b")).await;
    assert!(shown.status == 422 && !shown.html.contains("<script"), "{}", shown.html);
}
