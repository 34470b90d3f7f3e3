//! The console as a marketer uses it: sign in, find a customer, read why a message was not sent, change a delay, see what it would do,
//! apply it, go back. On a phone, on a desktop, and without scripts; checked by axe in both languages, light and dark.

use crate::accessibility::assert_usable;
use crate::browser::{Browser, Screen};
use crate::shop::{Shop, on_every_screen};
use serde_json::json;

fn sign_in(browser: &Browser, shop: &Shop) {
    browser.open(&format!("{}/dashboard", shop.server.url));
    assert!(browser.url().contains("/console/login"), "the first page leads to signing in: {}", browser.url());
    browser.type_into("#key", shop.admin_key());
    browser.type_into("#person", "Marta");
    browser.follow("button.main");
    assert!(browser.url().ends_with("/console"), "{}", browser.url());
}

/// Goes to a page of the menu, which a phone shows when it is asked for.
fn go(browser: &Browser, page: &str) {
    if browser.screen == Screen::Phone {
        browser.click(".bar a[href='#menu']");
    }
    let address = if page.is_empty() { "/console".to_owned() } else { format!("/console/{page}") };
    browser.follow(&format!(".rail li a[href='{address}']"));
}

#[test]
fn a_marketer_finds_a_customer_and_reads_why_a_message_was_not_sent() {
    let shop = Shop::open();
    for who in ["paula", "dora", "nora"] {
        shop.order(who, &json!({ "firstName": "<b>Zoë</b> زوي" }));
    }
    shop.pass("20d");
    on_every_screen(|browser, who| {
        sign_in(browser, &shop);
        assert!(browser.text().contains("Needs you first"), "{}", browser.text());
        go(browser, "customers");
        browser.type_into("#q", &format!("{who}@example.com"));
        browser.follow(".search button");
        assert!(browser.url().contains(&format!("id={who}")), "{}", browser.url());
        browser.follow("a[href*='show=messages']");
        let text = browser.text();
        assert!(text.contains("Welcome · text: not sent"), "{text}");
        assert!(text.contains("Because they have no address on this channel") || text.contains("no address"), "{text}");
        assert!(text.contains("What comes next, and why"), "{text}");
    });
}

#[test]
fn a_marketer_changes_a_delay_sees_what_it_would_do_applies_it_and_goes_back() {
    let shop = Shop::open();
    shop.order("anna", &json!({}));
    shop.pass("2h");
    on_every_screen(|browser, who| {
        let days = match who {
            "paula" => "5",
            "dora" => "6",
            _ => "7",
        };
        sign_in(browser, &shop);
        go(browser, "journeys");
        browser.follow("a[href$='journey?id=welcome']");
        browser.clear("#delay-guide");
        browser.type_into("#delay-guide", days);
        browser.follow(".path-form button.main");
        let seen = browser.text();
        assert!(seen.contains(&format!("3 days → {days} days")), "{seen}");
        assert!(seen.contains("customers were looked at") || seen.contains("customer were looked at"), "{seen}");
        browser.follow(".panel button.main");
        assert!(browser.text().contains("Stored."), "{}", browser.text());
        assert_eq!(browser.value("#delay-guide"), days);

        go(browser, "versions");
        browser.follow("tbody tr:nth-child(2) a");
        assert!(browser.text().contains(&format!("delay = \"{days}d\"")), "{}", browser.text());
        browser.follow(".acts button.main");
        assert!(browser.text().contains("in force again"), "{}", browser.text());
        go(browser, "journeys");
        browser.follow("a[href$='journey?id=welcome']");
        assert_eq!(browser.value("#delay-guide"), "3");
    });
}

#[test]
fn a_marketer_stops_sending_and_starts_it_again_and_signs_out() {
    let shop = Shop::open();
    on_every_screen(|browser, who| {
        sign_in(browser, &shop);
        go(browser, "settings");
        browser.click("#sending ~ .split summary");
        browser.type_into("#note", who);
        browser.follow("button.danger");
        go(browser, "");
        assert!(browser.text().contains("Customers get nothing until somebody acts."), "{}", browser.text());
        browser.follow(".attend a[href$='#sending']");
        browser.follow("button[value=resume]");
        assert!(browser.text().contains("The shop sends again."), "{}", browser.text());
        if browser.screen == Screen::Phone {
            browser.click(".bar a[href='#menu']");
        }
        browser.follow(".who button");
        assert!(browser.text().contains("You are signed out."), "{}", browser.text());
        browser.open(&format!("{}/console/settings", shop.server.url));
        assert!(browser.url().contains("/console/login"), "{}", browser.url());
    });
}

fn look_at_every_page(screen: Screen) {
    let shop = Shop::open();
    shop.order("anna", &json!({ "firstName": "Zoë زوي", "phone": "+442071838750", "sms_marketing_consent": true }));
    shop.order("bo", &json!({ "emailOptIn": "perhaps" }));
    shop.pass("17d");
    let browser = Browser::start(screen);
    browser.open(&format!("{}/console/login", shop.server.url));
    assert_usable(&browser, "console-login");
    sign_in(&browser, &shop);
    let pages = [
        ("home", ""),
        ("customers", "customers?stage=new"),
        ("nobody", "customers?q=carl%40example.com"),
        ("customer", "customer?id=anna"),
        ("erase", "customer/erase?id=anna"),
        ("journeys", "journeys"),
        ("journey", "journey?id=reengage"),
        ("learned", "learned"),
        ("versions", "versions"),
        ("tasks", "tasks"),
        ("events", "events"),
        ("settings", "settings"),
        ("missing", "customer?id=carl"),
    ];
    for language in ["en", "ru"] {
        for (name, page) in pages {
            let joined = if page.contains('?') { '&' } else { '?' };
            browser.open(
                &format!("{}/console/{page}{joined}lang={language}", shop.server.url).replace("console/?", "console?"),
            );
            assert_usable(&browser, &format!("console-{name}-{language}"));
        }
        browser.open(&format!("{}/console/journey?id=welcome", shop.server.url));
        browser.clear("#delay-guide");
        browser.type_into("#delay-guide", "5");
        browser.follow(".path-form button.main");
        assert_usable(&browser, &format!("console-change-{language}"));
    }
    if screen == Screen::Desktop {
        browser.enlarge();
        for (name, page) in pages {
            browser.open(format!("{}/console/{page}", shop.server.url).trim_end_matches('/'));
            let [wide, seen] = ["document.documentElement.scrollWidth", "window.innerWidth"]
                .map(|width| browser.run(&format!("return {width}")).as_u64().expect("a width"));
            assert!(wide <= seen, "{name} is {wide} wide on a screen of {seen}");
        }
    }
}

#[test]
fn every_page_of_the_console_is_usable_on_a_phone() {
    look_at_every_page(Screen::Phone);
}

#[test]
fn every_page_of_the_console_is_usable_on_a_desktop() {
    look_at_every_page(Screen::Desktop);
}
