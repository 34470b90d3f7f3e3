//! `/r/{code}`.

use crate::shop::{html, now, shop};
use http::Method;
use rekindle_lifecycle::facts::{Event, Fact, Traits};
use rekindle_platform::Throttle;
use rekindle_store::shop::settings::BRAND;
use serde_json::json;

#[tokio::test]
async fn a_friend_sees_who_invites_what_they_get_and_the_way_to_the_shop() {
    let shop = shop("ru").await;
    let traits = Traits { first_name: Some("Anna <b>".to_owned()), ..Traits::default() };
    let fact = Fact { at: now(), id: "i".to_owned(), event: Event::Identified, traits };
    let code = shop.code().await;
    let path = format!("/r/{code}");
    let unnamed = shop.get(&path).await;
    assert!(unnamed.contains("A friend thinks you would like Tea &amp; &lt;Sons&gt;"), "{unnamed}");
    shop.links.store.store_and_apply(&shop.key, &[fact], now()).await.expect("applied");
    let response = shop.call_with(Method::GET, &path, "", &[("accept-language", "de, ru-RU;q=0.8, en;q=0.5")]).await;
    let policy = response.headers()["content-security-policy"].to_str().expect("a text").to_owned();
    assert!(policy.contains("form-action 'self' https://tea.example;"), "{policy}");
    let page = html(response, 200);
    assert!(
        page.contains("Anna &lt;b&gt; советует вам магазин") && page.contains("<strong>10\u{a0}%</strong>"),
        "{page}"
    );
    assert!(page.contains(&code) && !page.contains("anna@example.com"), "{page}");
}

#[tokio::test]
async fn a_visit_counts_once_a_visitor_and_leads_to_the_shop_with_the_code() {
    let shop = shop("en").await;
    let code = shop.code().await;
    let brand = json!({
        "name": "Tea", "sender_address": "hello@tea.example", "sender_name": "Tea",
        "postal_address": "1 Leaf Road, Bristol", "shop_url": "https://tea.example/new?from=friend#top",
    });
    shop.links.store.put_setting(&shop.key.shop, BRAND, &brand).await.expect("stored");
    let visits = || async { shop.links.store.referral_visits(&code, now()).await.expect("counted") };
    // However it was typed.
    let lower = code.to_lowercase();
    let (first, second) = lower.split_at(4);
    let typed = format!("/r/{first}-{second}%20");
    for method in [Method::GET, Method::HEAD, Method::GET] {
        assert_eq!(shop.call(method, &typed, "").await.status(), 200);
    }
    assert_eq!(visits().await, 0, "a GET counts nothing");
    let visitor = |address| [("user-agent", "Mozilla"), ("x-forwarded-for", address)];
    for address in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] {
        let response = shop.call_with(Method::POST, &typed, "", &visitor(address)).await;
        assert_eq!(response.status(), 303);
        let expected = format!("https://tea.example/new?from=friend&referral_code={code}#top");
        assert_eq!(response.headers()["location"].to_str().expect("a text"), expected);
    }
    assert_eq!(visits().await, 2);
}

#[tokio::test]
async fn a_mistyped_code_gets_another_answer_than_an_unknown_one_and_neither_reveals_anything() {
    let shop = shop("en").await;
    let code = shop.code().await;
    let wrong = format!("{}{}", &code[..7], if code.ends_with('2') { '3' } else { '2' });
    for written in [wrong.as_str(), "hello", "%00", "AAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        for method in [Method::GET, Method::POST] {
            let page = html(shop.call(method, &format!("/r/{written}"), "").await, 404);
            assert!(page.contains("There is a slip in this code") && page.contains("В этом коде опечатка"), "{page}");
        }
    }
    let unknown = shop.links.link_keys.short_code(&["nobody"]);
    let page = html(shop.call(Method::GET, &format!("/r/{unknown}"), "").await, 404);
    assert!(page.contains("We don&#x27;t know this code"), "{page}");
    shop.links.store.forget_referral_code(&code, &shop.key).await.expect("forgotten");
    assert_eq!(html(shop.call(Method::POST, &format!("/r/{code}"), "").await, 404), page);
}

#[tokio::test]
async fn who_guesses_codes_is_stopped_after_a_minutes_worth_and_nobody_else_is() {
    let mut shop = shop("en").await;
    shop.links.throttle = Throttle::full();
    let code = shop.code().await;
    let (guesser, other) = ([("x-forwarded-for", "192.0.2.1")], [("x-forwarded-for", "192.0.2.2")]);
    let guess = async |number: usize| {
        let guessed = shop.links.link_keys.short_code(&["guess", &number.to_string()]);
        shop.call_with(Method::GET, &format!("/r/{guessed}"), "", &guesser).await.status()
    };
    for number in 0..60 {
        assert_eq!(guess(number).await, 404);
    }
    assert_eq!(guess(60).await, 429);
    let real = format!("/r/{code}");
    assert_eq!(shop.call_with(Method::GET, &real, "", &guesser).await.status(), 429, "even a code that there is");
    assert_eq!(shop.call_with(Method::GET, &real, "", &other).await.status(), 200);
    let later = shop.at("1m");
    assert_eq!(later.call_with(Method::GET, &real, "", &guesser).await.status(), 200);
}

#[tokio::test]
async fn a_client_that_pretends_to_be_thousands_of_visitors_makes_few_of_them_count() {
    let mut shop = shop("en").await;
    shop.links.throttle = Throttle::full();
    let code = shop.code().await;
    for client in 0..4 {
        for visit in 0..60 {
            let (address, agent) = (format!("192.0.2.{client}"), format!("Mozilla {visit}"));
            let headers = [("user-agent", agent.as_str()), ("x-forwarded-for", address.as_str())];
            let response = shop.call_with(Method::POST, &format!("/r/{code}"), "", &headers).await;
            assert_eq!(response.status(), 303, "everybody comes to the shop");
        }
    }
    assert_eq!(shop.links.store.referral_visits(&code, now()).await.expect("counted"), 120);
}
