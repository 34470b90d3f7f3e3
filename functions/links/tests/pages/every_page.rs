//! What holds for every page.

use crate::shop::{html, shop};
use lambda_http::http::Method;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_messaging::LinkPurpose;

#[tokio::test]
async fn looking_changes_nothing_however_often_scanners_follow_every_link() {
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
