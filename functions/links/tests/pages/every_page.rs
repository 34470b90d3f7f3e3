//! Rules that hold for every page.

use crate::shop::{html, shop};
use http::Method;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_messaging::LinkPurpose;

#[tokio::test]
async fn get_requests_change_nothing_however_often_scanners_follow_every_link() {
    let shop = shop("en").await;
    let before = shop.customer().await;
    for (purpose, score) in [
        (LinkPurpose::Unsubscribe, None),
        (LinkPurpose::Preferences, None),
        (LinkPurpose::Nps, Some(3)),
        (LinkPurpose::Confirm, None),
    ] {
        let path = shop.path(purpose, score);
        for method in [Method::GET, Method::HEAD, Method::GET] {
            let response = shop.call(method, &path, "").await;
            assert_eq!(response.status(), 200);
            assert!(response.headers().get("set-cookie").is_none());
            assert!(
                response.headers()["content-security-policy"]
                    .to_str()
                    .is_ok_and(|policy| policy.starts_with("default-src 'none'"))
            );
        }
    }
    assert_eq!(shop.customer().await, before);
}

#[tokio::test]
async fn every_bad_link_gets_the_same_helpful_page() {
    let shop = shop("en").await;
    let good = shop.path(LinkPurpose::Unsubscribe, None);
    let foreign = good.replacen("/u/", "/p/", 1);
    let cut = good[..good.len() - 2].to_owned();
    let mut pages = Vec::new();
    for path in [foreign.as_str(), &cut, "/u/AAAA", "/u/", "/x/y", "/u/a/b"] {
        pages.push(html(shop.call(Method::GET, path, "").await, 404));
        pages.push(html(shop.call(Method::POST, path, "score=1").await, 404));
    }
    assert!(pages[0].contains("This link does not work") && pages[0].contains("Эта ссылка не работает"));
    assert!(pages.iter().all(|page| *page == pages[0]));
    assert_eq!(shop.call(Method::DELETE, &good, "").await.status(), 405);
    assert_eq!(shop.call(Method::POST, &good, &"x".repeat(70_000)).await.status(), 413);
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await);
}

#[tokio::test]
async fn every_page_has_every_text_in_both_languages_and_escapes_the_shops_name() {
    for language in ["en", "ru", "de"] {
        let shop = shop(language).await;
        let expected = if language == "ru" { "lang=\"ru\"" } else { "lang=\"en\"" };
        let unsubscribe = shop.path(LinkPurpose::Unsubscribe, None);
        let pages = [
            shop.get(&unsubscribe).await,
            shop.post(&unsubscribe, "").await,
            shop.post(&unsubscribe, "act=undo&again=marketing").await,
            shop.get(&shop.path(LinkPurpose::Preferences, None)).await,
            shop.post(&shop.path(LinkPurpose::Preferences, None), "act=save&pause=90").await,
            shop.post(&unsubscribe, "act=pause").await,
            shop.post(&shop.path(LinkPurpose::Preferences, None), "act=export").await,
            shop.post(&shop.path(LinkPurpose::Preferences, None), "act=erase").await,
            shop.get(&shop.path(LinkPurpose::Nps, Some(0))).await,
            shop.post(&shop.path(LinkPurpose::Nps, Some(0)), "").await,
            shop.post(&shop.path(LinkPurpose::Nps, Some(8)), "").await,
            shop.post(&shop.path(LinkPurpose::Nps, Some(10)), "").await,
        ];
        for page in pages {
            assert!(page.contains(expected) && page.contains("Tea &amp; &lt;Sons&gt;"), "{page}");
        }
    }
}

/// Returns the text that a visitor reads on a page: its title and its content, one line for each element.
fn words(page: &str) -> String {
    let between =
        |from: &str, to: &str| page.split(from).nth(1).and_then(|rest| rest.split(to).next()).expect("a part");
    let mut pieces = vec![between("<title>", "</title>").to_owned(), String::new()];
    for piece in between("<main>", "</main>").split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("a tag ends");
        let (name, checked) = (tag.split(' ').next().unwrap_or_default(), tag.ends_with(" checked"));
        match (name, tag.contains("checkbox") || tag.contains("radio")) {
            ("input", true) => pieces.push(if checked { "[x]".to_owned() } else { "[ ]".to_owned() }),
            ("button", _) => pieces.push("(button)".to_owned()),
            _ => {}
        }
        pieces.push(text.trim().to_owned());
    }
    let shown = pieces.into_iter().filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join("\n");
    let shown = shown.replace("[x]\n", "[x] ").replace("[ ]\n", "[ ] ").replace("(button)\n", "(button) ");
    shown.replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&#x2f;", "/").replace("&amp;", "&")
}

#[tokio::test]
async fn every_page_reads_as_it_was_written() {
    for language in ["en", "ru"] {
        let shop = shop(language).await;
        shop.sent_by(Channel::Sms).await;
        shop.say(Channel::Sms, None, true, false).await;
        let path = |purpose, score| shop.path(purpose, score);
        let (unsubscribe, preferences) = (path(LinkPurpose::Unsubscribe, None), path(LinkPurpose::Preferences, None));
        let (nps, confirm) = (path(LinkPurpose::Nps, Some(9)), path(LinkPurpose::Confirm, None));
        let friend = format!("/r/{}", shop.code().await);
        let accept = [("accept-language", language)];
        let mut read = Vec::new();
        for (what, page) in [
            ("confirm, asked", shop.get(&confirm).await),
            ("confirm, done", shop.post(&confirm, "").await),
            ("unsubscribe, asked", shop.get(&unsubscribe).await),
            ("unsubscribe, done", shop.post(&unsubscribe, "").await),
            ("unsubscribe, nothing to do", shop.get(&unsubscribe).await),
            ("unsubscribe, undone", shop.post(&unsubscribe, "act=undo&again=marketing+survey").await),
            ("preferences", shop.get(&preferences).await),
            ("preferences, saved", shop.post(&preferences, "act=save&email-survey=on&pause=90").await),
            ("preferences, with a slip", shop.post(&preferences, "act=save&email-survey=on&time_zone=Mars").await),
            ("preferences, data asked for", shop.post(&preferences, "act=export").await),
            ("preferences, deletion asked for", shop.post(&preferences, "act=erase").await),
            ("nps, asked", shop.get(&nps).await),
            ("nps, 3 and a call", shop.post(&nps, "score=3&comment=late&may_call=on").await),
            ("nps, 8", shop.post(&nps, "score=8").await),
            ("nps, 10", shop.post(&nps, "score=10").await),
            ("referral", html(shop.call_with(Method::GET, &friend, "", &accept).await, 200)),
        ] {
            read.push(format!("===== {what}\n{}\n", words(&page)));
        }
        if language == "en" {
            for (what, path) in
                [("no such link", "/u/AAAA"), ("mistyped code", "/r/hello"), ("unknown code", "/r/22222222")]
            {
                read.push(format!("===== {what}\n{}\n", words(&html(shop.call(Method::GET, path, "").await, 404))));
            }
        }
        insta::assert_snapshot!(language, read.join("\n"));
    }
}
