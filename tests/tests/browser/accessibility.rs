//! Every page, on a phone and on a desktop, in light and dark colours: nothing is cut off, nothing needs sideways
//! scrolling, and axe-core finds no barrier for people with disabilities.

use crate::browser::{Browser, Screen};
use crate::shop::Shop;
use crate::tools;
use serde_json::{Value, json};

const ANNAS_NUMBER: &str = "+442071838750";
const OLGAS_NUMBER: &str = "+442071838751";

/// A page as the browser shows it now.
pub(crate) fn assert_usable(browser: &Browser, page: &str) {
    browser.run(tools::axe());
    // Colours do not depend on the width, so the dark ones are checked only once.
    let schemes: &[bool] = if browser.screen == Screen::Phone { &[false, true] } else { &[false] };
    for &dark in schemes {
        browser.prefer_dark(dark);
        browser.picture(&format!("{page}{}", if dark { "-dark" } else { "" }));
        let [wide, seen] = ["document.documentElement.scrollWidth", "window.innerWidth"]
            .map(|width| browser.run(&format!("return {width}")).as_u64().expect("a width"));
        assert!(wide <= seen, "{page} is {wide} wide on a screen of {seen}");
        let found = browser.run_async(
            "const done = arguments[arguments.length - 1];
             axe.run(document, { resultTypes: ['violations'] }).then(done, error => done(String(error)));",
        );
        let violations = found["violations"].as_array().unwrap_or_else(|| panic!("axe-core fails: {found}"));
        let checks = found["passes"].as_array().map_or(0, Vec::len);
        assert!(checks > 5, "axe-core looked at {checks} things only");
        let grave: Vec<String> = violations.iter().filter(|v| v["impact"] != json!("minor")).map(told).collect();
        assert!(grave.is_empty(), "{page} (dark: {dark}, {:?}):\n{}", browser.screen, grave.join("\n"));
    }
    browser.prefer_dark(false);
}

fn told(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().expect("a list");
    let places: Vec<String> = nodes.iter().map(|node| format!("{} {}", node["html"], node["failureSummary"])).collect();
    format!("{} ({}): {}", violation["id"], violation["impact"], places.join("; "))
}

fn look_at_every_page(screen: Screen) {
    let shop = Shop::open();
    shop.order("anna", &json!({ "phone": ANNAS_NUMBER, "sms_marketing_consent": true }));
    let olga = json!({
        "language": "ru", "firstName": "Ольга", "phone": OLGAS_NUMBER, "sms_marketing_consent": true,
    });
    shop.order("olga", &olga);
    shop.pass("17d");
    let browser = Browser::start(screen);
    for who in ["anna", "olga"] {
        for step in shop.sent(who) {
            let mail = shop.mail(who, &step);
            browser.open(&format!("{}/inbox/{}/html", shop.server.url, mail["id"].as_str().expect("an id")));
            browser.picture(&format!("{who}-mail-{step}"));
        }

        browser.open(&shop.link(who, "question", "n"));
        assert_usable(&browser, &format!("{who}-nps"));
        let mut answered = false;
        for score in [0, 8, 10] {
            if answered && browser.all("details[open]").is_empty() {
                browser.click("summary");
            }
            browser.click(&format!(".scores label:nth-child({})", score + 1));
            browser.follow("form button");
            answered = true;
            assert_usable(&browser, &format!("{who}-nps-{score}"));
        }
        let invitation = browser.value("#link");

        browser.open(&shop.link(who, "thanks", "p"));
        assert_usable(&browser, &format!("{who}-preferences"));
        browser.type_into("#time_zone", "Mars/Base");
        browser.click("#pause option[value='30']");
        browser.follow("main button");
        assert_usable(&browser, &format!("{who}-preferences-mistake"));

        browser.click("#erase summary");
        browser.follow("#erase button");
        assert_usable(&browser, &format!("{who}-erase"));

        browser.open(&shop.link(who, "thanks", "u"));
        assert_usable(&browser, &format!("{who}-unsubscribe"));
        browser.follow("main button");
        assert_usable(&browser, &format!("{who}-unsubscribed"));
        browser.follow("main button");
        assert_usable(&browser, &format!("{who}-back"));
        browser.open(&shop.link(who, "thanks", "u"));
        browser.follow(".other button");
        assert_usable(&browser, &format!("{who}-paused"));

        browser.open(&invitation);
        assert_usable(&browser, &format!("{who}-referral"));
        let number = if who == "anna" { ANNAS_NUMBER } else { OLGAS_NUMBER };
        let question = shop.texts(number).into_iter().next().expect("the question for a yes");
        browser.open(&shop.link_in(&question, "c"));
        assert_usable(&browser, &format!("{who}-confirm"));
        browser.follow("main button");
        assert_usable(&browser, &format!("{who}-confirmed"));
    }
    browser.open(&format!("{}/r/hello", shop.server.url));
    assert_usable(&browser, "mistyped-code");
    browser.open(&format!("{}/u/AAAA", shop.server.url));
    assert_usable(&browser, "no-such-link");
}

#[test]
fn every_page_is_usable_on_a_phone() {
    look_at_every_page(Screen::Phone);
}

#[test]
fn every_page_is_usable_on_a_desktop() {
    look_at_every_page(Screen::Desktop);
}
